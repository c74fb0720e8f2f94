"""Pictures that come as arrays in files: NumPy archives, and the IDX files of MNIST and Fashion-MNIST."""

import contextlib
import gzip
import math
import os
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np

from tfgan_repro.data.collection import ArrayPart, ArraySet, digest, refuse_columns
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.errors import UserError
from tfgan_repro.files import check_folder
from tfgan_repro.npz import readable

# What others call the arrays: tfgan-repro and NumPy, Keras, MedMNIST, SVHN.
IMAGES = {"train": ("images", "x", "x_train", "train_images", "X", "arr_0"), "test": ("x_test", "test_images")}
LABELS = {"train": ("labels", "y", "y_train", "train_labels"), "test": ("y_test", "test_labels")}
CLASS_NAMES = ("class_names", "classes")
# The first bytes: two zeros, the type (8: uint8), the number of dimensions.
UINT8 = 8
TEST_WORDS = ("t10k", "test")


def open_npz(place: str, data_dir: str | None, preparation: Preparation) -> ArraySet:
    """The pictures in an `.npz` file; its images are not read yet.

    Args:
        place: the file, with images under a name of `IMAGES` and perhaps labels under one of `LABELS`.
        data_dir: not used.
        preparation: a `Preparation`.

    Returns:
        An `ArraySet`.

    Raises:
        UserError: absent, damaged, no images in it, or labels that do not fit.
    """
    refuse_columns(place, preparation)
    with readable(place):
        status = os.stat(place)
        with zipfile.ZipFile(place) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
        parts = {}
        for split in ("train", "test"):
            images, labels = (first(names, known[split]) for known in (IMAGES, LABELS))
            if images:
                part = open_npz_images(place, images)
                part.labels = checked_labels(read_array(place, labels), part.shape[0], place) if labels else None
                parts[split] = part
        named = first(names, CLASS_NAMES)
        given = read_array(place, named) if named else None
    if "train" not in parts:
        raise UserError(
            f"{place} holds no images under a name that is known ({', '.join(IMAGES['train'])}); "
            f"it holds {', '.join(names) or 'nothing'}"
        )
    class_names = number(parts, given, place)
    version = digest(os.path.abspath(place), status.st_size, status.st_mtime_ns)
    return ArraySet(f"npz:{place}", parts, class_names=class_names, version=version)


def first(names: Sequence[str], known: Sequence[str]) -> str | None:
    """The first of the known names that is among the names, or None."""
    return next((name for name in known if name in names), None)


def read_array(place: str, name: str) -> np.ndarray:
    """An array of the file, bytes as text."""
    with np.load(place, allow_pickle=False) as arrays:
        array = arrays[name]
    return np.char.decode(array, "utf-8", "backslashreplace") if array.dtype.kind == "S" else array


def open_npz_images(place: str, name: str) -> ArrayPart:
    """The `ArrayPart` of an array in the file, from its header.

    Raises:
        UserError: it holds no images.
    """
    with opened(place, name) as (_, stored, dtype, by_columns):
        pass
    if dtype != np.uint8:
        raise UserError(f"{place}: images must be uint8 with values 0 to 255, not {dtype}")
    shape = image_shape(place, stored)
    return ArrayPart(
        shape, partial(read_npz_images, place, name, shape), partial(npz_rows, place, name, shape, by_columns)
    )


@contextlib.contextmanager
def opened(place: str, name: str) -> Iterator[tuple[IO[bytes], tuple[int, ...], np.dtype, bool]]:
    """An array's bytes as a file, with its shape, type and whether it is stored by columns."""
    with zipfile.ZipFile(place) as archive, archive.open(f"{name}.npy") as file:
        version = np.lib.format.read_magic(file)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, by_columns, dtype = read_header(file)
        yield file, shape, dtype, by_columns


def read_npz_images(place: str, name: str, shape: tuple[int, ...]) -> np.ndarray:
    with readable(place):
        return read_array(place, name).reshape(shape)


def npz_rows(place: str, name: str, shape: tuple[int, ...], by_columns: bool) -> Iterator[np.ndarray]:
    """Yields the images one after the other, in memory for one of them."""
    with readable(place):
        if by_columns:
            yield from read_npz_images(place, name, shape)
            return
        with opened(place, name) as (file, *_):
            for _ in range(shape[0]):
                yield next_array(file, shape[1:])


def next_array(file: IO[bytes], shape: tuple[int, ...]) -> np.ndarray:
    """The next bytes of a file as an array, uint8 of a shape.

    Raises:
        EOFError: there are not so many.
    """
    size = math.prod(shape)
    content = file.read(size)
    if len(content) < size:
        raise EOFError("it ends early")
    return np.frombuffer(content, np.uint8).reshape(shape)


def checked_labels(labels: np.ndarray, count: int, place: str) -> np.ndarray:
    """Labels `[count]`, of whole numbers or words."""
    labels = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if labels.shape != (count,) or labels.dtype.kind not in "iubU":
        raise UserError(f"{place}: expected {count} labels, received {labels.dtype} of shape {labels.shape}")
    # Beside numbers with a sign NumPy would make decimals of those without.
    return labels.astype(np.int64) if labels.dtype.kind == "u" else labels


def number(parts: dict[str, ArrayPart], given: np.ndarray | None, place: str) -> tuple[str, ...]:
    """Turn labels into numbers from 0.

    Args:
        parts: an `ArrayPart` by split, whose labels are replaced.
        given: the classes' names in the file, or None.
        place: the file.

    Returns:
        The classes' names, empty where a part has no labels.

    Raises:
        UserError: labels beyond the names, or two classes of one name.
    """
    labels = [part.labels for part in parts.values() if part.labels is not None]
    if len(labels) < len(parts):
        if labels:
            print(f"note: {place}: only one split has labels; they are not used", file=sys.stderr)
        for part in parts.values():
            part.labels = None
        return ()
    values = np.unique(np.concatenate(labels))
    names = tuple(map(str, (values if given is None else given).ravel().tolist()))
    if len(set(names)) < len(names):
        raise UserError(f"{place}: two classes are called {next(name for name in names if names.count(name) > 1)}")
    # Words are names themselves; numbers count the names where the file has any.
    known = names if values.dtype.kind == "U" else values.tolist() if given is None else range(len(names))
    numbers = {value: number for number, value in enumerate(known)}
    if strange := [value for value in values.tolist() if value not in numbers]:
        raise UserError(f"{place}: the label {strange[0]} is of none of the {len(names)} classes that are named")
    for part, own in zip(parts.values(), labels):
        part.labels = np.array([numbers[value] for value in own.astype(values.dtype).tolist()], np.int32)
    return names


def image_shape(place: Path | str, stored: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of images, with channels, from that of an array in a file.

    Raises:
        UserError: it holds no images.
    """
    shape = (*stored, 1) if len(stored) == 3 else stored
    if len(shape) != 4 or shape[-1] not in (1, 3) or 0 in shape:
        raise UserError(f"{place}: expected images [count, height, width, 1 or 3], received shape {stored}")
    return shape


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
    class_names = number(parts, None, place)
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
