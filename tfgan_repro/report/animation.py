"""Films: the sample grids of a training in motion, and frames of any kind, as an animated GIF or an MP4."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import imageio
import numpy as np
from PIL import Image

from tfgan_repro.files import atomic_path, read_json_lines
from tfgan_repro.report.grids import of_one_size, read_png, stamped, thinned
from tfgan_repro.runs.directory import grids_by_step

FRAMES_PER_SECOND = 20
MOST_FRAMES = 48
FRAME_MILLISECONDS = 150
LAST_FRAME_MILLISECONDS = 3000


def frame_text(step: int, evaluations: list[dict[str, Any]]) -> str:
    """What is stamped on a frame: the step, and the latest score up to it where there is one."""
    known = [row for row in evaluations if row["step"] <= step]
    if not known:
        return f"step {step:,}"
    row = max(known, key=lambda row: row["step"])
    value = "none" if row["value"] is None else f"{row['value']:.2f}"
    return f"step {step:,}   {row['metric']} {value}"


def training_frames(samples: Path | str, evaluations: Path | str | None = None) -> list[np.ndarray]:
    """The sample grids of a training in order, at most 48 of them, the first and the last among them.

    Args:
        samples: a folder of them, `step_<8 digits>.png`.
        evaluations: an `evaluations.jsonl`, for the scores that are stamped beside the steps.

    Returns:
        A list of uint8 `[height, width, 3]`.
    """
    rows = read_json_lines(evaluations) if evaluations else []
    scores = [row for row in rows if row.get("during_training")]
    grids = grids_by_step(samples)
    steps = thinned(list(grids), MOST_FRAMES)
    pictures = of_one_size([read_png(grids[step]) for step in steps])
    return [stamped(picture, frame_text(step, scores)) for picture, step in zip(pictures, steps)]


def write_training_gif(path: Path | str, frames: list[np.ndarray]) -> None:
    """Write what `training_frames` returns as an animated GIF, if it is any; the last frame stays longer."""
    if frames:
        write_gif(path, frames, [FRAME_MILLISECONDS] * (len(frames) - 1) + [LAST_FRAME_MILLISECONDS])


def write_gif(
    path: Path | str, frames: Iterable[np.ndarray], milliseconds: int | list[int] = 1000 // FRAMES_PER_SECOND
) -> None:
    """Write frames as an animated GIF that runs for ever.

    Args:
        path: the file.
        frames: uint8 `[height, width, 3]`, all of a size; read one by one.
        milliseconds: that a frame stays, or each of them.
    """
    images = map(Image.fromarray, frames)
    with atomic_path(path) as temporary:
        next(images).save(
            temporary, save_all=True, append_images=images, duration=milliseconds, loop=0, optimize=False
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
