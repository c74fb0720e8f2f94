"""Which pictures to label next: at first one of each kind, then those of which a classifier is least sure."""

import warnings
from collections.abc import Sequence

import numpy as np
from scipy.cluster.vq import kmeans2
from sklearn.linear_model import LogisticRegression

from tfgan_repro.errors import UserError
from tfgan_repro.labels.classifier import Scaling
from tfgan_repro.labels.features import PictureFeatures
from tfgan_repro.labels.label_files import RANDOM, Labels
from tfgan_repro.labels.training import LOGISTIC, choose_head, random_rows

# Where too little is labelled to choose a penalty.
DEFAULT_HEAD = LogisticRegression(C=10.0, max_iter=1000)
# One picture in so many is drawn at random.
RANDOM_PART = 4
# A squared distance; that of two pictures drawn at random is 2, because features have a total variance of 1.
NEAR_COPY = 0.1


def suggest_files(pictures: PictureFeatures, labels: Labels, count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Choose pictures to be labelled.

    Args:
        pictures: the `PictureFeatures` of a folder.
        labels: `Labels`, perhaps none; pictures that were looked at are not suggested again.
        count: how many; where fewer are left, those.
        seed: of the choice.

    Returns:
        Pairs of a file and why it was chosen, "random", "typical" or "unsure".

    Raises:
        UserError: labels of absent files, or nothing left to label.
    """
    rows, classes = pictures.rows_of(labels.classes)
    free = np.array([row for row, file in enumerate(pictures.files) if file not in labels.seen], int)
    if not len(free):
        raise UserError(f"every picture in {pictures.folder} was shown already")
    features = Scaling.of(pictures.features)(pictures.features)
    random = random_rows(pictures, labels, rows)
    chosen, reasons = choose_rows(features, free, rows, classes, random, count, np.random.default_rng(seed))
    return [(pictures.files[row], reason) for row, reason in zip(chosen, reasons)]


def choose_rows(
    features: np.ndarray,
    free: np.ndarray,
    labelled: np.ndarray,
    classes: Sequence[str],
    random: np.ndarray,
    count: int,
    generator: np.random.Generator,
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
        random: bool `[labelled]`, as in `choose_head`.
        count: how many rows to choose.
        generator: of random numbers.

    Returns:
        Rows, int `[min(count, free)]`, and a list of the reason for each.
    """
    count = min(count, len(free))
    drawn = generator.choice(free, count // RANDOM_PART, replace=False)
    free = np.setdiff1d(free, drawn)
    rest = count - len(drawn)
    if len(set(classes)) < 2:
        found, reason = typical(features[free], rest, generator), "typical"
    else:
        unsure = uncertainty(features, labelled, classes, random)[free]
        found, reason = without_copies(features[free], np.argsort(-unsure, kind="stable"), rest), "unsure"
    return np.concatenate([drawn, free[found]]), [RANDOM] * len(drawn) + [reason] * rest


def typical(features: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """The row nearest to the middle of each of `count` clusters (Hacohen et al. 2022 begin like this).

    Returns:
        Rows, int `[count]`; any of the others take the place of clusters that stay empty, as copies make them.
    """
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.simplefilter("ignore", UserWarning)  # empty clusters
        centres, cluster = kmeans2(features, count, minit="++", rng=generator)
    distances = ((features - centres[cluster]) ** 2).sum(axis=1)
    order = np.lexsort((distances, cluster))
    chosen = order[np.unique(cluster[order], return_index=True)[1]]
    others = np.setdiff1d(np.arange(len(features)), chosen)
    return np.concatenate([chosen, generator.permutation(others)[: count - len(chosen)]])


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


def uncertainty(features: np.ndarray, labelled: np.ndarray, classes: Sequence[str], random: np.ndarray) -> np.ndarray:
    """How unsure a classifier of the labelled rows is of each row: 1 minus the lead of its first over its second class.

    Returns:
        float64 `[count]` in [0, 1].
    """
    names, targets = np.unique(classes, return_inverse=True)
    known = features[labelled]
    if np.bincount(targets).min() > 1:
        head, _ = choose_head(LOGISTIC, known, targets, random, seed=0)
    else:
        head = DEFAULT_HEAD.fit(known, targets)
    ordered = np.sort(head.predict_proba(features), axis=1)
    return 1 - (ordered[:, -1] - ordered[:, -2])
