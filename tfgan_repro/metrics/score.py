"""Generated images scored against real ones."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tfgan_repro.choices import as_whole
from tfgan_repro.metrics.extractor_choice import find_extractor
from tfgan_repro.metrics.feature_files import StoredFeatures
from tfgan_repro.metrics.features import FeatureSet, cached, extract
from tfgan_repro.metrics.images import as_image_set, draw
from tfgan_repro.metrics.protocol import Protocol, named_metrics
from tfgan_repro.metrics.real_against_real import KnownSet, RealAgainstReal
from tfgan_repro.metrics.requirements import check_features, check_labels, check_metrics, keeps_features, len_of
from tfgan_repro.metrics.rows import score_rows
from tfgan_repro.types import ImageSet, Progress


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
        metrics: names in `METRICS`, also one string with commas; `score` returns the first.

    Raises:
        UserError: too few images, an unknown metric, or a metric that needs what the extractor does not give.
    """

    def __init__(
        self,
        extractor: Any,
        real: ImageSet,
        count: int | None = None,
        baseline: ImageSet | None = None,
        seed: int = 0,
        announce: Callable[[int], Progress] | None = None,
        metrics: str | Sequence[str] = ("fid",),
    ) -> None:
        self.extractor = find_extractor(extractor)
        self.metrics, self.seed = named_metrics(metrics), as_whole("seed", seed)
        metrics, count = self.metrics, None if count is None else as_whole("count", count, 1)
        real = real if isinstance(real, StoredFeatures) else as_image_set(real)
        check_metrics(metrics, self.extractor, count, count or len_of(real))
        check_features(metrics, real)
        check_labels(metrics, real.labels)
        self.protocol = {"dataset": real.name, "split": real.split, "seed": seed}
        self.keep = keeps_features(metrics, count or len_of(real) or 0)
        self.images, left = drawn(real, count, seed)
        known = KnownSet(self.images, self.extractor, self.keep, announce)
        self.baseline = None
        if baseline is not None:
            baseline = as_image_set(baseline)
            self.baseline = known.alike(drawn(baseline, min(count or len(baseline), len(baseline)), seed)[0])

        def spare(count: int) -> ImageSet | None:
            return real.take(np.sort(left[:count])) if len(left) >= count else None

        self.floors = RealAgainstReal(known, spare, self.baseline, self.metrics, seed)
        known.announce()
        if self.baseline:
            self.floors.announce(None)
        self.real = known.features
        if self.baseline:
            self.floors.results(None)

    def _against(self, name: str) -> tuple[FeatureSet, str | None]:
        """What a metric compares generated images with, and its split."""
        if self.baseline and self.floors.looks_for_copies(name):
            return self.baseline.features, "train"
        return self.real, self.protocol["split"]

    @property
    def real_vs_real(self) -> float:
        """The first metric's value for real against real images, where there is a baseline."""
        results, _ = self.floors.results(None)[self.metrics[0]]
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
        results, _ = self.floors.results(None)[self.metrics[0]]
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
        images = images if isinstance(images, StoredFeatures) else as_image_set(images)
        check_features(self.metrics, images)
        check_labels(self.metrics, images.labels)
        check_metrics(self.metrics, self.extractor, len_of(images), self.real.count)
        if isinstance(images, StoredFeatures):
            generated = images.features
        else:
            generated = (cached if keep_in_cache else extract)(images, self.extractor, progress, self.keep)
        # Images that were skipped do not count.
        check_metrics(self.metrics, self.extractor, generated.count, self.real.count)
        rows = []
        for name, (results, counts) in self.floors.results(generated.count).items():
            against, split = self._against(name)
            scores = score_rows(name, generated, against, self.extractor, {**self.protocol, "split": split}, results)
            told = {} if counts is None and self.baseline else {"real_vs_real_images": counts}
            rows += [{**row, **told} for row in scores]
        return rows


def drawn(images: Any, count: int | None, seed: int) -> tuple[Any, np.ndarray]:
    """The images of a set that are scored, and the numbers of those that are left; statistics are what they are."""
    if isinstance(images, StoredFeatures) and not images.has_features:
        return images, np.empty(0, int)
    return draw(images, len(images) if count is None else count, seed)
