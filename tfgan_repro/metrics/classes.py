"""Whether a conditional model's images show the class that was asked for, and what each class is worth."""

from typing import Any

import numpy as np
import scipy.optimize
import scipy.special

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.registries import Metric, Results
from tfgan_repro.metrics.extractor_choice import find_extractor
from tfgan_repro.metrics.features import FeatureSet
from tfgan_repro.metrics.intervals import jackknife_interval, share_interval
from tfgan_repro.metrics.frechet import feature_distance
from tfgan_repro.metrics.images import as_image_set
from tfgan_repro.metrics.statistics import checked_pair
from tfgan_repro.types import ImageSet

# Of the squared weights, beside the mean cross-entropy of standardised features.
WEIGHT_DECAY = 1e-3


def class_agreement(
    images: ImageSet, labels: np.ndarray, classifier: Any
) -> tuple[float, dict[int, float]]:
    """The share of images that a classifier gives the class of their label.

    Args:
        images: uint8 `[count, height, width, 1 or 3]`, or an image set.
        labels: int `[count]` in the order of the classifier's classes.
        classifier: an extractor with logits, or its name, such as "embedded" for the classes of CIFAR-10 or "digits"
            for digits.

    Returns:
        The share in [0, 1], and a dictionary of each label's share.

    Raises:
        UserError: labels that do not fit, or an extractor without logits.
    """
    images, labels = as_image_set(images), np.asarray(labels)
    if isinstance(classifier, str):
        classifier = find_extractor(classifier, logits=True)
    if not classifier.has_logits:
        raise UserError("class agreement needs a classifier; this extractor has no logits")
    logits = np.concatenate([outputs["logits"] for outputs in classifier.outputs(images)])
    most = logits.shape[1] - 1
    if labels.shape != (len(logits),) or labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() > most:
        raise UserError(f"class agreement needs {len(logits)} whole numbers from 0 to {most} as labels")
    return shares_right(logits.argmax(axis=1), labels)


def classification_accuracy(
    training: np.ndarray, training_labels: np.ndarray, test: np.ndarray, test_labels: np.ndarray
) -> tuple[float, dict[int, float]]:
    """How well a linear classifier trained on some images classifies others (Ravuri and Vinyals 2019,
    arXiv:1905.10887, who train a network on pixels instead).

    Trained on generated and tested on real images it says how much the generated classes are worth; the other way
    round, how many generated images show the class that was asked for. The classifier is a softmax regression on
    standardised features, whose optimum is unique.

    Args:
        training: features `[n, dimension]`.
        training_labels: int `[n]`.
        test: features `[m, dimension]`.
        test_labels: int `[m]`; those of classes without training images are never found.

    Returns:
        The share of the test images whose class is found, in [0, 1], and a dictionary of each label's share.

    Raises:
        UserError: labels that do not fit, fewer than two classes, dimensions that differ, NaN or infinity.
    """
    training, test = checked_pair(training, test)
    training_labels, test_labels = check_labels(training, training_labels), check_labels(test, test_labels)
    known, targets = np.unique(training_labels, return_inverse=True)
    if len(known) < 2:
        raise UserError("a classifier needs training images of at least two classes")
    mean, deviation = training.mean(axis=0, dtype=np.float64), training.std(axis=0, dtype=np.float64)
    deviation[deviation == 0] = 1
    weights = softmax_regression((training - mean) / deviation, targets, len(known))
    logits = (test - mean) / deviation @ weights[:-1] + weights[-1]
    return shares_right(known[logits.argmax(axis=1)], test_labels)


def softmax_regression(features: np.ndarray, targets: np.ndarray, class_count: int) -> np.ndarray:
    """The weights of a linear classifier, float64 `[dimension + 1, class_count]`, the last row its bias."""
    ones = np.append(features, np.ones((len(features), 1)), axis=1)
    wanted = np.eye(class_count)[targets]
    decay = np.append(np.full(features.shape[1], WEIGHT_DECAY), 0)[:, None]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(-1, class_count)
        log_p = scipy.special.log_softmax(ones @ weights, axis=1)
        value = -np.sum(wanted * log_p) / len(ones) + np.sum(decay * weights**2) / 2
        gradient = ones.T @ (np.exp(log_p) - wanted) / len(ones) + decay * weights
        return float(value), gradient.ravel()

    start = np.zeros((ones.shape[1], class_count)).ravel()
    found = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 1000})
    return found.x.reshape(-1, class_count)


def shares_right(found: np.ndarray, labels: np.ndarray) -> tuple[float, dict[int, float]]:
    """The share of labels that were found, of all and by label."""
    right = found == labels
    return float(right.mean()), {int(label): float(right[labels == label].mean()) for label in np.unique(labels)}


def check_labels(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    labels = np.asarray(labels)
    if labels.shape != (len(features),):
        raise UserError(f"labels of shape {labels.shape} do not fit {len(features)} images")
    return labels


def per_class_distances(
    generated: np.ndarray, generated_labels: np.ndarray, real: np.ndarray, real_labels: np.ndarray
) -> dict[int, float]:
    """Compare the generated images of each class with the real ones of that class.

    A class has few images, so its distance is biased more than the whole set's: compare classes of equal counts, or
    with the value of real images against real ones.

    Args:
        generated: features `[n, dimension]`.
        generated_labels: int `[n]`.
        real: features `[m, dimension]`.
        real_labels: int `[m]`.

    Returns:
        A dictionary from each class to its squared Frechet distance.

    Raises:
        UserError: labels that do not fit, a class with fewer than two images on a side, or on one side only.
    """
    generated, real = checked_pair(generated, real)
    generated_labels, real_labels = check_labels(generated, generated_labels), check_labels(real, real_labels)
    distances = {}
    for label in np.union1d(generated_labels, real_labels).tolist():
        ours, theirs = generated[generated_labels == label], real[real_labels == label]
        if min(len(ours), len(theirs)) < 2:
            raise UserError(
                f"class {label} has {len(ours)} generated and {len(theirs)} real images; each class needs 2 of both"
            )
        distances[label] = feature_distance(ours, theirs)
    return distances


def _per_class(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    distances = per_class_distances(generated.features, generated.labels, real.features, real.labels)
    return {"FID-per-class": {"value": float(np.mean(list(distances.values()))), "per_class": distances}}


def _per_class_interval(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    def without(rows: np.ndarray, real_rows: np.ndarray) -> float:
        ours, theirs = generated.take(rows), real.take(real_rows)
        distances = per_class_distances(ours.features, ours.labels, theirs.features, theirs.labels)
        return float(np.mean(list(distances.values())))

    try:
        return {"FID-per-class": jackknife_interval(without, len(generated.features), len(real.features))}
    except UserError:  # a class of two images on a side
        return {"FID-per-class": {"interval": None, "interval_method": "none: a class has too few images"}}


def _classification_accuracy(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    share, per_class = classification_accuracy(generated.features, generated.labels, real.features, real.labels)
    return {
        "classification-accuracy": {
            "value": share,
            **share_interval(share, len(real.features), "real images"),
            "per_class": per_class,
            "classifier": "softmax regression on the features of the generated images",
        }
    }


# The value is the mean over the classes.
FID_PER_CLASS = Metric(_per_class, needs="labels", details=_per_class_interval)
CLASSIFICATION_ACCURACY = Metric(_classification_accuracy, needs="labels")
