"""The second embedded data set: ten letters, a little turned, moved and scaled, in pure colours on black.

As kind to a small network as MNIST: within minutes a person can read what it makes, and name the class. Black and pure
colours are where the generator's tanh saturates, so that its flat parts are flat. The letters are those of DejaVu Sans,
which comes with matplotlib; the same versions of Pillow and NumPy draw the same bytes.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfgan_repro.data.collection import ArraySet
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.shapes import COUNTS, IMAGE_SIZE, drawn_set, uniform_numbers

SEED = 2026
# Ten that no turn of a few degrees makes alike.
CLASS_NAMES = tuple("ABCEHKMSTX")
FONT = "DejaVuSans-Bold.ttf"
# Glyphs are drawn DETAIL times larger than needed, in squares of MASK pixels, and averaged down.
MASK, DETAIL, FONT_SIZE = 64, 4, 56
CAPITALS = 0.729  # the height of a capital, of the font's size


def glyphs() -> np.ndarray:
    """How much of each pixel each letter covers, float32 `[10, MASK, MASK]` in [0, 1]; the letter in the middle."""
    import matplotlib

    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / FONT
    font = ImageFont.truetype(str(path), FONT_SIZE * DETAIL, layout_engine=ImageFont.Layout.BASIC)
    masks = []
    for name in CLASS_NAMES:
        image = Image.new("L", (MASK * DETAIL, MASK * DETAIL))
        baseline = (image.height + CAPITALS * FONT_SIZE * DETAIL) / 2
        ImageDraw.Draw(image).text((image.width / 2, baseline), name, 255, font, anchor="ms")
        masks.append(np.asarray(image.reduce(DETAIL), np.float32) / 255)
    return np.stack(masks)


def draw_split(split: str) -> tuple[np.ndarray, np.ndarray]:
    """The training (20,000) or test (2,000) images, uint8 `[count, 32, 32, 3]`, and their labels, int32 `[count]`."""
    count = COUNTS[split]
    uniform = uniform_numbers(count, (SEED, sorted(COUNTS).index(split)))
    labels = np.argsort(uniform(0.0, 1.0), kind="stable").astype(np.int32) % len(CLASS_NAMES)
    # Pixels of the mask a pixel of the image: capitals become 17 to 23 pixels high.
    scales = FONT_SIZE * CAPITALS / uniform(17.0, 23.0)
    # The tangent of half the angle: up to 15 degrees.
    tangents = uniform(-0.13, 0.13)
    cosines, sines = (1 - tangents**2) / (1 + tangents**2), 2 * tangents / (1 + tangents**2)
    centres = uniform(-2.0, 2.0, 2)
    # Of red, green and blue one is full and one is missing.
    colours = uniform(0.0, 1.0, 3)
    colours -= colours.min(axis=1, keepdims=True)
    colours /= colours.max(axis=1, keepdims=True)

    masks = glyphs()
    pixels = np.arange(IMAGE_SIZE, dtype=np.float32) - np.float32((IMAGE_SIZE - 1) / 2)
    images = np.empty((count, IMAGE_SIZE, IMAGE_SIZE, 3), np.uint8)
    for start in range(0, count, 500):
        rows = slice(start, start + 500)
        x = (pixels[None, None, :] - centres[rows, 0, None, None]) * scales[rows, None, None]
        y = (pixels[None, :, None] - centres[rows, 1, None, None]) * scales[rows, None, None]
        cosine, sine = cosines[rows, None, None], sines[rows, None, None]
        cover = sampled(masks, labels[rows], cosine * x + sine * y, cosine * y - sine * x)[..., None]
        images[rows] = (colours[rows, None, None] * cover * 255 + 0.5).astype(np.uint8)
    return images, labels


def sampled(masks: np.ndarray, labels: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The masks of the labels at places from their middle, between their pixels; all `[count, height, width]`."""
    middle = np.float32((MASK - 1) / 2)
    x, y = (np.clip(place + middle, 0, MASK - 1.001) for place in (x, y))
    left, top = x.astype(np.int32), y.astype(np.int32)
    right_part, lower_part = x - left, y - top
    # One index into all masks is faster than three.
    flat, place = masks.ravel(), (labels[:, None, None] * MASK + top) * MASK + left
    upper = flat[place] * (1 - right_part) + flat[place + 1] * right_part
    lower = flat[place + MASK] * (1 - right_part) + flat[place + MASK + 1] * right_part
    return upper * (1 - lower_part) + lower * lower_part


def open_letters(place: str, data_dir: str | None, preparation: Preparation) -> ArraySet:
    """The embedded letters as an `ArraySet`, as in `tfgan_repro.data.SOURCES`."""
    return drawn_set(place, preparation, draw_split, CLASS_NAMES)
