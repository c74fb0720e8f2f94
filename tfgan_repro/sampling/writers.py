"""Where pictures go: one grid, single files or an archive; all but the grid hold no more than a batch in memory."""

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from tfgan_repro.errors import UserError
from tfgan_repro.files import atomic_path, filled_folder
from tfgan_repro.report.grids import image_grid, named_rows, write_png

if TYPE_CHECKING:
    from tfgan_repro.sampling.stream import PictureStream


GRID_LIMIT = 10_000
# The oldest date that a zip can hold: the same pictures are the same bytes.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
LABELS_FILE = "labels.csv"


def write_grid(path: Path, pictures: "PictureStream") -> None:
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


def png_bytes(image: np.ndarray) -> bytes:
    """uint8 `[height, width, 1 or 3]` as the bytes of a PNG."""
    buffer = io.BytesIO()
    Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(buffer, "png")
    return buffer.getvalue()


def labels_csv(pictures: "PictureStream") -> bytes:
    """What class each picture file is of, as `--dataset folder:PATH` reads it."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("file", "label"))
    for name, label in zip(file_names(len(pictures)), pictures.labels):
        rows.writerow((name, pictures.class_names[label]))
    return text.getvalue().encode("utf-8")


def picture_files(pictures: "PictureStream") -> Iterator[tuple[str, bytes]]:
    """Yields the name and the bytes of each file: PNGs and, for a conditional generator, `labels.csv`."""
    for name, image in zip(file_names(len(pictures)), pictures.images()):
        yield name, png_bytes(image)
    if pictures.labels is not None:
        yield LABELS_FILE, labels_csv(pictures)


def write_folder(path: Path, pictures: "PictureStream") -> None:
    """Write a `PictureStream` as PNG files into a folder that is absent or empty."""
    with filled_folder(path) as folder:
        for name, content in picture_files(pictures):
            (folder / name).write_bytes(content)


def write_zip(path: Path, pictures: "PictureStream") -> None:
    """Write a `PictureStream` as a zip archive of PNG files."""
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, content in picture_files(pictures):
            archive.writestr(zipfile.ZipInfo(name, ZIP_DATE), content)


def write_npz(path: Path, pictures: "PictureStream") -> None:
    """Write a `PictureStream` as an `.npz`: uint8 `images [count, height, width, channels]`.

    For a conditional generator also int32 `labels [count]` and the `class_names`. As `numpy.savez` would write it, but
    batch by batch.
    """
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        with npy_file(archive, "images") as file:
            header = {"descr": "|u1", "fortran_order": False, "shape": pictures.shape}
            np.lib.format.write_array_header_1_0(file, header)
            for batch in pictures.batches():
                file.write(np.ascontiguousarray(batch).data.cast("B"))
        if pictures.labels is not None:
            for name, values in (("labels", pictures.labels), ("class_names", np.array(pictures.class_names))):
                with npy_file(archive, name) as file:
                    np.lib.format.write_array(file, values)


def npy_file(archive: zipfile.ZipFile, name: str) -> Any:
    """An open array in an `.npz`; without a limit of 4 GiB."""
    return archive.open(zipfile.ZipInfo(f"{name}.npy", ZIP_DATE), "w", force_zip64=True)
