"""What a training step costs on JAX."""

import jax
from jax import numpy as jnp

from tfgan_repro.models.jax_step import pure, read, variables_of


def step_operations(gan, batch_shape):
    """Floating-point operations of a training step, forwards and backwards, as XLA counts them."""
    images = jax.ShapeDtypeStruct(batch_shape, jnp.float32)
    labels = jax.ShapeDtypeStruct(batch_shape[:1], jnp.int32)
    variables = variables_of(gan)
    step = jax.jit(pure(gan.train_step, variables))
    return step.lower(read(variables), (images, labels if gan.conditional else None)).cost_analysis()["flops"]
