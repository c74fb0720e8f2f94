"""The augmentations of ADA, with which a discriminator learns from few images (Karras et al. 2020, arXiv:2006.06676).

A transformation happens to each image by itself with one probability p, and leaves it as it is otherwise. As long as p
is below about 0.8, the generator can only match augmented real images by making plain ones: nothing leaks into them.
Order and distributions are those of appendix B. All geometric transformations are one map, and so one resampling;
unlike the authors', which works on an enlarged image, it is bilinear. What lies outside an image is its reflection.

Images are float `[batch, height, width, channels]` in [-1, 1], of any shape; colours may leave that range.
"""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from tfgan_repro.models import AUGMENTATIONS, drawing
from tfgan_repro.types import Tensor

# As many numbers an image as all groups together take.
UNIFORMS, NORMALS = 24, 7
FURTHEST_SHIFT = 1 / 8  # of the side
SHIFT_DEVIATION, SCALE_DEVIATION = 1 / 8, 0.2  # of the side; of a factor's binary logarithm, like the next ones
BRIGHTNESS_DEVIATION, CONTRAST_DEVIATION, SATURATION_DEVIATION = 0.2, 0.5, 1.0
CUT_SIZE = 1 / 2  # of the side


class Dice:
    """The random numbers of a minibatch's images, `[batch]` each, drawn all at once.

    Args:
        count: how many images.
        probability: p, a scalar.
        seed: a `keras.random.SeedGenerator`.
    """

    def __init__(self, count: Any, probability: Any, seed: keras.random.SeedGenerator) -> None:
        self.probability = ops.convert_to_tensor(probability, "float32")
        self.uniforms = iter(ops.unstack(drawing.uniform((count, UNIFORMS), seed=seed), axis=1))
        self.normals = iter(ops.unstack(drawing.normal((count, NORMALS), seed=seed), axis=1))

    def uniform(self, low: float, high: float) -> Tensor:
        """In [low, high)."""
        return low + (high - low) * next(self.uniforms)

    def one_of(self, count: int) -> Tensor:
        """A whole number from 0 on, below a count."""
        return ops.floor(self.uniform(0, count))

    def normal(self, deviation: float) -> Tensor:
        """Of mean 0."""
        return deviation * next(self.normals)

    def factor(self, deviation: float) -> Tensor:
        """A power of two whose exponent is normal."""
        return 2.0 ** self.normal(deviation)

    def maybe(self, value: Tensor, otherwise: float, probability: Tensor | None = None) -> Tensor:
        """With a probability (p, where nothing is said) the value, else what changes nothing."""
        chosen = self.uniform(0, 1) < (self.probability if probability is None else probability)
        return ops.where(chosen, value, otherwise)


class Transform:
    """What happens to each image of a minibatch; `None` where no group has a say.

    Attributes:
        matrix: `[batch, 2, 2]`, with `offset` from a place of the result to the place it is taken from: both (x, y) in
            pixels from the middle.
        offset: `[batch, 2]`.
        colour: `[batch]` each: factor and summand of what the channels have in common; factor of what remains, and the
            angle that it is turned by.
        hole: the middle of what is cut out, `[batch]` each, x and y in units of the side, infinite for none.
    """

    def __init__(self, images: Tensor) -> None:
        self.sides = images.shape[2], images.shape[1]
        self.matrix: Tensor | None = None
        self.offset: Tensor | None = None
        self.colour: list[Tensor] | None = None
        self.hole: list[Tensor] | None = None

    def turn(self, xx: Tensor, xy: Tensor, yx: Tensor, yy: Tensor) -> None:
        """Let a linear map follow, given by its inverse's entries, `[batch]` each."""
        matrix = ops.reshape(ops.stack([xx, xy, yx, yy], axis=1), (-1, 2, 2))
        self.matrix = matrix if self.matrix is None else ops.matmul(self.matrix, matrix)

    def stretch(self, x: Tensor, y: Tensor) -> None:
        """Let widths and heights be divided by factors."""
        self.turn(x, ops.zeros_like(x), ops.zeros_like(x), y)

    def rotate(self, cosine: Tensor, sine: Tensor) -> None:
        """Let a rotation follow."""
        self.turn(cosine, -sine, sine, cosine)

    def move(self, x: Tensor, y: Tensor) -> None:
        """Let a shift by pixels follow."""
        shift = ops.matmul(self.matrix, ops.stack([x, y], axis=1)[..., None])[..., 0]
        self.offset = -shift if self.offset is None else self.offset - shift

    def __call__(self, images: Tensor) -> Tensor:
        """The images after it, of the same shape."""
        if self.matrix is not None:
            images = resample(images, self.matrix, self.offset)
        if self.colour is not None:
            images = recolour(images, *self.colour)
        if self.hole is not None:
            images = images * (1 - ops.cast(covered(self.hole, self.sides), images.dtype))
        return images


def blit(transform: Transform, dice: Dice) -> None:
    """Mirror images, turn them by quarters, shift them by whole pixels: every pixel keeps its value."""
    mirrored = dice.maybe(dice.one_of(2), 0.0)
    transform.stretch(1 - 2 * mirrored, ops.ones_like(mirrored))
    quarters = dice.maybe(dice.one_of(4), 0.0)
    # Cosine and sine of a whole number of quarters, without a rounding.
    transform.rotate(ops.abs(quarters - 2) - 1, 1 - ops.abs(quarters - 1))
    shift = [ops.round(dice.uniform(-FURTHEST_SHIFT, FURTHEST_SHIFT) * side) for side in transform.sides]
    is_moved = dice.maybe(ops.ones_like(shift[0]), 0.0)
    transform.move(*(is_moved * distance for distance in shift))


def geometry(transform: Transform, dice: Dice) -> None:
    """Scale images, rotate them, stretch them in some direction, shift them by any distance."""
    scale = dice.maybe(dice.factor(SCALE_DEVIATION), 1.0)
    transform.stretch(1 / scale, 1 / scale)
    # So that with probability p one of the two rotations happens, before the stretching or after it.
    either = 1 - ops.sqrt(1 - dice.probability)
    rotate_freely(transform, dice, either)
    stretch = dice.maybe(dice.factor(SCALE_DEVIATION), 1.0)
    transform.stretch(1 / stretch, stretch)
    rotate_freely(transform, dice, either)
    shift = [dice.normal(SHIFT_DEVIATION) * side for side in transform.sides]
    is_moved = dice.maybe(ops.ones_like(shift[0]), 0.0)
    transform.move(*(is_moved * distance for distance in shift))


def rotate_freely(transform: Transform, dice: Dice, probability: Tensor) -> None:
    """Rotate by any angle."""
    angle = dice.maybe(dice.uniform(-math.pi, math.pi), 0.0, probability)
    transform.rotate(ops.cos(angle), ops.sin(angle))


def colour(transform: Transform, dice: Dice) -> None:
    """Brightness, contrast, light for dark, hue, saturation.

    The authors' five matrices work either on what the channels have in common, or on what remains, or on both alike,
    so that their product is four numbers.
    """
    brightness = dice.maybe(dice.normal(BRIGHTNESS_DEVIATION), 0.0)
    contrast = dice.maybe(dice.factor(CONTRAST_DEVIATION), 1.0)
    luma = contrast * (1 - 2 * dice.maybe(dice.one_of(2), 0.0))
    hue = dice.maybe(dice.uniform(-math.pi, math.pi), 0.0)
    chroma = contrast * dice.maybe(dice.factor(SATURATION_DEVIATION), 1.0)
    transform.colour = [luma, luma * brightness, chroma, hue]


def cut_out(transform: Transform, dice: Dice) -> None:
    """A square of half the side at a random place becomes 0, middle grey; parts of it may lie outside."""
    middle = [dice.uniform(0, 1) for _ in transform.sides]
    away = dice.maybe(ops.zeros_like(middle[0]), math.inf)
    transform.hole = [place + away for place in middle]


def blit_geometry_and_colour(transform: Transform, dice: Dice) -> None:
    """What the paper found best, its "bgc"."""
    blit(transform, dice)
    geometry(transform, dice)
    colour(transform, dice)


def resample(images: Tensor, matrix: Tensor, offset: Tensor) -> Tensor:
    """Images whose pixels are taken from elsewhere; `matrix` and `offset` as in `Transform`."""
    height, width, channels = images.shape[1:]
    middle = np.array([[width - 1], [height - 1]], np.float32) / 2
    places = np.stack(np.meshgrid(np.arange(width), np.arange(height))).reshape(2, -1) - middle
    sources = ops.matmul(matrix, places.astype(np.float32)) + offset[..., None] + middle
    left, right_share = split_place(sources[:, 0], width)
    top, bottom_share = split_place(sources[:, 1], height)
    padded = ops.reshape(ops.pad(images, [[0, 0], [0, 1], [0, 1], [0, 0]]), (-1, channels))
    first = ops.arange(ops.shape(images)[0], dtype="int32")[:, None] * (height + 1) * (width + 1)
    rows = first + top * (width + 1) + left
    right_share, bottom_share = (ops.cast(share, images.dtype)[..., None] for share in (right_share, bottom_share))

    def along_row(rows: Tensor) -> Tensor:
        here, right = ops.take(padded, rows, axis=0), ops.take(padded, rows + 1, axis=0)
        return here + right_share * (right - here)

    upper, lower = along_row(rows), along_row(rows + width + 1)
    return ops.reshape(upper + bottom_share * (lower - upper), ops.shape(images))


def split_place(place: Tensor, side: int) -> tuple[Tensor, Tensor]:
    """A place along a side, reflected into the image, as an int32 pixel and the share of the next one."""
    period = max(2 * (side - 1), 1)
    place = ops.mod(ops.abs(place), period)
    place = ops.minimum(place, period - place) if side > 1 else ops.zeros_like(place)
    pixel = ops.floor(place)
    return ops.cast(pixel, "int32"), place - pixel


def recolour(images: Tensor, luma: Tensor, brightness: Tensor, chroma: Tensor, hue: Tensor) -> Tensor:
    """Images with other colours; the numbers are those of `Transform.colour`."""
    height, width, channels = images.shape[1:]
    common, same = np.full((channels, channels), 1 / channels), np.eye(channels)
    around = np.zeros((channels, channels))
    if channels == 3:
        # The vector product with the grey axis; there are no hues among less or more channels.
        around = np.array([[0, 1, -1], [-1, 0, 1], [1, -1, 0]]) / math.sqrt(3)
    else:
        hue = ops.zeros_like(hue)
    parts = [(luma - chroma * ops.cos(hue), common), (chroma * ops.cos(hue), same), (chroma * ops.sin(hue), around)]
    # Exactly the identity where nothing changes.
    matrix = sum(factor[:, None, None] * part.astype(np.float32) for factor, part in parts)
    pixels = ops.reshape(images, (-1, height * width, channels))
    changed = ops.matmul(pixels, ops.cast(matrix, images.dtype)) + ops.cast(brightness, images.dtype)[:, None, None]
    return ops.reshape(changed, ops.shape(images))


def covered(hole: list[Tensor], sides: tuple[int, int]) -> Tensor:
    """1 where a square of half the side lies, else 0, `[batch, height, width, 1]`; `hole` as in `Transform`."""
    across, down = (
        ops.cast(ops.abs((np.arange(side, dtype=np.float32) + 0.5) / side - middle[:, None]) < CUT_SIZE / 2, "float32")
        for middle, side in zip(hole, sides)
    )
    return (down[:, :, None] * across[:, None, :])[..., None]


def augment(images: Tensor, groups: Sequence[str], probability: Any, seed: keras.random.SeedGenerator) -> Tensor:
    """Augment each image by itself.

    Args:
        images: float `[batch, height, width, channels]` in [-1, 1].
        groups: names in `tfgan_repro.models.AUGMENTATIONS` that have a probability.
        probability: p in [0, 1], a scalar.
        seed: a `keras.random.SeedGenerator`.

    Returns:
        Images of the same shape.
    """
    transform, dice = Transform(images), Dice(ops.shape(images)[0], probability, seed)
    for name in groups:
        AUGMENTATIONS.load(name)(transform, dice)
    return transform(images)
