"""What a training step costs on JAX."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import jax
from jax import numpy as jnp

from tfgan_repro.models.jax_step import pure, read, train_step, update_discriminator, variables_of
from tfgan_repro.types import Tensor

if TYPE_CHECKING:
    from tfgan_repro.models.gan import GAN


def step_operations(gan: "GAN", batch_shape: tuple[int, ...]) -> float:
    """Floating-point operations of a training step, forwards and backwards, as XLA counts them.

    Args:
        gan: a compiled `GAN`.
        batch_shape: of the real images that a step sees.
    """
    rounds = gan.techniques.discriminator_steps
    total = operations(gan, lambda images, labels: train_step(gan, images, labels), batch_shape)
    if rounds > 2:
        # A loop's body is counted once.
        count = batch_shape[0] // rounds

        def one_round(images: Tensor, labels: Tensor | None) -> None:
            update_discriminator(gan, images, gan.generate(count, labels), labels)

        total += (rounds - 2) * operations(gan, one_round, (count, *batch_shape[1:]))
    return total


def operations(gan: "GAN", function: Callable, batch_shape: tuple[int, ...]) -> float:
    """Floating-point operations of a function of images and labels that changes a `GAN`."""
    images = jax.ShapeDtypeStruct(batch_shape, jnp.float32)
    labels = jax.ShapeDtypeStruct(batch_shape[:1], jnp.int32) if gan.conditional else None
    variables = variables_of(gan)
    return jax.jit(pure(function, variables)).lower(read(variables), images, labels).cost_analysis()["flops"]
