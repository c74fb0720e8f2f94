"""From labelled pictures to a classifier that knows how good it is."""

import warnings
from collections import Counter
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from threadpoolctl import threadpool_limits

from tfgan_repro.errors import UserError
from tfgan_repro.labels import HEADS
from tfgan_repro.labels.classifier import Classifier, Scaling
from tfgan_repro.labels.features import PictureFeatures
from tfgan_repro.labels.label_files import Labels, first_names

FOLDS = 5
# Random pictures below which a classifier is judged on all instead.
FEWEST_RANDOM = 20
TEMPERATURES = (0.2, 5.0)
# Of the network: hidden units, the share of them left out, and updates, each from all labelled pictures: they are few.
UNITS, DROPOUT, STEPS = 32, 0.5, 60


class NetworkHead(ClassifierMixin, BaseEstimator):
    """A network with one hidden layer, in scikit-learn's interface.

    Args:
        C: as in `LogisticRegression`, one over the L2 penalty.
    """

    def __init__(self, C: float = 1.0) -> None:
        self.C = C

    def fit(self, features: np.ndarray, classes: np.ndarray) -> "NetworkHead":
        """Fit features float64 `[count, dimension]` of total variance about 1 and classes int `[count]`."""
        self.classes_ = np.unique(classes)
        # Of unit variance each, as layers are made for.
        gain = np.sqrt(features.shape[1])
        penalty = keras.regularizers.L2(1 / (2 * self.C * len(features)))
        keras.utils.set_random_seed(0)
        network = keras.Sequential(
            [
                keras.layers.Input(features.shape[1:]),
                keras.layers.Dense(UNITS, "relu", kernel_regularizer=penalty),
                keras.layers.Dropout(DROPOUT),
                keras.layers.Dense(len(self.classes_), kernel_regularizer=penalty),
            ]
        )
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        network.compile(keras.optimizers.Adam(0.01), loss, jit_compile=False)  # compiling would take longer
        inputs, targets = gain * features, np.searchsorted(self.classes_, classes)
        for _ in range(STEPS):
            network.train_on_batch(inputs, targets)
        hidden, bias, weights, last_bias = (np.asarray(values, np.float64) for values in network.get_weights())
        self.layers_ = np.vstack([gain * hidden, bias]), np.vstack([weights, last_bias])
        return self

    def decision_function(self, features: np.ndarray) -> np.ndarray:
        """Logits `[count, classes]`."""
        hidden, weights = self.layers_
        return np.maximum(features @ hidden[:-1] + hidden[-1], 0) @ weights[:-1] + weights[-1]

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Classes int `[count]`."""
        return self.classes_[self.decision_function(features).argmax(axis=1)]


# The inverse of the penalty is for features of total variance 1. Weaker penalties were no better on the sets of
# docs/labels.md.
LOGISTIC = tuple(LogisticRegression(C=inverse, max_iter=1000) for inverse in 10.0 ** np.arange(-0.5, 2.5, 0.5))
NETWORK = (NetworkHead(),)


def layers_of(head: Any) -> tuple[np.ndarray, ...]:
    """A fitted head as `Classifier.layers`."""
    if isinstance(head, NetworkHead):
        return head.layers_
    layer = np.vstack([head.coef_.T, head.intercept_])
    return (two_logits(layer),)


def two_logits(values: np.ndarray) -> np.ndarray:
    """Logits of two classes, of which scikit-learn gives only the difference, as `[..., 2]`; others as they are."""
    values = values.reshape(len(values), -1)
    return np.hstack([-values, values]) / 2 if values.shape[1] == 1 else values


def held_out_logits(head: Any, features: np.ndarray, classes: np.ndarray, seed: int) -> np.ndarray:
    """The logits of each picture by heads that have not seen it.

    Args:
        head: an estimator with a `decision_function`.
        features: float64 `[count, dimension]` of total variance about 1.
        classes: int `[count]`, two pictures or more each.
        seed: of the folds.

    Returns:
        float64 `[count, classes]`.
    """
    folds = StratifiedKFold(min(FOLDS, int(np.bincount(classes).max())), shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # A class of fewer pictures than folds is in as many folds as it has pictures, which is enough.
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        return two_logits(cross_val_predict(head, features, classes, cv=folds, method="decision_function"))


def representative(random: np.ndarray) -> np.ndarray:
    """Which held-out pictures a classifier is judged on: those drawn at random, or all where these are too few.

    Args:
        random: bool `[count]`, those drawn at random.
    """
    return random if random.sum() >= FEWEST_RANDOM else np.ones_like(random)


def choose_head(
    heads: Sequence[Any], features: np.ndarray, classes: np.ndarray, random: np.ndarray, seed: int
) -> tuple[Any, np.ndarray]:
    """The head with the smallest loss on held-out pictures, fitted to all.

    Args:
        heads: estimators to choose among.
        features: as in `held_out_logits`, like the next and the last.
        classes: int `[count]` in `[0, class count)`.
        random: bool `[count]`, the pictures that were drawn at random. The loss is theirs where they are 20 or more.
        seed: of the folds.

    Returns:
        The head, and the held-out logits of all pictures under it.
    """
    judged = representative(random)
    # Several threads would wait for one another on matrices as small as these.
    with threadpool_limits(1):
        logits = [held_out_logits(head, features, classes, seed) for head in heads]
        best = int(np.argmin([log_loss_of(values[judged], classes[judged]) for values in logits]))
        return heads[best].fit(features, classes), logits[best]


def log_loss_of(logits: np.ndarray, classes: np.ndarray) -> float:
    """The mean cross entropy of logits `[count, classes]`."""
    return log_loss(classes, softmax(logits, axis=1), labels=np.arange(logits.shape[1]))


def fit_temperature(logits: np.ndarray, classes: np.ndarray) -> float:
    """The temperature under which held-out logits `[count, classes]` have the smallest loss (Guo et al. 2017)."""
    bounds = np.log(TEMPERATURES)
    solution = minimize_scalar(lambda t: log_loss_of(logits / np.exp(t), classes), bounds=bounds, method="bounded")
    return float(np.exp(solution.x))


def train_classifier(
    pictures: PictureFeatures, labels: Labels, extractor: dict[str, Any], seed: int = 0, head: str = "logistic"
) -> Classifier:
    """Fit and calibrate a classifier, and measure it on pictures that it has not seen.

    It is calibrated and measured on those that were drawn at random; where these are too few, on all.

    Args:
        pictures: the `PictureFeatures` of a folder.
        labels: the `Labels` of some of them.
        extractor: the protocol of the extractor that made the features.
        seed: of the cross-validation's folds.
        head: a name in `HEADS`.

    Raises:
        UserError: labels of absent files, fewer than two classes, or a class with one picture.
    """
    check_classes(labels.classes)
    rows, names = pictures.rows_of(labels.classes)
    classes, targets = np.unique(names, return_inverse=True)
    scaling = Scaling.of(pictures.features)
    random = random_rows(pictures, labels, rows)
    chosen, logits = choose_head(HEADS.load(head), scaling(pictures.features[rows]), targets, random, seed)
    judged = representative(random)
    temperature = fit_temperature(logits[judged], targets[judged])
    return Classifier(
        tuple(map(str, classes)),
        labels.column,
        scaling,
        layers_of(chosen),
        temperature,
        extractor,
        {
            "labels": len(rows),
            "judged_on": int(judged.sum()),
            "drawn_at_random": bool(random[judged].all()),
            "head": head,
            "penalty": 1 / float(chosen.C),
            "seed": seed,
            **measured(softmax(logits[judged] / temperature, axis=1), targets[judged]),
        },
    )


def random_rows(pictures: PictureFeatures, labels: Labels, rows: np.ndarray) -> np.ndarray:
    """Which of the labelled rows were drawn at random, bool `[labelled]`."""
    return np.array([pictures.files[row] in labels.random for row in rows], bool)


def check_classes(labels: dict[str, str]) -> None:
    """Refuse labels that a classifier cannot be trained and measured on.

    Raises:
        UserError: fewer than two classes, or a class with one picture.
    """
    counts = Counter(labels.values())
    if len(counts) < 2:
        names = first_names(counts) or "no class"
        raise UserError(f"{len(labels)} labels of {names}: a classifier needs two classes or more")
    if single := sorted(name for name, count in counts.items() if count < 2):
        raise UserError(f"only one picture is labelled {first_names(single)}: label another one of it, or none")


def measured(probabilities: np.ndarray, targets: np.ndarray) -> dict[str, Any]:
    """What a classifier is worth, from its probabilities for held-out pictures.

    Args:
        probabilities: float64 `[count, classes]`.
        targets: int `[count]`, the true classes.

    Returns:
        A dictionary of `accuracy`, `balanced_accuracy` (the mean over the classes that occur), `expected_accuracy`
        (what the probabilities promise), `largest_class` (what always saying the commonest class would get) and
        `confusion`, rows the true classes.
    """
    predicted = probabilities.argmax(axis=1)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "y_pred contains classes not in y_true", UserWarning)
        balanced = float(balanced_accuracy_score(targets, predicted))
    return {
        "accuracy": float(accuracy_score(targets, predicted)),
        "balanced_accuracy": balanced,
        "expected_accuracy": float(probabilities.max(axis=1).mean()),
        "largest_class": float(np.bincount(targets).max() / len(targets)),
        "confusion": confusion_matrix(targets, predicted, labels=np.arange(probabilities.shape[1])).tolist(),
    }
