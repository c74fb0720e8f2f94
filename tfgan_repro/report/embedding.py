"""Pictures within a page: small, as data URIs."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from tfgan_repro.report.animation import FRAME_MILLISECONDS, LAST_FRAME_MILLISECONDS, training_frames
from tfgan_repro.report.grids import read_png
from tfgan_repro.report.markup import Markup, element

if TYPE_CHECKING:
    from tfgan_repro.report.runs import Run


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
    Detail(16, 420, 65, True),
    Detail(12, 320, 50, False),
    Detail(6, 260, 35, False),
    Detail(0, 200, 30, False),
)


def picture(path: Path | str, alternative: str, detail: Detail) -> Markup | None:
    """An `img` of a picture file, or None where it cannot be read."""
    try:
        image = Image.fromarray(read_png(path))
    except (OSError, ValueError):
        return None
    image = fitted(image, detail.side)
    return image_element(encoded([image], detail.quality), image.size, alternative)


def animation(run: "Run", alternative: str, detail: Detail) -> Markup | None:
    """An `img` of a run's sample grids in motion: `training.gif` again as WebP, which is a tenth of its size."""
    if not detail.frames or len(run.grids) < 2:
        return None
    frames = training_frames(run.path)
    chosen = np.linspace(0, len(frames) - 1, min(detail.frames, len(frames))).round().astype(int)
    images = [fitted(Image.fromarray(frames[place]), detail.side) for place in chosen]
    return image_element(encoded(images, detail.quality), images[0].size, alternative)


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
        times = [FRAME_MILLISECONDS] * (len(images) - 1) + [LAST_FRAME_MILLISECONDS]
        images[0].save(
            file, "WEBP", save_all=True, append_images=images[1:], duration=times, loop=0, quality=quality, method=4
        )
    return file.getvalue()


def image_element(content: bytes, size: tuple[int, int], alternative: str) -> Markup:
    source = "data:image/webp;base64," + base64.b64encode(content).decode("ascii")
    return element("img", src=source, alt=alternative, width=size[0], height=size[1])
