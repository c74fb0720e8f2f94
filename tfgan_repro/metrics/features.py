"""The features of an image set, extracted once and remembered by content and protocol."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.files import atomic_path, cache_directory
from tfgan_repro.metrics.images import as_image_set, pixels_a_side
from tfgan_repro.metrics.statistics import FeatureStatistics, Gaussian, checked_features
from tfgan_repro.npz import read_npz
from tfgan_repro.types import FeatureExtractor, ImageSet, Progress

# Beyond this only sums are kept, in memory and in the cache: 50,000 x 2048 features take 400 MB.
KEEP_UP_TO = 50_000


@dataclass(eq=False)
class FeatureSet:
    """What metrics are computed from.

    Attributes:
        count: of the images, or None for statistics from a file that does not say.
        features: float32 `[count, dimension]`, or None where only statistics are known.
        logits: float32 `[count, classes]`, or None.
        moments: a `Gaussian` where there are no features.
        notes: what a protocol must say about the images, such as files left out.
        labels: int `[count]`, the images' classes, or None.
        image_size: as `images.pixels_a_side` gives it.
        places: where each image stands in the set that it was drawn from, `[count]`: its number, or the name of its
            file; None where that is not known.
    """

    # Which of them are there follows from `Metric.needs`, of which the checker of types knows nothing.
    count: Any
    features: Any = None
    logits: Any = None
    moments: Any = None
    notes: dict = field(default_factory=dict)
    labels: Any = None
    image_size: Any = None
    places: Any = None

    @cached_property
    def gaussian(self) -> Gaussian:
        """The `Gaussian` of the features."""
        return self.moments if self.features is None else Gaussian.of_features(self.features)

    def take(self, rows: np.ndarray) -> "FeatureSet":
        """The features of the images of the given numbers, in their order."""
        logits, labels, places = (
            None if array is None else array[rows] for array in (self.logits, self.labels, self.places)
        )
        return replace(
            self, count=len(rows), features=self.features[rows], logits=logits, labels=labels, places=places
        )


def extract(
    images: ImageSet, extractor: FeatureExtractor, progress: Progress | None = None, keep: bool = True
) -> FeatureSet:
    """Extract the features of an image set.

    Args:
        images: an image set, or uint8 `[count, height, width, 1 or 3]`.
        extractor: a `KerasExtractor`.
        progress: called with the number of images done so far.
        keep: False for statistics only, in memory that does not depend on the count.

    Returns:
        A `FeatureSet`.

    Raises:
        UserError: images that cannot be read, none at all, or features that are NaN or infinite.
    """
    images = as_image_set(images)
    statistics = FeatureStatistics(extractor.dimension)
    arrays: dict[str, np.ndarray] = {}
    count = 0
    for outputs in extractor.outputs(images, progress):
        checked_features(outputs["features"], f"the features of {extractor.protocol['extractor']}")
        start, count = count, count + len(outputs["features"])
        if not keep:
            statistics.update(outputs["features"])
            continue
        if not arrays:  # filled in place: a list of batches, put together at the end, would take twice the memory
            arrays = {name: np.empty((len(images), *rows.shape[1:]), rows.dtype) for name, rows in outputs.items()}
        for name, rows in outputs.items():
            arrays[name][start:count] = rows
    # Files that were skipped have no row.
    arrays = {name: array[:count] for name, array in arrays.items()}
    moments = None if keep else statistics.gaussian()
    found = FeatureSet(count, arrays.get("features"), arrays.get("logits"), moments, images.notes)
    return with_facts_of(images, found)


def with_facts_of(images: ImageSet, found: FeatureSet) -> FeatureSet:
    """The features of an image set with what the set says of its images and the cache does not keep."""
    places = getattr(images, "places", ())
    # Where an image has no features, no one knows any more which.
    known = np.asarray(places) if len(places) == found.count else None
    return replace(found, labels=images.labels, image_size=pixels_a_side(images), places=known)


def cached(
    images: ImageSet, extractor: FeatureExtractor, progress: Progress | None = None, keep: bool = True
) -> FeatureSet:
    """`extract`, remembered under the images' content and the extractor's protocol, never under a name.

    Nothing is remembered of an extractor that has no `cache_key`.
    """
    images = as_image_set(images)
    path = cache_path(images, extractor, keep)
    found = None if path is None else read(path)
    if found is not None:
        if hasattr(images, "recall"):
            images.recall(found.notes)  # what is left out is told every time, not only when the files are read
        return with_facts_of(images, found)
    result = extract(images, extractor, progress, keep)
    if path is None:
        return result
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            np.savez(temporary, **arrays_of(result))
    except OSError:
        pass  # a cache that cannot be written costs time, not the score
    return result


def cache_path(images: ImageSet, extractor: FeatureExtractor, keep: bool) -> Path | None:
    """Where `cached` keeps the features of an image set; None where it does not."""
    if extractor.cache_key is None:
        return None
    key = json.dumps([images.digest(), extractor.cache_key, extractor.has_logits, keep], sort_keys=True)
    return cache_directory() / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.npz"


def arrays_of(feature_set: FeatureSet) -> dict[str, Any]:
    """A `FeatureSet` as named arrays."""
    arrays = {"count": np.int64(feature_set.count), "notes": np.array(json.dumps(feature_set.notes))}
    if feature_set.features is None:
        return arrays | {"mean": feature_set.moments.mean, "covariance": feature_set.moments.covariance}
    arrays["features"] = feature_set.features
    if feature_set.logits is not None:
        arrays["logits"] = feature_set.logits
    return arrays


def read(path: Path | str) -> FeatureSet | None:
    """The `FeatureSet` in a file of the cache, or None where it is absent or damaged."""
    try:
        arrays = read_npz(path)
        count, notes = int(arrays["count"]), json.loads(str(arrays["notes"]))
        if "features" in arrays:
            return FeatureSet(count, arrays["features"], arrays.get("logits"), notes=notes)
        return FeatureSet(count, moments=Gaussian.of_moments(arrays["mean"], arrays["covariance"]), notes=notes)
    except (UserError, ValueError, KeyError):
        return None
