"""Labels for the pictures that nobody labelled, as far as the classifier is sure."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tfgan_repro.labels.classifier import Classifier
from tfgan_repro.labels.collection import Collection


@dataclass(frozen=True)
class Synthesis:
    """What became of each picture, in the order of the collection.

    Attributes:
        files: their names.
        labels: the class of each, or None below the confidence.
        confidence: float64 `[count]`; 1 for what a person labelled.
        by_hand: bool `[count]`.
    """

    files: list
    labels: list
    confidence: np.ndarray
    by_hand: np.ndarray

    def rows(self) -> list[list[str]]:
        """`[file, label, confidence]` of each labelled picture, as text."""
        known = zip(self.files, self.labels, self.confidence)
        return [[file, label, f"{confidence:.4f}"] for file, label, confidence in known if label is not None]

    def summary(self) -> dict[str, Any]:
        """Counts and the expected error, a dictionary that can be written as JSON.

        `expected_error` is the mean of 1 - confidence over the synthesised labels, None where there are none.
        """
        given = np.array([label is not None for label in self.labels])
        new = given & ~self.by_hand
        kept = [label for label in self.labels if label is not None]
        return {
            "pictures": len(self.files),
            "by_hand": int(self.by_hand.sum()),
            "synthesised": int(new.sum()),
            "left_out": int((~given).sum()),
            "expected_error": float(np.mean(1 - self.confidence[new])) if new.any() else None,
            "classes": {name: kept.count(name) for name in sorted(set(kept))},
        }


def synthesise(classifier: Classifier, collection: Collection, confidence: float, labels: dict[str, str]) -> Synthesis:
    """Label every picture of a collection.

    Args:
        classifier: a `Classifier`.
        collection: a `Collection`.
        confidence: the probability from which on a label is given.
        labels: a dictionary from file to class of what a person labelled, which is kept as it is.

    Returns:
        A `Synthesis`.

    Raises:
        UserError: labels of absent files.
    """
    rows, named = collection.rows_of(labels)
    probabilities = classifier.probabilities(collection.features)
    best = probabilities.max(axis=1)
    chosen = [
        classifier.classes[index] if sure else None
        for index, sure in zip(probabilities.argmax(axis=1), best >= confidence)
    ]
    by_hand = np.zeros(len(chosen), bool)
    by_hand[rows], best[rows] = True, 1.0
    for row, name in zip(rows, named):
        chosen[row] = name
    return Synthesis(collection.files, chosen, best, by_hand)
