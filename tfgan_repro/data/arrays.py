"""Pictures that come as arrays of one size: .npz files, IDX files, small sets of TensorFlow Datasets."""

import hashlib
from dataclasses import dataclass

import numpy as np

from tfgan_repro.data.collection import Collection
from tfgan_repro.data.loading import load_collection
from tfgan_repro.data.pictures import Pictures
from tfgan_repro.data.treatment import split_of
from tfgan_repro.errors import UserError

# The options that need no look at single pictures.
PLAIN = {"image_size", "test_percent", "on_bad_image"}


@dataclass
class ArraySet:
    """Arrays of pictures.

    Attributes:
        name: of the data set.
        read: a function from one of the splits to uint8 `[count, height, width, 1 or 3]` and int `[count]` or None.
        splits: ("train", "test"), or ("train",) for a set without a test split of its own.
        class_names: of the labels, empty without labels.
    """

    name: str
    read: object
    splits: tuple[str, ...]
    class_names: tuple[str, ...] = ()


def load_arrays(arrays, split, preparation):
    """The pictures of an `ArraySet`, prepared.

    Args:
        arrays: an `ArraySet`.
        split: "train" or "test".
        preparation: a `Preparation`.

    Returns:
        A `Pictures`.

    Raises:
        UserError: an option that has no meaning for arrays, or what `load_collection` raises.
    """
    if preparation.label_column is not None:
        raise UserError(f"--label-column {preparation.label_column}: {arrays.name} has no such columns")
    images, labels = arrays.read(split if split in arrays.splits else "train")
    to_be_cropped = preparation.image_size is not None and images.shape[1] != images.shape[2]
    if to_be_cropped or set(preparation.choices()) - PLAIN:
        return load_collection(as_collection(arrays), split, preparation.resolved("keep"))
    if split not in arrays.splits or len(arrays.splits) == 1:
        chosen = np.array([split_of(content, preparation.test_percent) == split for content in contents(images)])
        images, labels = images[chosen], None if labels is None else labels[chosen]
    if not len(images):
        raise UserError(f"{arrays.name} has no picture in its {split} split")
    labels = None if labels is None else np.asarray(labels, np.int32)
    pictures = Pictures(arrays.name, split, images, labels, arrays.class_names)
    return pictures.resized(preparation.image_size) if preparation.image_size else pictures


def contents(images):
    """What stands for the content of each image, as in `Treated.content`."""
    return (hashlib.sha256(image.tobytes()).digest()[:16] for image in images)


def as_collection(arrays):
    """The `Collection` of an `ArraySet`, to be prepared picture by picture."""
    parts = {split: arrays.read(split) for split in arrays.splits}
    names = [f"{split}/{index}" for split, (images, _) in parts.items() for index in range(len(images))]

    def locate(name):
        split, _, index = name.partition("/")
        return parts[split][0][int(index)]

    digest = hashlib.sha256()
    for images, _ in parts.values():
        digest.update(repr(images.shape).encode() + np.ascontiguousarray(images).data)
    return Collection(
        name=arrays.name,
        names=names,
        locate=locate,
        labels=np.concatenate([labels for _, labels in parts.values()]) if arrays.class_names else None,
        class_names=arrays.class_names,
        splits=[name.partition("/")[0] for name in names] if len(arrays.splits) > 1 else None,
        fingerprint=digest.hexdigest(),
    )
