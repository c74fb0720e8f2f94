"""Pictures of a generator, made as they are written; all but a grid hold no more than a batch in memory."""

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.files import atomic_path, filled_folder
from tfgan_repro.models.generation import images_of
from tfgan_repro.npz import write_array
from tfgan_repro.progress import ProgressLine
from tfgan_repro.report.grids import image_grid, named_rows, png_bytes, write_png
from tfgan_repro.runs.loading import Checkpoint, class_numbers, labels_for
from tfgan_repro.sampling import WRITERS
from tfgan_repro.sampling.latents import latents_of

if TYPE_CHECKING:
    from tfgan_repro.sampling.request import Request

GRID_LIMIT = 10_000
LABELS_FILE = "labels.csv"


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
        checkpoint: Checkpoint,
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
        with ProgressLine(len(self), "images") as progress:
            for start in range(0, len(self), self.batch_size):
                part = slice(start, start + self.batch_size)
                labels = None if self.labels is None else self.labels[part]
                yield images_of(self.generator, self.latents[part], labels, self.batch_size)
                progress.update(min(start + self.batch_size, len(self)))

    def images(self) -> Iterator[np.ndarray]:
        """Yields uint8 `[height, width, channels]`."""
        for batch in self.batches():
            yield from batch


def picture_stream(checkpoint: Checkpoint, request: "Request") -> PictureStream:
    """The `PictureStream` of a `Request` for single pictures."""
    labels = labels_for(checkpoint, request.number, request.classes, request.seed)
    latent_dim = checkpoint.latent_dim
    latents = latents_of(request.number, latent_dim, request.seed, request.truncation)
    return PictureStream(checkpoint, latents, labels, request.batch_size)


def class_sweep(checkpoint: Checkpoint, request: "Request") -> PictureStream:
    """The `PictureStream` of the same latents through all classes, or the chosen ones, a row each.

    Raises:
        UserError: an unknown class, or an unconditional model.
    """
    numbers = class_numbers(checkpoint, request.classes or list(checkpoint.classes))
    columns = request.number
    latents = latents_of(columns, checkpoint.latent_dim, request.seed, request.truncation)
    labels = np.repeat(np.array(numbers, np.int32), columns)
    return PictureStream(checkpoint, np.tile(latents, (len(numbers), 1)), labels, request.batch_size, columns)


def write_pictures(checkpoint: Checkpoint, request: "Request") -> str:
    """Write single pictures, or a grid of them; returns a line on what was written."""
    return write(picture_stream(checkpoint, request), checkpoint, request)


def write_class_sweep(checkpoint: Checkpoint, request: "Request") -> str:
    """Write a class sweep; returns a line on what was written."""
    return write(class_sweep(checkpoint, request), checkpoint, request)


def write(pictures: PictureStream, checkpoint: Checkpoint, request: "Request") -> str:
    WRITERS.load(request.suffix)(request.output, pictures)
    return f"{len(pictures):,} pictures {checkpoint.origin}: {request.output}"


def write_grid(path: Path, pictures: PictureStream) -> None:
    """Write a `PictureStream` as one picture: a grid, with the classes' names where a row is of one class.

    Raises:
        UserError: more pictures than anybody can look at.
    """
    if len(pictures) > GRID_LIMIT:
        raise UserError(
            f"--output {path}: a grid of {len(pictures):,} pictures is too large; "
            f"write more than {GRID_LIMIT:,} to a folder, .zip or .npz"
        )
    images = np.concatenate(list(pictures.batches()))
    if len(images) == 1:
        write_png(path, images[0])
        return
    grid = image_grid(images, pictures.columns)
    if pictures.columns:
        names = [pictures.class_names[label] for label in pictures.labels[:: pictures.columns]]
        grid = named_rows(grid, names)
    write_png(path, grid)


def file_names(count: int) -> Iterator[str]:
    """Names of picture files, which sort by number."""
    digits = max(5, len(str(count - 1)))
    return (f"{index:0{digits}d}.png" for index in range(count))


def labels_csv(pictures: PictureStream) -> bytes:
    """What class each picture file is of, as `--dataset folder:PATH` reads it."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("file", "label"))
    for name, label in zip(file_names(len(pictures)), pictures.labels):
        rows.writerow((name, pictures.class_names[label]))
    return text.getvalue().encode("utf-8")


def picture_files(pictures: PictureStream) -> Iterator[tuple[str, bytes]]:
    """Yields the name and the bytes of each file: PNGs and, for a conditional generator, `labels.csv`."""
    for name, image in zip(file_names(len(pictures)), pictures.images()):
        yield name, png_bytes(image)
    if pictures.labels is not None:
        yield LABELS_FILE, labels_csv(pictures)


def write_folder(path: Path, pictures: PictureStream) -> None:
    """Write a `PictureStream` as PNG files into a folder that is absent or empty."""
    with filled_folder(path) as folder:
        for name, content in picture_files(pictures):
            (folder / name).write_bytes(content)


def write_zip(path: Path, pictures: PictureStream) -> None:
    """Write a `PictureStream` as a zip archive of PNG files."""
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, content in picture_files(pictures):
            # Of no date, so that the same pictures are the same bytes.
            archive.writestr(zipfile.ZipInfo(name), content)


def write_npz(path: Path, pictures: PictureStream) -> None:
    """Write a `PictureStream` as an `.npz`: uint8 `images [count, height, width, channels]`.

    For a conditional generator also int32 `labels [count]` and the `class_names`. As `numpy.savez` would write it, but
    batch by batch.
    """
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        write_array(archive, "images", pictures.shape, np.uint8, pictures.batches())
        if pictures.labels is not None:
            for name, values in (("labels", pictures.labels), ("class_names", np.array(pictures.class_names))):
                write_array(archive, name, values.shape, values.dtype, [values])
