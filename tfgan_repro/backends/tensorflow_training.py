"""What a training step needs of TensorFlow: gradients, updates, repetition, and agreement between replicas.

Steps may run in the replica context of a `tf.distribute.Strategy`. A replica has its share of every minibatch, and all
shares are equal. Losses are means over the images of a share, so that the mean of the replicas' gradients is the
gradient of the mean over the whole minibatch: N replicas equal one. What looks at the minibatch as a whole differs:
batch normalisation that is not synchronised, the spread of the real images in the DRAGAN penalty, a critic's accuracy.

With one replica nothing is added to the step.
"""

import contextlib
import functools
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfgan_repro.types import Metrics, Tensor

# XLA is slower than TensorFlow's own kernels on a processor.
JIT_COMPILE = False
SEPARATOR = " "

# The graphs that are being traced and how often a step runs each, while `recorded_graphs` is open.
_graphs: list[tuple[tf.Graph, int]] | None = None


def forward(function: Callable[[], Tensor], variables: Sequence[keras.Variable]) -> tuple[Tensor, Callable]:
    """Run a function forwards, so that one can go back through it once.

    Returns:
        Its outputs, and a function from the gradient with respect to them to those with respect to the variables.
    """
    with tf.GradientTape() as tape:
        outputs = function()
    return outputs, lambda upstream: tape.gradient(outputs, variables, output_gradients=upstream)


def weight_gradients(
    function: Callable[[], tuple[Tensor, Metrics]], variables: Sequence[keras.Variable]
) -> tuple[Sequence[Tensor], Metrics]:
    """The gradients of a loss with respect to weights.

    Args:
        function: returns the loss, a scalar, and what is to be logged.
        variables: the weights.

    Returns:
        A gradient a variable, and what is to be logged.
    """
    with tf.GradientTape() as tape:
        loss, metrics = function()
    return tape.gradient(loss, variables), metrics


def image_gradient(function: Callable[[Tensor], tuple[Tensor, Metrics]], images: Tensor) -> tuple[Tensor, Metrics]:
    """The gradient of a loss with respect to images; as `weight_gradients`, of a function of the images."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        loss, metrics = function(images)
    return tape.gradient(loss, images), metrics


def slope_of(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """The function that gives the gradient of a function of images with respect to them; itself differentiable."""

    def slope(images: Tensor) -> Tensor:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(images)
            outputs = function(images)
        return tape.gradient(outputs, images)

    return slope


def descend(
    optimizer: keras.optimizers.Optimizer, gradients: Sequence[Tensor | None], variables: Sequence[keras.Variable]
) -> Tensor:
    """Update weights with the mean of the replicas' gradients.

    Keras' optimisers would add the gradients up themselves. But the length of the gradient that is descended on is
    logged, and to learn it they would have to travel twice. So the mean is taken here, and the optimiser's sum is left
    out, for which Keras has no public option.

    A weight that the loss does not depend on has no gradient here, but None, of which Keras warns.

    Returns:
        The global norm of the gradients, a scalar.
    """
    there: Sequence[Tensor] = [gradient for gradient in gradients if gradient is not None]
    if replicas() > 1:
        there = mean_over_replicas(there)
        means = iter(there)
        gradients = [None if gradient is None else next(means) for gradient in gradients]
        optimizer._all_reduce_sum_gradients = lambda pairs: pairs
    optimizer.apply(gradients, variables)
    # That of an embedding comes as a row an image: the rows of one class must be summed before they are measured.
    # In half precision the gradients of normalisations are float32 beside the others.
    kind = keras.backend.result_type(*(gradient.dtype.name for gradient in there))
    return tf.linalg.global_norm([tf.cast(tf.convert_to_tensor(gradient), kind) for gradient in there])


def repeat(times: int, body: Callable[[Tensor], None]) -> None:
    """Call a function of a number with 0, 1, ... within a step."""

    def once(number: Tensor) -> tuple[Tensor]:
        record_graph(times)
        body(number)
        return (number + 1,)

    if times and replicas() == 1:
        # A loop of TensorFlow's, so that its body is traced once and not `times` times.
        tf.while_loop(lambda number: number < times, once, (0,), parallel_iterations=1)
        return
    # Replicas cannot meet within such a loop.
    for number in range(times):
        body(number)


def without_effects(function: Callable[[], Any], variables: Sequence[keras.Variable]) -> Any:
    """The result of a function that assigns variables, none of which changes."""
    with keras.StatelessScope():
        return function()


def replicas() -> int:
    """How many replicas make the step together."""
    context = tf.distribute.get_replica_context()
    return context.num_replicas_in_sync if context else 1


def share(draw: Callable[[Any], Tensor], shape: Any) -> Tensor:
    """This replica's part of the random numbers of a minibatch.

    Each replica draws for the whole minibatch from the seed that all of them have, and keeps its rows. So N replicas
    see what one device would, no two see the same, and the seeds' states stay equal.

    Args:
        draw: from a shape to random numbers of it.
        shape: of the part; its first axis is the minibatch.
    """
    count = replicas()
    if count == 1:
        return draw(shape)
    # Reshaped, and not sliced, so that the shape stays known.
    parts = tf.reshape(draw((count * shape[0], *shape[1:])), (count, *shape))
    return parts[tf.distribute.get_replica_context().replica_id_in_sync_group]


def spread(values: Tensor) -> Tensor:
    """A tensor whose first axis is the minibatch; a replica is given its share of it already."""
    return values


def mean_over_replicas(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
    """The mean of each tensor over the replicas, which all of them get; one exchange for the whole list."""
    if not tensors:
        return tensors
    # An embedding's gradient comes as a row an image; each replica has other rows.
    tensors = [tf.convert_to_tensor(tensor) for tensor in tensors]
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.MEAN, tensors)


def on_all_replicas(step: Callable[[Any, Any], Metrics]) -> Callable[[Any, Any], Metrics]:
    """Decorates a model's `train_step`: what the replicas agree on after it.

    The moving statistics of batch normalisation, which each has from its share: it does not matter then whose are
    saved, averaged, or make pictures. And the metrics, as one tensor `[1, len(metrics)]` under all the names: Keras'
    loop reduces them one by one, along an axis that scalars do not have. `Training` unpacks it.
    """

    @functools.wraps(step)
    def train_step(model: Any, data: Any) -> Metrics:
        record_graph(1)
        # Or what needs no data, such as counting the step, would be done once more at a data set's end.
        with tf.control_dependencies([part for part in tf.nest.flatten(data) if part is not None]):
            metrics = step(model, data)
        if replicas() == 1:
            return metrics
        moving = [variable for variable in model.non_trainable_variables if "moving_" in variable.name]
        for variable, value in zip(moving, mean_over_replicas(moving)):
            variable.assign(value)
        values = tf.stack([tf.cast(value, tf.float32) for value in metrics.values()])[None]
        return {SEPARATOR.join(metrics): mean_over_replicas([values])[0]}

    return train_step


class Training(keras.Model):
    """`keras.Model`, whose `train_step` may be decorated with `on_all_replicas`."""

    train_function: Any

    def make_train_function(self, force: bool = False) -> Any:
        if self.train_function is None or force:
            super().make_train_function(force)
            if self.distribute_strategy.num_replicas_in_sync > 1:
                self.train_function = unpacking(self.train_function)
        return self.train_function


def unpacking(function: Callable[[Iterator], Any]) -> "Callable[[Iterator], dict[str, np.float32]]":
    """A train function whose logs are scalars by name again."""

    def train_function(iterator: Iterator) -> dict[str, np.float32]:
        logs = function(iterator)
        ((names, values),) = (logs.get_value() if hasattr(logs, "get_value") else logs).items()
        return dict(zip(names.split(SEPARATOR), np.ravel(values.numpy())))

    return train_function


def record_graph(times: int) -> None:
    """Note the graph that is being traced, and that a step runs it so often, for whoever counts operations."""
    if _graphs is not None and not tf.executing_eagerly():
        _graphs.append((tf.compat.v1.get_default_graph(), times))


@contextlib.contextmanager
def recorded_graphs() -> Iterator[list[tuple[tf.Graph, int]]]:
    """The graphs of a step that is traced within the block, each with how often a step runs it."""
    global _graphs
    _graphs = []
    try:
        yield _graphs
    finally:
        _graphs = None


def step_operations(gan: Any, batch_shape: tuple[int, ...]) -> float:
    """Floating-point operations of a training step, forwards and backwards, as TensorFlow's profiler counts them.

    Args:
        batch_shape: of the real images that a step sees.
    """
    images, labels = tf.TensorSpec(batch_shape, tf.float32), tf.TensorSpec(batch_shape[:1], tf.int32)
    with recorded_graphs() as graphs:
        tf.function(gan.train_step).get_concrete_function((images, labels) if gan.conditional else images)
    # The profiler does not look into loops.
    return sum(operations(graph) * count for graph, count in graphs)


def operations(graph: tf.Graph) -> float:
    """Floating-point operations of a TensorFlow graph."""
    from tensorflow.python.profiler import model_analyzer, option_builder

    options = option_builder.ProfileOptionBuilder(option_builder.ProfileOptionBuilder.float_operation())
    with contextlib.redirect_stderr(io.StringIO()):
        profile = model_analyzer.profile(graph, options=options.with_empty_output().build())
    return profile.total_float_ops
