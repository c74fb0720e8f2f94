"""Pictures that come as arrays of one size: .npz files, IDX files, sets of TensorFlow Datasets."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tfgan_repro.data.collection import StreamCollection
from tfgan_repro.data.loading import fits_memory, load_collection
from tfgan_repro.data.pictures import Pictures, RecordPictures
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.treatment import split_of
from tfgan_repro.errors import UserError

if TYPE_CHECKING:
    from tfgan_repro.data.shapes import ShapesPart
    from tfgan_repro.data.tfds_source import TfdsPart

# The options that need no look at single pictures.
PLAIN = {"image_size", "test_percent", "on_bad_image"}


@dataclass
class ArrayPart:
    """The images of one split, not read yet.

    Attributes:
        shape: `(count, height, width, 1 or 3)`.
        read: a function that returns them all, uint8 of that shape.
        rows: a function that yields them one after the other.
        labels: int32 `[count]`, or None.
    """

    shape: tuple[int, ...]
    read: Callable[[], np.ndarray]
    rows: Callable
    labels: np.ndarray | None = None


@dataclass
class ArraySet:
    """Arrays of pictures.

    Attributes:
        name: of the data set.
        parts: an `ArrayPart` by split: "train" and "test", or "train" alone for a set without a test split of its own.
        class_names: of the labels, empty without labels.
        fingerprint: a string that changes whenever the arrays may have changed.
    """

    name: str
    parts: "Mapping[str, ArrayPart | ShapesPart | TfdsPart]"
    class_names: tuple[str, ...] = ()
    fingerprint: str = ""

    def pictures(self, split: str, preparation: Preparation) -> Pictures | RecordPictures:
        """The pictures of a split, prepared.

        Args:
            split: "train" or "test".
            preparation: a `Preparation`.

        Returns:
            A `Pictures`, or a `RecordPictures` of a set that is too large for memory.

        Raises:
            UserError: an option that has no meaning for arrays, or what `load_collection` raises.
        """
        to_be_cropped = preparation.image_size and any(part.shape[1] != part.shape[2] for part in self.parts.values())
        total = sum(int(np.prod(part.shape)) for part in self.parts.values())
        if to_be_cropped or set(preparation.choices()) - PLAIN or not fits_memory(total):
            return load_collection(self.as_collection(), split, preparation)
        part = self.parts.get(split, self.parts["train"])
        images, labels = part.read(), part.labels
        if len(self.parts) == 1:
            contents = (hashlib.sha256(image.tobytes()).digest() for image in images)
            chosen = np.array([split_of(content, preparation.test_percent) == split for content in contents])
            images, labels = images[chosen], None if labels is None else labels[chosen]
        if not len(images):
            raise UserError(f"{self.name} has no picture in its {split} split")
        pictures = Pictures(self.name, split, images, labels, self.class_names)
        return pictures.resized(preparation.image_size) if preparation.image_size else pictures

    def as_collection(self) -> StreamCollection:
        """The collection of the same pictures, to be prepared one by one."""
        return StreamCollection(
            name=self.name,
            counts={split: part.shape[0] for split, part in self.parts.items()},
            rows=partial(labelled_rows, self.parts),
            class_names=self.class_names,
            fingerprint=self.fingerprint,
        )


def labelled_rows(
    parts: "Mapping[str, ArrayPart | ShapesPart | TfdsPart]", split: str
) -> Iterator[tuple[np.ndarray, int]]:
    """Yields pairs of an image and its label, -1 for none."""
    part = parts[split]
    for index, image in enumerate(part.rows()):
        yield image, -1 if part.labels is None else part.labels[index]


def refuse_columns(name: str, preparation: Preparation) -> None:
    """Refuse a column of labels for a set that has no columns."""
    if preparation.label_column is not None:
        raise UserError(f"--label-column {preparation.label_column}: {name} has no such columns")
