"""A Frechet distance together with its full protocol."""

import hashlib
import os
import zipfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.files import atomic_path
from tfgan_repro.metrics.frechet import FeatureStatistics, frechet_distance


def cache_directory():
    """Where statistics are kept: `$XDG_CACHE_HOME/tfgan_repro`, by default `~/.cache/tfgan_repro`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tfgan_repro"


@dataclass(frozen=True)
class ImageStatistics:
    """Mean float64 `[dimension]`, covariance float64 `[dimension, dimension]` and number of images."""

    mean: np.ndarray
    covariance: np.ndarray
    count: int


def image_statistics(images, extractor, progress=None):
    """Extract features and sum them up.

    Args:
        images: uint8 `[count, height, width, 1 or 3]`, at least 2.
        extractor: an `Extractor`.
        progress: called with the number of images done so far.

    Returns:
        An `ImageStatistics`.

    Raises:
        UserError: fewer than two images.
    """
    if len(images) < 2:
        raise UserError(f"a score needs at least 2 images, not {len(images)}")
    statistics = FeatureStatistics(extractor.dimension)
    for features in extractor.batches(images, progress):
        statistics.update(features)
    return ImageStatistics(statistics.mean, statistics.covariance, statistics.count)


def cached_statistics(images, extractor, progress=None):
    """`image_statistics`, remembered under the images' content and the extractor's protocol, never under a name."""
    digest = hashlib.sha256(repr((images.shape, sorted(extractor.protocol.items()))).encode())
    digest.update(np.ascontiguousarray(images))
    path = cache_directory() / f"{digest.hexdigest()[:32]}.npz"
    try:
        with np.load(path) as stored:
            return ImageStatistics(stored["mean"], stored["covariance"], int(stored["count"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        pass  # absent or damaged: computed anew
    statistics = image_statistics(images, extractor, progress)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            np.savez(
                temporary, mean=statistics.mean, covariance=statistics.covariance, count=np.int64(statistics.count)
            )
    except OSError:
        pass  # a cache that cannot be written costs time, not the score
    return statistics


def sample_rows(images, count, seed):
    """`count` different images drawn with a seed, uint8 `[count, ...]`.

    Raises:
        UserError: there are fewer.
    """
    if count > len(images):
        raise UserError(f"a score of {count} images needs as many real ones; there are {len(images)}")
    rows = np.random.default_rng(seed).permutation(len(images))[:count]
    return images[np.sort(rows)]


class Reference:
    """The real images that generated ones are scored against.

    Args:
        extractor: an `Extractor`.
        real: a set of pictures with `images`, `name` and `split`.
        count: how many of its images are drawn.
        baseline: another set of real pictures (the training images), of which as many are drawn; they take the
            place of generated images once, because the score that real images get at the same counts is what a
            perfect generator would get.
        seed: of the drawing.
        progress: called with 0 or 1, for the real images and the baseline, and the number of images done so far.

    Raises:
        UserError: too few images.
    """

    def __init__(self, extractor, real, count, baseline, seed=0, progress=None):
        self.extractor = extractor
        self.seed = seed
        self.dataset, self.split = real.name, real.split
        self.statistics, others = (
            cached_statistics(
                sample_rows(pictures.images, count, seed), extractor, progress and partial(progress, part)
            )
            for part, pictures in enumerate((real, baseline))
        )
        self.real_vs_real = self._distance(others)

    def _distance(self, statistics):
        return frechet_distance(
            statistics.mean, statistics.covariance, self.statistics.mean, self.statistics.covariance
        )

    def score(self, images, progress=None):
        """The distance of generated images from the real ones, with its protocol.

        Args:
            images: uint8 `[count, height, width, 1 or 3]`.
            progress: called with the number of images done so far.

        Returns:
            A dictionary that can be written as JSON.
        """
        statistics = image_statistics(images, self.extractor, progress)
        return {
            "metric": self.extractor.distance_name,
            "value": self._distance(statistics),
            "real_vs_real": self.real_vs_real,
            **self.extractor.protocol,
            "generated_images": statistics.count,
            "real_images": self.statistics.count,
            "dataset": self.dataset,
            "split": self.split,
            "seed": self.seed,
        }
