"""What is kept of a picture: black bars off, a square out of it, resized."""

import numpy as np
from PIL import Image

# The pixels of CelebA's usual centre crops, of aligned portraits that are 178 wide and 218 high.
ALIGNED_WIDTH, FACE, HEAD = 178, 108, 140

# Left, top, right, bottom in pixels, perhaps between them.
Box = tuple[float, float, float, float]
# A row of which 99 % of the pixels are at most this bright is black to the eye; JPEG puts noise on black bars.
BLACK, BLACK_PART = 24, 0.99
# Less of a picture is no letterbox, but a dark picture.
LEAST_LEFT = 0.25


def centered(image: Image.Image, part: float) -> Box:
    """The box of a square in the middle, whose side is a part of the shorter side."""
    side = min(image.size) * part
    left, top = (image.width - side) / 2, (image.height - side) / 2
    return left, top, left + side, top + side


def center(image: Image.Image) -> Box:
    """The largest square in the middle."""
    return centered(image, 1)


def face(image: Image.Image) -> Box:
    """The face of an aligned portrait: what `center_crop(108)` leaves of the 178x218 pixels of CelebA."""
    return centered(image, FACE / ALIGNED_WIDTH)


def head(image: Image.Image) -> Box:
    """Face, hair and chin of an aligned portrait: what a centre crop of 140 pixels leaves of 178x218."""
    return centered(image, HEAD / ALIGNED_WIDTH)


def whole(image: Image.Image) -> Box:
    """Everything; a picture that is not square is squeezed into the square."""
    return 0, 0, image.width, image.height


def cut(image: Image.Image, box: Box, image_size: int | None) -> Image.Image:
    """Crop and resize in one go.

    Where pixels must go, Lanczos' filter as wide as the step between the new pixels takes the old ones in
    (antialiasing); a picture more than three times too large is first averaged down by a whole factor, which is faster
    and differs by less than can be seen.

    Args:
        image: a Pillow image of mode L or RGB.
        box: `(left, top, right, bottom)` in pixels, perhaps between them.
        image_size: pixels a side, or None for the box rounded to whole pixels.

    Returns:
        A Pillow image.
    """
    if image_size is None:
        left, top = round(box[0]), round(box[1])
        return image.crop((left, top, left + round(box[2] - box[0]), top + round(box[3] - box[1])))
    size = (image_size, image_size)
    if image.size == size and box == (0, 0, *size):
        return image
    return image.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)


def trimmed(image: Image.Image) -> Image.Image:
    """The image without black bars at its edges; a picture that is dark all over stays as it is."""
    bright = np.asarray(image) > BLACK
    if bright.ndim == 3:
        bright = np.any(bright, axis=2)
    rows, columns = (np.flatnonzero(bright.mean(axis=axis) > 1 - BLACK_PART) for axis in (1, 0))
    if not len(rows) or not len(columns):
        return image
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    if (box[2] - box[0]) * (box[3] - box[1]) < LEAST_LEFT * image.width * image.height:
        return image
    return image.crop(box)
