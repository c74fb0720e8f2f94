"""A walk through the latents: every picture of a grid changes smoothly and comes back."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tfgan_repro.models.generation import images_of
from tfgan_repro.progress import ProgressLine
from tfgan_repro.registry import Registry
from tfgan_repro.report.grids import enlarged, image_grid
from tfgan_repro.runs.loading import Checkpoint, labels_for
from tfgan_repro.sampling.latents import latents_of, spherical_loop

if TYPE_CHECKING:
    import numpy as np

    from tfgan_repro.sampling.request import Request


FILM_WRITERS = Registry(
    "kind of film", {".gif": "tfgan_repro.report.animation:write_gif", ".mp4": "tfgan_repro.report.animation:write_mp4"}
)
# Latents that each picture passes.
STOPS = 4
# Small pictures are shown larger; players would blur them.
SIDE = 480


def film_frames(checkpoint: Checkpoint, request: "Request") -> "Iterator[np.ndarray]":
    """The frames of a film of `request.number` pictures side by side.

    The first frame shows the pictures that the same request would give singly; a picture stays in its class.

    Yields:
        uint8 `[height, width, 3]`.
    """
    count, frames = request.number, request.frame_count
    labels = labels_for(checkpoint, count, request.classes, request.seed)
    latent_dim = checkpoint.latent_dim
    stops = latents_of(STOPS * count, latent_dim, request.seed, request.truncation).reshape(STOPS, count, latent_dim)
    with ProgressLine(frames, "frames") as progress:
        for number, latents in enumerate(spherical_loop(stops, frames), 1):
            images = images_of(checkpoint.generator, latents, labels, request.batch_size)
            yield enlarged(image_grid(images), SIDE)
            progress.update(number)


def write_film(checkpoint: Checkpoint, request: "Request") -> str:
    """Write a film; returns a line on what was written."""
    FILM_WRITERS.load(request.suffix)(request.output, film_frames(checkpoint, request))
    return f"{request.frame_count} frames of {request.number:,} pictures {checkpoint.origin}: {request.output}"
