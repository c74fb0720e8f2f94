"""Pictures in a NumPy archive."""

import numpy as np

from tfgan_repro.data.arrays import ArraySet, load_arrays
from tfgan_repro.errors import UserError
from tfgan_repro.npz import read_npz

# What others call the arrays: tfgan-repro and NumPy, Keras, MedMNIST.
IMAGES = {"train": ("images", "x", "x_train", "train_images", "X", "arr_0"), "test": ("x_test", "test_images")}
LABELS = {"train": ("labels", "y", "y_train", "train_labels"), "test": ("y_test", "test_labels")}
CLASS_NAMES = ("class_names", "classes")


def load_npz(place, split, data_dir, preparation):
    """The pictures in an `.npz` file.

    Args:
        place: the file, with images under a name of `IMAGES` and perhaps labels under one of `LABELS`.
        split: "train" or "test".
        data_dir: not used.
        preparation: a `Preparation`.

    Returns:
        A `Pictures`.

    Raises:
        UserError: absent, damaged, no images in it, or labels that do not fit.
    """
    return load_arrays(open_npz(place), split, preparation)


def open_npz(place):
    """The `ArraySet` of an `.npz` file."""
    arrays = read_npz(place)
    parts = {}
    for split in ("train", "test"):
        images, labels = (named(arrays, names[split]) for names in (IMAGES, LABELS))
        if images is not None:
            images = checked_images(images, place)
            parts[split] = images, None if labels is None else checked_labels(labels, len(images), place)
    if "train" not in parts:
        raise UserError(
            f"{place} holds no images under a name that is known ({', '.join(IMAGES['train'])}); "
            f"it holds {', '.join(arrays) or 'nothing'}"
        )
    if any(labels is None for _, labels in parts.values()):
        parts, names = {split: (images, None) for split, (images, _) in parts.items()}, ()
    else:
        parts, names = number(parts, named(arrays, CLASS_NAMES), place)
    return ArraySet(f"npz:{place}", parts.__getitem__, tuple(parts), names)


def named(arrays, names):
    """The first array that has one of the names, or None."""
    return next((arrays[name] for name in names if name in arrays), None)


def checked_images(images, place):
    """Images as uint8 `[count, height, width, 1 or 3]`.

    Raises:
        UserError: another type or shape.
    """
    if images.dtype != np.uint8:
        raise UserError(f"{place}: images must be uint8 with values 0 to 255, not {images.dtype}")
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or 0 in images.shape:
        raise UserError(f"{place}: expected images [count, height, width, 1 or 3], received shape {images.shape}")
    return images


def checked_labels(labels, count, place):
    """Labels `[count]`, of whole numbers or words."""
    labels = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if labels.shape != (count,) or labels.dtype.kind not in "iubUS":
        raise UserError(f"{place}: expected {count} labels, received {labels.dtype} of shape {labels.shape}")
    return labels.astype(str) if labels.dtype.kind == "S" else labels


def number(parts, given, place):
    """Labels as numbers from 0, and the classes' names.

    Args:
        parts: images and labels by split.
        given: the classes' names in the file, or None.
        place: the file.

    Raises:
        UserError: labels beyond the names.
    """
    values = np.unique(np.concatenate([labels for _, labels in parts.values()]))
    if given is None:
        numbered = {split: (images, np.searchsorted(values, labels)) for split, (images, labels) in parts.items()}
        return numbered, tuple(map(str, values.tolist()))
    names = tuple(map(str, given.tolist()))
    if values.dtype.kind not in "iub" or values[0] < 0 or values[-1] >= len(names):
        raise UserError(f"{place}: the labels run from {values[0]} to {values[-1]}, but there are {len(names)} names")
    return parts, names
