"""The embedded data set: ten kinds of shapes in random colours on shaded backgrounds, drawn from a seed.

Every factor of an image is known, so that what a generator covers can be counted. Only operations that IEEE 754
rounds exactly (+, -, *, /, sqrt, min, max) are used, and no sums whose order a machine may choose: the same seed gives
the same bytes everywhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tfgan_repro.data.collection import ArraySet, WholePart, refuse_columns
from tfgan_repro.data.preparation import Preparation

IMAGE_SIZE = 32
COUNTS = {"train": 20_000, "test": 2_000}
SEED = 2020

# The outward normals of a regular triangle and pentagon, as literals because cos and sin differ between machines.
TRIANGLE_NORMALS = ((0.0, 1.0), (0.8660254, -0.5), (-0.8660254, -0.5))
PENTAGON_NORMALS = (
    (0.0, -1.0),
    (0.95105652, -0.30901699),
    (0.58778525, 0.80901699),
    (-0.58778525, 0.80901699),
    (-0.95105652, -0.30901699),
)


@dataclass(frozen=True)
class ShapeFactors:
    """What an image shows; every attribute has one row an image.

    Attributes:
        labels: int32 `[count]`, index into `CLASS_NAMES`.
        centres: float32 `[count, 2]`, x and y in pixels.
        radii: float32 `[count]`, of the circle around the shape, in pixels.
        rotations: float32 `[count, 2]`, cosine and sine of the rotation.
        colours: float32 `[count, 3]`, the shape's red, green and blue in [0, 1].
        backgrounds: float32 `[count, 2, 3]`, the colours at the top left and the bottom right corner.
    """

    labels: np.ndarray
    centres: np.ndarray
    radii: np.ndarray
    rotations: np.ndarray
    colours: np.ndarray
    backgrounds: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> "ShapeFactors":
        return ShapeFactors(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


# Signed distances to a shape's edge, in units of its radius, negative inside; x and y are arrays in the shape's own
# frame. Inside and near the edge they are exact, which is where antialiasing looks.


def disc(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.sqrt(x * x + y * y) - 1.0


def ring(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.abs(np.sqrt(x * x + y * y) - 0.75) - 0.25


def half_disc(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.maximum(disc(x, y), y - 0.1)


def crescent(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    shifted = x - 0.5
    return np.maximum(disc(x, y), 0.75 - np.sqrt(shifted * shifted + y * y))


def square(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.maximum(np.abs(x), np.abs(y)) - 0.75


def frame(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.abs(square(x, y) + 0.2) - 0.2


def bar(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.maximum(np.abs(x) - 1.0, np.abs(y) - 0.28)


def cross(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.minimum(bar(x, y), bar(y, x))


def triangle(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.maximum.reduce([a * x + b * y for a, b in TRIANGLE_NORMALS]) - 0.55


def star(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A pentagram: every point inside at least four of a pentagon's five edges, so the second largest distance."""
    lowest: Any = np.float32(-np.inf)
    first = second = lowest
    for a, b in PENTAGON_NORMALS:
        edge = a * x + b * y
        second = np.maximum(second, np.minimum(first, edge))
        first = np.maximum(first, edge)
    return second - 0.4


SHAPES = (disc, ring, half_disc, crescent, square, frame, bar, cross, triangle, star)
CLASS_NAMES = tuple(shape.__name__.replace("_", " ") for shape in SHAPES)


def uniform_numbers(count: int, seed: int | Sequence[int]) -> Callable[..., np.ndarray]:
    """A function from bounds and a shape to uniform random numbers, float32 `[count, *shape]`, others in each call."""
    # The raw stream is the one that NumPy promises to keep; the methods of `Generator` may change.
    bits = np.random.PCG64(seed)

    def uniform(low: float, high: float, *shape: int) -> np.ndarray:
        raw = bits.random_raw((count, *shape)) >> np.uint64(11)
        return (low + (high - low) * (raw * 2.0**-53)).astype(np.float32)

    return uniform


def random_factors(count: int, seed: int | Sequence[int]) -> ShapeFactors:
    """Draw the factors of `count` images; classes are balanced.

    Args:
        count: how many images.
        seed: an int or a sequence of ints.

    Returns:
        A `ShapeFactors`.
    """
    uniform = uniform_numbers(count, seed)
    labels = np.argsort(uniform(0.0, 1.0), kind="stable").astype(np.int32) % len(SHAPES)
    radii = uniform(6.0, 12.0)
    # The whole shape stays in the picture.
    centres = radii[:, None] + (IMAGE_SIZE - 2 * radii[:, None]) * uniform(0.0, 1.0, 2)
    # A random angle without cos and sin: the tangent of its half, and the quadrant by two signs.
    tangent = uniform(-1.0, 1.0)
    cosine = (1 - tangent * tangent) / (1 + tangent * tangent) * np.where(uniform(0.0, 1.0) < 0.5, -1, 1)
    sine = 2 * tangent / (1 + tangent * tangent)
    backgrounds = uniform(0.0, 1.0, 1, 3) + uniform(-0.25, 0.25, 2, 3)
    backgrounds = np.clip(backgrounds, 0.0, 1.0)
    # Away from the background in every channel, so that no shape is invisible.
    colours = (backgrounds[:, 0] + backgrounds[:, 1]) * np.float32(0.5) + uniform(0.35, 0.65, 3)
    return ShapeFactors(
        labels=labels,
        centres=centres,
        radii=radii,
        rotations=np.stack([cosine, sine], axis=1).astype(np.float32),
        colours=np.where(colours > 1, colours - 1, colours),
        backgrounds=backgrounds,
    )


def draw(factors: ShapeFactors, chunk: int = 500) -> np.ndarray:
    """Draw the images that the factors describe.

    Args:
        factors: a `ShapeFactors`.
        chunk: images drawn at once; small enough for the processor's cache.

    Returns:
        uint8 `[count, 32, 32, 3]`.
    """
    images = np.empty((len(factors.labels), IMAGE_SIZE, IMAGE_SIZE, 3), np.uint8)
    for label, shape in enumerate(SHAPES):
        rows = np.flatnonzero(factors.labels == label)
        for start in range(0, len(rows), chunk):
            some = rows[start : start + chunk]
            images[some] = draw_class(factors[some], shape)
    return images


def draw_class(factors: ShapeFactors, shape: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
    """Draw images of one class; `shape` is its distance function."""
    pixels = np.arange(IMAGE_SIZE, dtype=np.float32) + np.float32(0.5)
    dx = (pixels[None, None, :] - factors.centres[:, 0, None, None]) / factors.radii[:, None, None]
    dy = (pixels[None, :, None] - factors.centres[:, 1, None, None]) / factors.radii[:, None, None]
    cosine, sine = factors.rotations[:, 0, None, None], factors.rotations[:, 1, None, None]
    distance = shape(cosine * dx + sine * dy, cosine * dy - sine * dx) * factors.radii[:, None, None]
    cover = np.clip(np.float32(0.5) - distance, 0, 1)[..., None]

    shade = ((pixels[None, :] + pixels[:, None]) / np.float32(2 * IMAGE_SIZE))[None, :, :, None]
    top, bottom = factors.backgrounds[:, 0, None, None], factors.backgrounds[:, 1, None, None]
    background = top + (bottom - top) * shade
    image = background + (factors.colours[:, None, None] - background) * cover
    return (image * np.float32(255) + np.float32(0.5)).astype(np.uint8)


def draw_split(split: str) -> tuple[np.ndarray, np.ndarray]:
    """The training (20,000) or test (2,000) images, uint8 `[count, 32, 32, 3]`, and their labels, int32 `[count]`."""
    factors = random_factors(COUNTS[split], (SEED, sorted(COUNTS).index(split)))
    return draw(factors), factors.labels


def drawn_set(place: str, preparation: Preparation, draw_split: Callable, class_names: tuple[str, ...]) -> ArraySet:
    """A set of `COUNTS` images 32x32 whose splits a function of their name draws when they are asked for."""
    refuse_columns(place, preparation)
    parts = {
        split: WholePart((count, IMAGE_SIZE, IMAGE_SIZE, 3), partial(draw_split, split))
        for split, count in COUNTS.items()
    }
    return ArraySet(place, parts, class_names=class_names, version="embedded")


def open_shapes(place: str, data_dir: str | None, preparation: Preparation) -> ArraySet:
    """The embedded set as an `ArraySet`, as in `tfgan_repro.data.SOURCES`."""
    return drawn_set(place, preparation, draw_split, CLASS_NAMES)
