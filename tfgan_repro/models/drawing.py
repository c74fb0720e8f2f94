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
