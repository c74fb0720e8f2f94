"""What a score is asked for with, and what must be known of it afterwards."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfgan_repro.choices import as_whole, option_name
from tfgan_repro.errors import UserError, unknown_name
from tfgan_repro.metrics.registries import AUTO_EXTRACTORS, METRICS, PRECISIONS, RESIZES
from tfgan_repro.registry import Names

SPLITS = Names("split", "test", "train")
# What each shorthand stands for; a choice made beside it wins.
NAMED = {"report-c": {"extractor": "imagenet", "resize": "nearest", "fid_samples": 1000, "split": "test"}}


@dataclass(frozen=True)
class Scoring:
    """How sets of images are to be scored: the same choices from the command line and from Python.

    Attributes:
        metrics: names in `METRICS`; from Python also one string with commas.
        fid_samples: images drawn from either side, or None for all that there are.
        split: of a data set: "test" or "train".
        seed: of latents and of what is drawn.
        extractor: a name in `AUTO_EXTRACTORS`, "package.module:function", or a `KerasExtractor`.
        inception_weights: a file of the extractor's weights, whichever it is, or None for where they usually lie.
        features: their number, or None for the extractor's own.
        resize: a name in `RESIZES`, how images come to the extractor's size; None for the extractor's own.
        precision: of the extractor, in `PRECISIONS`.
        image_size: pixels a side that the images of both sides are brought to first, or None for as they are.

    Raises:
        UserError: an unknown name or a number out of its range.
    """

    metrics: tuple[str, ...] = ("fid",)
    fid_samples: int | None = None
    split: str = "test"
    seed: int = 2
    extractor: Any = "auto"
    inception_weights: Path | str | None = None
    features: int | None = None
    resize: str | None = None
    precision: str = "float32"
    image_size: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "metrics", named_metrics(self.metrics))
        if isinstance(self.extractor, str):
            AUTO_EXTRACTORS.check(self.extractor)
        if self.resize is not None:
            RESIZES.check(self.resize)
        SPLITS.check(self.split)
        PRECISIONS.check(self.precision)
        for name, least in (("fid_samples", 2), ("image_size", 1), ("seed", 0)):
            number = getattr(self, name)
            if number is not None:
                object.__setattr__(self, name, as_whole(option_name(name), number, least))

    @classmethod
    def of(cls, protocol: Scoring | str | None = None, **choices: Any) -> Scoring:
        """A protocol with some choices changed.

        Args:
            protocol: a `Scoring`, the name of one ("report-c"), or None for the defaults.
            **choices: fields; those that are None are left as the protocol has them.

        Raises:
            UserError: an unknown protocol, or what `Scoring` refuses.
        """
        known = [field.name for field in dataclasses.fields(cls)]
        for name in choices:
            if name not in known:
                raise unknown_name("choice of a score", name, known)
        said = {name: value for name, value in choices.items() if value is not None}
        if isinstance(protocol, Scoring):
            return dataclasses.replace(protocol, **said)
        if protocol is not None and protocol not in NAMED:
            raise unknown_name("protocol", protocol, NAMED)
        named: dict[str, Any] = NAMED[protocol] if protocol else {}
        return cls(**{**named, **said})


def named_metrics(metrics: str | Iterable[str]) -> tuple[str, ...]:
    """Metrics in the order given, each once.

    Args:
        metrics: names in `METRICS`, or one string of them with commas.

    Raises:
        UserError: an unknown one, or none.
    """
    words = metrics.split(",") if isinstance(metrics, str) else metrics
    names = tuple(dict.fromkeys(name.strip() for name in words))
    if not names:
        raise UserError(f"--metrics: name one or more of {', '.join(METRICS)}")
    for name in names:
        METRICS.check(name)
    return names


@dataclass(frozen=True)
class Protocol:
    """What a score was made by. Scores are comparable where this is equal; None is what nobody knows.

    Attributes:
        metric: as it is printed, e.g. "FID-768".
        extractor: its name.
        weights_sha256: of the extractor's weights, its first 16 digits.
        features: their number.
        layer: of the extractor, whose output they are.
        input_size: pixels a side that the extractor sees.
        scaling: what became of the pixels' values before.
        resize: how images came to that size.
        precision: of the extractor's arithmetic.
        generated_images: how many; as the next one None for statistics from a file that does not say.
        real_images: how many.
        dataset: where the real images come from.
        split: of that data set.
        generated: where the generated images come from, unless from the run itself.
        image_size: the images' pixels a side before the extractor's resize, `[height, width]` where they differ.
        seed: of latents and of what was drawn.
        generator_weights: "ema" or "raw".
        standing_statistics: in words, where the generator's batch statistics were computed anew.
    """

    metric: str
    extractor: str | None = None
    weights_sha256: str | None = None
    features: int | None = None
    resize: str | None = None
    precision: str | None = None
    layer: str | None = None
    input_size: int | None = None
    scaling: str | None = None
    generated_images: int | None = None
    real_images: int | None = None
    dataset: str | None = None
    split: str | None = None
    generated: str | None = None
    image_size: Any = None
    seed: int | None = None
    generator_weights: str | None = None
    standing_statistics: str | None = None

    @classmethod
    def of(cls, row: dict[str, Any]) -> Protocol:
        """The protocol of a line of `evaluations.jsonl`, of any version."""
        return cls(**{field.name: row[field.name] for field in dataclasses.fields(cls) if field.name in row})

    def as_row(self) -> dict[str, Any]:
        """As a score's line holds it: what is not known is left out, unless it is always there."""
        return {
            name: value
            for name, value in dataclasses.asdict(self).items()
            if name != "metric" and (value is not None or name in ALWAYS)
        }

    def differences(self, other: Protocol) -> dict[str, tuple[Any, Any]]:
        """In what two scores differ, as field -> both values; what one of them does not know is no difference."""
        pairs = {field.name: (getattr(self, field.name), getattr(other, field.name)) for field in FIELDS}
        return {name: pair for name, pair in pairs.items() if None not in pair and pair[0] != pair[1]}


FIELDS = dataclasses.fields(Protocol)
ALWAYS = {
    "extractor", "weights_sha256", "features", "resize", "precision", "generated_images", "real_images", "dataset",
    "split", "seed",
}  # fmt: skip


def metric_label(metric: str, extractor: str | None, features: int) -> str:
    """What a metric on certain features is called: only 2048 features of the 2015 network give a plain FID.

    Args:
        metric: its name on those, e.g. "FID".
        extractor: its name, or None where a file does not say.
        features: their number.
    """
    if extractor == "2015":
        # The Inception Score does not depend on which features the distances use.
        return metric if features == 2048 or metric == "IS" else f"{metric}-{features}"
    if extractor == "imagenet":
        return f"{metric}-imagenet"
    if extractor == "dinov2":
        extractor = "DINOv2" if features == 1024 else f"DINOv2-{features}"
    # Nothing on other features is an Inception distance.
    return f"{metric.replace('FID', 'FD').replace('KID', 'KD')}-{extractor or f'unknown-{features}'}"
