"""The resizes of `tfgan_repro.metrics.resize` on JAX."""

import jax
import numpy as np
from jax import numpy as jnp

from tfgan_repro.types import Tensor


def tf1_bilinear(images: Tensor, size: int) -> Tensor:
    images = jnp.asarray(images, jnp.float32)
    for axis in (1, 2):
        length = images.shape[axis]
        # In float32, as TensorFlow's kernel computes places.
        places = np.arange(size, dtype=np.float32) * np.float32(length / size)
        low = np.floor(places).astype(int)
        share = np.expand_dims(places - low.astype(np.float32), axis=(1, 2) if axis == 1 else 1)
        below, above = (jnp.take(images, at, axis=axis) for at in (low, np.minimum(low + 1, length - 1)))
        images = below + (above - below) * share
    return images


def nearest(images: Tensor, size: int) -> Tensor:
    images = jnp.asarray(images, jnp.float32)
    for axis in (1, 2):
        length = images.shape[axis]
        middles = (np.arange(size) + 0.5) * (length / size)
        images = jnp.take(images, np.minimum(np.floor(middles).astype(int), length - 1), axis=axis)
    return images


def antialias(images: Tensor, size: int) -> Tensor:
    images = jnp.asarray(images, jnp.float32)
    return jax.image.resize(images, (images.shape[0], size, size, images.shape[3]), "linear", antialias=True)
