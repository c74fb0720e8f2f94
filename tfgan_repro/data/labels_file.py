"""Labels from a CSV file: a column of file names and a column of classes."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from tfgan_repro.errors import UserError, unknown_name

if TYPE_CHECKING:
    from tfgan_repro.data.collection import FileCollection

# In the order in which they are looked into; the first one is also read where no column is asked for.
FILES = ("labels.csv", "attributes.csv")
DEFAULT_COLUMN = "label"
FILE_COLUMNS = ("file", "filename", "file_name", "image", "image_id", "path", "name")


def read_label_column(read: Callable[[str], bytes | None], column: str | None) -> dict[str, str] | None:
    """The labels of a collection's CSV files.

    Args:
        read: a function from the name of a file beside the pictures to its bytes, or None where there is none.
        column: the column's name, or None for `label` in `labels.csv`, if there is one.

    Returns:
        A dictionary from file names to values (stripped, perhaps empty), or None where nothing was asked for and
        nothing is there.

    Raises:
        UserError: no such column, or no CSV file.
    """
    seen: list = []
    for name in FILES:
        content = read(name)
        if content is None:
            continue
        header, rows = parse(content, name)
        if column in header or (column is None and name == FILES[0] and DEFAULT_COLUMN in header):
            return values_of(header, rows, column or DEFAULT_COLUMN, name)
        seen += [title for title in header if title not in (*seen, *FILE_COLUMNS)]
    if column is None:
        return None
    if not seen:
        raise UserError(f"--label-column {column}: there is no {' or '.join(FILES)} beside the pictures")
    raise unknown_name("--label-column", column, seen)


def parse(content: bytes, name: str) -> tuple[list[str], Iterator[list[str]]]:
    """The titles and an iterator of the rows."""
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        header = [title.strip() for title in next(rows, [])]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{name} cannot be read as CSV: {error}") from error
    return header, rows


def values_of(header: list[str], rows: Iterable[list[str]], column: str, name: str) -> dict[str, str]:
    """Values by file name."""
    file_column = next((header.index(title) for title in FILE_COLUMNS if title in header), 0)
    value_column = header.index(column)
    values = {}
    try:
        for row in rows:
            if row:
                values[row[file_column].strip()] = row[value_column].strip() if value_column < len(row) else ""
    except (IndexError, csv.Error) as error:
        raise UserError(f"{name} cannot be read as CSV: {error}") from error
    return values


def apply_labels(collection: "FileCollection", values: dict[str, str], column: str | None) -> None:
    """Give a collection the labels of a CSV file; pictures without a label are left out and counted.

    A picture is looked up by its path, and where the file has no such path by ever less of it, at last by its file
    name alone.

    Args:
        collection: a `FileCollection`.
        values: as `read_label_column` returns them.
        column: the column's name, or None.

    Raises:
        UserError: no picture has a label, all have the same, or two pictures match one row.
    """
    found = [None if key is None else values[key] for key in match(collection, values)]
    for name, value in zip(collection.names, found):
        if not value:
            collection.left_out.add("has no label" if value is None else "has an empty label", name)
    chosen = [index for index, value in enumerate(found) if value]
    classes = sorted({value for value in found if value}, key=sort_key)
    if len(classes) < 2:
        only = f"only {classes[0]!r}" if classes else "no value for any picture"
        column = column or DEFAULT_COLUMN
        raise UserError(f"{collection.name}: the column {column} holds {only}; labels need two values")
    collection.keep(chosen)
    numbers = {value: number for number, value in enumerate(classes)}
    collection.labels = np.array([numbers[value] for value in found if value], np.int32)
    collection.class_names = class_names(classes, column)


def match(collection: "FileCollection", values: dict[str, str]) -> list[str | None]:
    """The key of each picture's row, or None."""
    keys: list = []
    owners: dict[str, str] = {}
    for name in collection.names:
        parts = name.split("/")
        key = next((key for key in ("/".join(parts[start:]) for start in range(len(parts))) if key in values), None)
        if key is not None and owners.setdefault(key, name) != name:
            raise UserError(f"{collection.name}: {owners[key]} and {name} both match the row {key}; write paths there")
        keys.append(key)
    return keys


def sort_key(value: str) -> tuple[int, float, str]:
    """Numbers by size, before words."""
    try:
        return 0, float(value), value
    except ValueError:
        return 1, 0.0, value


def class_names(values: list[str], column: str | None) -> tuple[str, ...]:
    """The names of the classes: a yes-or-no column (0 and 1, or CelebA's -1 and 1) names them itself."""
    if column and values in (["0", "1"], ["-1", "1"]):
        return f"not {column}", column
    return tuple(values)
