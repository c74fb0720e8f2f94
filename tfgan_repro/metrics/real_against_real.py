"""What real images get in the place of generated ones: what a perfect generator would get, the floor of a score."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.feature_files import StoredFeatures
from tfgan_repro.metrics.features import FeatureSet, cache_path, cached
from tfgan_repro.metrics.floors import find_floor, floor_key, keep_floor
from tfgan_repro.metrics.registries import METRICS, Results
from tfgan_repro.metrics.requirements import len_of
from tfgan_repro.metrics.rows import plain
from tfgan_repro.types import FeatureExtractor, ImageSet, Progress

# A metric's results for real against real images, and the counts of both sides; None twice where there are none.
Floor = tuple[Results | None, list[int] | None]


class KnownSet:
    """An image set with its features, which are extracted once, when they are first asked for.

    Args:
        images: an image set or a `StoredFeatures`.
        extractor: what makes the features.
        keep: as in `features.extract`.
        on_extraction: called with the number of images, before any features are extracted, where these must be; gives
            what is called with how many are done.
    """

    def __init__(
        self,
        images: ImageSet,
        extractor: FeatureExtractor,
        keep: bool = True,
        on_extraction: Callable[[int], Progress] | None = None,
    ) -> None:
        self.images, self.extractor, self.keep, self.on_extraction = images, extractor, keep, on_extraction
        self.progress: Progress | None = None

    def announce(self) -> None:
        """Say, once, that the features will be needed, if they must be extracted."""
        if self.on_extraction and not self.progress and lacks_features(self.images, self.extractor, self.keep):
            self.progress = self.on_extraction(len(self.images))

    @cached_property
    def features(self) -> FeatureSet:
        if isinstance(self.images, StoredFeatures):
            return self.images.features
        return cached(self.images, self.extractor, self.progress, self.keep)

    def alike(self, images: ImageSet) -> "KnownSet":
        """Other images whose features are made and announced in the same way."""
        return KnownSet(images, self.extractor, self.keep, self.on_extraction)


@dataclass(frozen=True)
class RealPair:
    """Real images that are scored against other real images.

    Attributes:
        generated: those in the place of generated images.
        real: the others.
        counts: of both, where they are not those of the score.
    """

    generated: KnownSet
    real: KnownSet
    counts: list[int] | None = None

    @cached_property
    def digests(self) -> tuple[str, ...] | None:
        """Hashes of both sets' images; None where one has only features."""
        sides = self.generated.images, self.real.images
        if any(isinstance(side, StoredFeatures) for side in sides):
            return None
        return tuple(side.digest() for side in sides)


class RealAgainstReal:
    """The results of metrics for real against other real images.

    The others are the `baseline`, or as many images as are scored of those that were not drawn, or, where these are too
    few, one half of the drawn ones against the other half.

    Args:
        real: those that generated images are scored against.
        spare: gives so many real images that were not drawn; None where there are fewer.
        baseline: other real images (the other split), or None.
        metrics: names in `METRICS`.
        seed: of the metrics.
    """

    def __init__(
        self,
        real: KnownSet,
        spare: Callable[[int], ImageSet | None],
        baseline: KnownSet | None,
        metrics: Sequence[str],
        seed: int,
    ) -> None:
        self.real, self.spare, self.baseline, self.metrics, self.seed = real, spare, baseline, metrics, seed
        self._results: dict[int | None, dict[str, Floor]] = {}
        self._pairs: dict[tuple[bool, int | None], RealPair | None] = {}

    def announce(self, count: int | None) -> None:
        """Announce the other real images where scores of `count` generated images will need their features."""
        for name in self.metrics:
            pair = self.pair(name, count)
            if pair is not None and (self.looks_for_copies(name) or self._known(name, pair) is None):
                pair.generated.announce()
                pair.real.announce()

    def looks_for_copies(self, name: str) -> bool:
        """Whether a metric compares with the `baseline`, because that is the training images."""
        return bool(self.baseline and self.baseline.images.split == "train" and METRICS.load(name).against_training)

    def results(self, count: int | None) -> dict[str, Floor]:
        """Each metric's results.

        Args:
            count: of the generated images; it does not matter where there is a baseline.
        """
        key = None if self.baseline else count
        if key not in self._results:
            self._results[key] = {name: self._floor(name, key) for name in self.metrics}
        return self._results[key]

    def _floor(self, name: str, count: int | None) -> Floor:
        pair = self.pair(name, count)
        if pair is None or pair.counts and min(pair.counts) < METRICS.load(name).minimum:
            return None, None
        try:
            return self._known(name, pair) or self._computed(name, pair), pair.counts
        except UserError:
            if self.baseline and pair.counts is None:
                raise
            return None, None

    def pair(self, name: str, count: int | None) -> RealPair | None:
        """What takes the place of generated and of real images; None where there are too few for that."""
        copies = self.looks_for_copies(name)
        key = copies, None if self.baseline else count
        if key not in self._pairs:
            self._pairs[key] = self._baseline_pair(copies) or self._spare_pair(count) or self._halves()
        return self._pairs[key]

    def _baseline_pair(self, copies: bool) -> RealPair | None:
        if not self.baseline:
            return None
        here, other = len_of(self.real.images), len_of(self.baseline.images)
        counts = None if here in (None, other) else [other, here]
        sides = (self.real, self.baseline) if copies else (self.baseline, self.real)
        return RealPair(*sides, counts)  # type: ignore[arg-type]

    def _spare_pair(self, count: int | None) -> RealPair | None:
        others = None if count is None else self.spare(count)
        if others is None:
            return None
        return RealPair(self.real.alike(others), self.real, [len(others), self.real.features.count])

    def _halves(self) -> RealPair | None:
        features = self.real.features
        if features.features is None or features.count < 4:
            return None
        rows = np.array_split(np.random.default_rng(self.seed).permutation(features.count), 2)
        first, second = (StoredFeatures("a half of the real images", features.take(half), None) for half in rows)
        return RealPair(self.real.alike(first), self.real.alike(second), [len(first), len(second)])

    def _known(self, name: str, pair: RealPair) -> Results | None:
        """A metric's results from the table or the cache, or None where they are in neither."""
        key = self._key(name, pair)
        return None if key is None else find_floor(key)

    def _computed(self, name: str, pair: RealPair) -> Results:
        computed = METRICS.load(name).compute(pair.generated.features, pair.real.features, self.seed)
        found = {label: plain(result) for label, result in computed.items()}
        if (key := self._key(name, pair)) is not None:
            keep_floor(key, found)
        return found

    def _key(self, name: str, pair: RealPair) -> str | None:
        """What a metric's results are kept under; None where they depend on what no key can tell."""
        if pair.digests is None or METRICS.load(name).needs == "labels":
            return None
        made_by = self.real.extractor.cache_key
        return None if made_by is None else floor_key(name, pair.digests, made_by, self.seed)


def lacks_features(images: ImageSet, extractor: FeatureExtractor, keep: bool) -> bool:
    """Whether the features of an image set are neither in a file nor in the cache."""
    if isinstance(images, StoredFeatures):
        return False
    path = cache_path(images, extractor, keep)
    return path is None or not path.is_file()
