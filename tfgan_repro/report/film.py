"""Films: frames to an animated GIF or an MP4."""

from collections.abc import Iterable
from pathlib import Path

import imageio
import numpy as np
from PIL import Image

from tfgan_repro.files import atomic_path

FRAMES_PER_SECOND = 20


def write_gif(path: Path | str, frames: Iterable[np.ndarray]) -> None:
    """Write frames as an animated GIF that runs for ever.

    Args:
        path: the file.
        frames: uint8 `[height, width, 3]`, all of a size; read one by one.
    """
    images = map(Image.fromarray, frames)
    with atomic_path(path) as temporary:
        next(images).save(
            temporary, save_all=True, append_images=images, duration=1000 // FRAMES_PER_SECOND, loop=0, optimize=False
        )


def write_mp4(path: Path | str, frames: Iterable[np.ndarray]) -> None:
    """Write frames as an MP4 (H.264) that every browser plays; needs the package imageio-ffmpeg.

    Args:
        path: the file.
        frames: as in `write_gif`.
    """
    with atomic_path(path) as temporary:
        # Only the older interface of imageio takes frame after frame. The sides are made even below.
        with imageio.get_writer(temporary, format="FFMPEG", fps=FRAMES_PER_SECOND, macro_block_size=1) as film:
            for frame in frames:
                film.append_data(even(frame))


def even(frame: np.ndarray) -> np.ndarray:
    """A frame with its last row and column repeated where their numbers are odd, as H.264 wants it."""
    height, width, _ = frame.shape
    return np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
