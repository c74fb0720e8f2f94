"""The Frechet distance between normal distributions fitted to features (Heusel et al. 2017, arXiv:1706.08500)."""

import numpy as np
import scipy.linalg

from tfgan_repro.metrics.statistics import Gaussian, check_dimensions

# Up to this size the singular values are taken, which are exact to the last digits; beyond it, eigenvalues of the
# square, which are twice as fast and lose digits only in directions without variance.
SINGULAR_VALUES_UP_TO = 1100


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
        UserError: dimensions that differ, NaN or infinity, or a covariance that is none.
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
    product = gaussian_1.factor @ gaussian_2.factor.T
    if min(product.shape) <= SINGULAR_VALUES_UP_TO:
        return float(scipy.linalg.svdvals(product, overwrite_a=True, check_finite=False).sum())
    square = product @ product.T if len(product) <= product.shape[1] else product.T @ product
    del product
    # Transposed it lies in memory as LAPACK has it, and is not copied.
    eigenvalues = scipy.linalg.eigvalsh(square.T, overwrite_a=True, check_finite=False)
    return float(np.sqrt(np.maximum(eigenvalues, 0.0)).sum())
