"""What a training step costs on JAX."""

from collections.abc import Callable
from typing import Any

import jax
from jax import numpy as jnp

from tfgan_repro.backends.jax_training import pure, read


def step_operations(gan: Any, batch_shape: tuple[int, ...]) -> float:
    """Floating-point operations of a training step, forwards and backwards, as XLA counts them.

    Args:
        gan: a compiled `GAN`.
        batch_shape: of the real images that a step sees.
    """
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
    variables = [*gan.trainable_variables, *gan.non_trainable_variables, *gan.optimizer.variables]
    return jax.jit(pure(function, variables)).lower(read(variables), (images, labels)).cost_analysis()["flops"]
