"""One HTML file on which a person labels pictures: everything is inside, nothing is loaded from anywhere."""

import base64
import hashlib
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tfgan_repro.errors import UserError
from tfgan_repro.files import atomic_path
from tfgan_repro.labels.sheet import thumbnail

TEMPLATE = Path(__file__).with_name("page.html")
PICTURE_SIZE = 384  # pixels; a phone's width
PLACE = "/* DATA */ null"


def write_page(
    path: Path | str, folder: Path | str, header: list[str], rows: list[list[str]], column: int, classes: list[str]
) -> None:
    """Write the page.

    Args:
        path: the HTML file.
        folder: where the pictures are.
        header: the names of the columns of the CSV, `file` the first.
        rows: its rows, a picture each; the CSV that the page gives back has the same cells and the labels.
        column: the number of the column that holds the labels; those that are there already are shown.
        classes: names, in the order of their keys.

    Raises:
        UserError: a picture that cannot be read, a name that is no text, or fewer than two classes.
    """
    check_classes(classes, [row[column].strip() for row in rows])
    cells = [[as_text(cell) for cell in row] for row in rows]
    pictures = [{"cells": row, "source": data_uri(Path(folder) / row[0])} for row in cells]
    data = {"header": header, "column": column, "classes": classes, "pictures": pictures}
    # The browser remembers what was labelled under this name, so another page must have another.
    data["id"] = hashlib.sha256(json.dumps(data).encode()).hexdigest()[:16]
    template = TEMPLATE.read_text(encoding="utf-8")
    with atomic_path(path) as temporary:
        temporary.write_text(template.replace(PLACE, script_json(data)), encoding="utf-8")


def check_classes(classes: list[str], known: Iterable[str]) -> None:
    if len(set(classes)) < 2 or len(set(classes)) < len(classes) or not all(classes):
        raise UserError(f"--classes {','.join(classes)}: name two classes or more, each once, with commas between")
    if unknown := sorted(set(known) - {"", *classes}):
        raise UserError(f"the CSV has the label {unknown[0]!r}, which --classes does not name")


def script_json(value: Any) -> str:
    """JSON that can stand in a script: whatever a file is called, it cannot end the script or begin a comment."""
    text = json.dumps(value)  # ASCII: every other character is escaped
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def as_text(cell: str) -> str:
    try:
        cell.encode("utf-8")
    except UnicodeEncodeError:
        raise UserError(f"the name {cell!r} is no text (UTF-8), which a web page needs; rename the file") from None
    return cell


def data_uri(file: Path | str) -> str:
    """A picture file as a `data:` address of a JPEG."""
    buffer = io.BytesIO()
    thumbnail(file, PICTURE_SIZE).save(buffer, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
