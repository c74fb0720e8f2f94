"""How far a Frechet distance would move with other images: the delete-a-group jackknife (Kott 2001)."""

from collections.abc import Iterator

import numpy as np
import scipy.stats

from tfgan_repro.metrics.frechet import gaussian_distance
from tfgan_repro.metrics.statistics import FeatureStatistics, Gaussian, checked_pair

GROUPS = 10
MINIMUM = 6  # images a side: two groups of three


def frechet_interval(
    features_1: np.ndarray, features_2: np.ndarray, groups: int = GROUPS, confidence: float = 0.95
) -> tuple[tuple[float, float], int]:
    """An interval for the Frechet distance of two sets of features over draws of both sets at these counts.

    Each group of images is left out once, on either side; the spread of the distances gives the variance. It is an
    interval for the score at these counts: the bias of a small count is not in it, the real-against-real value is.

    Args:
        features_1: `[count, dimension]`, in no particular order.
        features_2: as `features_1`.
        groups: into how many parts each side is cut, fewer where there are fewer than three images a group.
        confidence: of the interval.

    Returns:
        The pair (low, high), and the number of groups used.

    Raises:
        UserError: fewer than six images, dimensions that differ, NaN or infinity.
    """
    features_1, features_2 = checked_pair(features_1, features_2, minimum=MINIMUM)
    groups = min(groups, len(features_1) // 3, len(features_2) // 3)
    whole_1, whole_2 = Gaussian.of_features(features_1), Gaussian.of_features(features_2)
    variance = 0.0
    for features, other in ((features_1, whole_2), (features_2, whole_1)):
        distances = np.array([gaussian_distance(part, other) for part in without_each_group(features, groups)])
        variance += (groups - 1) / groups * np.sum((distances - np.mean(distances)) ** 2)
    value = gaussian_distance(whole_1, whole_2)
    # Welch's degrees of freedom lie between those of one side and of both; one side's are the careful choice.
    half = scipy.stats.t.ppf((1 + confidence) / 2, groups - 1) * np.sqrt(variance)
    return (max(0.0, float(value - half)), float(value + half)), groups


def without_each_group(features: np.ndarray, groups: int) -> Iterator[Gaussian]:
    """The `Gaussian` of all features but each group's. Groups take turns, so that an ordered set is spread evenly."""
    count, dimension = features.shape
    total = None
    for group in range(groups):
        members = np.arange(group, count, groups)
        if count - len(members) <= dimension:
            yield Gaussian.of_features(np.delete(features, members, axis=0))
            continue
        # Leaving out is a subtraction: a tenth of the work of summing the rest again.
        total = total or FeatureStatistics(dimension).update(features)
        yield total.without(features[members]).gaussian()
