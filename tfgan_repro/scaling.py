"""Pixels between uint8 and the networks' range [-1, 1]."""

import math
from collections.abc import Sequence

import numpy as np

from tfgan_repro.types import Tensor

HALF_RANGE = 127.5
# One of the 256 levels of a pixel in [-1, 1).
LEVEL = 1 / 128


def scale(images: Tensor) -> Tensor:
    """Scale pixels to [-1, 1].

    Args:
        images: uint8, any shape: a tensor of the backend in use, or a NumPy array.

    Returns:
        A float32 tensor of the same shape, 0 as -1 and 255 as 1.
    """
    import keras

    return keras.ops.cast(images, "float32") / HALF_RANGE - 1.0


def farthest_apart(image_shape: Sequence[int]) -> float:
    """The Euclidean distance between the two images in [-1, 1] of a shape that lie farthest apart."""
    return 2.0 * math.sqrt(math.prod(image_shape))


def unscale(images: Tensor) -> np.ndarray:
    """The exact inverse of `scale`: rounds to the nearest pixel value instead of truncating, which would darken.

    Args:
        images: float array in [-1, 1], any shape; values outside are clipped, NaN is black.

    Returns:
        A NumPy array of uint8 of the same shape.
    """
    pixels = (np.nan_to_num(np.asarray(images, np.float32), nan=-1.0) + 1.0) * HALF_RANGE
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
