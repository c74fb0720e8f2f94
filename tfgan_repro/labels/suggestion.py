"""Which pictures to label next: at first one of each kind, then those of which a classifier is least sure."""

import warnings
from collections.abc import Sequence

import numpy as np
from scipy.cluster.vq import kmeans2

from tfgan_repro.errors import UserError
from tfgan_repro.labels.classifier import Scaling
from tfgan_repro.labels.collection import Collection
from tfgan_repro.labels.crossvalidation import choose_penalty
from tfgan_repro.labels.logistic import fit_logistic, logits_of, probabilities_of
from tfgan_repro.labels.table import RANDOM, Labels

# Where too little is labelled to choose one.
DEFAULT_PENALTY = 0.1
# One picture in so many is drawn at random.
RANDOM_PART = 4
# A squared distance; that of two pictures drawn at random is 2, because features have a total variance of 1.
NEAR_COPY = 0.1


def suggest_files(collection: Collection, labels: Labels, count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Choose pictures to be labelled.

    Args:
        collection: a `Collection`.
        labels: a `Labels`, perhaps empty; what was shown already is not suggested again.
        count: how many; where fewer are left, those.
        seed: of the choice.

    Returns:
        Pairs of a file and why it was chosen, "random", "typical" or "unsure".

    Raises:
        UserError: labels of absent files, or nothing left to label.
    """
    rows, named = collection.rows_of(labels.classes)
    free = np.array([row for row, file in enumerate(collection.files) if file not in labels.seen], int)
    if not len(free):
        raise UserError(f"every picture in {collection.folder} was shown already")
    features = Scaling.of(collection.features)(collection.features)
    judged = random_rows(collection, labels, rows)
    chosen, reasons = choose(features, free, rows, named, judged, count, np.random.default_rng(seed))
    return [(collection.files[row], reason) for row, reason in zip(chosen, reasons)]


def random_rows(collection: Collection, labels: Labels, rows: np.ndarray) -> np.ndarray:
    """Which of the labelled rows were drawn at random, bool `[labelled]`."""
    return np.array([collection.files[row] in labels.random for row in rows], bool)


def choose(
    features: np.ndarray,
    free: np.ndarray,
    labelled: np.ndarray,
    classes: Sequence[str],
    judged: np.ndarray,
    count: int,
    random_state: np.random.Generator,
) -> tuple[np.ndarray, list[str]]:
    """Choose rows: a quarter at random, the others those of which a classifier is most unsure.

    Without the random ones nobody could say how good the classifier is: cross-validated on hard pictures only, it
    seems far worse than it is. Strategies that also spread the choice (BADGE, cluster-margin, weighted k-means++) did
    no better, see `docs/labels.md`; only near-copies are avoided. Where no classifier can be trained yet, typical
    pictures take the place of unsure ones.

    Args:
        features: float64 `[count, dimension]`, as `Scaling` makes them.
        free: rows that can be chosen.
        labelled: rows that have a class.
        classes: the class of each of these.
        judged: bool `[labelled]`, as in `choose_penalty`.
        count: how many rows to choose.
        random_state: a NumPy generator.

    Returns:
        Rows, int `[min(count, free)]`, and a list of the reason for each.
    """
    count = min(count, len(free))
    drawn = random_state.choice(free, count // RANDOM_PART, replace=False)
    free = np.setdiff1d(free, drawn)
    rest = count - len(drawn)
    if len(set(classes)) < 2:
        found, reason = typical(features[free], rest, random_state), "typical"
    else:
        unsure = uncertainty(features, labelled, classes, judged)[free]
        found, reason = without_copies(features[free], np.argsort(-unsure, kind="stable"), rest), "unsure"
    return np.concatenate([drawn, free[found]]), [RANDOM] * len(drawn) + [reason] * rest


def typical(features: np.ndarray, count: int, random_state: np.random.Generator) -> np.ndarray:
    """The row nearest to the middle of each of `count` clusters (Hacohen et al. 2022 begin like this).

    Returns:
        Rows, int `[count]`; any of the others take the place of clusters that stay empty, as copies make them.
    """
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.simplefilter("ignore", UserWarning)  # empty clusters
        centres, cluster = kmeans2(features, count, minit="++", rng=random_state)
    distances = ((features - centres[cluster]) ** 2).sum(axis=1)
    order = np.lexsort((distances, cluster))
    chosen = order[np.unique(cluster[order], return_index=True)[1]]
    others = np.setdiff1d(np.arange(len(features)), chosen)
    return np.concatenate([chosen, random_state.permutation(others)[: count - len(chosen)]])


def without_copies(features: np.ndarray, order: np.ndarray, count: int) -> np.ndarray:
    """The first `count` rows in an order, near-copies of earlier ones only where nothing else is left.

    Returns:
        Rows, int `[count]`.
    """
    chosen: list = []
    copies: list = []
    for row in order:
        if len(chosen) == count:
            break
        distances = ((features[chosen] - features[row]) ** 2).sum(axis=1)
        (copies if (distances < NEAR_COPY).any() else chosen).append(row)
    return np.array((chosen + copies)[:count])


def uncertainty(features: np.ndarray, labelled: np.ndarray, classes: Sequence[str], judged: np.ndarray) -> np.ndarray:
    """How unsure a classifier of the labelled rows is of each row: 1 minus the lead of its first over its second class.

    Returns:
        float64 `[count]` in [0, 1].
    """
    names, targets = np.unique(classes, return_inverse=True)
    known, penalty = features[labelled], DEFAULT_PENALTY
    if np.bincount(targets).min() > 1:
        penalty, _ = choose_penalty(known, targets, len(names), 0, judged)
    weights = fit_logistic(known, targets, len(names), penalty)
    ordered = np.sort(probabilities_of(logits_of(features, weights)), axis=1)
    return 1 - (ordered[:, -1] - ordered[:, -2])
