"""Streaming feature statistics and the Frechet distance between them (Heusel et al. 2017, arXiv:1706.08500)."""

import numpy as np
import scipy.linalg

from tfgan_repro.errors import UserError


class FeatureStatistics:
    """Mean and covariance of features, summed batch by batch in float64.

    Memory does not depend on the number of images.

    Args:
        dimension: features an image.
    """

    def __init__(self, dimension):
        self.count = 0
        self.total = np.zeros(dimension)
        self.outer = np.zeros((dimension, dimension))
        self.origin = None

    def update(self, features):
        """Add features `[count, dimension]`.

        Raises:
            UserError: a feature is NaN or infinite.
        """
        features = np.asarray(features, np.float64)
        if not np.isfinite(features).all():
            raise UserError("features contain NaN or infinity; the images or the weights are damaged")
        if self.origin is None:
            # Sums about a point near the mean lose no digits to a large common offset.
            self.origin = features.mean(axis=0)
        centred = features - self.origin
        self.count += len(centred)
        self.total += centred.sum(axis=0)
        self.outer += centred.T @ centred

    @property
    def mean(self):
        """float64 `[dimension]`."""
        return self.origin + self.total / self.count

    @property
    def covariance(self):
        """float64 `[dimension, dimension]`, unbiased (divided by count - 1)."""
        offset = self.total / self.count
        return (self.outer - self.count * np.outer(offset, offset)) / (self.count - 1)


def frechet_distance(mean_1, covariance_1, mean_2, covariance_2):
    """The squared Frechet distance between two normal distributions.

    `|m1 - m2|^2 + tr(C1) + tr(C2) - 2 tr((C1 C2)^(1/2))`, where the last trace is the sum of the square roots of the
    eigenvalues of the symmetric `C1^(1/2) C2 C1^(1/2)`, which are those of `C1 C2`. Symmetric eigenvalues are faster
    than a general matrix square root and cannot turn complex.

    Args:
        mean_1: float64 `[dimension]`.
        covariance_1: float64 `[dimension, dimension]`, symmetric positive semidefinite.
        mean_2: as `mean_1`.
        covariance_2: as `covariance_1`.

    Returns:
        A float, at least 0 up to rounding.

    Raises:
        UserError: the dimensions differ.
    """
    mean_1, mean_2 = np.asarray(mean_1, np.float64), np.asarray(mean_2, np.float64)
    if mean_1.shape != mean_2.shape:
        raise UserError(f"features of different dimensions cannot be compared: {mean_1.size} and {mean_2.size}")
    root = symmetric_root(np.asarray(covariance_1, np.float64))
    product = root @ covariance_2 @ root
    eigenvalues = scipy.linalg.eigvalsh((product + product.T) / 2)
    cross_term = np.sqrt(np.maximum(eigenvalues, 0.0)).sum()
    difference = mean_1 - mean_2
    return float(difference @ difference + np.trace(covariance_1) + np.trace(covariance_2) - 2 * cross_term)


def symmetric_root(matrix):
    """The symmetric square root of a symmetric positive semidefinite matrix."""
    eigenvalues, vectors = scipy.linalg.eigh(matrix, driver="evd")
    return (vectors * np.sqrt(np.maximum(eigenvalues, 0.0))) @ vectors.T
