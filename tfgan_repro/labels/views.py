"""What people look at: contact sheets, the page that pictures are labelled on, the confusion matrix."""

import base64
import hashlib
import io
import json
from collections.abc import Iterable
from pathlib import Path

import jinja2
import numpy as np
from matplotlib.figure import Figure
from PIL import Image, ImageOps

from tfgan_repro.errors import UserError
from tfgan_repro.files import atomic_path, make_place
from tfgan_repro.image_decoding import read_picture
from tfgan_repro.labels.classifier import Classifier
from tfgan_repro.report.grids import image_grid, stamped
from tfgan_repro.report.plots import write_figure
from tfgan_repro.text_tables import aligned

TILE = 112  # pixels a side, on a contact sheet
PAGE_PICTURE = 384  # pixels a side; a phone's width
# Digits first; 0, d and u are taken.
KEYS = "123456789abcefghijklmnopqrstvwxyz"
TEMPLATES = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True)


def thumbnail(file: Path | str, size: int) -> Image.Image:
    """A picture file, upright, as a Pillow image of at most `size` pixels a side.

    Raises:
        UserError: it cannot be decoded.
    """
    image, note = read_picture(file, upright=True)
    if image is None:
        raise UserError(f"{file} {note}")
    image = image.convert("RGB")
    image.thumbnail((size, size), Image.Resampling.LANCZOS)
    return image


def contact_sheet(files: Iterable[Path | str], captions: Iterable[str]) -> np.ndarray:
    """Pictures of any shape in rows, a line of text below each.

    Args:
        files: paths.
        captions: a short text each.

    Returns:
        uint8 `[height, width, 3]`.

    Raises:
        UserError: a file that cannot be decoded.
    """
    tiles = []
    for file, caption in zip(files, captions, strict=True):
        tile = ImageOps.pad(thumbnail(file, TILE), (TILE, TILE), color=(255, 255, 255))
        tiles.append(stamped(np.asarray(tile), caption, height=20))
    return image_grid(np.stack(tiles))


def write_labelling_page(
    path: Path | str, folder: Path | str, header: list[str], rows: list[list[str]], column: int, classes: list[str]
) -> None:
    """Write one HTML file on which a person labels pictures: everything is inside, nothing is loaded from anywhere.

    Args:
        path: the HTML file.
        folder: where the pictures are.
        header: the names of the columns of the CSV file, `file` the first.
        rows: its rows, a picture each; the CSV file that the page gives back has the same cells and the labels.
        column: the number of the column that holds the labels; those that are there already are shown.
        classes: names, in the order of their keys.

    Raises:
        UserError: a picture that cannot be read, a name that is no text, fewer than two classes, or a folder in the
            file's place.
    """
    make_place(path)
    if len(set(classes)) < 2 or len(set(classes)) < len(classes) or not all(classes):
        raise UserError(f"--classes {','.join(classes)}: name two classes or more, each once, with commas between")
    if unknown := sorted({row[column].strip() for row in rows} - {"", *classes}):
        raise UserError(f"the CSV has the label {unknown[0]!r}, which --classes does not name")
    for cell in (cell for row in rows for cell in row):
        if any("\ud800" <= letter <= "\udfff" for letter in cell):
            raise UserError(f"the name {cell!r} is no text (UTF-8), which a web page needs; rename the file")
    pictures = [{"cells": row, "source": data_uri(Path(folder) / row[0])} for row in rows]
    data = {"header": header, "column": column, "classes": classes, "pictures": pictures}
    # The browser remembers what was labelled under this name, so another page must have another.
    data["id"] = hashlib.sha256(json.dumps(data).encode()).hexdigest()[:16]
    keys = list(KEYS[: len(classes)]) + [""] * (len(classes) - len(KEYS))
    text = TEMPLATES.get_template("labelling_page.html").render(data=data, buttons=list(zip(classes, keys)))
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def data_uri(file: Path | str) -> str:
    """A picture file as a `data:` address of a JPEG."""
    buffer = io.BytesIO()
    thumbnail(file, PAGE_PICTURE).save(buffer, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def write_confusion_plot(path: Path, classifier: Classifier) -> None:
    """Draw which share of each class was taken for each, as a PNG."""
    from sklearn.metrics import ConfusionMatrixDisplay

    matrix = np.array(classifier.quality["confusion"])
    totals = matrix.sum(axis=1, keepdims=True)
    # `$` would begin a formula.
    names = [name.replace("$", r"\$") for name in classifier.classes]
    size = 2.5 + 0.6 * len(matrix)
    figure = Figure(figsize=(size + 0.5, size), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    shares = matrix / np.maximum(totals, 1)
    display = ConfusionMatrixDisplay(shares, display_labels=names)
    display.plot(ax=axes, cmap="Blues", colorbar=False, values_format=".0%", im_kw={"vmin": 0, "vmax": 1})
    # scikit-learn chooses between dark and light by the largest share there is, not by the colours' range.
    for text, share in zip(display.text_.ravel(), shares.ravel()):
        text.set_color("white" if share > 0.5 else "black")
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(names)), [f"{name} ({total})" for name, total in zip(names, totals.ravel())])
    axes.set(
        title=f"{classifier.quality['accuracy']:.1%} of {classifier.quality['judged_on']} right, cross-validated",
        xlabel="taken for",
        ylabel="labelled as",
    )
    write_figure(figure, path)


def confusion_text(classifier: Classifier) -> str:
    """The confusion matrix as lines of text, rows the classes as labelled, columns what they were taken for."""
    counts = zip(classifier.classes, classifier.quality["confusion"])
    rows = [("", *classifier.classes), *((name, *map(str, row)) for name, row in counts)]
    return "\n".join(aligned(rows, numbers=True))
