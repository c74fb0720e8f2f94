"""Differentiable augmentation of what the discriminator sees (Zhao et al. 2020, arXiv:2006.10738).

Both real and generated images are augmented, each with random numbers of its own, and the generator's gradient passes
through. Images are float `[batch, height, width, channels]` in [-1, 1].
"""

from collections.abc import Sequence

import keras
from keras import ops

from tfgan_repro.models import AUGMENTATIONS, drawing
from tfgan_repro.types import Tensor


def per_image(images: Tensor, seed: keras.random.SeedGenerator, low: float = 0.0, high: float = 1.0) -> Tensor:
    """A uniform number for each image, `[batch, 1, 1, 1]`."""
    return drawing.uniform((ops.shape(images)[0], 1, 1, 1), low, high, seed=seed)


def change_colour(images: Tensor, seed: keras.random.SeedGenerator) -> Tensor:
    """Random brightness, saturation and contrast, the paper's `color`."""
    images = images + per_image(images, seed, -0.5, 0.5)
    grey = ops.mean(images, axis=3, keepdims=True)
    images = (images - grey) * per_image(images, seed, 0.0, 2.0) + grey
    mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
    return (images - mean) * per_image(images, seed, 0.5, 1.5) + mean


def translate(images: Tensor, seed: keras.random.SeedGenerator) -> Tensor:
    """Random shifts by up to an eighth of the side; what moves in is 0, middle grey."""
    height, width = images.shape[1:3]
    rows = shifted_places(images, seed, height)
    columns = shifted_places(images, seed, width)
    padded = ops.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]])
    moved = ops.take_along_axis(padded, rows[:, :, None, None], axis=1)
    return ops.take_along_axis(moved, columns[:, None, :, None], axis=2)


def shifted_places(images: Tensor, seed: keras.random.SeedGenerator, side: int) -> Tensor:
    """For each image and place along a side, the place in the image with a border of 1 that moves there."""
    furthest = round(side / 8)
    shift = ops.floor(drawing.uniform((ops.shape(images)[0], 1), -furthest, furthest + 1, seed=seed))
    places = ops.arange(side, dtype="int32")[None] + ops.cast(shift, "int32") + 1
    return ops.clip(places, 0, side + 1)


def cut_out(images: Tensor, seed: keras.random.SeedGenerator) -> Tensor:
    """A square of half the side at a random place becomes 0, middle grey; parts of it may lie outside."""
    height, width = images.shape[1:3]
    inside = within(images, seed, height)[:, :, None] * within(images, seed, width)[:, None, :]
    return images * (1.0 - inside[..., None])


def within(images: Tensor, seed: keras.random.SeedGenerator, side: int) -> Tensor:
    """For each image, 1 where a place along a side lies in a random stretch of half the side, else 0."""
    stretch = side // 2
    middle = drawing.uniform((ops.shape(images)[0], 1), 0, side + 1 - stretch % 2, seed=seed)
    start = ops.floor(middle) - stretch // 2
    places = ops.arange(side, dtype="float32")[None]
    return ops.cast(ops.logical_and(places >= start, places < start + stretch), "float32")


def augment(images: Tensor, policies: Sequence[str], seed: keras.random.SeedGenerator) -> Tensor:
    """Apply augmentations in their order.

    Args:
        images: float `[batch, height, width, channels]` in [-1, 1].
        policies: names in `tfgan_repro.models.AUGMENTATIONS`.
        seed: a `keras.random.SeedGenerator`.

    Returns:
        Images of the same shape; colours may leave [-1, 1].
    """
    for name in policies:
        images = AUGMENTATIONS.load(name)(images, seed)
    return images
