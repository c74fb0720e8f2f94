"""What a metric tells the scoring about itself."""

from dataclasses import dataclass
from typing import Callable


@dataclass(frozen=True)
class Metric:
    """A metric by name, as `tfgan_repro.metrics.METRICS` lists them.

    Attributes:
        compute: from the `FeatureSet` of the generated images, that of the real ones and a seed to a dictionary of
            results: a printed name -> `value` and what else must be known of it (parameters, spread).
        needs: "statistics", "features", "logits" or "labels" (and features).
        minimum: images needed on either side.
        details: from both `FeatureSet` to what is added to each result where it is more costly than the value and
            not needed for the real-against-real value, or None.
        against_training: whether the real images should be the training images, because it looks for copies.
    """

    compute: Callable
    needs: str
    minimum: int = 2
    details: Callable | None = None
    against_training: bool = False


def metric_label(metric: str, extractor: str | None, features: int) -> str:
    """What a metric on certain features is called: only 2048 features of the 2015 network give a plain FID.

    Args:
        metric: its name on those, e.g. "FID".
        extractor: "2015", "imagenet", "embedded", "digits", or None where a file does not say.
        features: their number.
    """
    if extractor == "2015":
        # The Inception Score does not depend on which features the distances use.
        return metric if features == 2048 or metric == "IS" else f"{metric}-{features}"
    if extractor == "imagenet":
        return f"{metric}-imagenet"
    # Nothing on other features is an Inception distance.
    return f"{metric.replace('FID', 'FD').replace('KID', 'KD')}-{extractor or f'unknown-{features}'}"
