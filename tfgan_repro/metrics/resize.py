"""Resizes by name: a score depends on which one is used. Each takes pixels `[batch, height, width, channels]`."""

import numpy as np
from PIL import Image

from tfgan_repro.backends import backend_module
from tfgan_repro.types import Tensor

backend = backend_module("tfgan_repro.metrics.{}_resize")


def tf1_bilinear(images: Tensor, size: int) -> Tensor:
    """The resize inside the 2015 Inception graph: bilinear, corners not aligned, no half-pixel centres, no antialias.

    Args:
        images: uint8 or float32 `[batch, height, width, channels]`.
        size: pixels a side.

    Returns:
        float32 `[batch, size, size, channels]`, not rounded, in the input's range.
    """
    return backend.tf1_bilinear(images, size)


def nearest(images: Tensor, size: int) -> Tensor:
    """Nearest neighbour, as report C scaled its images up. Arguments and result as in `tf1_bilinear`."""
    return backend.nearest(images, size)


def antialias(images: Tensor, size: int) -> Tensor:
    """Bilinear with antialiasing, for scaling down. Arguments and result as in `tf1_bilinear`."""
    return backend.antialias(images, size)


def clean(images: np.ndarray, size: int) -> np.ndarray:
    """Pillow's bicubic, which is antialiased, a channel at a time in float32, clipped to [0, 255] and not rounded.

    Parmar et al. 2022 (arXiv:2104.11222). Arguments and result as in `tf1_bilinear`, but NumPy arrays.
    """
    resized = np.empty((len(images), size, size, images.shape[-1]), np.float32)
    for image, result in zip(np.asarray(images, np.float32), resized):
        for channel in range(image.shape[-1]):
            plane = Image.fromarray(np.ascontiguousarray(image[..., channel]))
            result[..., channel] = np.asarray(plane.resize((size, size), Image.Resampling.BICUBIC))
    return np.clip(resized, 0, 255, out=resized)


# What is no operation of the backend's is done before the batch reaches the network.
clean.outside_graph = True  # type: ignore[attr-defined]
