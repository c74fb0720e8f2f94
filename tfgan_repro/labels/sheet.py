"""Numbered contact sheets, and thumbnails of any pictures."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.folder import decode
from tfgan_repro.report.grids import image_grid, stamped

TILE = 112


def thumbnail(file: Path | str, size: int) -> Image.Image:
    """A picture file as a Pillow image of at most `size` pixels a side.

    Raises:
        UserError: it cannot be decoded.
    """
    pixels, note = decode(file)
    if pixels is None:
        raise UserError(f"{file} {note}")
    image = Image.fromarray(pixels)
    image.thumbnail((size, size), Image.Resampling.LANCZOS)
    return image


def contact_sheet(files: Iterable[Path | str], captions: Iterable[str], columns: int | None = None) -> np.ndarray:
    """Pictures of any shape in rows, a line of text below each.

    Args:
        files: paths.
        captions: a short text each.
        columns: pictures a row; None for about as many rows as columns.

    Returns:
        uint8 `[height, width, 3]`.

    Raises:
        UserError: a file that cannot be decoded.
    """
    tiles = []
    for file, caption in zip(files, captions, strict=True):
        tile = ImageOps.pad(thumbnail(file, TILE), (TILE, TILE), color=(255, 255, 255))
        tiles.append(stamped(np.asarray(tile), caption, height=20))
    return image_grid(np.stack(tiles), columns)
