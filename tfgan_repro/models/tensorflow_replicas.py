"""What the replicas of a training step do together, in the replica context of a `tf.distribute.Strategy`.

A replica has its share of every minibatch, and all shares are equal. Losses are means over the images of a share, so
that the mean of the replicas' gradients is the gradient of the mean over the whole minibatch: N replicas equal one.
Exceptions are what looks at the minibatch as a whole: batch normalisation that is not synchronised, and the spread of
the real images in the DRAGAN penalty, and a critic's accuracy, which ranks pairs of images.

Who adds up: Keras' optimisers sum the gradients over the replicas themselves (`_all_reduce_sum_gradients`, which comes
first in their update) and expect losses that are divided by the number of replicas. But the log tells the length of
the gradient that is descended on, and to learn it the gradients would have to travel twice. So the mean is taken here,
once, and the optimiser's sum is left out (`Optimizer.apply` has no option for that).

With one replica everything here is what it would be without: nothing is added to the step.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import tensorflow as tf

from tfgan_repro.types import Network, Tensor

if TYPE_CHECKING:
    import keras
    import numpy as np


def replicas() -> int:
    """How many there are."""
    return tf.distribute.get_replica_context().num_replicas_in_sync


def mean(tensors: Sequence[Tensor]) -> Sequence[Tensor]:
    """The mean of each tensor over the replicas, which all of them get; one exchange for the whole list."""
    if replicas() == 1 or not tensors:
        return tensors
    # An embedding's gradient comes as a row an image; each replica has other rows.
    tensors = [tf.convert_to_tensor(tensor) for tensor in tensors]
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.MEAN, tensors)


def apply(
    optimizer: "keras.optimizers.Optimizer", gradients: Sequence[Tensor], variables: "Sequence[keras.Variable]"
) -> None:
    """Apply gradients that are already the replicas' mean."""
    if replicas() > 1:
        optimizer._all_reduce_sum_gradients = lambda pairs: pairs
    optimizer.apply(gradients, variables)


def repeat(times: int, body: Callable[[Tensor], None]) -> None:
    """Call a function of a number with 0, 1, ... within a step."""

    def once(number: Tensor) -> tuple[Tensor]:
        body(number)
        return (number + 1,)

    if replicas() == 1:
        # A loop of TensorFlow's, so that its body is traced once and not `times` times.
        tf.while_loop(lambda number: number < times, once, (0,), parallel_iterations=1)
        return
    # Replicas cannot meet within such a loop.
    for number in range(times):
        body(number)


def agree_on_statistics(*networks: Network) -> None:
    """Give every replica the mean of the moving statistics of batch normalisation, which each has from its share.

    So it does not matter whose are saved, averaged, or make pictures. (Synchronised ones are equal already.)
    """
    if replicas() == 1:
        return
    fixed = [variable for network in networks for variable in network.non_trainable_variables]
    variables = [variable for variable in fixed if "moving_" in variable.name]
    for variable, value in zip(variables, mean(variables)):
        variable.assign(value)


def packed(metrics: dict[str, Tensor]) -> dict[str, Tensor]:
    """The mean of the metrics over the replicas, as one tensor.

    Keras' loop reduces what a step returns tensor by tensor, over machines by two exchanges each and along an axis that
    scalars do not have.

    Args:
        metrics: scalars by name.

    Returns:
        With one replica the metrics. Else float32 `[1, len(metrics)]` under all the names; see `unpacked`.
    """
    if replicas() == 1:
        return metrics
    values = tf.stack([tf.cast(value, tf.float32) for value in metrics.values()])[None]
    return {SEPARATOR.join(metrics): mean([values])[0]}


SEPARATOR = " "


def unpacked(logs: dict[str, Tensor]) -> "dict[str, np.float32]":
    """What `packed` was given, as NumPy scalars by name."""
    ((names, values),) = logs.items()
    return dict(zip(names.split(SEPARATOR), values.numpy().ravel()))
