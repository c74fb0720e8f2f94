"""Resizes by name: a score depends on which one is used. Each takes pixels `[batch, height, width, channels]`."""

import numpy as np
from keras import ops
from PIL import Image

from tfgan_repro.types import Tensor


def tf1_bilinear(images: Tensor, size: int) -> Tensor:
    """The resize inside the 2015 Inception graph: bilinear, corners not aligned, no half-pixel centres, no antialias.

    Args:
        images: uint8 or float32 `[batch, height, width, channels]`.
        size: pixels a side.

    Returns:
        float32 `[batch, size, size, channels]`, not rounded, in the input's range.
    """
    images = ops.cast(images, "float32")
    for axis, shape in ((2, (1, 1, size, 1)), (1, (1, size, 1, 1))):
        places, last = source_places(images, axis, size, 0.0)
        low = ops.floor(places)
        share = ops.reshape(places - low, shape)
        low = ops.cast(low, "int32")
        below, above = (ops.take(images, at, axis=axis) for at in (low, ops.minimum(low + 1, last)))
        images = below + (above - below) * share
    return images


def nearest(images: Tensor, size: int) -> Tensor:
    """Nearest neighbour, as report C scaled its images up. Arguments and result as in `tf1_bilinear`."""
    images = ops.cast(images, "float32")
    for axis in (1, 2):
        places, last = source_places(images, axis, size, 0.5)
        images = ops.take(images, ops.minimum(ops.cast(ops.floor(places), "int32"), last), axis=axis)
    return images


def source_places(images: Tensor, axis: int, size: int, offset: float) -> tuple[Tensor, Tensor]:
    """Where along an axis each target pixel lies in the source, float32 `[size]`, and the source's last pixel.

    In float32, as TensorFlow's kernels compute places, so that borders fall to the same pixel.
    """
    length = ops.shape(images)[axis]
    if isinstance(length, int):
        scale = np.float32(length / size)
    else:  # not divided in float32: TensorFlow's graphs multiply by the reciprocal, which is rounded before
        scale = ops.cast(ops.cast(length, "float64") / size, "float32")
    return (ops.arange(size, dtype="float32") + offset) * scale, length - 1


def antialias(images: Tensor, size: int) -> Tensor:
    """Bilinear with antialiasing, for scaling down. Arguments and result as in `tf1_bilinear`."""
    return ops.image.resize(
        ops.cast(images, "float32"), (size, size), "bilinear", antialias=True, data_format="channels_last"
    )


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


def bicubic(images: np.ndarray, size: int) -> np.ndarray:
    """Pillow's bicubic, which is antialiased, rounded to whole levels, as torchvision resizes pictures from files.

    Arguments and result as in `tf1_bilinear`, but NumPy arrays, and uint8 only.
    """
    resized = np.empty((len(images), size, size, images.shape[-1]), np.float32)
    for image, result in zip(images, resized):
        picture = Image.fromarray(image.squeeze(-1) if image.shape[-1] == 1 else image)
        result[...] = np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC)).reshape(result.shape)
    return resized


# What is no operation of the backend's is done before the batch reaches the network.
for resize in (clean, bicubic):
    resize.outside_graph = True  # type: ignore[attr-defined]
