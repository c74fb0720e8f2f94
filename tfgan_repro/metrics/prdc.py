"""Precision and recall (Kynkaanniemi et al. 2019, arXiv:1904.06991), density and coverage (Naeem et al. 2020,
arXiv:2002.09797): fidelity and variety apart, from balls around each image that reach to its k-th neighbour."""

from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_repro.metrics.metric import Metric
from tfgan_repro.metrics.neighbours import distance_blocks, nearest_neighbours, tolerance
from tfgan_repro.metrics.statistics import checked_pair

if TYPE_CHECKING:
    from tfgan_repro.metrics.features import FeatureSet


PRECISION_K, DENSITY_K = 3, 5


def ball_counts(features: np.ndarray, centres: np.ndarray, radii: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How the balls around some images meet others.

    Args:
        features: `[n, dimension]`.
        centres: `[m, dimension]`.
        radii: squared radius of the ball around each centre, float64 `[m]`. The border belongs to the ball.

    Returns:
        How many balls hold each of the features, int64 `[n]`, and whether each ball holds any of them, bool `[m]`.
    """
    holding = np.zeros(len(features), np.int64)
    hit = np.zeros(len(centres), bool)
    # A neighbour that made the radius lies on the border; rounding must not throw it out.
    radii = radii + tolerance(centres, features)
    for i, j, block in distance_blocks(features, centres):
        inside = block <= radii[j : j + block.shape[1]]
        holding[i : i + len(block)] += inside.sum(axis=1)
        hit[j : j + block.shape[1]] |= inside.any(axis=0)
    return holding, hit


def radii_of(features: np.ndarray, k: int) -> np.ndarray:
    """The squared distance of each image to its k-th neighbour, itself excluded."""
    return nearest_neighbours(features, features, k, exclude_self=True)[0][:, -1]


def precision_and_recall(generated: np.ndarray, real: np.ndarray, k: int = PRECISION_K) -> tuple[float, float]:
    """Improved precision and recall.

    Args:
        generated: features `[n, dimension]`.
        real: features `[m, dimension]`.
        k: the balls reach to the k-th neighbour.

    Returns:
        Precision, the share of generated images within a real image's ball, and recall, the share of real images
        within a generated image's.

    Raises:
        UserError: k or fewer images on a side, dimensions that differ, NaN or infinity.
    """
    generated, real = checked_pair(generated, real, minimum=k + 1)
    in_real, _ = ball_counts(generated, real, radii_of(real, k))
    in_generated, _ = ball_counts(real, generated, radii_of(generated, k))
    return float(np.mean(in_real > 0)), float(np.mean(in_generated > 0))


def density_and_coverage(generated: np.ndarray, real: np.ndarray, k: int = DENSITY_K) -> tuple[float, float]:
    """Density and coverage.

    Args:
        generated: features `[n, dimension]`.
        real: features `[m, dimension]`.
        k: the balls reach to the k-th neighbour.

    Returns:
        Density, the mean number of real images' balls around a generated image, divided by k (it can exceed 1), and
        coverage, the share of real images whose ball holds a generated one. For two samples of one distribution
        coverage is `expected_coverage` on average and density 1.

    Raises:
        UserError: as `precision_and_recall`.
    """
    generated, real = checked_pair(generated, real, minimum=k + 1)
    holding, hit = ball_counts(generated, real, radii_of(real, k))
    return float(holding.mean() / k), float(hit.mean())


def expected_coverage(real_count: int, generated_count: int, k: int = DENSITY_K) -> float:
    """Coverage of a perfect generator: 1 - prod_j (N - 1 - j) / (M + N - 1 - j), j < k (Naeem et al., appendix)."""
    j = np.arange(k)
    return float(1 - np.prod((real_count - 1 - j) / (generated_count + real_count - 1 - j)))


def _compute(generated: "FeatureSet", real: "FeatureSet", seed: int) -> dict[str, dict[str, Any]]:
    precision, recall = precision_and_recall(generated.features, real.features)
    density, coverage = density_and_coverage(generated.features, real.features)
    return {
        "precision": {"value": precision, "k": PRECISION_K},
        "recall": {"value": recall, "k": PRECISION_K},
        "density": {"value": density, "k": DENSITY_K},
        "coverage": {
            "value": coverage,
            "k": DENSITY_K,
            "expected_of_equal_distributions": expected_coverage(real.count, generated.count),
        },
    }


PRDC = Metric(_compute, needs="features", minimum=DENSITY_K + 1)
