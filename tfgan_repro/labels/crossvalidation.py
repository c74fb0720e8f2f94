"""What labelled pictures say about a classifier of them: its penalty, its temperature, how often it is right."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from tfgan_repro.labels.logistic import fit_logistic, logits_of

FOLDS = 5
# Random pictures below which all are taken instead.
LEAST_JUDGED = 20
# For features of total variance 1. Weaker ones were no better on the sets of docs/labels.md.
PENALTIES = tuple(10.0 ** np.arange(-2.0, 1.0, 0.5))
TEMPERATURES = (0.2, 5.0)


def stratified_folds(classes: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Deal the pictures of each class out to folds in turn.

    Args:
        classes: int `[count]`.
        count: of folds.
        seed: of the order.

    Returns:
        The fold of each picture, int `[count]`. Every class with two pictures or more is in two folds or more.
    """
    random_state = np.random.default_rng(seed)
    folds, dealt = np.empty(len(classes), int), 0
    for value in np.unique(classes):
        rows = random_state.permutation(np.flatnonzero(classes == value))
        folds[rows] = (dealt + np.arange(len(rows))) % count
        dealt += len(rows)  # the next class goes on where this one ended, so that folds are of one size
    return folds


def held_out_logits(
    features: np.ndarray, classes: np.ndarray, class_count: int, seed: int, penalties: Sequence[float] = PENALTIES
) -> np.ndarray:
    """The logits of each picture by classifiers that have not seen it.

    Args:
        features: float64 `[count, dimension]` of total variance about 1.
        classes: int `[count]` in `[0, class_count)`, two pictures or more each.
        class_count: how many classes there are.
        seed: of the folds.
        penalties: to be tried.

    Returns:
        float64 `[penalties, count, class_count]`.
    """
    folds = stratified_folds(classes, min(FOLDS, len(classes)), seed)
    logits = np.empty((len(penalties), len(classes), class_count))
    for fold in np.unique(folds):
        held, weights = folds == fold, None
        # From the strongest penalty to the weakest, each from the solution before: a fraction of the iterations.
        for index in np.argsort(penalties)[::-1]:
            weights = fit_logistic(features[~held], classes[~held], class_count, penalties[index], weights)
            logits[index, held] = logits_of(features[held], weights)
    return logits


def log_loss(logits: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """The mean cross entropy of logits `[..., count, classes]`, one number for each leading index."""
    return -log_softmax(logits, axis=-1)[..., np.arange(len(classes)), classes].mean(axis=-1)


def representative(judged: np.ndarray) -> np.ndarray:
    """Which held-out pictures a classifier is judged on.

    Args:
        judged: bool `[count]`, those drawn at random.

    Returns:
        `judged`, or all where these are too few to judge by.
    """
    return judged if judged.sum() >= LEAST_JUDGED else np.ones_like(judged)


def choose_penalty(
    features: np.ndarray, classes: np.ndarray, class_count: int, seed: int, judged: np.ndarray
) -> tuple[float, np.ndarray]:
    """The penalty with the smallest loss on held-out pictures.

    Args:
        features: as in `held_out_logits`, like the next three.
        judged: bool `[count]`, the pictures that were drawn at random. The loss is theirs where they are 20 or more.

    Returns:
        The penalty, and the logits of all pictures under it while they were held out.
    """
    logits, judged = held_out_logits(features, classes, class_count, seed), representative(judged)
    best = int(np.argmin(log_loss(logits[:, judged], classes[judged])))
    return float(PENALTIES[best]), logits[best]


def fit_temperature(logits: np.ndarray, classes: np.ndarray) -> float:
    """The temperature under which held-out logits `[count, classes]` have the smallest loss (Guo et al. 2017)."""
    low, high = np.log(TEMPERATURES)
    solution = minimize_scalar(lambda t: log_loss(logits / np.exp(t), classes), bounds=(low, high), method="bounded")
    return float(np.exp(solution.x))


def confusion_matrix(classes: np.ndarray, predicted: np.ndarray, class_count: int) -> np.ndarray:
    """How often a class, the row, was taken for another, the column: int `[class_count, class_count]`."""
    matrix = np.zeros((class_count, class_count), int)
    np.add.at(matrix, (classes, predicted), 1)
    return matrix


def accuracies(matrix: np.ndarray) -> tuple[float, float]:
    """The share of right answers, and its mean over the classes that occur (balanced accuracy)."""
    totals = matrix.sum(axis=1)
    recalls = np.diag(matrix)[totals > 0] / totals[totals > 0]
    return float(np.trace(matrix) / matrix.sum()), float(recalls.mean())
