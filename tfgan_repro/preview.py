"""A look at a run's images in the terminal itself: two pixels a character, one above the other."""

from collections.abc import Sequence

import numpy as np
from PIL import Image
from rich.console import Console
from rich.text import Text

COLUMNS = 5  # images a row
WIDEST = 32  # characters an image takes at most
UPPER_HALF = "▀"


def shows_colours(console: Console) -> bool:
    """Whether a console can show a picture: a terminal with 256 colours or more whose user does not forbid them."""
    enough = console.color_system in ("256", "truecolor")
    return enough and console.is_terminal and not console.no_color and console.encoding.startswith("utf")


def print_preview(images: Sequence[np.ndarray], console: Console | None = None) -> None:
    """Print images on a terminal that shows colours, as wide as it is; nothing in a pipe, with `NO_COLOR`, `TERM=dumb`.

    Args:
        images: uint8 `[height, width, 1 or 3]`.
        console: where to print; None for standard output.
    """
    console = console or Console()
    if not images or not shows_colours(console):
        return
    side = min(WIDEST, images[0].shape[1], console.width // COLUMNS - 1)
    for start in range(0, len(images), COLUMNS):
        row = np.concatenate([framed(small(image, side)) for image in images[start : start + COLUMNS]], axis=1)
        console.print(half_blocks(row), no_wrap=True, overflow="crop", end="\n\n")


def small(image: np.ndarray, side: int) -> np.ndarray:
    """An image as uint8 `[side, side, 3]`, with an even number of rows, by averaging."""
    colours = Image.fromarray(np.broadcast_to(image, (*image.shape[:2], 3)).copy())
    return np.asarray(colours.resize((side, side + side % 2), Image.Resampling.BOX))


def framed(image: np.ndarray) -> np.ndarray:
    """An image with a black column to its right."""
    return np.pad(image, ((0, 0), (0, 1), (0, 0)))


def half_blocks(picture: np.ndarray) -> Text:
    """uint8 `[even height, width, 3]` as lines of half blocks, each coloured as the two pixels that it stands for."""
    text = Text()
    for upper, lower in zip(picture[::2], picture[1::2]):
        for top, bottom in zip(upper, lower):
            text.append(UPPER_HALF, f"rgb({','.join(map(str, top))}) on rgb({','.join(map(str, bottom))})")
        text.append("\n")
    text.right_crop()
    return text
