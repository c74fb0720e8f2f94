"""Sets of pictures that have not been read yet: in files, in arrays, or in what only gives one after the other."""

import hashlib
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, Protocol

import numpy as np

from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.treatment import Item, Source
from tfgan_repro.errors import UserError
from tfgan_repro.image_files import LeftOut


AS_PUBLISHED = "split as published"


@dataclass
class Collection:
    """What all of them have.

    Attributes:
        name: of the data set.
        class_names: of the labels, empty without labels.
        version: a string that changes whenever the pictures or their labels may have changed.
        labels_from: where the labels come from, or why there are none, in a few words; perhaps empty.
        split_from: where the test split comes from, in a few words; perhaps empty.
        left_out: what was found but is no item.
        published: whether it stays as it was published, with its copies and with classes that have no pictures.
    """

    name: str
    class_names: tuple[str, ...] = field(default=(), kw_only=True)
    version: str = field(default="", kw_only=True)
    labels_from: str = field(default="", kw_only=True)
    split_from: str = field(default="", kw_only=True)
    left_out: LeftOut = field(default_factory=LeftOut, kw_only=True)
    published = True

    def __len__(self) -> int:
        raise NotImplementedError

    def items(self) -> Iterator[Item]:
        """Yields the pictures in a stable order."""
        raise NotImplementedError

    def resolve(self, preparation: Preparation) -> Preparation:
        """The preparation with what "auto" means for copies in this collection."""
        return preparation.resolved("keep" if self.published else "exact")


@dataclass
class FileCollection(Collection):
    """Pictures in files.

    Attributes:
        names: of the pictures: relative paths with forward slashes, sorted.
        locate: a function from a picture's name to an `Item`'s source.
        labels: int32 `[count]`, or None.
        splits: a split for each name, or None.
    """

    names: list[str]
    locate: Callable[[str], Source]
    labels: np.ndarray | None = None
    splits: list[str] | None = None
    published = False

    def __len__(self) -> int:
        return len(self.names)

    def items(self) -> Iterator[Item]:
        for index, name in enumerate(self.names):
            label = -1 if self.labels is None else int(self.labels[index])
            yield Item(name, self.locate(name), label, None if self.splits is None else self.splits[index])

    def keep(self, chosen: list[int]) -> None:
        """Leave out the pictures whose number is not in a list of numbers."""
        self.names = [self.names[index] for index in chosen]
        if self.labels is not None:
            self.labels = self.labels[chosen]
        if self.splits is not None:
            self.splits = [self.splits[index] for index in chosen]
            # A split without pictures is none; then one is held out by content.
            if set(self.splits) == {"train"}:
                self.splits, self.split_from = None, ""


class Part(Protocol):
    """The images of one split of an `ArraySet`: an `ArrayPart`, or what is used like one."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def labels(self) -> np.ndarray | None: ...

    def read(self) -> np.ndarray: ...

    def rows(self) -> Iterator[np.ndarray]: ...


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
    rows: Callable[[], Iterator[np.ndarray]]
    labels: np.ndarray | None = None


class WholePart:
    """The images of one split that come only as a whole, images and labels together, when either is asked for.

    Args:
        shape: `(count, height, width, 1 or 3)`.
        load: a function that returns the images, uint8 of that shape, and the labels, int32 `[count]` or None.
    """

    def __init__(
        self, shape: tuple[int, ...], load: Callable[[], tuple[np.ndarray, np.ndarray | None]]
    ) -> None:
        self.shape, self.load = shape, load

    @cached_property
    def loaded(self) -> tuple[np.ndarray, np.ndarray | None]:
        return self.load()

    @property
    def labels(self) -> np.ndarray | None:
        return self.loaded[1]

    def read(self) -> np.ndarray:
        return self.loaded[0]

    def rows(self) -> Iterator[np.ndarray]:
        return iter(self.read())


@dataclass
class ArraySet(Collection):
    """Arrays of pictures of one size: `.npz` and IDX files, sets of TensorFlow Datasets, embedded sets.

    Attributes:
        parts: an `ArrayPart` by split: "train" and "test", or "train" alone for a set without a test split of its own.
    """

    parts: Mapping[str, Part]

    def __post_init__(self) -> None:
        if len(self.parts) > 1:
            self.split_from = AS_PUBLISHED

    def __len__(self) -> int:
        return sum(part.shape[0] for part in self.parts.values())

    def items(self) -> Iterator[Item]:
        for split, part in self.parts.items():
            labels = part.labels
            for index, image in enumerate(part.rows()):
                label = -1 if labels is None else int(labels[index])
                yield Item(f"{split}/{index}", image, label, split if len(self.parts) > 1 else None)


def image_shape(place: Path | str, stored: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of images, with channels, from that of an array in a file.

    Raises:
        UserError: it holds no images.
    """
    shape = (*stored, 1) if len(stored) == 3 else stored
    if len(shape) != 4 or shape[-1] not in (1, 3) or 0 in shape:
        raise UserError(f"{place}: expected images [count, height, width, 1 or 3], received shape {stored}")
    return shape


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


def number_labels(parts: dict[str, ArrayPart], given: np.ndarray | None, place: str) -> tuple[str, ...]:
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


def refuse_columns(name: str, preparation: Preparation) -> None:
    """Refuse a column of labels for a set that has no columns."""
    if preparation.label_column is not None:
        raise UserError(f"--label-column {preparation.label_column}: {name} has no such columns")


def digest(*parts: object) -> str:
    """A hash of anything, by its representation."""
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogateescape")).hexdigest()
