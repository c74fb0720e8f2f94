"""What the four commands do, one function each; their arguments are the options of `python -m tfgan_repro.labels`."""

import json
from pathlib import Path
from typing import Any

from tfgan_repro.errors import UserError
from tfgan_repro.labels import LABEL_EXTRACTORS, OWN_EXTRACTORS
from tfgan_repro.labels.classifier import Classifier
from tfgan_repro.labels.collection import Collection, check_present, load_collection, relative_files
from tfgan_repro.labels.confusion import confusion_text, write_confusion_plot
from tfgan_repro.labels.page import write_page
from tfgan_repro.labels.sheet import contact_sheet
from tfgan_repro.labels.suggestion import suggest_files
from tfgan_repro.labels.synthesis import synthesise
from tfgan_repro.labels.table import (
    CHOSEN,
    CONFIDENCE,
    FILE,
    NUMBER,
    Labels,
    find_column,
    is_synthesised,
    read_all_labels,
    read_table,
    write_table,
)
from tfgan_repro.labels.training import check_classes, train_classifier
from tfgan_repro.metrics.extractor import find_extractor
from tfgan_repro.metrics.folder import ImageFolder
from tfgan_repro.report.grids import write_png
from tfgan_repro.training.progress import ProgressLine
from tfgan_repro.types import FeatureExtractor

SHEET_MOST = 400  # pictures on a contact sheet


def open_folder(
    folder: Path | str, labels: Labels, on_bad_image: str, extractor: str, inception_weights: str | None, **choices: Any
) -> tuple[Collection, FeatureExtractor]:
    """The pictures of a folder with their features, and the extractor; refuses labels of absent files first."""
    images = ImageFolder(folder, on_bad_image)
    check_present(labels.classes, set(relative_files(images)), folder)
    chosen = label_extractor(extractor, inception_weights, **choices)
    with ProgressLine(len(images), "pictures") as line:
        return load_collection(images, chosen, line.update), chosen


def label_extractor(
    name: str, weights: str | None, features: int | None, precision: str, resize: str | None = None
) -> FeatureExtractor:
    """An extractor by its name in `LABEL_EXTRACTORS`; the arguments are those of `find_extractor`.

    Raises:
        UserError: options that do not fit it.
    """
    if name not in OWN_EXTRACTORS:
        return find_extractor(name, weights, features, resize, precision)
    if weights is not None or precision != "float32":
        raise UserError(f"--extractor {name} has neither weights nor a precision other than float32")
    return LABEL_EXTRACTORS.load(name)(features, resize)


def suggest(
    folder: Path | str,
    labels: list[str],
    label_column: str | None,
    count: int,
    output: Path | str,
    extractor: str,
    inception_weights: str | None,
    features: int | None,
    precision: str,
    on_bad_image: str,
    seed: int,
) -> None:
    """Write the pictures to be labelled next as a contact sheet and a CSV."""
    table, sheet = Path(output) / "suggested.csv", Path(output) / "suggested.png"
    if table.exists():
        raise UserError(f"{table} is there already and may be filled in; name another --output")
    known = read_all_labels(labels, label_column)
    collection, _ = open_folder(
        folder, known, on_bad_image, extractor, inception_weights, features=features, precision=precision
    )
    chosen = suggest_files(collection, known, count, seed)
    Path(output).mkdir(parents=True, exist_ok=True)
    rows: list[list[Any]] = [[file, "", number, reason] for number, (file, reason) in enumerate(chosen, 1)]
    shown = rows[:SHEET_MOST]
    write_png(sheet, contact_sheet([collection.folder / row[0] for row in shown], [str(row[2]) for row in shown]))
    write_table(table, [FILE, known.column, NUMBER, CHOSEN], rows)
    print(f"{len(rows)} of {len(collection.files)} pictures to be labelled: {table}, {sheet}")


def page(folder: Path | str, csv: str, classes: str, output: Path | str, label_column: str | None) -> None:
    """Write the page on which the pictures of a CSV are labelled."""
    header, rows = read_table(csv)
    if not rows:
        raise UserError(f"{csv} names no pictures")
    (column, *_) = find_column(csv, header, label_column)
    write_page(output, folder, header, rows, header.index(column), [name.strip() for name in classes.split(",")])
    print(f"{output}: {len(rows)} pictures; open it in a browser")


def train(
    folder: Path | str,
    labels: list[str],
    label_column: str | None,
    output: Path | str,
    extractor: str,
    inception_weights: str | None,
    features: int | None,
    precision: str,
    on_bad_image: str,
    seed: int,
    as_json: bool,
) -> None:
    """Train a classifier and say how good it is."""
    known = read_all_labels(labels, label_column)
    check_classes(known.classes)
    collection, chosen = open_folder(
        folder, known, on_bad_image, extractor, inception_weights, features=features, precision=precision
    )
    classifier = train_classifier(collection, known, chosen.protocol, seed)
    Path(output).mkdir(parents=True, exist_ok=True)
    classifier.save(output)
    write_confusion_plot(Path(output) / "confusion.png", classifier)
    if as_json:
        return print_json({"classes": classifier.classes, "temperature": classifier.temperature, **classifier.quality})
    quality = classifier.quality
    whose = "drawn at random" if quality["drawn_at_random"] else "not drawn at random: for others it may be better"
    print(
        f"{quality['labels']} labels, {len(classifier.classes)} classes\n"
        f"cross-validated on {quality['judged_on']} ({whose}):\n"
        f"  {quality['accuracy']:.1%} right, {quality['balanced_accuracy']:.1%} as the mean over classes\n"
        f"  promised {quality['expected_accuracy']:.1%}; the commonest class alone {quality['largest_class']:.1%}\n\n"
        f"{confusion_text(classifier)}\n\n{output}"
    )


def apply(
    folder: Path | str,
    model: str,
    confidence: float,
    labels: list[str],
    label_column: str | None,
    output: Path | str,
    inception_weights: str | None,
    on_bad_image: str,
    as_json: bool,
) -> None:
    """Label the rest of a folder with a classifier."""
    if Path(output).exists() and not is_synthesised(output):
        raise UserError(f"--output {output} is there already and was not written by apply; name another file")
    classifier = Classifier.load(model)
    known = read_all_labels(labels, label_column)
    wanted = classifier.extractor
    # The network's own weights are the only ones that fit; others are told by their hash.
    collection, extractor = open_folder(
        folder,
        known,
        on_bad_image,
        wanted["extractor"],
        inception_weights,
        **{key: wanted[key] for key in ("features", "resize", "precision")},
    )
    classifier.check_extractor(extractor)
    synthesis = synthesise(classifier, collection, confidence, known.classes)
    write_table(output, [FILE, classifier.column, CONFIDENCE], synthesis.rows())
    summary = synthesis.summary()
    if as_json:
        return print_json(summary)
    lines = [f"{name}  {count}" for name, count in summary["classes"].items()]
    error = "" if summary["expected_error"] is None else f", expected error {summary['expected_error']:.1%}"
    print(
        f"{summary['pictures']} pictures\n"
        f"  {summary['by_hand']} labelled by hand\n"
        f"  {summary['synthesised']} by the classifier{error}\n"
        f"  {summary['left_out']} left out below {confidence:g}"
    )
    print("\n".join([*lines, str(output)]))


def print_json(value: Any) -> None:
    print(json.dumps(value))
