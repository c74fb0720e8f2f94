"""The CSV of labels: `file,<column>[,...]`, a row a picture, `file` relative to the folder with forward slashes."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tfgan_repro.errors import UserError, unknown_name
from tfgan_repro.files import atomic_path

FILE, NUMBER, CHOSEN, CONFIDENCE = "file", "number", "chosen", "confidence"
# What `suggest` writes under CHOSEN of a picture that was drawn at random.
RANDOM = "random"
DEFAULT_COLUMN = "label"
# What spreadsheets put between cells, depending on the country.
DELIMITERS = (",", ";", "\t")
# Attributes are written as 0 and 1, or, as CelebA does, as -1 and 1.
SET, UNSET = {"1"}, {"0", "-1"}


def read_table(path: Path | str) -> tuple[list[str], list[list[str]]]:
    """Read a CSV whose first column is `file`.

    Args:
        path: the CSV, UTF-8, its cells between commas, semicolons or tabs.

    Returns:
        The header, a list of names, and the rows, a list of lists of as many cells.

    Raises:
        UserError: absent, no text, another header, or a row of another length.
    """
    try:
        # Names of files may be any bytes; those that are no UTF-8 survive reading and writing.
        with open(path, encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            first = file.readline()
            file.seek(0)
            after = first[len(FILE) : len(FILE) + 1]
            rows = list(csv.reader(file, delimiter=after if after in DELIMITERS else ",", strict=True))
    except FileNotFoundError:
        raise UserError(f"no such file: {path}") from None
    except (OSError, csv.Error) as error:
        raise UserError(f"{path} cannot be read as CSV: {error}") from error
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    header = [name.strip() for name in rows[0]] if rows else []
    if header[:1] != [FILE] or len(header) < 2:
        raise UserError(f"{path} must begin with the header file,<column>; it begins with {first.strip()[:60]!r}")
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(header):
            raise UserError(f"{path}: row {number} has {len(row)} cells, the header {len(header)}")
    return header, rows[1:]


def find_column(path: Path | str, header: list[str], column: str | None = None) -> list[str]:
    """Which column holds the labels.

    Args:
        path: the CSV, for messages.
        header: its column names.
        column: a name; several attribute columns with commas between; or None for `label` or the only one.

    Returns:
        The names, several only for attribute columns.

    Raises:
        UserError: an unknown column, or None where there are several.
    """
    known = [name for name in header[1:] if name not in (NUMBER, CHOSEN, CONFIDENCE)]
    if column is None:
        named = [DEFAULT_COLUMN] if DEFAULT_COLUMN in known else known
        if len(named) != 1:
            raise UserError(f"{path} has {len(known)} columns of labels; choose with --label-column: {clip(known)}")
        return named
    names = [column] if column in known else [name.strip() for name in column.split(",")]
    for name in names:
        if name not in known:
            raise unknown_name(f"--label-column in {path}", name, known)
    return names


def read_labels(path: Path | str, column: str | None = None) -> dict[str, str]:
    """The labels in a CSV.

    Args:
        path: the CSV.
        column: as in `find_column`. Of several columns of 0 and 1 (or -1 and 1) the label is the name of the one that
            is 1; a picture with none or more than one is unlabelled.

    Returns:
        A dictionary from each labelled file to its class, both strings. Rows with an empty label are left out.

    Raises:
        UserError: a CSV that cannot be read, a file with two labels, or several columns that are no attributes.
    """
    header, rows = read_table(path)
    names = find_column(path, header, column)
    places = [header.index(name) for name in names]
    labels: dict = {}
    for row in rows:
        values = [row[place].strip() for place in places]
        label = values[0] if len(names) == 1 else attribute(path, row[0], names, values)
        if not label:
            continue
        if labels.setdefault(row[0], label) != label:
            raise UserError(f"{path} gives {row[0]} two labels: {labels[row[0]]!r} and {label!r}")
    return labels


def attribute(path: Path | str, file: str, names: Iterable[str], values: Iterable[str]) -> str:
    """The name of the only attribute that is set, or "" for none or several."""
    for name, value in zip(names, values):
        if value not in SET | UNSET:
            raise UserError(f"{path}: {name} of {file} is {value!r}; several columns must hold 0 or 1, or -1 or 1")
    named = [name for name, value in zip(names, values) if value in SET]
    return named[0] if len(named) == 1 else ""


@dataclass
class Labels:
    """What people said about pictures.

    Attributes:
        classes: from each labelled file to its class, both strings.
        column: what the labels are called.
        seen: every file that was shown, those without a label among them.
        random: the files that were drawn at random, so that they stand for all.
    """

    classes: dict = field(default_factory=dict)
    column: str = DEFAULT_COLUMN
    seen: set = field(default_factory=set)
    random: set = field(default_factory=set)


def read_all_labels(paths: Iterable[Path | str], column: str | None = None) -> Labels:
    """The labels of several CSVs together; where two differ, the later one is right (it corrects the earlier).

    Args:
        paths: the CSVs.
        column: as in `find_column`.

    Returns:
        A `Labels`. Its column is that of the CSVs, or `label` where they differ or several are read as one.

    Raises:
        UserError: as in `read_labels`, or a CSV that a classifier wrote.
    """
    labels, names = Labels(), set()
    for path in paths:
        header, rows = read_table(path)
        if CONFIDENCE in header:
            raise UserError(f"{path} was written by apply; name the CSVs that people filled in")
        labels.classes |= read_labels(path, column)
        names.add(tuple(find_column(path, header, column)))
        labels.seen |= {row[0] for row in rows}
        if CHOSEN in header:
            labels.random |= {row[0] for row in rows if row[header.index(CHOSEN)].strip() == RANDOM}
    if len(names) == 1 and len(min(names)) == 1:
        labels.column = min(names)[0]
    return labels


def write_table(path: Path | str, header: list[str], rows: Iterable[Sequence]) -> None:
    """Write a CSV as `read_table` reads it, atomically."""
    with atomic_path(path) as temporary:
        with open(temporary, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])


def is_synthesised(path: Path | str) -> bool:
    """Whether a CSV was written by a classifier, so that nothing is lost when it is replaced."""
    try:
        return CONFIDENCE in read_table(path)[0]
    except UserError:
        return False


def clip(names: Iterable[str], count: int = 5) -> str:
    """The first few names in one line."""
    names = list(names)
    return ", ".join(names[:count]) + (f" and {len(names) - count} more" if len(names) > count else "")
