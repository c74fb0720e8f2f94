"""The splits and labels of pictures in files: what their folders say, and what a table of labels beside them says."""

import math
import os
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from tfgan_repro.data.collection import FileCollection
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.treatment import treat
from tfgan_repro.errors import UserError, shortened, unknown_name
from tfgan_repro.image_files import BAD
from tfgan_repro.label_tables import LabelTable, decoded, folded, spelling

TRAIN_FOLDERS = {"train", "training"}
TEST_FOLDERS = {"test", "testing", "val", "valid", "validation"}
# The first one is also read where no column is asked for.
TABLES = ("labels", "attributes")
NO_LABEL, EMPTY_LABEL = "has no label", "has an empty label"
UNTRAINED = "is of a class without training pictures"
BESIDE_SPLITS = "lies beside the folders of the splits"


def label(collection: FileCollection, tables: Mapping[str, Callable[[], bytes]], column: str | None) -> None:
    """Give a collection its splits, and its labels from a table where there is one, else from its folders.

    Pictures without a label are left out where others have one, and so are test pictures of a class that does not
    occur in training.

    Args:
        collection: a `FileCollection`.
        tables: functions that return the bytes of files that may be tables of labels, by name.
        column: the column of the table, or None.

    Raises:
        UserError: the column or its table is not there, or cannot be used.
    """
    folders = split_by_folders(collection)
    table, unused = find_table(collection, tables, column)
    if table is None:
        label_by_folders(collection, folders)
        if unused:
            collection.labels_from += f" ({unused})" if collection.labels_from else unused
    else:
        label_by_table(collection, table, column)
    if collection.splits is not None and collection.labels is not None:
        trained = set(collection.labels[np.array(collection.splits) == "train"].tolist())
        leave_out(collection, UNTRAINED, [int(number) not in trained for number in collection.labels])


def leave_out(collection: FileCollection, reason: str, chosen: Iterable[bool]) -> None:
    """Leave out the pictures for which `chosen` is true, and count them."""
    kept = []
    for index, (name, out) in enumerate(zip(collection.names, chosen, strict=True)):
        if out:
            collection.left_out.add(reason, name)
        else:
            kept.append(index)
    if len(kept) < len(collection):
        collection.keep(kept)


def split_by_folders(collection: FileCollection) -> list[list[str]]:
    """Give a collection the splits that its folders tell.

    Folders that all pictures share tell nothing. On the first level where they part, `train` beside `test` (or `val`,
    ...) are splits, in any capitals.

    Returns:
        The folders of each picture below those that tell nothing and below its split.
    """
    while leave_out_broken_strays(collection, unshared(collection.names)):
        pass
    folders = unshared(collection.names)
    level = len(shared_folders(collection.names))
    words = [own[0].casefold() if own else None for own in folders]
    if not (set(words) & TRAIN_FOLDERS and set(words) & TEST_FOLDERS):
        return folders
    collection.splits = ["train" if word in TRAIN_FOLDERS else "test" for word in words]
    collection.split_from = "split by folders"
    leave_out(collection, BESIDE_SPLITS, [word not in TRAIN_FOLDERS | TEST_FOLDERS for word in words])
    # All pictures of a split may be broken: where the others lie is told by the level, not by what parts them.
    while leave_out_broken_strays(collection, below_splits(collection, level)):
        pass
    return below_splits(collection, level)


def below_splits(collection: FileCollection, level: int) -> list[list[str]]:
    """The folders of each picture below that of its split, without those that all training pictures share.

    Args:
        collection: a `FileCollection`.
        level: how many folders lie above those of the splits.
    """
    splits = collection.splits or ["train"] * len(collection)
    shared = shared_folders([name for name, split in zip(collection.names, splits) if split == "train"])[level + 1 :]
    folders = [name.split("/")[level + 1 : -1] for name in collection.names]
    # What tells nothing in the training split tells nothing in the test split.
    return [own[len(shared) :] if own[: len(shared)] == shared else own for own in folders]


def unshared(names: list[str]) -> list[list[str]]:
    """The folders of each name, without those that all of them share."""
    depth = len(shared_folders(names))
    return [name.split("/")[depth:-1] for name in names]


def shared_folders(names: list[str]) -> list[str]:
    """The leading folders that all names share."""
    return list(os.path.commonprefix([name.split("/")[:-1] for name in names]))


def leave_out_broken_strays(collection: FileCollection, folders: list[list[str]]) -> bool:
    """Leave out pictures that lie beside the folders of the others if all of them are broken; those may be classes.

    Returns:
        Whether any were left out.
    """
    strays = [index for index, own in enumerate(folders) if not own]
    if not strays or len(strays) == len(collection):
        return False
    found = {}
    for index in strays:
        found[index] = treat(collection.locate(collection.names[index]), Preparation(colours="rgb"))
        if found[index].reason not in BAD:
            return False
    for index, treated in found.items():
        collection.left_out.add(str(treated.reason), collection.names[index], treated.detail)
    collection.keep([index for index in range(len(collection)) if index not in found])
    return True


def label_by_folders(collection: FileCollection, folders: list[list[str]]) -> None:
    """Two folders or more are classes, provided that every training picture lies in one."""
    # An accent may be a letter's or a character of its own, and the name in Windows' older encoding: a folder that
    # came by way of another system is the same class.
    spelled: dict[str, str] = {}
    own = [spelled.setdefault(spelling(names[0]), names[0]) if names else "" for names in folders]
    splits = collection.splits or ["train"] * len(own)
    strays = [name for name, folder, split in zip(collection.names, own, splits) if not folder and split == "train"]
    trained = sorted({folder for folder, split in zip(own, splits) if folder and split == "train"})
    if strays and trained:
        several = "s" if len(trained) > 1 else ""
        collection.labels_from = (
            f"{shortened(strays[0])} lies beside the folder{several} {shortened(', '.join(trained))}"
        )
    elif strays and any(own):
        collection.labels_from = "the training pictures lie in no folders of classes"
    if strays or len(trained) < 2:
        return
    leave_out(collection, NO_LABEL, [not folder for folder in own])
    own = [folder for folder in own if folder]
    names = sorted(set(own))
    numbers = {name: number for number, name in enumerate(names)}
    collection.labels_from = "folders"
    collection.class_names = tuple(map(decoded, names))
    collection.labels = np.array([numbers[folder] for folder in own], np.int32)


def find_table(
    collection: FileCollection, tables: Mapping[str, Callable[[], bytes]], column: str | None
) -> tuple[LabelTable | None, str]:
    """The table with the labels of a collection, if there is one.

    It is called `labels` or `attributes`, in any capitals, and lies at the top, or in a folder that all pictures share.

    Returns:
        The table or None, and what is to be said of tables that are not used.

    Raises:
        UserError: the column asked for is in none.
    """
    shared = shared_folders(collection.names)
    found, unused = [], []
    for name in sorted(tables, key=lambda name: (name.count("/"), name)):
        *folders, file = name.split("/")
        stem = os.path.splitext(file)[0].casefold()
        if stem in TABLES and folders == shared[: len(folders)]:
            found.append((TABLES.index(stem), name))
        elif stem in TABLES:
            unused.append(f"{name} is not used: a table lies at the top")
    seen: set[str] = set()
    for order, name in sorted(found, key=lambda pair: pair[0]):
        if column is None and order > 0:
            unused.append(f"{name} is not used without --label-column")
            continue
        table = LabelTable(tables[name](), name)
        if table.find(column):
            return table, ""
        seen |= set(table.label_columns)
        known = shortened(", ".join(table.label_columns))
        hint = f"choose with --label-column from {known}" if known else "it has no column of labels"
        unused.append(f"{name} is not used: {hint}")
    if column is None:
        return None, "; ".join(unused)
    if not seen:
        files = " or ".join(f"{name}.csv" for name in TABLES)
        raise UserError(f"--label-column {column}: there is no {files} beside the pictures")
    raise unknown_name("--label-column", column, seen)


def label_by_table(collection: FileCollection, table: LabelTable, column: str | None) -> None:
    """Give a collection the labels of a table; pictures without a label are left out and counted.

    A picture is looked up by its path, and where the table has no such path by ever less of it, at last by its file
    name alone; then in the same way without its ending.

    Args:
        collection: a `FileCollection`.
        table: a `LabelTable`.
        column: the column that was asked for, or None.

    Raises:
        UserError: no picture has a label, all have the same, or two pictures match one row.
    """
    columns = table.find(column)
    labels = table.labels(columns)
    keys = match(collection, labels)
    found = [None if key is None else labels[key] for key in keys]
    classes = sorted({value for value in found if value}, key=sort_key)
    title = ",".join(columns)
    if len(classes) < 2:
        only = f"only {classes[0]!r}" if classes else "no value for any picture"
        if labels and not any(keys):
            only += f", such as {collection.names[0]}: its rows are called {shortened(next(iter(labels)))}, ..."
        raise UserError(f"{collection.name}: the column {title} holds {only}; labels need two values")
    for value, reason in ((None, NO_LABEL), ("", EMPTY_LABEL)):
        leave_out(collection, reason, [one == value for one in found])
        found = [one for one in found if one != value]
    numbers = {value: number for number, value in enumerate(classes)}
    collection.labels = np.array([numbers[value] for value in found if value], np.int32)
    if column and len(columns) == 1 and classes in (["0", "1"], ["-1", "1"]):
        # A column of yes and no names its classes itself.
        classes = [f"not {title}", title]
    collection.class_names = tuple(map(decoded, classes))
    collection.labels_from = f"column {title} of {table.name}"


def match(collection: FileCollection, labels: dict[str, str]) -> list[str | None]:
    """The key of each picture's row, or None.

    Where no row is called as the picture is, one in other capitals or of accents written otherwise counts.
    """
    keys = [next((key for key in possible_keys(name) if key in labels), None) for name in collection.names]
    similar: dict[str, str | None] = {}
    for row in labels.keys() - set(keys):
        similar[folded(row)] = None if folded(row) in similar else row
    owners: dict[str, str] = {}
    for place, name in enumerate(collection.names):
        likely = (similar.get(folded(key)) for key in possible_keys(name)) if similar else ()
        key = keys[place] = keys[place] or next(filter(None, likely), None)
        if key is not None and owners.setdefault(key, name) != name:
            raise UserError(f"{collection.name}: {owners[key]} and {name} both match the row {key}; write paths there")
    return keys


def possible_keys(name: str) -> Iterable[str]:
    """What a table may call a picture, the likeliest first."""
    for path in (name, os.path.splitext(name)[0]):
        yield path
        while "/" in path:
            path = path.partition("/")[2]
            yield path


def sort_key(value: str) -> tuple[int, float, str]:
    """Numbers by size, before words."""
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    return (0, number, value) if math.isfinite(number) else (1, 0.0, value)
