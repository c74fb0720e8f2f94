"""Scores together with their full protocol."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.metrics import METRICS
from tfgan_repro.metrics.features import KEEP_UP_TO, cached, extract
from tfgan_repro.metrics.images import as_image_set, draw
from tfgan_repro.types import ImageSet, Progress

if TYPE_CHECKING:
    from tfgan_repro.metrics.features import FeatureSet


class Reference:
    """The real images that generated ones are scored against.

    Args:
        extractor: an `Extractor`.
        real: an image set, or pictures with `images`, `name` and `split`.
        count: how many of its images are drawn.
        baseline: another set of real pictures (the other split), of which as many are drawn; they take the place of
            generated images once, because the score that real images get at the same counts is what a perfect
            generator would get.
        seed: of the drawing.
        progress: called with 0 or 1, for the real images and the baseline, and the number of images done so far.
        metrics: names in `tfgan_repro.metrics.METRICS`, the first of which `score` gives.

    Raises:
        UserError: too few images, or a metric that the extractor cannot serve.
    """

    def __init__(
        self,
        extractor: Any,
        real: ImageSet,
        count: int,
        baseline: ImageSet,
        seed: int = 0,
        progress: Progress | None = None,
        metrics: Sequence[str] = ("fid",),
    ) -> None:
        check_metrics(metrics, extractor, count, count)
        self.extractor, self.metrics, self.seed = extractor, tuple(metrics), seed
        real, baseline = as_image_set(real), as_image_set(baseline)
        self.protocol = {"dataset": real.name, "split": real.split, "seed": seed}
        self.keep = keeps_features(metrics, count)
        self.real, self.baseline = (
            cached(draw(images, count, seed)[0], extractor, _part(progress, part), self.keep)
            for part, images in enumerate((real, baseline))
        )
        # Copies are looked for among the training images, whichever side they are on.
        self.training = self.baseline if baseline.split == "train" else self.real
        self.other = self.real if self.training is self.baseline else self.baseline
        self.real_values = {}
        for name in metrics:
            generated, against = (
                (self.other, self.training) if METRICS.load(name).against_training else (self.baseline, self.real)
            )
            self.real_values[name] = METRICS.load(name).compute(generated, against, seed)

    @property
    def real_vs_real(self) -> float:
        """The first metric's value for real against real images."""
        return next(iter(self.real_values[self.metrics[0]].values()))["value"]

    def score(self, images: ImageSet, progress: Progress | None = None) -> dict[str, Any]:
        """The first metric's first score of generated images; see `scores`."""
        return self.scores(images, progress)[0]

    def without_score(self, count: int, why: str) -> dict[str, Any]:
        """What is recorded in the place of the first metric's score where there is none: no value, but the reason.

        Args:
            count: the generated images that there should have been.
            why: in words.
        """
        label, real = next(iter(self.real_values[self.metrics[0]].items()))
        return {
            "metric": self.extractor.label(label),
            "value": None,
            "why": why,
            "real_vs_real": float(real["value"]),
            **self.extractor.protocol,
            "generated_images": count,
            "real_images": self.real.count,
            **self.protocol,
        }

    def scores(self, images: ImageSet, progress: Progress | None = None) -> list[dict[str, Any]]:
        """The scores of generated images, with their protocol.

        Args:
            images: uint8 `[count, height, width, 1 or 3]`.
            progress: called with the number of images done so far.

        Returns:
            A list of dictionaries that can be written as JSON.

        Raises:
            UserError: too few images.
        """
        images = as_image_set(images)
        check_metrics(self.metrics, self.extractor, len(images), self.real.count)
        generated = extract(images, self.extractor, progress, self.keep)
        rows = []
        for name in self.metrics:
            copies = METRICS.load(name).against_training
            split = {"split": "train"} if copies and self.training is not self.real else {}
            against = self.training if copies else self.real
            rows += score_rows(
                name, generated, against, self.extractor, {**self.protocol, **split}, self.real_values[name]
            )
        return rows


def score_rows(
    name: str,
    generated: "FeatureSet",
    real: "FeatureSet",
    extractor: Any,
    protocol: dict[str, Any],
    real_values: dict[str, dict[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """The scores of one metric with their protocol.

    Args:
        name: in `tfgan_repro.metrics.METRICS`.
        generated: a `FeatureSet`.
        real: a `FeatureSet`.
        extractor: the `Extractor` that made both, or anything with its `label` and `protocol`.
        protocol: what else must be said: where the real images come from, the seed.
        real_values: the same metric's results for real against real images, or None where there are none.

    Returns:
        A list of dictionaries that can be written as JSON.

    Raises:
        UserError: too few images, or a score that is no number.
    """
    metric = METRICS.load(name)
    results = metric.compute(generated, real, protocol["seed"])
    details = metric.details(generated, real) if metric.details else {}
    rows = []
    for label, result in results.items():
        value = float(result["value"])
        if not np.isfinite(value):
            raise UserError(f"{extractor.label(label)} is no number; the features are damaged")
        rows.append(
            {
                "metric": extractor.label(label),
                **plain(result),
                "real_vs_real": float(real_values[label]["value"]) if real_values else None,
                **details.get(label, {}),
                **extractor.protocol,
                "generated_images": generated.count,
                "real_images": real.count,
                **protocol,
                **({"generated_notes": generated.notes} if generated.notes else {}),
                **({"real_notes": real.notes} if real.notes else {}),
            }
        )
    return rows


def plain(result: dict[str, Any]) -> dict[str, Any]:
    """NumPy's numbers as Python's."""
    return {key: value.item() if isinstance(value, np.generic) else value for key, value in result.items()}


def keeps_features(metrics: Sequence[str], count: int) -> bool:
    """Whether features are kept: always where a metric needs them, else for the interval while they fit."""
    return count <= KEEP_UP_TO or any(METRICS.load(name).needs != "statistics" for name in metrics)


def check_metrics(metrics: Sequence[str], extractor: Any, generated_count: int | None, real_count: int | None) -> None:
    """Refuse metrics that the extractor or the counts cannot serve.

    Raises:
        UserError: naming the metric and what it needs.
    """
    for name in metrics:
        metric = METRICS.load(name)
        if metric.needs == "logits" and not extractor.has_logits:
            raise UserError(f"metric {name}: the Inception Score needs logits, which this extractor does not have")
        for kind, count in (("generated", generated_count), ("real", real_count)):
            if count is not None and count < metric.minimum:
                raise UserError(f"metric {name} needs at least {metric.minimum} {kind} images, not {count}")


def _part(progress: Progress | None, part: int) -> Progress | None:
    return progress and (lambda done: progress(part, done))
