"""Pictures in the IDX files that MNIST, Fashion-MNIST and their kind come in."""

import contextlib
import gzip
import os
import struct
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np

from tfgan_repro.data.collection import (
    ArrayPart,
    ArraySet,
    digest,
    image_shape,
    next_array,
    number_labels,
    refuse_columns,
)
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.errors import UserError
from tfgan_repro.files import check_folder

# The first bytes: two zeros, the type (8: uint8), the number of dimensions.
UINT8 = 8
TEST_WORDS = ("t10k", "test")


def open_idx(place: str, data_dir: str | None, preparation: Preparation) -> ArraySet:
    """The pictures in a directory of IDX files, compressed or not; its images are not read yet.

    Args:
        place: the directory, with `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and perhaps `t10k-...`.
        data_dir: not used.
        preparation: a `Preparation`.

    Returns:
        An `ArraySet`.

    Raises:
        UserError: no such files, damaged ones, or labels that do not fit.
    """
    refuse_columns(place, preparation)
    check_folder(place)
    files: dict[str, Path] = {}
    seen = []
    for file in sorted(Path(place).iterdir()):
        if "images" not in file.name or "idx" not in file.name or not file.is_file():
            continue
        split = "test" if any(word in file.name for word in TEST_WORDS) else "train"
        # The same file may lie there compressed and unpacked.
        if split in files and file.name.removesuffix(".gz") != files[split].name.removesuffix(".gz"):
            raise UserError(f"{place} holds more than one set: {files[split].name} and {file.name}")
        files[split] = file
        seen.append((file.name, file.stat().st_size, file.stat().st_mtime_ns))
    if "train" not in files:
        raise UserError(f"{place} holds no IDX file of training images, such as train-images-idx3-ubyte.gz")
    # The training pictures come first.
    parts = {split: open_idx_images(files[split]) for split in sorted(files, reverse=True)}
    for split, part in parts.items():
        part.labels = open_idx_labels(files[split], part.shape[0])
    class_names = number_labels(parts, None, place)
    return ArraySet(f"idx:{place}", parts, class_names=class_names, version=digest(os.path.abspath(place), seen))


@contextlib.contextmanager
def opened_idx(file: Path) -> Iterator[tuple[IO[bytes], tuple[int, ...]]]:
    """The bytes of an IDX file's array as a file, and its shape, which comes first.

    Raises:
        UserError: what is read within the block, or the shape, is damaged.
    """
    try:
        opened: Any = gzip.open if file.suffix == ".gz" else open
        with opened(file, "rb") as stream:
            magic = stream.read(4)
            if len(magic) < 4 or magic[:3] != bytes((0, 0, UINT8)):
                raise EOFError("it does not begin like an array of bytes")
            yield stream, struct.unpack(f">{magic[3]}I", stream.read(4 * magic[3]))
    except (OSError, EOFError, zlib.error, struct.error) as error:
        raise UserError(f"{file} cannot be read as IDX: {error}") from error


def open_idx_images(file: Path) -> ArrayPart:
    """The `ArrayPart` of an IDX file of images, from its header."""
    with opened_idx(file) as (_, stored):
        shape = image_shape(file, stored)
    return ArrayPart(shape, partial(read_idx, file, shape), partial(idx_rows, file, shape))


def read_idx(file: Path, shape: tuple[int, ...]) -> np.ndarray:
    """All entries of an IDX file, uint8 of the shape."""
    with opened_idx(file) as (stream, _):
        return next_array(stream, shape).copy()  # what is made of bytes cannot be written to


def idx_rows(file: Path, shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Yields the entries of an IDX file one after the other."""
    with opened_idx(file) as (stream, _):
        for _ in range(shape[0]):
            yield next_array(stream, shape[1:])


def open_idx_labels(images: Path, count: int) -> np.ndarray | None:
    """The labels that belong to a file of images, int32 `[count]`, or None where there are none."""
    name = images.name.replace("images", "labels").replace("idx3", "idx1").removesuffix(".gz")
    file = next((path for path in (images.with_name(name), images.with_name(f"{name}.gz")) if path.exists()), None)
    if file is None:
        return None
    with opened_idx(file) as (_, shape):
        pass
    if shape != (count,):
        raise UserError(f"{file}: expected {count} labels, received shape {shape}")
    return read_idx(file, shape).astype(np.int32)
