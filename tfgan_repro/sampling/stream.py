"""Pictures of a generator, made as they are written."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_repro.sampling import WRITERS
from tfgan_repro.runs.loading import class_numbers, labels_for
from tfgan_repro.sampling.latents import latents_of
from tfgan_repro.progress import ImageProgress
from tfgan_repro.models.generation import images_of

if TYPE_CHECKING:
    from tfgan_repro.sampling.request import Request
    from tfgan_repro.runs.loading import Checkpoint


class PictureStream:
    """Pictures that are generated when they are asked for.

    Args:
        checkpoint: a `Checkpoint`.
        latents: float32 `[count, latent_dim]`.
        labels: int32 `[count]`, or None for an unconditional generator.
        batch_size: pictures that the generator makes at once.
        columns: of a grid, or None for about as many as rows. With columns, a row is of one class.
    """

    def __init__(
        self,
        checkpoint: "Checkpoint",
        latents: np.ndarray,
        labels: np.ndarray | None,
        batch_size: int,
        columns: int | None = None,
    ) -> None:
        self.generator, self.latents = checkpoint.generator, latents
        self.labels: Any = labels
        self.class_names = tuple(checkpoint.classes)
        self.batch_size, self.columns = batch_size, columns

    def __len__(self) -> int:
        return len(self.latents)

    @property
    def shape(self) -> tuple[int, ...]:
        """`(count, height, width, channels)`."""
        return (len(self), *self.generator.outputs[0].shape[1:])

    def batches(self) -> Iterator[np.ndarray]:
        """Yields uint8 `[at most batch_size, height, width, channels]` and shows the progress."""
        with ImageProgress(len(self)) as progress:
            show = progress.part(len(self))
            for start in range(0, len(self), self.batch_size):
                part = slice(start, start + self.batch_size)
                labels = None if self.labels is None else self.labels[part]
                yield images_of(self.generator, self.latents[part], labels, self.batch_size)
                show(min(start + self.batch_size, len(self)))

    def images(self) -> Iterator[np.ndarray]:
        """Yields uint8 `[height, width, channels]`."""
        for batch in self.batches():
            yield from batch


def picture_stream(checkpoint: "Checkpoint", request: "Request") -> PictureStream:
    """The `PictureStream` of a `Request` for single pictures."""
    labels = labels_for(checkpoint, request.number, request.classes, request.seed)
    latent_dim = checkpoint.latent_dim
    latents = latents_of(request.number, latent_dim, request.seed, request.truncation)
    return PictureStream(checkpoint, latents, labels, request.batch_size)


def class_sweep(checkpoint: "Checkpoint", request: "Request") -> PictureStream:
    """The `PictureStream` of the same latents through all classes, or the chosen ones, a row each.

    Raises:
        UserError: an unknown class, or an unconditional model.
    """
    numbers = class_numbers(checkpoint, request.classes or list(checkpoint.classes))
    columns = request.number
    latents = latents_of(columns, checkpoint.latent_dim, request.seed, request.truncation)
    labels = np.repeat(np.array(numbers, np.int32), columns)
    return PictureStream(checkpoint, np.tile(latents, (len(numbers), 1)), labels, request.batch_size, columns)


def write_pictures(checkpoint: "Checkpoint", request: "Request") -> str:
    """Write single pictures, or a grid of them; returns a line on what was written."""
    return write(picture_stream(checkpoint, request), checkpoint, request)


def write_class_sweep(checkpoint: "Checkpoint", request: "Request") -> str:
    """Write a class sweep; returns a line on what was written."""
    return write(class_sweep(checkpoint, request), checkpoint, request)


def write(pictures: PictureStream, checkpoint: "Checkpoint", request: "Request") -> str:
    WRITERS.load(request.suffix)(request.output, pictures)
    return f"{len(pictures):,} pictures {origin(checkpoint)}: {request.output}"


def origin(checkpoint: "Checkpoint") -> str:
    """Where pictures come from, in a few words."""
    step = "" if checkpoint.step is None else f" at step {checkpoint.step:,}"
    return f"of {checkpoint.run.path}{step}"
