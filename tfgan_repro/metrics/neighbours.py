"""Metrics from the distances between all pairs of images: fidelity, variety and copies.

Distances are computed block by block in float64, whatever the features are: neighbours at equal distance, such as
copies of one image, must come out equal.
"""

from collections.abc import Iterator

import numpy as np

from tfgan_repro.choices import as_whole
from tfgan_repro.metrics.registries import Metric, Results
from tfgan_repro.metrics.features import FeatureSet
from tfgan_repro.metrics.intervals import mean_interval, share_interval
from tfgan_repro.metrics.statistics import checked_pair

ROWS, COLUMNS = 2048, 4096
# Rounding of a squared distance, relative to the largest squared length of a centred feature vector.
ROUNDING = 1e-11
PRECISION_K, DENSITY_K = 3, 5
CLOSEST = 5  # pairs that are named


def distance_blocks(features_1: np.ndarray, features_2: np.ndarray) -> Iterator[tuple[int, int, np.ndarray]]:
    """Squared Euclidean distances between all pairs.

    Args:
        features_1: float `[n, dimension]`.
        features_2: float `[m, dimension]`.

    Yields:
        `(i, j, block)`: float64 `block[a, b]` is the squared distance of `features_1[i + a]` and `features_2[j + b]`.
        All blocks of one `i` come one after the other.
    """
    centre = features_2[: 4 * COLUMNS].mean(axis=0, dtype=np.float64)  # shorter vectors lose fewer digits
    for i in range(0, len(features_1), ROWS):
        rows = features_1[i : i + ROWS].astype(np.float64) - centre
        row_squares = np.einsum("ij,ij->i", rows, rows)[:, None]
        for j in range(0, len(features_2), COLUMNS):
            columns = features_2[j : j + COLUMNS].astype(np.float64) - centre
            block = rows @ columns.T
            block *= -2
            block += row_squares
            block += np.einsum("ij,ij->i", columns, columns)
            yield i, j, np.maximum(block, 0, out=block)


def on_diagonal(i: int, j: int, block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where a block of `distance_blocks` within one set has an image's distance from itself, as an index."""
    images = np.arange(max(i, j), min(i + block.shape[0], j + block.shape[1]))
    return images - i, images - j


def tolerance(*feature_sets: np.ndarray) -> float:
    """Below which difference two squared distances between these features count as equal."""
    centre = feature_sets[0].mean(axis=0, dtype=np.float64)
    squares = (
        ((features[start : start + ROWS] - centre) ** 2).sum(axis=1).max()
        for features in feature_sets
        for start in range(0, len(features), ROWS)
    )
    return ROUNDING * float(max(squares))


def nearest_neighbours(
    features_1: np.ndarray, features_2: np.ndarray, k: int = 1, exclude_self: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest of `features_2` for each of `features_1`.

    Args:
        features_1: `[n, dimension]`.
        features_2: `[m, dimension]`.
        k: how many.
        exclude_self: both sets are the same one, and no image is its own neighbour; copies of it are.

    Returns:
        Squared distances float64 `[n, k]`, rising, and their places in `features_2`, int64 `[n, k]`.

    Raises:
        UserError: fewer than k (others), dimensions that differ, NaN or infinity, or a `k` that is no number from 1 on.
    """
    k = as_whole("k", k, 1)
    features_1, features_2 = checked_pair(features_1, features_2)
    checked_pair(features_2, features_2, minimum=k + exclude_self)
    distances = np.full((len(features_1), k), np.inf)
    places = np.full((len(features_1), k), -1)
    for i, j, block in distance_blocks(features_1, features_2):
        if exclude_self:
            block[on_diagonal(i, j, block)] = np.inf
        near = np.argpartition(block, min(k, block.shape[1]) - 1, axis=1)[:, :k]
        part = slice(i, i + len(block))
        both = np.concatenate([distances[part], np.take_along_axis(block, near, axis=1)], axis=1)
        both_places = np.concatenate([places[part], near + j], axis=1)
        order = np.argsort(both, axis=1, kind="stable")[:, :k]
        distances[part] = np.take_along_axis(both, order, axis=1)
        places[part] = np.take_along_axis(both_places, order, axis=1)
    return distances, places


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
    """Improved precision and recall (Kynkaanniemi et al. 2019, arXiv:1904.06991).

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
    """Density and coverage (Naeem et al. 2020, arXiv:2002.09797).

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
    density, hit = densities_and_hits(generated, real, k)
    return float(density.mean()), float(hit.mean())


def densities_and_hits(generated: np.ndarray, real: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """What `density_and_coverage` averages: over generated images, float64 `[n]`, and over real ones, bool `[m]`."""
    generated, real = checked_pair(generated, real, minimum=k + 1)
    holding, hit = ball_counts(generated, real, radii_of(real, k))
    return holding / k, hit


def expected_coverage(real_count: int, generated_count: int, k: int = DENSITY_K) -> float:
    """Coverage of a perfect generator: 1 - prod_j (N - 1 - j) / (M + N - 1 - j), j < k (Naeem et al., appendix)."""
    j = np.arange(k)
    return float(1 - np.prod((real_count - 1 - j) / (generated_count + real_count - 1 - j)))


def authenticity(generated: np.ndarray, training: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """The share of generated images that are no near-copies of a training image (Alaa et al. 2021, arXiv:2102.08921).

    A generated image is a near-copy where it lies closer to its nearest training image than that one does to any
    other training image.

    Args:
        generated: features `[n, dimension]`.
        training: features `[m, dimension]`, at least 2.

    Returns:
        The share, a float in [0, 1]; the squared distances float64 `[n]` to the nearest training images; and their
        places, int64 `[n]`.

    Raises:
        UserError: too few images, dimensions that differ, NaN or infinity.
    """
    generated, training = checked_pair(generated, training)
    distances, places = (result[:, 0] for result in nearest_neighbours(generated, training))
    own, _ = nearest_neighbours(training, training, exclude_self=True)
    # Where training images repeat, a further copy is a copy as well: a tie is no sign of authenticity.
    authentic = distances > own[places, 0] + tolerance(training, generated)
    return float(np.mean(authentic)), distances, places


def _prdc(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    precision, recall = precision_and_recall(generated.features, real.features)
    densities, hit = densities_and_hits(generated.features, real.features, DENSITY_K)
    count, real_count, coverage = len(densities), len(hit), float(hit.mean())
    return {
        "precision": {"value": precision, "k": PRECISION_K, **share_interval(precision, count, "generated images")},
        "recall": {"value": recall, "k": PRECISION_K, **share_interval(recall, real_count, "real images")},
        "density": {"value": densities.mean(), "k": DENSITY_K, **mean_interval(densities, "generated images")},
        "coverage": {
            "value": coverage,
            "k": DENSITY_K,
            **share_interval(coverage, real_count, "real images"),
            "expected_of_equal_distributions": expected_coverage(real.count, generated.count),
        },
    }


def _nearest(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    share, distances, places = authenticity(generated.features, real.features)
    closest = np.argsort(distances, kind="stable")[:CLOSEST]
    return {
        "authenticity": {
            "value": share,
            **share_interval(share, len(distances), "generated images"),
            "median_distance": float(np.sqrt(np.median(distances))),
            "closest": [
                {
                    "generated": place_of(generated, i),
                    "real": place_of(real, places[i]),
                    "distance": float(np.sqrt(distances[i])),
                }
                for i in closest
            ],
        }
    }


def place_of(feature_set: FeatureSet, row: int) -> int | str | None:
    """Where the image of a row stands in the set that it was drawn from, or None where that is not known."""
    return None if feature_set.places is None else feature_set.places[row].item()


PRDC = Metric(_prdc, needs="features", minimum=DENSITY_K + 1)
NEAREST = Metric(_nearest, needs="features", against_training=True)
