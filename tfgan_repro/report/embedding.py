"""Pictures within a page: small, as data URIs."""

import base64
import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from tfgan_repro.report.animation import FRAME_MILLISECONDS, LAST_FRAME_MILLISECONDS
from tfgan_repro.report.grids import enlarged, of_one_size, read_png, thinned, unrepeated

if TYPE_CHECKING:
    from tfgan_repro.report.runs import Run

# A moving picture has a bar below it that grows with the steps: so many rows, before it is enlarged.
BAR = 3


@dataclass(frozen=True)
class Detail:
    """How finely pictures are shown.

    Attributes:
        frames: of an animation; 0 for none.
        side: pixels that a picture has at most.
        quality: of WebP, 0 to 100.
        seeds: whether the pictures of every seed are shown, or of each training's first only.
    """

    frames: int
    side: int
    quality: int
    seeds: bool


# From fine to coarse; the first with which the page is small enough is taken.
DETAILS = (
    Detail(30, 560, 80, True),
    Detail(16, 560, 65, True),
    Detail(12, 420, 60, False),
    Detail(6, 320, 45, False),
    Detail(0, 240, 30, False),
)


@dataclass(frozen=True)
class Picture:
    """An image of a page.

    Attributes:
        source: a data URI.
        width: in pixels, as shown.
        height: the same.
        alternative: the text in its place.
        sharp: whether the browser enlarges it, by repeating pixels.
    """

    source: str
    width: int
    height: int
    alternative: str
    sharp: bool


def picture(path: Path | str, alternative: str, detail: Detail) -> Picture | None:
    """A picture file for a page, or None where it cannot be read."""
    try:
        pixels, _ = unrepeated(read_png(path))
    except (OSError, ValueError):
        return None
    return shown([pixels], alternative, detail)


def animation(run: "Run", alternative: str, detail: Detail) -> Picture | None:
    """A run's sample grids in motion, with a bar below that grows with the steps; None for a single grid.

    It is `training.gif` again as WebP, which has a tenth of its size. Its first frame is the training's last, which is
    what a printer, and whoever stops moving pictures, shows; in a loop it makes no difference.
    """
    if not detail.frames or len(run.grids) < 2:
        return None
    found = {}
    for step in thinned(list(run.grids), detail.frames):
        with contextlib.suppress(OSError, ValueError):  # a killed process, or a full disk, leaves damaged files
            found[step] = read_png(run.grids[step])
    if len(found) < 2:
        return None
    grids = of_one_size(list(found.values()))
    # A grid of constant images looks enlarged whether it is or not; the others tell.
    times = min(unrepeated(grid)[1] for grid in grids)
    frames = [with_bar(grid[::times, ::times], step / max(1, *run.grids)) for step, grid in zip(found, grids)]
    return shown([frames[-1], *frames[:-1]], alternative, detail)


def with_bar(pixels: np.ndarray, part: float) -> np.ndarray:
    """A frame uint8 `[height, width, 3]` with a bar below it, dark as far as the training has come."""
    width = pixels.shape[1]
    bar = np.full((BAR, width, 3), 215, np.uint8)
    bar[:, : round(part * width)] = (0, 114, 178)
    return np.concatenate([pixels, bar])


def shown(frames: Sequence[np.ndarray], alternative: str, detail: Detail) -> Picture:
    """Frames of one size, one for a still picture, as a `Picture`."""
    images = [fitted(Image.fromarray(frame), detail.side) for frame in frames]
    content = base64.b64encode(encoded(images, detail.quality)).decode("ascii")
    width, height = images[0].size
    times = enlarged(np.empty((height, width))).shape[0] // height
    return Picture(f"data:image/webp;base64,{content}", times * width, times * height, alternative, times > 1)


def fitted(image: Image.Image, side: int) -> Image.Image:
    """An image, made smaller where a side is longer than `side`."""
    factor = side / max(image.size)
    if factor >= 1:
        return image
    return image.resize([max(1, round(factor * extent)) for extent in image.size], Image.Resampling.LANCZOS)


def encoded(images: Sequence[Image.Image], quality: int) -> bytes:
    """Images of one size as a WebP, a moving one where there are several."""
    file = io.BytesIO()
    if len(images) == 1:
        images[0].save(file, "WEBP", quality=quality, method=4)
    else:
        # The first frame is the end of the training.
        times = [LAST_FRAME_MILLISECONDS] + [FRAME_MILLISECONDS] * (len(images) - 1)
        images[0].save(
            file, "WEBP", save_all=True, append_images=images[1:], duration=times, loop=0, quality=quality, method=4
        )
    return file.getvalue()
