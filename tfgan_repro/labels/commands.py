"""What the commands do, one function each; their arguments are the options of `python -m tfgan_repro.labels`."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tfgan_repro.errors import UserError
from tfgan_repro.files import make_folder
from tfgan_repro.labels.classifier import Classifier, synthesise
from tfgan_repro.labels.features import PictureFeatures, extract_features, find_label_extractor
from tfgan_repro.labels.label_files import (
    CHOSEN,
    CONFIDENCE,
    FILE,
    NUMBER,
    Labels,
    find_columns,
    is_synthesised,
    read_table,
    write_table,
)
from tfgan_repro.labels.views import confusion_text, contact_sheet, write_confusion_plot, write_labelling_page
from tfgan_repro.metrics.folder import ImageFolder
from tfgan_repro.metrics.protocol import Scoring
from tfgan_repro.report.grids import write_png
from tfgan_repro.types import FeatureExtractor

SHEET_LIMIT = 400  # pictures on a contact sheet


@dataclass(frozen=True)
class Source:
    """Where pictures and their features come from.

    Attributes:
        folder: of the pictures.
        on_bad_image: "fail" or "skip".
        inception_weights: a path, or None.
        extractor: a name in `LABEL_EXTRACTORS`.
        features: their number, or None for the extractor's own.
        precision: of the extractor.
        resize: its name, or None for the extractor's own.
    """

    folder: str
    on_bad_image: str = "fail"
    inception_weights: str | None = None
    extractor: str = "auto"
    features: int | None = None
    precision: str = "float32"
    resize: str | None = None

    def load(self, labels: Labels) -> tuple[PictureFeatures, FeatureExtractor]:
        """The features of all pictures, and the extractor; labels of absent files are refused."""
        extractor = find_label_extractor(
            self.extractor, self.inception_weights, self.features, self.resize, self.precision
        )
        pictures = ImageFolder(self.folder, self.on_bad_image, upright=True)
        return extract_features(pictures, extractor, labels.classes), extractor


def suggest(source: Source, labels: Labels, count: int, output: str, seed: int) -> None:
    """Write the pictures to be labelled next as a contact sheet and a CSV file."""
    from tfgan_repro.labels.suggestion import suggest_files

    table, sheet = Path(output) / "suggested.csv", Path(output) / "suggested.png"
    if table.exists():
        raise UserError(f"{table} is there already and may be filled in; name another --output")
    pictures, _ = source.load(labels)
    chosen = suggest_files(pictures, labels, count, seed)
    make_folder(output)
    rows: list[list[Any]] = [[file, "", number, reason] for number, (file, reason) in enumerate(chosen, 1)]
    first = rows[:SHEET_LIMIT]
    write_png(sheet, contact_sheet([pictures.folder / row[0] for row in first], [str(row[2]) for row in first]))
    write_table(table, [FILE, labels.column, NUMBER, CHOSEN], rows)
    print(f"{len(rows)} of {len(pictures.files)} pictures to be labelled: {table}, {sheet}")


def page(folder: str, csv: str, classes: str, output: str, label_column: str | None) -> None:
    """Write the page on which the pictures of a CSV file are labelled."""
    header, rows = read_table(csv)
    if not rows:
        raise UserError(f"{csv} names no pictures")
    (column, *_) = find_columns(csv, header, label_column)
    # With its probabilities, what a person corrects would be taken for the classifier's own.
    kept = [place for place, name in enumerate(header) if name != CONFIDENCE]
    header, rows = [header[place] for place in kept], [[row[place] for place in kept] for row in rows]
    names = [name.strip() for name in classes.split(",")]
    write_labelling_page(output, folder, header, rows, header.index(column), names)
    print(f"{output}: {len(rows)} pictures; open it in a browser")


def train(source: Source, labels: Labels, output: str, seed: int, head: str, as_json: bool) -> None:
    """Train a classifier and say how good it is."""
    from tfgan_repro.labels.training import check_classes, train_classifier

    check_classes(labels.classes)
    pictures, extractor = source.load(labels)
    classifier = train_classifier(pictures, labels, extractor.protocol, seed, head)
    make_folder(output)
    classifier.save(output)
    write_confusion_plot(Path(output) / "confusion.png", classifier)
    quality = classifier.quality
    if as_json:
        print(json.dumps({"classes": classifier.classes, "temperature": classifier.temperature, **quality}))
        return
    whose = "drawn at random" if quality["drawn_at_random"] else "not drawn at random: for others it may be better"
    print(
        f"{quality['labels']} labels, {len(classifier.classes)} classes\n"
        f"cross-validated on {quality['judged_on']} ({whose}):\n"
        f"  {quality['accuracy']:.1%} right, {quality['balanced_accuracy']:.1%} as the mean over classes\n"
        f"  promised {quality['expected_accuracy']:.1%}; the commonest class alone {quality['largest_class']:.1%}\n\n"
        f"{confusion_text(classifier)}\n\n{output}"
    )


def apply(source: Source, labels: Labels, model: str, confidence: float, output: str, as_json: bool) -> None:
    """Label the rest of a folder with a classifier."""
    if Path(output).exists() and not is_synthesised(output):
        raise UserError(f"--output {output} is there already and was not written by apply; name another file")
    classifier = Classifier.load(model)
    # The network's own weights are the only ones that fit; others are told by their hash.
    pictures, extractor = replace(source, **classifier.extractor_choices).load(labels)
    classifier.check_extractor(extractor)
    synthesis = synthesise(classifier, pictures, confidence, labels)
    write_table(output, [FILE, classifier.column, CONFIDENCE], synthesis.rows())
    summary = synthesis.summary()
    if as_json:
        print(json.dumps(summary))
        return
    error = "" if summary["expected_error"] is None else f", expected error {summary['expected_error']:.1%}"
    print(
        f"{summary['pictures']} pictures\n"
        f"  {summary['by_hand']} labelled by hand\n"
        f"  {summary['synthesised']} by the classifier{error}\n"
        f"  {summary['left_out']} left out: below {confidence:g}, or of no class by hand"
    )
    print("\n".join([*(f"{name}  {count}" for name, count in summary["classes"].items()), output]))


def count(folder: str, model: str, samples: int, seed: int, as_json: bool, **places: str | None) -> None:
    """Count the classes that a run's generator draws, beside those of its training pictures."""
    from tfgan_repro.labels.counting import count_classes

    row = count_classes(folder, model, Scoring(fid_samples=samples, split="train", seed=seed), **places)
    if as_json:
        print(json.dumps(row))
        return
    width = max(map(len, row["per_class"]))
    at_step = "" if row["step"] is None else f" at step {row['step']:,}"
    print(
        f"{row['generated_images']:,} generated images{at_step} and as many training pictures\n"
        f"classifier of {row['classifier']}\n"
    )
    for name, share in row["per_class"].items():
        print(f"  {name:<{width}}  {share:6.1%}  (real {row['real_per_class'][name]:.1%})")
    print(f"classes in effect: {row['value']:.2f} (real {row['real_vs_real']:.2f})")
