"""IDX files, the format of MNIST and Fashion-MNIST."""

import gzip
import os
import struct
import zlib
from collections.abc import Iterator
from functools import partial
from io import BufferedReader
from pathlib import Path

import numpy as np

from tfgan_repro.data.arrays import ArrayPart, ArraySet, refuse_columns
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.errors import UserError

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
    if not os.path.isdir(place):
        raise UserError(f"no such folder: {place}")
    found: dict[str, tuple] = {}
    seen = []
    for file in sorted(Path(place).iterdir()):
        if "images" not in file.name or "idx" not in file.name:
            continue
        split = "test" if any(word in file.name for word in TEST_WORDS) else "train"
        # The same file may lie there compressed and unpacked.
        if split in found and file.name.removesuffix(".gz") != found[split][0].name.removesuffix(".gz"):
            raise UserError(f"{place} holds more than one set: {found[split][0].name} and {file.name}")
        found[split] = file, open_images(file)
        seen.append((file.name, file.stat().st_size, file.stat().st_mtime_ns))
    if "train" not in found:
        raise UserError(f"{place} holds no IDX file of training images, such as train-images-idx3-ubyte.gz")
    found = {split: found[split] for split in ("train", "test") if split in found}
    for file, part in found.values():
        part.labels = open_labels(file, part.shape[0])
    parts = {split: part for split, (_, part) in found.items()}
    labelled = all(part.labels is not None for part in parts.values())
    classes = 1 + max(int(part.labels.max()) for part in parts.values()) if labelled else 0
    if not labelled:
        for part in parts.values():
            part.labels = None
    names = tuple(map(str, range(classes)))
    return ArraySet(f"idx:{place}", parts, names, repr((os.path.abspath(place), seen)))


def open_file(file: Path) -> gzip.GzipFile | BufferedReader:
    return gzip.open(file, "rb") if file.suffix == ".gz" else open(file, "rb")


def read_shape(stream: gzip.GzipFile | BufferedReader, file: Path) -> tuple[int, ...]:
    """The shape of an IDX file's array, which comes first in it."""
    try:
        magic = stream.read(4)
        if len(magic) == 4 and magic[:3] == bytes((0, 0, UINT8)):
            return struct.unpack(f">{magic[3]}I", stream.read(4 * magic[3]))
    except (OSError, EOFError, zlib.error, struct.error) as error:
        raise UserError(f"{file} cannot be read as IDX: {error}") from error
    raise UserError(f"{file} cannot be read as IDX: it does not begin like an array of bytes")


def open_images(file: Path) -> ArrayPart:
    """The `ArrayPart` of an IDX file of images, from its header."""
    with open_file(file) as stream:
        stored = read_shape(stream, file)
    shape = (*stored, 1) if len(stored) == 3 else stored
    if len(shape) != 4 or shape[-1] not in (1, 3) or 0 in shape:
        raise UserError(f"{file}: expected images [count, height, width], received shape {stored}")
    return ArrayPart(shape, partial(read_all, file, shape), partial(rows, file, shape))


def read_all(file: Path, shape: tuple[int, ...]) -> np.ndarray:
    """All entries; uint8 of the shape."""
    entries = np.empty(shape, np.uint8)
    for index, row in enumerate(rows(file, shape)):
        entries[index] = row
    return entries


def rows(file: Path, shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Yields the entries of an IDX file one after the other."""
    size = int(np.prod(shape[1:]))
    try:
        with open_file(file) as stream:
            read_shape(stream, file)
            for _ in range(shape[0]):
                content = stream.read(size)
                if len(content) < size:
                    raise EOFError("it ends early")
                yield np.frombuffer(content, np.uint8).reshape(shape[1:])
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{file} cannot be read as IDX: {error}") from error


def open_labels(images: Path, count: int) -> np.ndarray | None:
    """The labels that belong to a file of images, int32 `[count]`, or None where there are none."""
    name = images.name.replace("images", "labels").replace("idx3", "idx1").removesuffix(".gz")
    file = next((path for path in (images.with_name(name), images.with_name(f"{name}.gz")) if path.exists()), None)
    if file is None:
        return None
    with open_file(file) as stream:
        shape = read_shape(stream, file)
    if shape != (count,):
        raise UserError(f"{file}: expected {count} labels, received shape {shape}")
    return read_all(file, shape).astype(np.int32)
