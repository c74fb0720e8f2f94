"""What a training step needs of JAX: gradients, updates, repetition, and what it costs.

A step reads and assigns Keras variables, as on TensorFlow. `pure` makes a function of their values of that, which JAX
can compile and differentiate. The functions here are for use within one: they carry on whatever variables it has.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import keras
from jax import numpy as jnp

from tfgan_repro.backends.jax import assign, carried, pure, read, variables_by_kind
from tfgan_repro.backends.jax_devices import fit_on_device, spread
from tfgan_repro.types import Metrics, Tensor

JIT_COMPILE = True


def pure_in(function: Callable, chosen: Sequence[keras.Variable]) -> Callable:
    """As `pure`, of the values of some of the step's variables; the others are as they are within the open scope."""
    variables = carried[-1]
    current = dict(zip(map(id, variables), read(variables), strict=True))

    def call(values: Sequence[Tensor]) -> tuple[Any, list[Tensor]]:
        every = current | dict(zip(map(id, chosen), values, strict=True))
        return pure(function, variables)([every[id(variable)] for variable in variables])

    return call


def forward(function: Callable[[], Tensor], variables: Sequence[keras.Variable]) -> tuple[Tensor, Callable]:
    """See `tensorflow_training.forward`."""
    outputs, pull_back, values = jax.vjp(pure_in(function, variables), read(variables), has_aux=True)
    assign(carried[-1], values)
    return outputs, lambda upstream: pull_back(upstream)[0]


def weight_gradients(
    function: Callable[[], tuple[Tensor, Metrics]], variables: Sequence[keras.Variable]
) -> tuple[Sequence[Tensor], Metrics]:
    """See `tensorflow_training.weight_gradients`."""
    of_values = pure_in(function, variables)

    def loss_first(values: list[Tensor]) -> tuple[Tensor, tuple[Metrics, list[Tensor]]]:
        (loss, metrics), after = of_values(values)
        return loss, (metrics, after)

    gradients, (metrics, after) = jax.grad(loss_first, has_aux=True)(read(variables))
    assign(carried[-1], after)
    return gradients, metrics


def image_gradient(function: Callable[[Tensor], tuple[Tensor, Metrics]], images: Tensor) -> tuple[Tensor, Metrics]:
    """See `tensorflow_training.image_gradient`."""
    variables = carried[-1]

    def loss_first(images: Tensor) -> tuple[Tensor, tuple[Metrics, list[Tensor]]]:
        (loss, metrics), after = pure(lambda: function(images), variables)(read(variables))
        return loss, (metrics, after)

    gradient, (metrics, after) = jax.grad(loss_first, has_aux=True)(images)
    assign(variables, after)
    return gradient, metrics


def slope_of(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """See `tensorflow_training.slope_of`."""

    def slope(images: Tensor) -> Tensor:
        variables: Sequence[keras.Variable] = carried[-1] if carried else ()

        def total(images: Tensor) -> tuple[Tensor, list[Tensor]]:
            outputs, after = pure(lambda: function(images), variables)(read(variables))
            return jnp.sum(outputs), after

        gradients, after = jax.grad(total, has_aux=True)(images)
        assign(variables, after)
        return gradients

    return slope


def descend(
    optimizer: keras.optimizers.Optimizer, gradients: Sequence[Tensor], variables: Sequence[keras.Variable]
) -> Tensor:
    """Update weights; returns the global norm of the gradients, a scalar."""
    optimizer.apply(gradients, variables)
    return jnp.sqrt(sum(jnp.sum(jnp.square(gradient)) for gradient in gradients))


def repeat(times: int, body: Callable[[Tensor], None]) -> None:
    """See `tensorflow_training.repeat`."""
    if times:
        variables = carried[-1]
        # A loop of XLA's, so that its body is compiled once and not `times` times.
        one_round = pure(body, variables)
        values = jax.lax.fori_loop(0, times, lambda number, values: one_round(values, number)[1], read(variables))
        assign(variables, values)


def without_effects(function: Callable[[], Any], variables: Sequence[keras.Variable]) -> Any:
    """See `tensorflow_training.without_effects`."""
    return pure(function, variables)(read(variables))[0]


def replicas() -> int:
    """See `tensorflow_training.replicas`: several devices compute one program, for which they are one."""
    return 1


def share(draw: Callable[[Any], Tensor], shape: Any) -> Tensor:
    """The random numbers of a minibatch, spread over the devices as its images are."""
    return spread(draw(shape))


def on_all_replicas(step: Callable[[Any, Any], Metrics]) -> Callable[[Any, Any], Metrics]:
    """See `tensorflow_training.on_all_replicas`: there is nothing to agree on."""
    return step


class Training(keras.Model):
    """`keras.Model`, whose `train_step` and `test_step` read and assign variables as they do on TensorFlow.

    `fit` knows two loops: Keras' own for all that Keras takes, and, for batches that lie on the device, one program
    that makes many steps a call.
    """

    train_function: Any
    test_function: Any

    def make_train_function(self, force: bool = False) -> Any:
        if self.train_function is None or force:
            step = self.stateless(self.train_step, "trainable", "non_trainable", "optimizer", "metrics")
            self.train_function = self._make_function(step)
        return self.train_function

    def make_test_function(self, force: bool = False) -> Any:
        if self.test_function is None or force:
            step = self.stateless(self.test_step, "trainable", "non_trainable", "metrics")
            self.test_function = self._make_function(step)
        return self.test_function

    def stateless(self, step: Callable, *kinds: str) -> Callable:
        """A step of data as Keras' loop on JAX calls it: from state and data to logs and state.

        Args:
            step: of data.
            kinds: of the variables that the state is made of, in their order.
        """

        def call(state: tuple, data: Any) -> tuple[Metrics, tuple]:
            by_kind = variables_by_kind(self)  # here, because layers may be frozen while a training goes on
            variables = [variable for kind in kinds for variable in by_kind[kind]]
            logs, values = pure(step, variables)([*itertools.chain(*state)], data)
            remaining = iter(values)
            return logs, tuple([next(remaining) for _ in part] for part in state)

        return call if self.run_eagerly or not self.jit_compile else jax.jit(call, donate_argnums=0)

    def fit(self, x: Any = None, y: Any = None, **options: Any) -> keras.callbacks.History:
        if hasattr(x, "lie_on"):
            return fit_on_device(self, x, **options)
        return super().fit(x, y, **options)


def step_operations(gan: Any, batch_shape: tuple[int, ...]) -> float | None:
    """Floating-point operations of a training step, forwards and backwards, as XLA counts them.

    Args:
        batch_shape: of the real images that a step sees.

    Returns:
        The number, or None where `JAX_PLATFORMS` leaves the processor out, for whose programs alone they are counted.
    """
    try:
        jax.local_devices(backend="cpu")
    except RuntimeError:
        return None
    rounds = gan.techniques.discriminator_steps
    total = operations(gan, gan.train_step, batch_shape)
    if rounds > 2:
        # A loop's body is counted once.
        def one_round(data: Any) -> None:
            minibatch = gan.split_into_minibatches(data, 1)(0)
            gan.update_discriminator(minibatch, gan.draw_fake_images(minibatch))

        total += (rounds - 2) * operations(gan, one_round, (batch_shape[0] // rounds, *batch_shape[1:]))
    return total


def operations(gan: Any, function: Callable, batch_shape: tuple[int, ...]) -> float:
    """Floating-point operations of a function of a step's data that changes a `GAN`."""
    images = jax.ShapeDtypeStruct(batch_shape, jnp.float32)
    labels = jax.ShapeDtypeStruct(batch_shape[:1], jnp.int32) if gan.conditional else None
    variables = [*itertools.chain(*variables_by_kind(gan).values())]
    values = [jax.ShapeDtypeStruct(value.shape, value.dtype) for value in read(variables)]
    # As on a processor: an accelerator's compiler does not count before it has compiled.
    with jax.default_device(jax.local_devices(backend="cpu")[0]):
        lowered = jax.jit(pure(function, variables)).lower(values, (images, labels))
        return lowered.cost_analysis()["flops"]
