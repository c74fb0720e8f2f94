"""What a training step costs on JAX."""

import jax
from jax import numpy as jnp

from tfgan_repro.models.jax_step import pure, read, train_step, update_discriminator, variables_of


def step_operations(gan, batch_shape):
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

        def one_round(images, labels):
            update_discriminator(gan, images, gan.generate(count, labels), labels)

        total += (rounds - 2) * operations(gan, one_round, (count, *batch_shape[1:]))
    return total


def operations(gan, function, batch_shape):
    """Floating-point operations of a function of images and labels that changes a `GAN`."""
    images = jax.ShapeDtypeStruct(batch_shape, jnp.float32)
    labels = jax.ShapeDtypeStruct(batch_shape[:1], jnp.int32) if gan.conditional else None
    variables = variables_of(gan)
    return jax.jit(pure(function, variables)).lower(read(variables), images, labels).cost_analysis()["flops"]
