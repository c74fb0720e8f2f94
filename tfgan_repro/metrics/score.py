"""Real images that others are scored against, and their own score against other real images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.registries import METRICS
from tfgan_repro.metrics.extractor import find_extractor
from tfgan_repro.metrics.feature_files import StoredFeatures
from tfgan_repro.metrics.features import KEEP_UP_TO, FeatureSet, cache_path, cached, extract
from tfgan_repro.metrics.floors import find_floor, floor_key, keep_floor
from tfgan_repro.metrics.images import as_image_set, draw
from tfgan_repro.metrics.protocol import Protocol
from tfgan_repro.metrics.rows import plain, score_rows
from tfgan_repro.types import ImageSet, Progress

# A metric's results for real against real images, and the counts of both sides; None twice where there are none.
Floor = tuple[dict[str, dict[str, Any]] | None, list[int] | None]


@dataclass(frozen=True)
class RealPair:
    """Real images that are scored against other real images.

    Attributes:
        images: both sets, that in the generated images' place first; None where they are halves of one.
        features: gives both `FeatureSet`; extracts them where that was not done yet.
        counts: of both, where they are not those of the score.
    """

    images: tuple[ImageSet, ImageSet] | None
    features: Callable[[], tuple[FeatureSet, FeatureSet]]
    counts: list[int] | None = None


class Reference:
    """Real images that generated ones are scored against: images in, scores out.

    The real images' features are kept, in memory and in the cache, so that every further score is quick:

        reference = Reference("embedded", test_images)
        reference.score(images)["value"]

    Args:
        extractor: a `KerasExtractor`, or a name as in `find_extractor`.
        real: an image set, an array of images `[count, height, width, 1 or 3]`, `Pictures`, or a `StoredFeatures`.
        count: how many real images to draw; None for all.
        baseline: other real images (the other split), of which as many, or all there are, are drawn and scored in the
            place of generated ones: a perfect generator would get that score. None for the real images that were not
            drawn or, where these are too few, one half of those drawn against the other.
        seed: of the drawing.
        announce: called, before any features are extracted, with the number of images of each set that lacks them;
            gives what is called with how many of these are done.
        metrics: names in `METRICS`; `score` returns the first.

    Raises:
        UserError: too few images, or a metric that needs what the extractor does not give.
    """

    def __init__(
        self,
        extractor: Any,
        real: ImageSet,
        count: int | None = None,
        baseline: ImageSet | None = None,
        seed: int = 0,
        announce: Callable[[int], Progress] | None = None,
        metrics: Sequence[str] = ("fid",),
    ) -> None:
        self.extractor = find_extractor(extractor)
        self.metrics, self.seed, self.announce = tuple(metrics), seed, announce
        real = real if isinstance(real, StoredFeatures) else as_image_set(real)
        check_metrics(metrics, self.extractor, count, count or len_of(real))
        if isinstance(real, StoredFeatures):
            check_features(metrics, real)
        check_labels(metrics, labels_of(real))
        self.protocol = {"dataset": real.name, "split": real.split, "seed": seed}
        self.keep = keeps_features(metrics, count or len_of(real) or 0)
        self.images, self.spare = drawn(real, count, seed)
        self.source = real
        self.floors: dict[int | None, dict[str, Floor]] = {}
        self.baseline = None
        if baseline is not None:
            baseline = as_image_set(baseline)
            self.baseline = drawn(baseline, min(count or len(baseline), len(baseline)), seed)[0]
        self._announced: dict[int, Progress] = {}
        self._announce(self.images, 0)
        if self.baseline is not None:
            self.expect(None)
        self.real = self._features(self.images, 0)
        self._baseline_features: FeatureSet | None = None
        if self.baseline is not None:
            self.real_against_real(None)

    def _announce(self, images: Any, part: int) -> None:
        """Say that the features of a set will be extracted: 0 the real images, 1 those that they are compared with."""
        if self.announce and part not in self._announced and lacks_features(images, self.extractor, self.keep):
            self._announced[part] = self.announce(len(images))

    def _features(self, images: Any, part: int) -> FeatureSet:
        if isinstance(images, StoredFeatures):
            return images.features
        return cached(images, self.extractor, self._announced.get(part), self.keep)

    def expect(self, count: int | None) -> None:
        """Announce other real images where scores of `count` generated images will need their features."""
        for name in self.metrics:
            pair = self.pair(name, count)
            if pair is None or pair.images is None:
                continue
            key = self._floor_key(name, pair)
            if self._looks_for_copies(name) or key is None or find_floor(key) is None:
                for images in pair.images:
                    if images is not self.images:
                        self._announce(images, 1)

    def _against(self, name: str) -> tuple[FeatureSet, str | None]:
        """What a metric compares generated images with, and its split."""
        if self._looks_for_copies(name):
            return self.baseline_features, "train"
        return self.real, self.protocol["split"]

    def _looks_for_copies(self, name: str) -> bool:
        """Whether a metric compares with the `baseline`, because that is the training images."""
        return METRICS.load(name).against_training and self.baseline is not None and self.baseline.split == "train"

    @property
    def baseline_features(self) -> FeatureSet:
        """Those of the `baseline`; extracted when they are first needed."""
        if self._baseline_features is None:
            self._baseline_features = self._features(self.baseline, 1)
        return self._baseline_features

    def real_against_real(self, count: int | None) -> dict[str, Floor]:
        """Each metric for real against real images.

        Args:
            count: of the generated images; it does not matter where there is a baseline.
        """
        key = None if self.baseline is not None else count
        if key not in self.floors:
            self.floors[key] = {name: self._floor(name, key) for name in self.metrics}
        return self.floors[key]

    def _floor(self, name: str, count: int | None) -> Floor:
        metric, pair = METRICS.load(name), self.pair(name, count)
        if pair is None or pair.counts and min(pair.counts) < metric.minimum:
            return None, None
        try:
            return self._kept(name, pair), pair.counts
        except UserError:
            if self.baseline is not None and pair.counts is None:
                raise
            return None, None

    def pair(self, name: str, count: int | None) -> RealPair | None:
        """What takes the place of generated and of real images."""
        if self.baseline is not None:
            here, other = len_of(self.images), len(self.baseline)
            counts = None if here in (None, other) else [other, here]
            if self._looks_for_copies(name):
                return RealPair((self.images, self.baseline), lambda: (self.real, self.baseline_features), counts)
            return RealPair((self.baseline, self.images), lambda: (self.baseline_features, self.real), counts)
        if count is not None and len(self.spare) >= count:
            others = self.source.take(np.sort(self.spare[:count]))
            counts = [count, self.real.count]
            return RealPair((others, self.images), lambda: (self._features(others, 1), self.real), counts)
        if self.real.features is not None and self.real.count >= 4:
            halves = np.array_split(np.random.default_rng(self.seed).permutation(self.real.count), 2)
            first, second = (self.real.take(half) for half in halves)
            return RealPair(None, lambda: (first, second), [first.count, second.count])
        return None

    def _kept(self, name: str, pair: RealPair) -> dict[str, dict[str, Any]]:
        """A metric's results for real images, from the table or the cache where they are known."""
        key = self._floor_key(name, pair)
        found = None if key is None else find_floor(key)
        if found is None:
            computed = METRICS.load(name).compute(*pair.features(), self.seed)
            found = {label: plain(result) for label, result in computed.items()}
            if key is not None:
                keep_floor(key, found)
        return found

    def _floor_key(self, name: str, pair: RealPair) -> str | None:
        """What a metric's results for real images are kept under; None where that depends on what no key can tell."""
        if METRICS.load(name).needs == "labels" or not all(hasattr(i, "digest") for i in pair.images or (None,)):
            return None
        made_by = self.extractor.cache_key
        digests = tuple(images.digest() for images in pair.images or ())
        return None if made_by is None else floor_key(name, digests, made_by, self.seed)

    @property
    def real_vs_real(self) -> float:
        """The first metric's value for real against real images, where there is a baseline."""
        results, _ = self.real_against_real(None)[self.metrics[0]]
        return next(iter(results.values()))["value"]  # type: ignore[union-attr]

    def score(self, images: ImageSet, progress: Progress | None = None) -> dict[str, Any]:
        """Score generated images by the first metric; see `scores`."""
        return self.scores(images, progress)[0]

    def without_score(self, count: int, why: str) -> dict[str, Any]:
        """What is recorded in the place of the first metric's score where there is none: no value, but the reason.

        Args:
            count: the generated images that there should have been.
            why: in words.
        """
        results, _ = self.real_against_real(None)[self.metrics[0]]
        label, real = next(iter(results.items()))  # type: ignore[union-attr]
        protocol = Protocol(
            self.extractor.label(label),
            **self.extractor.protocol,
            generated_images=count,
            real_images=self.real.count,
            **self.protocol,
        )
        row = {"metric": protocol.metric, "value": None, "why": why, "real_vs_real": float(real["value"])}
        return {**row, **protocol.as_row()}

    def scores(
        self, images: ImageSet, progress: Progress | None = None, keep_in_cache: bool = False
    ) -> list[dict[str, Any]]:
        """Score generated images; each score comes with its protocol.

        Args:
            images: uint8 `[count, height, width, 1 or 3]`, floats in [-1, 1], an image set, or a `StoredFeatures`.
            progress: called with the number of images done so far.
            keep_in_cache: whether to keep their features on disk, for images that will be scored again.

        Returns:
            A list of dictionaries that can be written as JSON: `metric`, `value`, `interval`, `real_vs_real`, and the
            fields of `Protocol`.

        Raises:
            UserError: too few images, or images or features that are NaN or infinite.
        """
        if isinstance(images, StoredFeatures):
            generated = images.features
            check_features(self.metrics, images)
            check_labels(self.metrics, labels_of(images))
        else:
            images = as_image_set(images)
            check_labels(self.metrics, labels_of(images))
            check_metrics(self.metrics, self.extractor, len(images), self.real.count)
            generated = (cached if keep_in_cache else extract)(images, self.extractor, progress, self.keep)
        # Images that were skipped do not count.
        check_metrics(self.metrics, self.extractor, generated.count, self.real.count)
        rows = []
        for name, (results, counts) in self.real_against_real(generated.count).items():
            against, split = self._against(name)
            scores = score_rows(
                name, generated, against, self.extractor, {**self.protocol, "split": split}, results
            )
            told = {} if counts is None and self.baseline is not None else {"real_vs_real_images": counts}
            rows += [{**row, **told} for row in scores]
        return rows


def len_of(images: Any) -> int | None:
    """How many images a set has, or None where a file of statistics does not say."""
    return images.features.count if isinstance(images, StoredFeatures) else len(images)


def drawn(images: Any, count: int | None, seed: int) -> tuple[Any, np.ndarray]:
    """The images of a set that are scored, and the numbers of those that are left; statistics are what they are."""
    if isinstance(images, StoredFeatures) and not images.has_features:
        return images, np.empty(0, int)
    return draw(images, len(images) if count is None else count, seed)


def lacks_features(images: Any, extractor: Any, keep: bool) -> bool:
    """Whether the features of an image set are neither in a file nor in the cache."""
    if isinstance(images, StoredFeatures):
        return False
    path = cache_path(images, extractor, keep)
    return path is None or not path.is_file()


def beyond_statistics(metrics: Sequence[str]) -> list[str]:
    """The metrics that need the features themselves."""
    return [name for name in metrics if METRICS.load(name).needs != "statistics"]


def keeps_features(metrics: Sequence[str], count: int) -> bool:
    """Whether features are kept: always where a metric needs them, else for the interval while they fit."""
    return count <= KEEP_UP_TO or bool(beyond_statistics(metrics))


def check_features(metrics: Sequence[str], side: StoredFeatures) -> None:
    """Refuse metrics that need features where a file holds only statistics.

    Raises:
        UserError: naming the metric and the file.
    """
    for name in beyond_statistics(metrics):
        if not side.has_features:
            raise UserError(
                f"metric {name} needs images or features; {side.name} holds only statistics (make it with "
                "--save-features)"
            )


def check_metrics(metrics: Sequence[str], extractor: Any, generated_count: int | None, real_count: int | None) -> None:
    """Refuse metrics that the extractor or the counts cannot serve.

    Raises:
        UserError: naming the metric and what it needs.
    """
    for name in metrics:
        metric = METRICS.load(name)
        if metric.needs == "logits" and not extractor.has_logits:
            raise UserError(f"metric {name}: the Inception Score needs logits, which this extractor does not have")
        least = max(metric.minimum, metric.images_a_feature * extractor.dimension)
        for kind, count in (("generated", generated_count), ("real", real_count)):
            if count is not None and count < least:
                raise UserError(f"metric {name} needs at least {least:,} {kind} images, not {count:,}")


def check_labels(metrics: Sequence[str], labels: Any) -> None:
    """Refuse metrics that need labels where a side has none, before anything is extracted.

    Raises:
        UserError: naming the metric.
    """
    for name in metrics:
        if labels is None and METRICS.load(name).needs == "labels":
            raise UserError(f"metric {name} needs labels on both sides: of a conditional run, a data set, an .npz file")


def labels_of(images: Any) -> Any:
    """The labels of a set, or None."""
    return getattr(images.features if isinstance(images, StoredFeatures) else images, "labels", None)
