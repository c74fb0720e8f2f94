"""Which classes of a labelled set generated images show."""

from typing import TypeGuard

import numpy as np

# Images a class among those counted, or a class would often be missing by chance.
FEWEST_GENERATED = 6
# Real images a class that its mean is made from.
FEWEST_REAL = 40
# Real images that the means are made from; the others say how near to one a real image lies.
KNOWN_SHARE = 0.8
# Images count for a class only where they lie as near to one as this share of the real images; and only where this
# many do can classes be counted: what does not look real yet belongs to none.
REAL_SHARE, LIKE_REAL = 0.95, 0.5
# A class is covered by half its fair share.
COVERED = 0.5


class ClassCounter:
    """Tells classes by the nearest class mean, in units of the spread within classes (Fisher's discriminant).

    On `shapes` it is right on 8 of 10 images, so that few classes look like a few more.

    Args:
        real: float `[count, dimension]`, features of real images in random order.
        labels: int `[count]`, their classes, each of which is there.
    """

    def __init__(self, real: np.ndarray, labels: np.ndarray) -> None:
        known = int(KNOWN_SHARE * len(real))
        means = np.stack([real[:known][labels[:known] == label].mean(axis=0) for label in range(labels.max() + 1)])
        within = np.cov((real[:known] - means[labels[:known]]).T)
        # A little more on the diagonal: there are not enough images for that many covariances.
        within += np.diag(0.1 * np.diag(within) + 1e-6)
        self.whitening = np.linalg.cholesky(np.linalg.inv(within))
        self.means = means @ self.whitening
        self.reach = np.quantile(self.distances(real[known:]).min(axis=1), REAL_SHARE)

    def distances(self, features: np.ndarray) -> np.ndarray:
        """Distances `[count, classes]` of features to the class means."""
        return np.linalg.norm((features @ self.whitening)[:, None] - self.means, axis=2)

    def covered(self, features: np.ndarray) -> float | None:
        """The share of the classes that images cover, or None where most of them do not look real."""
        distances = self.distances(features)
        near = distances.min(axis=1) <= self.reach
        if near.mean() < LIKE_REAL:
            return None
        counts = np.bincount(distances.argmin(axis=1)[near], minlength=len(self.means))
        return float((counts >= COVERED * counts.sum() / len(counts)).mean())


def can_count(labels: np.ndarray | None, class_count: int, generated: int) -> TypeGuard[np.ndarray]:
    """Whether classes can be counted: labels int `[count]` of real images or None, and the images to be generated."""
    if labels is None or generated < FEWEST_GENERATED * class_count:
        return False
    return np.bincount(labels, minlength=class_count).min() >= FEWEST_REAL
