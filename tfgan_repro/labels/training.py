"""From labelled pictures to a classifier that knows how good it is."""

from collections import Counter
from typing import Any

import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.labels import crossvalidation
from tfgan_repro.labels.classifier import Classifier, Scaling
from tfgan_repro.labels.collection import Collection
from tfgan_repro.labels.logistic import fit_logistic, probabilities_of
from tfgan_repro.labels.suggestion import random_rows
from tfgan_repro.labels.table import Labels, clip


def train_classifier(collection: Collection, labels: Labels, extractor: dict[str, Any], seed: int = 0) -> Classifier:
    """Fit and calibrate a linear classifier, and measure it on pictures that it has not seen.

    It is calibrated and measured on those that were drawn at random; where these are too few, on all.

    Args:
        collection: a `Collection`.
        labels: a `Labels`.
        extractor: the protocol of the extractor that made the features.
        seed: of the cross-validation's folds.

    Returns:
        A `Classifier`.

    Raises:
        UserError: labels of absent files, fewer than two classes, or a class with one picture.
    """
    check_classes(labels.classes)
    rows, named = collection.rows_of(labels.classes)
    classes, targets = np.unique(named, return_inverse=True)
    scaling = Scaling.of(collection.features)
    features = scaling(collection.features[rows])
    random = random_rows(collection, labels, rows)
    penalty, logits = crossvalidation.choose_penalty(features, targets, len(classes), seed, random)
    judged = crossvalidation.representative(random)
    temperature = crossvalidation.fit_temperature(logits[judged], targets[judged])
    weights = fit_logistic(features, targets, len(classes), penalty)
    quality = measured(probabilities_of(logits[judged], temperature), targets[judged], len(classes))
    return Classifier(
        tuple(map(str, classes)),
        labels.column,
        scaling,
        weights,
        temperature,
        extractor,
        {
            "labels": len(rows),
            "judged_on": int(judged.sum()),
            "drawn_at_random": bool(random[judged].all()),
            "penalty": penalty,
            "seed": seed,
            **quality,
        },
    )


def check_classes(labels: dict[str, str]) -> None:
    """Refuse labels that a classifier cannot be trained and measured on.

    Raises:
        UserError: fewer than two classes, or a class with one picture.
    """
    counts = Counter(labels.values())
    if len(counts) < 2:
        raise UserError(f"{len(labels)} labels of {clip(counts) or 'no class'}: a classifier needs two classes or more")
    if single := sorted(name for name, count in counts.items() if count < 2):
        raise UserError(f"only one picture is labelled {clip(single)}: label another one of it, or none")


def measured(probabilities: np.ndarray, targets: np.ndarray, class_count: int) -> dict[str, Any]:
    """What a classifier is worth, from its probabilities for held-out pictures.

    Args:
        probabilities: float64 `[count, class_count]`.
        targets: int `[count]`, the true classes.
        class_count: how many classes there are.

    Returns:
        A dictionary of `accuracy`, `balanced_accuracy`, `expected_accuracy` (what the probabilities promise),
        `largest_class` (what always saying the commonest class would get) and `confusion`, rows the true classes.
    """
    matrix = crossvalidation.confusion_matrix(targets, probabilities.argmax(axis=1), class_count)
    accuracy, balanced = crossvalidation.accuracies(matrix)
    return {
        "accuracy": accuracy,
        "balanced_accuracy": balanced,
        "expected_accuracy": float(probabilities.max(axis=1).mean()),
        "largest_class": float(matrix.sum(axis=1).max() / matrix.sum()),
        "confusion": matrix.tolist(),
    }
