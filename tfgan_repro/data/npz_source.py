"""Pictures in an `.npz` file, NumPy's archive of arrays."""

import contextlib
import os
import zipfile
from collections.abc import Iterator, Sequence
from functools import partial
from typing import IO

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
from tfgan_repro.npz import readable

# What others call the arrays: tfgan-repro and NumPy, Keras, MedMNIST, SVHN.
IMAGES = {"train": ("images", "x", "x_train", "train_images", "X", "arr_0"), "test": ("x_test", "test_images")}
LABELS = {"train": ("labels", "y", "y_train", "train_labels"), "test": ("y_test", "test_labels")}
CLASS_NAMES = ("class_names", "classes")


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
    class_names = number_labels(parts, given, place)
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


def checked_labels(labels: np.ndarray, count: int, place: str) -> np.ndarray:
    """Labels `[count]`, of whole numbers or words."""
    labels = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if labels.shape != (count,) or labels.dtype.kind not in "iubU":
        raise UserError(f"{place}: expected {count} labels, received {labels.dtype} of shape {labels.shape}")
    # Beside numbers with a sign NumPy would make decimals of those without.
    return labels.astype(np.int64) if labels.dtype.kind == "u" else labels
