"""The Frechet distance between normal distributions fitted to features (Heusel et al. 2017, arXiv:1706.08500).

With its interval over other images at the same counts (delete-a-group jackknife, Kott 2001), and extrapolated to
infinitely many images (Chong and Forsyth 2020, arXiv:1911.07023).
"""

from collections.abc import Iterator

import numpy as np
import scipy.linalg
from threadpoolctl import threadpool_limits

from tfgan_repro.choices import as_whole
from tfgan_repro.errors import UserError
from tfgan_repro.metrics.registries import Metric, Results
from tfgan_repro.metrics.features import FeatureSet
from tfgan_repro.metrics.intervals import (
    CONFIDENCE,
    FEWEST,
    GROUPS,
    MINIMUM,
    half_width,
    jackknife_groups,
    jackknife_method,
    jackknife_variance,
    too_few_images,
)
from tfgan_repro.metrics.statistics import FeatureStatistics, Gaussian, check_dimensions, checked_pair

# Up to this size the singular values are taken, which are exact to the last digits; beyond it, eigenvalues of the
# square, which are twice as fast and lose digits only in directions without variance.
SINGULAR_VALUES_UP_TO = 1100
POINTS = 15  # of the extrapolation
IMAGES_A_FEATURE = 2  # that it needs


def frechet_distance(
    mean_1: np.ndarray, covariance_1: np.ndarray, mean_2: np.ndarray, covariance_2: np.ndarray
) -> float:
    """The squared Frechet distance between two normal distributions.

    Args:
        mean_1: `[dimension]`.
        covariance_1: `[dimension, dimension]`, symmetric positive semidefinite.
        mean_2: as `mean_1`.
        covariance_2: as `covariance_1`.

    Returns:
        A float, at least 0 up to rounding.

    Raises:
        UserError: dimensions that differ, NaN or infinity, or a covariance that is not symmetric.
    """
    return gaussian_distance(Gaussian.of_moments(mean_1, covariance_1), Gaussian.of_moments(mean_2, covariance_2))


def feature_distance(features_1: np.ndarray, features_2: np.ndarray) -> float:
    """The squared Frechet distance between two sets of features, each `[count, dimension]`.

    Raises:
        UserError: fewer than two images, dimensions that differ, NaN or infinity.
    """
    return gaussian_distance(Gaussian.of_features(features_1), Gaussian.of_features(features_2))


def gaussian_distance(gaussian_1: Gaussian, gaussian_2: Gaussian) -> float:
    """The squared Frechet distance between two `Gaussian`.

    `|m1 - m2|^2 + tr(C1) + tr(C2) - 2 tr((C1 C2)^(1/2))`. With any factors `C = F^T F` the last trace is the nuclear
    norm of `F1 F2^T`: where there are fewer images than dimensions the centred images themselves are such factors,
    and equal sets give 0 exactly. No general matrix square root, which is slow and can turn complex.
    """
    check_dimensions(gaussian_1.dimension, gaussian_2.dimension)
    difference = gaussian_1.mean - gaussian_2.mean
    return float(difference @ difference + gaussian_1.trace + gaussian_2.trace - 2 * cross_term(gaussian_1, gaussian_2))


def cross_term(gaussian_1: Gaussian, gaussian_2: Gaussian) -> float:
    """The trace of the square root of the product of the covariances."""
    sides = (gaussian_1, gaussian_2)
    size = min(side.dimension if side.rows is None else len(side.rows) for side in sides)
    # On small matrices several threads take longer, and ten times as long where other processes use the cores as well.
    with threadpool_limits(1 if size <= SINGULAR_VALUES_UP_TO else None, "blas"):
        product = gaussian_1.factor @ gaussian_2.factor.T
        if min(product.shape) <= SINGULAR_VALUES_UP_TO:
            return float(scipy.linalg.svdvals(product, overwrite_a=True, check_finite=False).sum())
        square = product @ product.T if len(product) <= product.shape[1] else product.T @ product
        del product
        # Transposed it lies in memory as LAPACK has it, and is not copied.
        eigenvalues = scipy.linalg.eigvalsh(square.T, overwrite_a=True, check_finite=False)
        return float(np.sqrt(np.maximum(eigenvalues, 0.0)).sum())


def frechet_interval(
    features_1: np.ndarray, features_2: np.ndarray, groups: int = GROUPS, confidence: float = CONFIDENCE
) -> tuple[tuple[float, float], int]:
    """An interval for the Frechet distance of two sets of features over draws of both sets at these counts.

    Each group of images is left out once, on either side; the spread of the distances gives the variance. It is an
    interval for the score at these counts: the bias of a small count is not in it, the real-against-real value is.

    Args:
        features_1: `[count, dimension]`, in any order.
        features_2: as `features_1`.
        groups: into how many parts each side is cut, fewer where there are fewer than three images a group.
        confidence: of the interval.

    Returns:
        The pair (low, high), and the number of groups used.

    Raises:
        UserError: fewer than six images, dimensions that differ, NaN or infinity, fewer than two groups, or a
            confidence that is not between 0 and 1.
    """
    features_1, features_2 = checked_pair(features_1, features_2, minimum=MINIMUM)
    if not 0 < confidence < 1:
        raise UserError(f"confidence {confidence}: must be between 0 and 1, such as 0.95")
    groups = min(as_whole("groups", groups, 2), len(features_1) // FEWEST, len(features_2) // FEWEST)
    whole_1, whole_2 = Gaussian.of_features(features_1), Gaussian.of_features(features_2)
    variance = 0.0
    for features, other in ((features_1, whole_2), (features_2, whole_1)):
        distances = [gaussian_distance(part, other) for part in without_each_group(features, groups)]
        variance += jackknife_variance(distances)
    value = gaussian_distance(whole_1, whole_2)
    # Welch's degrees of freedom lie between those of one side and of both; one side's are the careful choice.
    half = half_width(variance, groups, confidence)
    return (max(0.0, float(value - half)), float(value + half)), groups


def without_each_group(features: np.ndarray, groups: int) -> Iterator[Gaussian]:
    """The `Gaussian` of all features but each group's."""
    count, dimension = features.shape
    group_of = jackknife_groups(count, groups)
    total = None
    for group in range(groups):
        members = group_of == group
        if count - np.count_nonzero(members) <= dimension:
            yield Gaussian.of_features(features[~members])
            continue
        # Leaving out is a subtraction: a tenth of the work of summing the rest again.
        total = total or FeatureStatistics(dimension).update(features)
        yield total.without(features[members]).gaussian()


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
    points = as_whole("points", points, 3)
    features_1, features_2 = checked_pair(features_1, features_2, minimum=2)
    dimension = features_1.shape[1]
    largest = min(len(features_1), len(features_2))
    least = IMAGES_A_FEATURE * dimension
    if largest < least:
        raise UserError(
            f"FID-infinity needs at least {least} images a side for {dimension} features, not {largest}: "
            "with fewer the bias is no straight line"
        )
    smallest = max(dimension + 1, largest // 10)
    counts = np.unique(np.rint(1 / np.linspace(1 / smallest, 1 / largest, points)).astype(int))
    if len(counts) < 3:
        raise UserError(f"FID-infinity needs at least three counts between {smallest} and {largest} images: give more")
    random = np.random.default_rng(seed)

    def draw(features: np.ndarray, count: int) -> np.ndarray:
        return features[np.sort(random.choice(len(features), count, replace=False))]

    distances = [feature_distance(draw(features_1, count), draw(features_2, count)) for count in counts]
    # The spread of a distance falls with the count, so large counts weigh more.
    (slope, intercept), covariance = np.polyfit(1 / counts, distances, 1, w=np.sqrt(counts), cov=True)
    return float(intercept), float(np.sqrt(covariance[1, 1]))


def _fid(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    return {"FID": {"value": gaussian_distance(generated.gaussian, real.gaussian)}}


def _fid_interval(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    if generated.features is None or real.features is None:
        return {"FID": {"interval": None, "interval_method": "none: needs the features of both sides"}}
    if min(generated.count, real.count) < MINIMUM:
        return {"FID": too_few_images()}
    interval, groups = frechet_interval(generated.features, real.features)
    return {"FID": {"interval": interval, "interval_method": jackknife_method(groups)}}


def _fid_infinity(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    value, error = frechet_infinity(generated.features, real.features, seed=seed)
    return {"FID-infinity": {"value": value, "standard_error": error, "points": POINTS}}


FID = Metric(_fid, needs="statistics", minimum=2, details=_fid_interval)
FID_INFINITY = Metric(_fid_infinity, needs="features", minimum=16, images_a_feature=IMAGES_A_FEATURE)
