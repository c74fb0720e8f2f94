"""Many images in one picture."""

from collections.abc import Sequence
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfgan_repro.files import atomic_path

MARGIN = 2  # pixels, before a grid is enlarged
PAPER = 255
# A picture of small images is enlarged up to three times, as long as it still fits on a page.
PAGE_SIDE, MOST_TIMES = 700, 3


def image_grid(images: np.ndarray, columns: int | None = None) -> np.ndarray:
    """Lay images out in rows, the first at the top left, and enlarge the whole where it is small.

    Args:
        images: uint8 `[count, height, width, channels]`, 1 or 3 channels.
        columns: images a row; None for about as many rows as columns.

    Returns:
        uint8 `[rows * (height + 2) + 2, columns * (width + 2) + 2, 3]`, white between the images, times what
        `enlarged` makes of it.
    """
    count, height, width, _ = images.shape
    columns = columns or int(np.ceil(np.sqrt(count)))
    rows = -(-count // columns)
    paper = np.full((rows * (height + MARGIN) + MARGIN, columns * (width + MARGIN) + MARGIN, 3), PAPER, np.uint8)
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        top, left = MARGIN + row * (height + MARGIN), MARGIN + column * (width + MARGIN)
        paper[top : top + height, left : left + width] = image
    return enlarged(paper)


def stamped(picture: np.ndarray, text: str, height: int = 18) -> np.ndarray:
    """The picture with a line of text on a strip below it.

    Args:
        picture: uint8 `[height, width, 3]`.
        text: what to write, in one line.
        height: of the strip, in pixels.

    Returns:
        uint8, taller by `height`.
    """
    canvas = Image.new("RGB", (picture.shape[1], picture.shape[0] + height), (PAPER,) * 3)
    canvas.paste(Image.fromarray(picture))
    font = ImageFont.load_default(size=height - 6)
    ImageDraw.Draw(canvas).text((MARGIN + 2, picture.shape[0] + 1), text, fill=(0, 0, 0), font=font)
    return np.asarray(canvas)


def named_rows(grid: np.ndarray, names: Sequence[str], size: float = 12) -> np.ndarray:
    """A grid with a name to the left of each row.

    Args:
        grid: uint8 `[height, width, 3]`, as `image_grid` lays it out.
        names: one a row.
        size: of the letters, in pixels; smaller where the rows are.

    Returns:
        uint8 `[height, wider, 3]`.
    """
    pitch = grid.shape[0] / len(names)
    font = ImageFont.load_default(size=min(size, pitch))
    strip = int(max(font.getlength(name) for name in names)) + 3 * MARGIN
    canvas = Image.new("RGB", (strip + grid.shape[1], grid.shape[0]), (PAPER,) * 3)
    canvas.paste(Image.fromarray(grid), (strip, 0))
    draw = ImageDraw.Draw(canvas)
    for row, name in enumerate(names):
        # Right-aligned to the pictures, in the middle of their row.
        draw.text((strip - MARGIN, (row + 0.5) * pitch), name, (0, 0, 0), font, anchor="rm")
    return np.asarray(canvas)


def enlarged(picture: np.ndarray, side: int = PAGE_SIDE, most: int = MOST_TIMES) -> np.ndarray:
    """A picture with every pixel repeated a whole number of times, so that small images stay sharp.

    Args:
        picture: uint8 `[height, width, ...]`.
        side: pixels that the longer side may have afterwards; a picture that is larger stays as it is.
        most: how often a pixel is repeated at most.
    """
    return repeated(picture, min(most, max(1, side // max(picture.shape[:2]))))


def repeated(picture: np.ndarray, times: int) -> np.ndarray:
    """A picture `[height, width, ...]` with each pixel as a square of `times` by `times`."""
    return picture.repeat(times, axis=0).repeat(times, axis=1)


def of_one_size(pictures: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The grids of one run at the size of the largest: its first may have been written before small ones were enlarged.

    Args:
        pictures: uint8 `[height, width, 3]`.
    """
    height = max((picture.shape[0] for picture in pictures), default=0)
    return [repeated(picture, height // picture.shape[0]) for picture in pictures]


def thinned(items: list, most: int) -> list:
    """At most so many of the items of a list, evenly spaced, the first and the last among them."""
    if len(items) <= most:
        return items
    return [items[place] for place in np.linspace(0, len(items) - 1, most).round().astype(int)]


def unrepeated(picture: np.ndarray) -> tuple[np.ndarray, int]:
    """A picture as it was before `enlarged`, and how often its pixels were repeated."""
    for times in range(MOST_TIMES, 1, -1):
        small = picture[::times, ::times]
        if np.array_equal(repeated(small, times), picture):
            return small, times
    return picture, 1


def png_bytes(picture: np.ndarray) -> bytes:
    """uint8 `[height, width]` or `[height, width, 1 or 3]` as the bytes of a PNG."""
    return imageio.imwrite("<bytes>", picture[..., 0] if picture.shape[2:] == (1,) else picture, extension=".png")


def write_png(path: Path | str, picture: np.ndarray) -> None:
    """Write what `png_bytes` makes of a picture, atomically."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(png_bytes(picture))


def read_png(path: Path | str) -> np.ndarray:
    """Read a picture as uint8 `[height, width, 3]`."""
    return np.asarray(imageio.imread(path, mode="RGB"))
