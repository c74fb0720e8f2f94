"""The Monge inception distance (Berthet et al. 2026, arXiv:2605.06797): features compared along many directions."""

import numpy as np

from tfgan_repro.choices import as_whole
from tfgan_repro.metrics.registries import Metric, Results
from tfgan_repro.metrics.features import FeatureSet
from tfgan_repro.metrics.intervals import jackknife_interval
from tfgan_repro.metrics.statistics import checked_pair

DIRECTIONS = 1000
SCALE = 3  # brings the distance to about the FID's size: three times the dimension, in the paper
ROWS = 250  # directions at once


def monge_distance(
    features_1: np.ndarray, features_2: np.ndarray, directions: int = DIRECTIONS, seed: int = 0
) -> float:
    """Three times the dimension, times the mean squared transport distance along random directions.

    Along one direction the distance is that of the sorted projections. It knows all of the distributions, not just
    their means and covariances, and needs no covariance to be estimated; a small count still adds to it.

    Args:
        features_1: `[count, dimension]`.
        features_2: as `features_1`; of the larger set as many are drawn as the smaller has.
        directions: how many are drawn, uniform on the sphere.
        seed: of the drawing of both.

    Returns:
        A float, at least 0; `3 |a|^2` on average over directions for a set and the same set moved by `a`.

    Raises:
        UserError: fewer than two images, dimensions that differ, NaN or infinity.
    """
    return transport(*matched(features_1, features_2, directions, seed))


def matched(
    features_1: np.ndarray, features_2: np.ndarray, directions: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Equally many features of both sides, and the directions along which they are compared.

    Args:
        features_1: as in `monge_distance`, with the others.

    Returns:
        Two arrays `[the smaller count, dimension]`, and unit vectors float64 `[directions, dimension]`.
    """
    features_1, features_2 = checked_pair(features_1, features_2, minimum=2)
    directions = as_whole("directions", directions, 1)
    random = np.random.default_rng(seed)
    count, dimension = min(len(features_1), len(features_2)), features_1.shape[1]
    features_1, features_2 = (
        features if len(features) == count else features[np.sort(random.choice(len(features), count, replace=False))]
        for features in (features_1, features_2)
    )
    axes = random.standard_normal((directions, dimension))
    return features_1, features_2, axes / np.linalg.norm(axes, axis=1, keepdims=True)


def transport(features_1: np.ndarray, features_2: np.ndarray, axes: np.ndarray) -> float:
    """`monge_distance` of equally many features `[count, dimension]` along given directions."""
    (count, dimension), directions = features_1.shape, len(axes)
    total = 0.0
    for start in range(0, directions, ROWS):
        places_1, places_2 = (
            np.sort(axes[start : start + ROWS] @ features.T.astype(np.float64), axis=1)
            for features in (features_1, features_2)
        )
        total += float(np.sum((places_1 - places_2) ** 2))
    return SCALE * dimension * total / (directions * count)


def _compute(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    value = monge_distance(generated.features, real.features, seed=seed)
    return {"MIND": {"value": value, "directions": DIRECTIONS}}


def _interval(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    # What is drawn of the larger side is drawn once, as for the value: anew in each part it would count as variance.
    ours, theirs, axes = matched(generated.features, real.features, DIRECTIONS, seed)

    def without(rows: np.ndarray, real_rows: np.ndarray) -> float:
        return transport(ours[rows], theirs[real_rows], axes)

    return {"MIND": jackknife_interval(without, len(ours), len(theirs))}


MIND = Metric(_compute, needs="features", details=_interval)
