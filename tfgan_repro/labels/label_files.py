"""CSV files of labels: `file,<column>[,...]`, a row a picture, `file` relative to the folder with forward slashes."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tfgan_repro.errors import UserError, unknown_name
from tfgan_repro.files import atomic_path
from tfgan_repro.label_tables import BESIDE_LABELS, FILE_COLUMNS, decoded, only_attribute, read_rows

FILE = FILE_COLUMNS[0]
NUMBER, CHOSEN, CONFIDENCE = BESIDE_LABELS
# What `suggest` writes under CHOSEN of a picture that was drawn at random.
RANDOM = "random"
DEFAULT_COLUMN = "label"


@dataclass
class Labels:
    """What people said about pictures.

    Attributes:
        classes: from each labelled file to its class, both strings.
        column: what the labels are called.
        seen: every file that was looked at, those without a label among them.
        random: the files that were drawn at random, so that they stand for all.
    """

    classes: dict[str, str] = field(default_factory=dict)
    column: str = DEFAULT_COLUMN
    seen: set[str] = field(default_factory=set)
    random: set[str] = field(default_factory=set)


def read_table(path: Path | str) -> tuple[list[str], list[list[str]]]:
    """Read a CSV file whose first column names files.

    Args:
        path: the file, written as a `LabelTable` may be.

    Returns:
        The header, a list of names of which the first is `file`, and the rows, lists of as many cells.

    Raises:
        UserError: absent, no text, another header, or a row of another length.
    """
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise UserError(f"no such file: {path}") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read as CSV: {error.strerror}") from error
    rows = read_rows(content, str(path), strict=True)
    header = [name.strip() for name in rows[0]] if rows else []
    if len(header) < 2 or header[0].lower() not in FILE_COLUMNS:
        raise UserError(f"{path} must begin with the header file,<column>; it begins with {','.join(header)[:60]!r}")
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(header):
            raise UserError(f"{path}: row {number} has {len(row)} cells, the header {len(header)}")
    # Names of files are bytes that must stay what they are; the rest is text that people read.
    return [FILE, *map(decoded, header[1:])], [[row[0], *map(decoded, row[1:])] for row in rows[1:]]


def find_columns(path: Path | str, header: list[str], column: str | None = None) -> list[str]:
    """Which columns hold the labels.

    Args:
        path: the CSV file, for messages.
        header: its column names.
        column: a name; several attribute columns with commas between; or None for `label` or the only one.

    Returns:
        The names, several only for attribute columns.

    Raises:
        UserError: an unknown column, or None where there are several.
    """
    known = [name for name in header[1:] if name not in BESIDE_LABELS]
    if column is None:
        names = [DEFAULT_COLUMN] if DEFAULT_COLUMN in known else known
        if len(names) != 1:
            raise UserError(
                f"{path} has {len(known)} columns of labels; choose with --label-column: {first_names(known)}"
            )
        return names
    names = [column] if column in known else [name.strip() for name in column.split(",")]
    for name in names:
        if name not in known:
            raise unknown_name(f"--label-column in {path}", name, known)
    return names


def labels_of(path: Path | str, header: list[str], rows: list[list[str]], columns: list[str]) -> dict[str, str]:
    """The labels in some columns of a table.

    Args:
        path: its file, for messages.
        header: the names of its columns.
        rows: lists of as many cells, as `read_table` returns them.
        columns: as `find_columns` returns them. Of several columns of 0 and 1 (or -1 and 1) the label is the name of
            the one that is 1; a picture with none or more than one is unlabelled.

    Returns:
        A dictionary from each labelled file to its class, both strings. Rows with an empty label are left out.

    Raises:
        UserError: a picture with two labels, or several columns that are no attributes.
    """
    places = [header.index(name) for name in columns]
    labels: dict[str, str] = {}
    for row in rows:
        values = [row[place].strip() for place in places]
        label = values[0] if len(columns) == 1 else only_attribute(str(path), row[0], columns, values)
        if label and labels.setdefault(row[0], label) != label:
            raise UserError(f"{path} gives {row[0]} two labels: {labels[row[0]]!r} and {label!r}")
    return labels


def read_all_labels(paths: Iterable[Path | str], column: str | None = None) -> Labels:
    """The labels of several CSV files together; where two differ, the later one is right (it corrects the earlier).

    Args:
        paths: the files.
        column: as in `find_columns`.

    Returns:
        The `Labels`. Their column is that of the files, or `label` where they differ or several are read as one.

    Raises:
        UserError: as in `read_table`, `find_columns` and `labels_of`, or a file that a classifier wrote.
    """
    labels, names = Labels(), set()
    for path in paths:
        header, rows = read_table(path)
        if CONFIDENCE in header:
            raise UserError(f"{path} was written by apply; name the CSV files that people filled in")
        columns = find_columns(path, header, column)
        seen = {row[0] for row in rows}
        earlier = {file: name for file, name in labels.classes.items() if file not in seen}
        labels.classes = earlier | labels_of(path, header, rows, columns)
        names.add(tuple(columns))
        labels.seen |= seen
        if CHOSEN in header:
            labels.random |= {row[0] for row in rows if row[header.index(CHOSEN)].strip() == RANDOM}
    if len(names) == 1 and len(min(names)) == 1:
        labels.column = min(names)[0]
    return labels


def write_table(path: Path | str, header: list[str], rows: Iterable[Sequence]) -> None:
    """Write a CSV file as `read_table` reads it, atomically."""
    with atomic_path(path) as temporary:
        with open(temporary, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            csv.writer(file, "unix", quoting=csv.QUOTE_MINIMAL).writerows([header, *rows])


def is_synthesised(path: Path | str) -> bool:
    """Whether a CSV file was written by a classifier, so that nothing is lost when it is replaced."""
    try:
        return CONFIDENCE in read_table(path)[0]
    except UserError:
        return False


def first_names(names: Iterable[str], count: int = 5) -> str:
    """The first few names in one line."""
    names = list(names)
    return ", ".join(names[:count]) + (f" and {len(names) - count} more" if len(names) > count else "")
