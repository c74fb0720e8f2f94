"""One training step on JAX: where gradients are taken and applied.

The step reads and assigns Keras variables as the one on TensorFlow does. Within a `keras.StatelessScope` no variable
changes; `pure` makes a function of values of that, which JAX can compile and differentiate.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import jax
import keras
from jax import numpy as jnp

from tfgan_repro.types import Tensor

if TYPE_CHECKING:
    from tfgan_repro.models.gan import GAN
    from tfgan_repro.models.gradients import LastGradients


def train_step(
    gan: "GAN", real_images: Tensor, labels: Tensor | None, spread: Callable[[Tensor], Tensor] = lambda images: images
) -> dict[str, Tensor]:
    """Update the discriminator on each minibatch, then the generator once; see `tensorflow_step.train_step`.

    Args:
        gan: a compiled `tfgan_repro.models.gan.GAN`.
        real_images: float32 `[discriminator_steps * batch, height, width, channels]` in [-1, 1].
        labels: int `[discriminator_steps * batch]`, or None.
        spread: lays a minibatch out over several devices.

    Returns:
        A dictionary of scalars, see `GAN.train_step`.
    """
    rounds = gan.techniques.discriminator_steps
    count = real_images.shape[0] // rounds
    real_images = jnp.reshape(real_images, (rounds, count, *real_images.shape[1:]))
    labels = None if labels is None else jnp.reshape(labels, (rounds, count))
    gan.before_updates()
    variables = variables_of(gan)

    def earlier_round(number: Tensor) -> None:
        classes = None if labels is None else labels[number]
        update_discriminator(gan, spread(real_images[number]), spread(gan.generate(count, classes)), classes)

    if rounds > 1:
        # A loop of XLA's, so that its body is compiled once and not `rounds` times.
        one_round = pure(earlier_round, variables)
        values = jax.lax.fori_loop(0, rounds - 1, lambda number, values: one_round(values, number)[1], read(variables))
        assign(variables, values)
    classes = None if labels is None else labels[-1]
    generator_variables = gan.generator.trainable_variables
    generate = varying(lambda: spread(gan.generate(count, classes)), generator_variables, variables)
    fake_images, backwards, values = jax.vjp(generate, read(generator_variables), has_aux=True)
    assign(variables, values)
    metrics = update_discriminator(gan, spread(real_images[-1]), fake_images, classes)
    metrics |= update_generator(gan, fake_images, classes, backwards)
    gan.after_generator_update(count)
    return metrics


def update_discriminator(
    gan: "GAN", real_images: Tensor, fake_images: Tensor, labels: Tensor | None
) -> dict[str, Tensor]:
    """One descent step on the discriminator's loss; returns its metrics."""
    variables, trained = variables_of(gan), gan.discriminator.trainable_variables

    def both() -> tuple[Tensor, dict[str, Tensor]]:
        return gan.discriminator_loss(real_images, fake_images, labels, lambda function: slope_of(function, variables))

    def loss_first(values: list[Tensor]) -> tuple[Tensor, tuple[dict[str, Tensor], list[Tensor]]]:
        (loss, metrics), after = varying(both, trained, variables)(values)
        return loss, (metrics, after)

    gradients, (metrics, after) = jax.grad(loss_first, has_aux=True)(read(trained))
    assign(variables, after)
    metrics["d_gradient_norm"] = descend(gan.discriminator_optimizer, gradients, trained, gan.discriminator_gradients)
    gan.after_discriminator_update()
    return metrics


def update_generator(
    gan: "GAN", fake_images: Tensor, labels: Tensor | None, backwards: Callable[[Tensor], tuple[list[Tensor]]]
) -> dict[str, Tensor]:
    """One descent step on the generator's loss.

    Args:
        gan: as in `train_step`, like the next two.
        fake_images: what the generator made.
        labels: of these.
        backwards: from a gradient with respect to them to that with respect to the generator's weights.

    Returns:
        Its metrics.
    """
    variables = variables_of(gan)

    def loss_first(images: Tensor) -> tuple[Tensor, tuple[dict[str, Tensor], list[Tensor]]]:
        (loss, metrics), after = pure(lambda: gan.generator_loss(images, labels), variables)(read(variables))
        return loss, (metrics, after)

    # The chain rule in two pieces: the discriminator's weight gradients, which nobody needs, are never computed.
    image_gradient, (metrics, after) = jax.grad(loss_first, has_aux=True)(fake_images)
    assign(variables, after)
    (gradients,) = backwards(image_gradient)
    trained = gan.generator.trainable_variables
    metrics["g_gradient_norm"] = descend(gan.generator_optimizer, gradients, trained, gan.generator_gradients)
    return metrics


def descend(
    optimizer: keras.optimizers.Optimizer,
    gradients: list[Tensor],
    variables: Sequence[keras.Variable],
    kept: "LastGradients",
) -> Tensor:
    """Apply one optimiser step, keep the gradients in a `LastGradients`, and return their global norm, a scalar."""
    optimizer.apply(gradients, variables)
    kept.keep(gradients)
    return jnp.sqrt(sum(jnp.sum(jnp.square(gradient)) for gradient in gradients))


def slope_of(
    function: Callable[[Tensor], Tensor], variables: Sequence[keras.Variable] = ()
) -> Callable[[Tensor], Tensor]:
    """The function that gives the gradient of a function of images, itself differentiable.

    Args:
        function: of images.
        variables: those that it may assign.
    """

    def slope(images: Tensor) -> Tensor:
        def total(images: Tensor) -> tuple[Tensor, list[Tensor]]:
            outputs, after = pure(lambda: function(images), variables)(read(variables))
            return jnp.sum(outputs), after

        gradients, after = jax.grad(total, has_aux=True)(images)
        assign(variables, after)
        return gradients

    return slope


def variables_of(gan: "GAN") -> list[keras.Variable]:
    """Every variable that a step may change, each once."""
    owners = [gan.generator, gan.discriminator, gan.generator_optimizer, gan.discriminator_optimizer]
    owners += [gan.generator_gradients, gan.discriminator_gradients]
    owners += [gan.average.network] if gan.average else []
    variables = [variable for owner in owners for variable in owner.variables]
    variables += [gan.seed_generator.state, gan.step, gan.learning_rate_scale]
    return list({id(variable): variable for variable in variables}.values())


def read(variables: Sequence[keras.Variable]) -> list[Tensor]:
    """The values of variables, within the scope that is open."""
    return [variable.value for variable in variables]


def assign(variables: Sequence[keras.Variable], values: Sequence[Tensor]) -> None:
    """Give variables values, within the scope that is open."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def pure(function: Callable, variables: Sequence[keras.Variable]) -> Callable[..., tuple[Any, list[Tensor]]]:
    """A function that reads and assigns variables, as one of their values that returns its result and the new ones."""

    def call(values: Sequence[Tensor], *arguments: Any) -> tuple[Any, list[Tensor]]:
        with keras.StatelessScope(list(zip(variables, values, strict=True))) as scope:
            result = function(*arguments)
        return result, [scope.get_current_value(variable) for variable in variables]

    return call


def varying(
    function: Callable, chosen: Sequence[keras.Variable], variables: Sequence[keras.Variable]
) -> Callable[[Sequence[Tensor]], tuple[Any, list[Tensor]]]:
    """As `pure`, of the values of some variables only; all others are as they are within the scope that is open."""
    current = dict(zip(map(id, variables), read(variables), strict=True))

    def call(values: Sequence[Tensor]) -> tuple[Any, list[Tensor]]:
        every = current | dict(zip(map(id, chosen), values, strict=True))
        return pure(function, variables)([every[id(variable)] for variable in variables])

    return call
