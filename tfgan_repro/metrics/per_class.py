"""The Frechet distance of each class by itself, for conditional models."""

from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.frechet import feature_distance
from tfgan_repro.metrics.metric import Metric
from tfgan_repro.metrics.statistics import checked_pair

if TYPE_CHECKING:
    from tfgan_repro.metrics.features import FeatureSet


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
    generated_labels, real_labels = np.asarray(generated_labels), np.asarray(real_labels)
    for labels, features in ((generated_labels, generated), (real_labels, real)):
        if labels.shape != (len(features),):
            raise UserError(f"labels of shape {labels.shape} do not fit {len(features)} images")
    distances = {}
    for label in np.union1d(generated_labels, real_labels).tolist():
        ours, theirs = generated[generated_labels == label], real[real_labels == label]
        if min(len(ours), len(theirs)) < 2:
            raise UserError(
                f"class {label} has {len(ours)} generated and {len(theirs)} real images; each class needs 2 of both"
            )
        distances[label] = feature_distance(ours, theirs)
    return distances


def _compute(generated: "FeatureSet", real: "FeatureSet", seed: int) -> dict[str, dict[str, Any]]:
    for images in (generated, real):
        if images.labels is None or images.features is None:
            raise UserError("metric fid-per-class needs a conditional model and real images with labels")
    distances = per_class_distances(generated.features, generated.labels, real.features, real.labels)
    return {"FID-per-class": {"value": float(np.mean(list(distances.values()))), "per_class": distances}}


# The value is the mean over the classes.
FID_PER_CLASS = Metric(_compute, needs="labels")
