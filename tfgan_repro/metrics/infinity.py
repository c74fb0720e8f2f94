"""The Frechet distance extrapolated to infinitely many images (Chong and Forsyth 2020, arXiv:1911.07023)."""

from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.frechet import feature_distance
from tfgan_repro.metrics.metric import Metric
from tfgan_repro.metrics.statistics import checked_pair

if TYPE_CHECKING:
    from tfgan_repro.metrics.features import FeatureSet


POINTS = 15


def frechet_infinity(
    features_1: np.ndarray, features_2: np.ndarray, points: int = POINTS, seed: int = 0
) -> tuple[float, float]:
    """The intercept of a straight line through Frechet distances at several counts, against 1 / count.

    Unlike in the paper, whose real set is large, both sides are cut to the same count, because a small real set is
    biased as well. The bias is proportional to 1 / count only above the dimension: smaller counts are not used.

    Args:
        features_1: `[count, dimension]`.
        features_2: as `features_1`.
        points: how many counts, equally spaced in 1 / count up to the smaller side's.
        seed: of the drawing of subsets.

    Returns:
        The intercept, and the standard error of the fit.

    Raises:
        UserError: fewer images than twice the dimension, dimensions that differ, NaN or infinity.
    """
    features_1, features_2 = checked_pair(features_1, features_2, minimum=2)
    dimension = features_1.shape[1]
    largest = min(len(features_1), len(features_2))
    if largest < 2 * dimension:
        raise UserError(
            f"FID-infinity needs at least {2 * dimension} images a side for {dimension} features, not {largest}: "
            "with fewer the bias is no straight line"
        )
    smallest = max(dimension + 1, largest // 10)
    counts = np.unique(np.rint(1 / np.linspace(1 / smallest, 1 / largest, points)).astype(int))
    random = np.random.default_rng(seed)

    def draw(features: np.ndarray, count: int) -> np.ndarray:
        return features[np.sort(random.choice(len(features), count, replace=False))]

    distances = [feature_distance(draw(features_1, count), draw(features_2, count)) for count in counts]
    # The spread of a distance falls with the count, so large counts weigh more.
    (slope, intercept), covariance = np.polyfit(1 / counts, distances, 1, w=np.sqrt(counts), cov=True)
    return float(intercept), float(np.sqrt(covariance[1, 1]))


def _compute(generated: "FeatureSet", real: "FeatureSet", seed: int) -> dict[str, dict[str, Any]]:
    value, error = frechet_infinity(generated.features, real.features, seed=seed)
    return {"FID-infinity": {"value": value, "standard_error": error, "points": POINTS}}


FID_INFINITY = Metric(_compute, needs="features", minimum=16)
