"""Random numbers of a minibatch that several devices share: each takes its own part of what one device would draw.

A replica draws for the whole minibatch from the seed that all of them have, and keeps its rows. So N replicas see what
one device would, no two see the same, and the seeds' states stay equal. What is drawn in vain costs next to nothing.

The functions are those of `keras.random`; the first axis of a shape is the (replica's) minibatch.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from tfgan_repro.backends import backend_module
from tfgan_repro.types import Tensor


def share(draw: Callable[[Any], Tensor], shape: Any) -> Tensor:
    """This replica's part of what `draw` makes for all replicas.

    Args:
        draw: from a shape to random numbers of it.
        shape: of the part.

    Returns:
        Random numbers of that shape.
    """
    replica, replicas = backend_module("tfgan_repro.backends.{}").replica()
    if replicas == 1:
        return draw(shape)
    # Reshaped, and not sliced, so that the shape stays known.
    return ops.reshape(draw((replicas * shape[0], *shape[1:])), (replicas, *shape))[replica]


def normal(shape: Any, seed: Any) -> Tensor:
    """Standard normal numbers."""
    return share(lambda whole: keras.random.normal(whole, seed=seed), shape)


def uniform(shape: Any, low: float = 0.0, high: float = 1.0, seed: Any = None) -> Tensor:
    """Numbers in [low, high)."""
    return share(lambda whole: keras.random.uniform(whole, low, high, seed=seed), shape)
