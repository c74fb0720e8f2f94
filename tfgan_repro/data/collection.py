"""A collection of pictures that have not been read yet: names, labels, splits."""

from dataclasses import dataclass, field

import numpy as np

from tfgan_repro.data.summary import LeftOut
from tfgan_repro.data.treatment import Item

TRAIN_FOLDERS = {"train", "training"}
SPLIT_FOLDERS = TRAIN_FOLDERS | {"test", "testing", "val", "valid", "validation"}


@dataclass
class Collection:
    """Pictures by name.

    Attributes:
        name: of the data set.
        names: of the pictures, in a stable order.
        locate: a function from a picture's name to an `Item`'s source.
        labels: int32 `[count]`, or None.
        class_names: of the labels.
        splits: a split for each name, or None.
        left_out: a `LeftOut` of what was found and is not among the names.
        fingerprint: a string that changes whenever the pictures may have changed.
    """

    name: str
    names: list
    locate: object
    labels: np.ndarray | None = None
    class_names: tuple[str, ...] = ()
    splits: list | None = None
    left_out: LeftOut = field(default_factory=LeftOut)
    fingerprint: str = ""

    def __len__(self):
        return len(self.names)

    def items(self):
        """Yields an `Item` a picture, in order."""
        for index, name in enumerate(self.names):
            yield Item(
                name,
                self.locate(name),
                -1 if self.labels is None else int(self.labels[index]),
                None if self.splits is None else self.splits[index],
            )

    def keep(self, chosen):
        """Leave out the pictures whose number is not in a list of numbers."""
        self.names = [self.names[index] for index in chosen]
        if self.labels is not None:
            self.labels = self.labels[chosen]
        if self.splits is not None:
            self.splits = [self.splits[index] for index in chosen]


def read_folders(collection):
    """Give a collection the splits and labels that its folders tell.

    Folders that all pictures share tell nothing. On the first level where they part, `train` beside `test` (or
    `val`, ...) are splits; otherwise, or on the level below, two folders or more are classes, provided that every
    picture lies in one.

    Args:
        collection: a `Collection` whose names are relative paths with slashes.
    """
    parts = [name.split("/")[:-1] for name in collection.names]
    depth = shared_depth(parts)
    first = {folders[depth] if len(folders) > depth else None for folders in parts}
    if first <= SPLIT_FOLDERS and first & TRAIN_FOLDERS and first - TRAIN_FOLDERS:
        collection.splits = ["train" if folders[depth] in TRAIN_FOLDERS else "test" for folders in parts]
        depth += 1
        first = {folders[depth] if len(folders) > depth else None for folders in parts}
    if None in first or len(first) < 2:
        return
    collection.class_names = tuple(sorted(first))
    numbers = {name: number for number, name in enumerate(collection.class_names)}
    collection.labels = np.array([numbers[folders[depth]] for folders in parts], np.int32)


def shared_depth(parts):
    """How many leading folders all of them share."""
    shortest, longest = min(parts), max(parts)
    depth = 0
    while depth < min(len(shortest), len(longest)) and shortest[depth] == longest[depth]:
        depth += 1
    return depth
