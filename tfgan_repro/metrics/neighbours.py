"""Distances between all pairs of two feature sets, block by block, and the nearest neighbours among them.

Blocks are float64, whatever the features are: neighbours at equal distance, such as copies of one image, must come
out equal.
"""

from collections.abc import Iterator

import numpy as np

from tfgan_repro.metrics.statistics import checked_pair

ROWS, COLUMNS = 2048, 4096
# Rounding of a squared distance, relative to the largest squared length of a centred feature vector.
ROUNDING = 1e-11


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
        UserError: fewer than k (others), dimensions that differ, NaN or infinity.
    """
    features_1, features_2 = checked_pair(features_1, features_2)
    checked_pair(features_2, features_2, minimum=k + exclude_self)
    distances = np.full((len(features_1), k), np.inf)
    places = np.full((len(features_1), k), -1)
    for i, j, block in distance_blocks(features_1, features_2):
        if exclude_self:
            # Where this block crosses the diagonal of the whole.
            rows = np.arange(max(i, j), min(i + block.shape[0], j + block.shape[1]))
            block[rows - i, rows - j] = np.inf
        near = np.argpartition(block, min(k, block.shape[1]) - 1, axis=1)[:, :k]
        part = slice(i, i + len(block))
        both = np.concatenate([distances[part], np.take_along_axis(block, near, axis=1)], axis=1)
        both_places = np.concatenate([places[part], near + j], axis=1)
        order = np.argsort(both, axis=1, kind="stable")[:, :k]
        distances[part] = np.take_along_axis(both, order, axis=1)
        places[part] = np.take_along_axis(both_places, order, axis=1)
    return distances, places
