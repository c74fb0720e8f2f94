"""Mean and covariance of features: summed as a stream, and put in the form that distances need."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.linalg

from tfgan_repro.errors import UserError, first_line

BLOCK = 512  # images in float64 at once


def checked_features(features: np.ndarray, what: str = "features", minimum: int = 1) -> np.ndarray:
    """Features as a float array `[count, dimension]`.

    Args:
        features: an array; float32 stays float32, anything else becomes float64.
        what: whose they are, for the message.
        minimum: how many there must be.

    Raises:
        UserError: no numbers, not two-dimensional, too few, or NaN or infinity among them.
    """
    try:
        features = np.asarray(features)
        if features.dtype.kind == "c":
            raise ValueError("complex numbers")
        if features.dtype != np.float32:
            features = features.astype(np.float64, copy=False)
    except (TypeError, ValueError) as error:
        raise UserError(f"{what}: expected numbers [count, dimension]: {first_line(error)}") from error
    if features.ndim != 2:
        raise UserError(f"{what}: expected [count, dimension], received shape {features.shape}")
    if len(features) < minimum:
        images = f"{len(features)} image{'s' * (len(features) != 1)}"
        raise UserError(f"{what}: {images}, but the metric needs at least {minimum}")
    # Block by block: a mask of 50,000 x 2048 would take 100 MB.
    if not all(np.isfinite(features[start : start + 1024]).all() for start in range(0, len(features), 1024)):
        raise UserError(f"{what} contain NaN or infinity; the images or the weights are damaged")
    return features


def checked_pair(features_1: np.ndarray, features_2: np.ndarray, minimum: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Two feature sets of one dimension; see `checked_features`."""
    features_1 = checked_features(features_1, "generated features", minimum)
    features_2 = checked_features(features_2, "real features", minimum)
    check_dimensions(features_1.shape[1], features_2.shape[1])
    return features_1, features_2


def check_dimensions(dimension_1: int, dimension_2: int) -> None:
    if dimension_1 != dimension_2:
        raise UserError(f"features of different dimensions cannot be compared: {dimension_1} and {dimension_2}")


@dataclass(frozen=True, eq=False)
class Gaussian:
    """A normal distribution fitted to features.

    Attributes:
        mean: float64 `[dimension]`.
        matrix: the covariance float64 `[dimension, dimension]`, or None where `rows` takes its place.
        rows: float64 `[count, dimension]` with `rows.T @ rows` the covariance, or None. Fewer images than dimensions
            are kept like this: smaller, and exact where the covariance is singular.
    """

    mean: np.ndarray
    matrix: Any = None
    rows: Any = None

    @property
    def dimension(self) -> int:
        return len(self.mean)

    @property
    def covariance(self) -> np.ndarray:
        """float64 `[dimension, dimension]`."""
        return self.rows.T @ self.rows if self.matrix is None else self.matrix

    @property
    def trace(self) -> float:
        """The sum of the variances."""
        return float(np.vdot(self.rows, self.rows) if self.matrix is None else np.trace(self.matrix))

    @cached_property
    def factor(self) -> np.ndarray:
        """float64 `[rank, dimension]` whose product with itself, `factor.T @ factor`, is the covariance."""
        if self.matrix is None:
            return self.rows
        try:
            return scipy.linalg.cholesky(self.matrix, lower=False)
        except np.linalg.LinAlgError:  # singular, as from fewer images than dimensions in a file
            eigenvalues, vectors = scipy.linalg.eigh(self.matrix, driver="evd")
            if eigenvalues[0] < -1e-6 * max(eigenvalues[-1], 1e-300):
                raise UserError(
                    f"a covariance has the negative eigenvalue {eigenvalues[0]:.3g}; the statistics are damaged"
                ) from None
            kept = eigenvalues > eigenvalues[-1] * len(eigenvalues) * np.finfo(float).eps
            return (vectors[:, kept] * np.sqrt(eigenvalues[kept])).T

    @classmethod
    def of_moments(cls, mean: np.ndarray, covariance: np.ndarray) -> "Gaussian":
        """The Gaussian of a mean and a covariance, checked.

        Raises:
            UserError: shapes that do not fit, NaN or infinity, or a covariance that is not symmetric.
        """
        mean, covariance = np.asarray(mean, np.float64), np.asarray(covariance, np.float64)
        if mean.ndim != 1 or covariance.shape != (mean.size, mean.size):
            raise UserError(f"a mean of shape {mean.shape} and a covariance of shape {covariance.shape} do not fit")
        if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
            raise UserError("the statistics contain NaN or infinity")
        if not np.allclose(covariance, covariance.T, rtol=1e-5, atol=1e-6 * np.abs(covariance).max(initial=0)):
            raise UserError("the covariance is not symmetric")
        return cls(mean, (covariance + covariance.T) / 2)

    @classmethod
    def of_features(cls, features: np.ndarray) -> "Gaussian":
        """The Gaussian of features `[count, dimension]`."""
        dimension = (0, *np.shape(features))[-1]  # what has no shape is refused by `update`
        return FeatureStatistics(dimension).update(features).gaussian()


class FeatureStatistics:
    """Mean and covariance of features, summed batch by batch in float64.

    Memory does not depend on the number of images: up to `dimension` of them are kept as they are, more are sums.

    Args:
        dimension: features an image.
    """

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self.count = 0
        self.kept: list[np.ndarray] = []  # features, until there are more images than dimensions
        self.origin: Any = None  # sums about a point near the mean lose no digits to a large common offset
        self.total: Any = None
        self.outer: Any = None

    def update(self, features: np.ndarray) -> "FeatureStatistics":
        """Add features `[count, dimension]`; returns itself.

        Raises:
            UserError: another dimension, or a feature that is NaN or infinite.
        """
        features = checked_features(features)
        check_dimensions(features.shape[1], self.dimension)
        # In blocks, because a large update should not need a second copy of itself in float64.
        for start in range(0, len(features), BLOCK):
            self._update(np.array(features[start : start + BLOCK], np.float64))
        return self

    def _update(self, features: np.ndarray) -> None:
        self.count += len(features)
        if self.outer is None and self.count <= self.dimension:
            self.kept.append(features)
            return
        if self.outer is None:
            self.origin = sum(batch.sum(axis=0) for batch in (*self.kept, features)) / self.count
            self.total, self.outer = np.zeros(self.dimension), np.zeros((self.dimension, self.dimension))
            for batch in self.kept:
                self._add(batch)
            self.kept = []
        self._add(features)

    def _add(self, features: np.ndarray) -> None:
        centred = features - self.origin
        self.total += centred.sum(axis=0)
        self.outer += centred.T @ centred

    def without(self, features: np.ndarray) -> "FeatureStatistics":
        """Statistics of the same images but these, which must be among them; for images beyond `dimension` only."""
        part = FeatureStatistics(self.dimension)
        part.count, part.origin, part.total, part.outer = (
            self.count - len(features),
            self.origin,
            self.total.copy(),
            self.outer.copy(),
        )
        centred = np.asarray(features, np.float64) - self.origin
        part.total -= centred.sum(axis=0)
        part.outer -= centred.T @ centred
        return part

    def gaussian(self) -> Gaussian:
        """The `Gaussian` of what was added.

        Raises:
            UserError: fewer than two images.
        """
        if self.count < 2:
            raise UserError(f"a covariance needs at least 2 images, not {self.count}")
        if self.outer is None:
            features = np.concatenate(self.kept)
            mean = features.mean(axis=0)
            return Gaussian(mean, rows=(features - mean) / math.sqrt(self.count - 1))
        offset = self.total / self.count
        covariance = (self.outer - self.count * np.outer(offset, offset)) / (self.count - 1)
        return Gaussian(self.origin + offset, matrix=covariance)
