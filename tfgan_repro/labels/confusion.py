"""Pictures and text of a confusion matrix."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from tfgan_repro.labels.classifier import Classifier
from tfgan_repro.report.plots import write_figure


def write_confusion_plot(path: Path, classifier: Classifier) -> None:
    """Draw the confusion matrix of a classifier: how often each class was taken for each.

    Args:
        path: the PNG.
        classifier: a `Classifier`.
    """
    matrix = np.array(classifier.quality["confusion"])
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    size = 2.5 + 0.6 * len(matrix)
    figure = Figure(figsize=(size + 0.5, size), dpi=110, layout="constrained")
    axes = figure.add_subplot(
        title=f"{classifier.quality['accuracy']:.1%} of {classifier.quality['judged_on']} right, cross-validated",
        xlabel="taken for",
        ylabel="labelled as",
    )
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    # `$` would begin a formula.
    names = [name.replace("$", r"\$") for name in classifier.classes]
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(names)), names)
    for row, column in np.ndindex(matrix.shape):
        shade = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, str(matrix[row, column]), ha="center", va="center", color=shade)
    write_figure(figure, path)


def confusion_text(classifier: Classifier) -> str:
    """The confusion matrix as lines of text, rows the classes as labelled, columns what they were taken for."""
    names = classifier.classes
    width = max(map(len, names))
    cells = [[str(count) for count in row] for row in classifier.quality["confusion"]]
    widths = [max(len(name), *(len(row[index]) for row in cells)) for index, name in enumerate(names)]
    lines = [[" " * width, *names], *([f"{name:<{width}}", *row] for name, row in zip(names, cells))]
    return "\n".join(
        "  ".join([first, *(f"{cell:>{size}}" for cell, size in zip(rest, widths))]) for first, *rest in lines
    )
