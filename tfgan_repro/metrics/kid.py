"""The kernel inception distance (Binkowski et al. 2018, arXiv:1801.01401): unbiased, whatever the counts."""

from typing import Any

import numpy as np

from tfgan_repro.choices import as_whole
from tfgan_repro.metrics.registries import Metric, Results
from tfgan_repro.metrics.features import FeatureSet
from tfgan_repro.metrics.intervals import jackknife_interval
from tfgan_repro.metrics.statistics import checked_pair

SUBSETS, SUBSET_SIZE = 100, 1000
BLOCK = 2048


def kernel_distance(features_1: np.ndarray, features_2: np.ndarray) -> float:
    """The unbiased squared maximum mean discrepancy under the kernel `(x.y / dimension + 1)^3`, over all pairs.

    Computed block by block in float64.

    Args:
        features_1: `[count, dimension]`.
        features_2: as `features_1`; the counts may differ.

    Returns:
        A float, 0 on average for two samples of one distribution; it can be negative.

    Raises:
        UserError: fewer than two images, dimensions that differ, NaN or infinity.
    """
    features_1, features_2 = checked_pair(features_1, features_2, minimum=2)
    n, m = len(features_1), len(features_2)
    within_1 = (kernel_sum(features_1, features_1) - kernel_diagonal(features_1)) / (n * (n - 1))
    within_2 = (kernel_sum(features_2, features_2) - kernel_diagonal(features_2)) / (m * (m - 1))
    return float(within_1 + within_2 - 2 * kernel_sum(features_1, features_2) / (n * m))


def kernel_sum(features_1: np.ndarray, features_2: np.ndarray) -> float:
    """The sum of the kernel over all pairs."""
    total = 0.0
    for i in range(0, len(features_1), BLOCK):
        rows = features_1[i : i + BLOCK].astype(np.float64) / features_1.shape[1]
        for j in range(0, len(features_2), BLOCK):
            if features_1 is features_2 and j < i:
                continue  # the kernel is symmetric
            block = rows @ features_2[j : j + BLOCK].astype(np.float64).T
            block += 1
            value = np.vdot(block * block, block)
            total += 2 * value if features_1 is features_2 and j > i else value
    return total


def kernel_diagonal(features: np.ndarray) -> float:
    """The sum of the kernel of each image with itself."""
    squares = np.einsum("ij,ij->i", features, features, dtype=np.float64)
    return np.sum((squares / features.shape[1] + 1) ** 3)


def kernel_distance_subsets(
    features_1: np.ndarray,
    features_2: np.ndarray,
    subsets: int = SUBSETS,
    subset_size: int = SUBSET_SIZE,
    seed: int = 0,
) -> np.ndarray:
    """`kernel_distance` on random subsets, as KID is commonly reported.

    Args:
        features_1: `[count, dimension]`.
        features_2: as `features_1`.
        subsets: how many are drawn.
        subset_size: images a subset on either side; the smaller count where there are fewer.
        seed: of the drawing.

    Returns:
        float64 `[subsets]`; KID is their mean, its commonly printed spread their standard deviation. Where a subset
        would be all images of both sides there is only one.

    Raises:
        UserError: as `kernel_distance`.
    """
    features_1, features_2 = checked_pair(features_1, features_2, minimum=2)
    subsets = as_whole("subsets", subsets, 1)
    size = min(as_whole("subset_size", subset_size, 2), len(features_1), len(features_2))
    if size == len(features_1) == len(features_2):
        return np.array([kernel_distance(features_1, features_2)])  # every subset would be the whole
    random = np.random.default_rng(seed)

    def draw(features: np.ndarray) -> np.ndarray:
        return features[random.choice(len(features), size, replace=False)]

    return np.array([kernel_distance(draw(features_1), draw(features_2)) for _ in range(subsets)])


def _compute(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    values = kernel_distance_subsets(generated.features, real.features, seed=seed)
    result = {
        "value": values.mean(),
        "standard_deviation": values.std() if len(values) > 1 else None,
        "subsets": len(values),
        "subset_size": min(SUBSET_SIZE, generated.count, real.count),
    }
    return {"KID": result}


def _interval(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    """That of all pairs where the value is of all pairs; where there are several subsets, their spread is printed."""
    whole = len(generated.features) == len(real.features) <= SUBSET_SIZE
    return {"KID": whole_interval(generated.features, real.features) if whole else {}}


def _interval_full(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    return {"KID-full": whole_interval(generated.features, real.features)}


def whole_interval(features_1: np.ndarray, features_2: np.ndarray) -> dict[str, Any]:
    """The interval of `kernel_distance`; see `jackknife_interval`."""
    return jackknife_interval(
        lambda rows_1, rows_2: kernel_distance(features_1[rows_1], features_2[rows_2]), len(features_1), len(features_2)
    )


def _compute_full(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    return {"KID-full": {"value": kernel_distance(generated.features, real.features)}}


KID = Metric(_compute, needs="features", details=_interval)
KID_FULL = Metric(_compute_full, needs="features", details=_interval_full)
