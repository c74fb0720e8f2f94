"""Collections of pictures that have not been read yet.

A collection has a `name`, `class_names`, a `left_out` (what was found but is no item), a `fingerprint` (which changes
whenever its pictures may have changed), a length, and `items()`, which yields an `Item` a picture in a stable order.
Its `duplicates` is what a `Preparation` with "auto" does about copies.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from tfgan_repro.data.loading import load_collection
from tfgan_repro.data.pictures import Pictures, RecordPictures
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.summary import LeftOut
from tfgan_repro.data.treatment import Item

TRAIN_FOLDERS = {"train", "training"}
SPLIT_FOLDERS = TRAIN_FOLDERS | {"test", "testing", "val", "valid", "validation"}


@dataclass
class FileCollection:
    """Pictures in files.

    Attributes:
        name: of the data set.
        names: of the pictures: relative paths with slashes, sorted.
        locate: a function from a picture's name to an `Item`'s source.
        labels: int32 `[count]`, or None.
        class_names: of the labels.
        splits: a split for each name, or None.
        left_out: a `LeftOut`.
        fingerprint: see above.
    """

    name: str
    names: list
    locate: Callable
    labels: np.ndarray | None = None
    class_names: tuple[str, ...] = ()
    splits: list | None = None
    left_out: LeftOut = field(default_factory=LeftOut)
    fingerprint: str = ""

    duplicates = "exact"

    def __len__(self) -> int:
        return len(self.names)

    def pictures(self, split: str, preparation: Preparation) -> Pictures | RecordPictures:
        """The pictures of a split, prepared; see `load_collection`."""
        return load_collection(self, split, preparation)

    def as_collection(self) -> "FileCollection":
        return self

    def items(self) -> Iterator[Item]:
        for index, name in enumerate(self.names):
            yield Item(
                name,
                self.locate(name),
                -1 if self.labels is None else int(self.labels[index]),
                None if self.splits is None else self.splits[index],
            )

    def keep(self, chosen: list[int]) -> None:
        """Leave out the pictures whose number is not in a list of numbers."""
        self.names = [self.names[index] for index in chosen]
        if self.labels is not None:
            self.labels = self.labels[chosen]
        if self.splits is not None:
            self.splits = [self.splits[index] for index in chosen]


@dataclass
class StreamCollection:
    """Pictures that can only be read one after the other.

    Attributes:
        name: of the data set.
        counts: pictures by split; a set of one split alone has no test split of its own.
        rows: a function from a split to an iterable of pairs of an `Item`'s source and label.
        class_names: of the labels.
        fingerprint: see above.
    """

    name: str
    counts: dict
    rows: Callable
    class_names: tuple[str, ...] = ()
    fingerprint: str = ""
    left_out: LeftOut = field(default_factory=LeftOut)

    duplicates = "keep"

    def __len__(self) -> int:
        return sum(self.counts.values())

    def pictures(self, split: str, preparation: Preparation) -> Pictures | RecordPictures:
        """The pictures of a split, prepared; see `load_collection`."""
        return load_collection(self, split, preparation)

    def as_collection(self) -> "StreamCollection":
        return self

    def items(self) -> Iterator[Item]:
        for split in self.counts:
            for index, (source, label) in enumerate(self.rows(split)):
                yield Item(f"{split}/{index}", source, int(label), split if len(self.counts) > 1 else None)


# What becomes pictures.
Collection = FileCollection | StreamCollection


def read_folders(collection: FileCollection) -> None:
    """Give a collection the splits and labels that its folders tell.

    Folders that all pictures share tell nothing. On the first level where they part, `train` beside `test` (or
    `val`, ...) are splits; otherwise, or on the level below, two folders or more are classes, provided that every
    picture lies in one.

    Args:
        collection: a `FileCollection`.
    """
    parts = [name.split("/")[:-1] for name in collection.names]
    depth = shared_depth(parts)
    first: set = {folders[depth] if len(folders) > depth else None for folders in parts}
    if first <= SPLIT_FOLDERS and first & TRAIN_FOLDERS and first - TRAIN_FOLDERS:
        collection.splits = ["train" if folders[depth] in TRAIN_FOLDERS else "test" for folders in parts]
        depth += 1
        first = {folders[depth] if len(folders) > depth else None for folders in parts}
    if None in first or len(first) < 2:
        return
    collection.class_names = tuple(sorted(first))
    numbers = {name: number for number, name in enumerate(collection.class_names)}
    collection.labels = np.array([numbers[folders[depth]] for folders in parts], np.int32)


def shared_depth(parts: list[list[str]]) -> int:
    """How many leading folders all of them share."""
    shortest, longest = min(parts), max(parts)
    depth = 0
    while depth < min(len(shortest), len(longest)) and shortest[depth] == longest[depth]:
        depth += 1
    return depth
