"""What metrics ask of an extractor and of image sets, so that a score that cannot be is refused before the work."""

from collections.abc import Sequence
from typing import Any

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.feature_files import StoredFeatures
from tfgan_repro.metrics.features import KEEP_UP_TO
from tfgan_repro.metrics.registries import METRICS


def len_of(images: Any) -> int | None:
    """How many images a set has, or None where a file of statistics does not say."""
    return images.features.count if isinstance(images, StoredFeatures) else len(images)


def beyond_statistics(metrics: Sequence[str]) -> list[str]:
    """The metrics that need the features themselves."""
    return [name for name in metrics if METRICS.load(name).needs != "statistics"]


def keeps_features(metrics: Sequence[str], count: int) -> bool:
    """Whether features are kept: always where a metric needs them, else for the interval while they fit."""
    return count <= KEEP_UP_TO or bool(beyond_statistics(metrics))


def check_features(metrics: Sequence[str], images: Any) -> None:
    """Refuse metrics that need features where a file holds only statistics.

    Raises:
        UserError: naming the metric and the file.
    """
    if not isinstance(images, StoredFeatures) or images.has_features:
        return
    for name in beyond_statistics(metrics):
        raise UserError(
            f"metric {name} needs images or features; {images.name} holds only statistics (make it with "
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
