"""Tables of labels as spreadsheets and other programs write them: a column of file names, and columns of labels."""

import csv
import io
import os
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from tfgan_repro.errors import UserError
from tfgan_repro.image_files import is_picture

DELIMITERS = ",;\t|"
# Names of columns in any capitals; of each kind in the order in which they are looked for.
FILE_COLUMNS = ("file", "filename", "file_name", "image", "image_id", "image_name", "path", "filepath", "name", "id")
LABEL_COLUMNS = ("label", "labels", "class", "class_name", "category", "target")
# What `tfgan_repro.labels` writes beside labels.
BESIDE_LABELS = ("number", "chosen", "confidence")
# Attributes are written as 0 and 1, or, as CelebA does, as -1 and 1.
SET, UNSET = {"1"}, {"0", "-1"}


class LabelTable:
    """A table of labels.

    Args:
        content: the file's bytes: UTF-8, or UTF-16 as spreadsheets export it; cells between commas, semicolons, tabs
            or bars, whichever the first line has most of.
        name: of the file, for messages.

    Attributes:
        header: the names of the columns; "file", "label" and so on of a table without, which begins with a picture.
        rows: lists of cells, as many as the header has.

    Raises:
        UserError: no table.
    """

    def __init__(self, content: bytes, name: str) -> None:
        self.name = name
        rows = read_rows(content, name, skipinitialspace=True)
        filled = [[cell.strip() for cell in row] for row in rows]
        if filled and is_picture(filled[0][0]):
            others = ["label"] if len(filled[0]) == 2 else [str(number) for number in range(2, len(filled[0]) + 1)]
            filled.insert(0, ["file", *others])
        self.header = filled[0] if filled else []
        self.rows = [row + [""] * (len(self.header) - len(row)) for row in filled[1:]]

    def place(self, column: str) -> int | None:
        """The number of a column, by its name or by one that `folded` makes the same; None where there is none."""
        if column in self.header:
            return self.header.index(column)
        names = list(map(folded, self.header))
        return names.index(folded(column)) if folded(column) in names else None

    @property
    def file_place(self) -> int:
        """The number of the column of file names: by its name, else the first one."""
        places = (self.place(name) for name in FILE_COLUMNS)
        return next((place for place in places if place is not None), 0)

    @property
    def label_columns(self) -> list[str]:
        """The names of all columns that may hold labels."""
        return [
            name
            for place, name in enumerate(self.header)
            if place != self.file_place and name.casefold() not in BESIDE_LABELS
        ]

    def find(self, column: str | None) -> list[str]:
        """Which columns hold the labels.

        Args:
            column: a name, or several names of attributes with commas between; None for a column that is called as
                columns of labels usually are, or else the only one.

        Returns:
            The names as the table writes them, several only of attributes; empty where nothing was found.
        """
        if column is None:
            usual = [self.header[place] for place in map(self.place, LABEL_COLUMNS) if place is not None]
            return usual[:1] or (self.label_columns if len(self.label_columns) == 1 else [])
        names = [column] if self.place(column) is not None else column.split(",")
        places = [self.place(name.strip()) for name in names]
        return [] if None in places else [self.header[place] for place in places if place is not None]

    def labels(self, columns: list[str]) -> dict[str, str]:
        """The labels by file.

        Args:
            columns: as `find` returns them. Of several columns of 0 and 1 (or -1 and 1) the label is the name of the
                one that is 1; a file with none or more than one has an empty label.

        Returns:
            A dictionary from each file, with forward slashes, to its label, perhaps empty. Whole numbers that were
            written with a decimal point are the same labels as those without: 1.0 is 1.

        Raises:
            UserError: a file with two labels, or several columns that are no attributes.
        """
        places, file_place = [self.header.index(name) for name in columns], self.file_place
        labels: dict[str, str] = {}
        for row in self.rows:
            file = row[file_place].replace("\\", "/").removeprefix("./")
            values = [without_decimals(row[place]) for place in places]
            label = values[0] if len(columns) == 1 else only_attribute(self.name, file, columns, values)
            if labels.setdefault(file, label) != label:
                raise UserError(f"{self.name} gives {file} two labels: {labels[file]!r} and {label!r}")
        return labels


def read_rows(content: bytes, name: str, **options: Any) -> list[list[str]]:
    """The rows of a table that are not empty.

    Args:
        content: the file's bytes, as in `LabelTable`.
        name: of the file, for messages.
        **options: for `csv.reader`.

    Raises:
        UserError: no table.
    """
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = content.decode("utf-16")
        else:
            # Names of files may be any bytes; those that are no UTF-8 survive reading and writing.
            text = content.decode("utf-8-sig", "surrogateescape")
        delimiter = delimiter_of(text.partition("\n")[0])
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, **options))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{name} cannot be read as CSV: {error}") from error
    return [row for row in rows if any(cell.strip() for cell in row)]


def delimiter_of(header: str) -> str:
    """What stands between the cells of a table, from its first line: the cells of the others may hold anything."""
    outside_quotes = re.sub('"[^"]*"', "", header)
    return max(DELIMITERS, key=outside_quotes.count)


def only_attribute(table: str, file: str, names: Iterable[str], values: Iterable[str]) -> str:
    """The name of the only attribute that is set, or "" for none or several.

    Args:
        table: the table's name, for messages, as the file's.
        file: whose attributes these are.
        names: of the attributes.
        values: the cells, with or without a decimal point.

    Raises:
        UserError: a value that is no attribute's.
    """
    found = []
    for name, value in zip(names, values):
        number = without_decimals(value)
        if number not in SET | UNSET:
            raise UserError(f"{table}: {name} of {file} is {value!r}; several columns must hold 0 or 1, or -1 or 1")
        if number in SET:
            found.append(name)
    return found[0] if len(found) == 1 else ""


def without_decimals(value: str) -> str:
    """A whole number without its decimal point, as programs write it that know no whole numbers with gaps."""
    return value.partition(".")[0] if re.fullmatch(r"[+-]?\d+\.0*", value) else value


def folded(name: str) -> str:
    """A name without what systems change of it on the way: capitals, and how accents are written or encoded."""
    return spelling(name).casefold()


def spelling(name: str) -> str:
    """A name on disk in the one way in which systems that write it differently agree."""
    return unicodedata.normalize("NFC", decoded(name))


def decoded(name: str) -> str:
    """A class's name as text: a name on disk that is no UTF-8 is most likely of Windows' older encoding."""
    try:
        name.encode()
        return name
    except UnicodeEncodeError:
        return os.fsencode(name).decode("cp1252", "replace")
