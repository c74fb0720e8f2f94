"""Random numbers of a minibatch that several devices share: each takes its own part of what one device would draw.

The functions are those of `keras.random`; the first axis of a shape is the (device's) minibatch.
"""

from typing import Any

import keras

from tfgan_repro.backends.current import backend
from tfgan_repro.types import Tensor


def normal(shape: Any, seed: Any) -> Tensor:
    """Standard normal numbers, float32."""
    return backend.share(lambda whole: keras.random.normal(whole, dtype="float32", seed=seed), shape)


def uniform(shape: Any, low: float = 0.0, high: float = 1.0, seed: Any = None) -> Tensor:
    """Numbers in [low, high), float32."""
    return backend.share(lambda whole: keras.random.uniform(whole, low, high, dtype="float32", seed=seed), shape)


def per_image(images: Tensor, seed: Any, low: float = 0.0, high: float = 1.0) -> Tensor:
    """A number in [low, high) for each image, `[batch, 1, 1, 1]` of the images' type."""
    return keras.ops.cast(uniform((keras.ops.shape(images)[0], 1, 1, 1), low, high, seed), images.dtype)
