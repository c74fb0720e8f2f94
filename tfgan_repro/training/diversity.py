"""How different generated images are, measured against real ones in embedded features, and which classes they show."""

import functools
from typing import TYPE_CHECKING, TypeGuard

import keras
import numpy as np
from scipy.spatial.distance import pdist, squareform

from tfgan_repro.metrics.embedded import load_classifier
from tfgan_repro.metrics.extractor import KerasExtractor
from tfgan_repro.training.health import Diversity
from tfgan_repro.types import ImageSet

if TYPE_CHECKING:
    from tfgan_repro.data.pictures import PictureSet

GENERATED_IMAGES = 64
REAL_IMAGES = 2500
# A pair nearer than this share of the usual distance between a real image and its nearest neighbour shows one picture.
COPY_DISTANCE = 0.1
# Images that differ by less than this share of what real ones do show no classes yet, but blobs.
LIKE_REAL = 0.6
# The embedded classifier's layers whose means and maxima tell classes: edges tell shapes better than its last does.
STAGES = ("stem_out", "block1_relu", "block2_relu", "block3_relu")
# Images a class among those counted, or a class would often be missing by chance.
FEWEST_GENERATED = 6
# Real images a class that its mean is made from.
FEWEST_REAL = 40
# Real images that the means are made from; the others say how near to one a real image lies.
KNOWN_SHARE = 0.8
# Images count for a class only where they lie as near to one as this share of the real images; and only where this
# many do can classes be counted: what does not look real yet belongs to none.
REAL_SHARE, NEAR_SHARE = 0.95, 0.5
# A class is covered by half its fair share.
COVERED = 0.5


class Yardstick:
    """How far real images lie apart, which generated images are held against.

    Args:
        real: float `[count, dimension]`, features of as many real images as will be generated: nearest neighbours are
            nearer among more.
    """

    def __init__(self, real: np.ndarray) -> None:
        distances = pdist(real)
        self.pair_distance = float(distances.mean())
        self.neighbour_distance = float(np.median(nearest(distances)))

    def measure(self, generated: np.ndarray) -> tuple[float, float]:
        """The spread and the share of near copies (see `Diversity`) of features float `[count, dimension]`."""
        distances = pdist(generated)
        copies = nearest(distances) < COPY_DISTANCE * self.neighbour_distance
        return float(distances.mean()) / self.pair_distance, float(copies.mean())


def nearest(distances: np.ndarray) -> np.ndarray:
    """Each image's distance to the nearest other one, of the distances of all pairs as `pdist` gives them."""
    square = squareform(distances)
    np.fill_diagonal(square, np.inf)
    return square.min(axis=1)


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
        if near.mean() < NEAR_SHARE:
            return None
        counts = np.bincount(distances.argmin(axis=1)[near], minlength=len(self.means))
        return float((counts >= COVERED * counts.sum() / len(counts)).mean())


def can_count(labels: np.ndarray | None, class_count: int, generated: int) -> TypeGuard[np.ndarray]:
    """Whether classes can be counted: labels int `[count]` of real images or None, and the images to be generated."""
    if labels is None or generated < FEWEST_GENERATED * class_count:
        return False
    return np.bincount(labels, minlength=class_count).min() >= FEWEST_REAL


def stage_extractor() -> KerasExtractor:
    """A `KerasExtractor` of the embedded features, with `stages` `[batch, 448]` among its outputs."""
    network = load_classifier()
    pooled = [
        pool()(network.get_layer(name).output)
        for name in STAGES
        for pool in (keras.layers.GlobalAveragePooling2D, keras.layers.GlobalMaxPooling2D)
    ]
    outputs = {"features": network.output["features"], "stages": keras.layers.Concatenate()(pooled)}
    return KerasExtractor(keras.Model(network.input, outputs), mean=0.5, std=0.5, name="stages", batch_size=500)


class DiversityMeter:
    """Measures images as they come from a generator.

    Args:
        pictures: the training `PictureSet`.
    """

    def __init__(self, pictures: "PictureSet") -> None:
        self.extractor = stage_extractor()
        self.pictures = pictures
        # In an order that does not depend on the run.
        self.rows = np.random.default_rng(0).permutation(pictures.spread_rows(REAL_IMAGES))
        self.yardstick = Yardstick(self.extract(pictures.read(self.rows[:GENERATED_IMAGES]))["features"])

    def extract(self, images: ImageSet) -> dict[str, np.ndarray]:
        """The extractor's outputs as float64, by name."""
        batches = list(self.extractor.outputs(images))
        return {name: np.concatenate([batch[name] for batch in batches]).astype(np.float64) for name in batches[0]}

    @functools.cached_property
    def class_counter(self) -> ClassCounter | None:
        """A `ClassCounter` of the set's classes, or None where they cannot be counted.

        It takes a second to make, which short runs, too young to be judged, are spared.
        """
        labels = None if self.pictures.labels is None else self.pictures.labels[self.rows]
        if not can_count(labels, len(self.pictures.class_names or ()), GENERATED_IMAGES):
            return None
        return ClassCounter(self.extract(self.pictures.read(self.rows))["stages"], labels)

    def measure(self, images: np.ndarray, classes: bool = True) -> Diversity | None:
        """How diverse images are; None where all training images are one and the same, and there is no measure.

        Args:
            images: uint8 `[count, height, width, channels]`.
            classes: count the classes that they show, where the set has any.
        """
        if not self.yardstick.pair_distance:
            return None
        outputs = self.extract(images)
        spread, duplicates = self.yardstick.measure(outputs["features"])
        counter = self.class_counter if classes and spread >= LIKE_REAL else None
        return Diversity(spread, duplicates, counter.covered(outputs["stages"]) if counter else None)
