"""What can be chosen by name: extractors, resizes and metrics. Their code is imported when it is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tfgan_repro.errors import UserError
from tfgan_repro.registry import Entry, Names, Registry


class Extractors(Registry):
    """Extractors by name; besides those listed, any function that is named by its place, "package.module:function"."""

    def check(self, name: str) -> str:
        if ":" not in name:
            return super().check(name)
        module, _, function = name.partition(":")
        if not all(part.isidentifier() for part in (*module.split("."), function)):
            raise UserError(f"extractor {name}: expected package.module:function")
        return name


# Each makes an `extractor.KerasExtractor`; its keywords are the choices that it offers. Where it has several numbers of
# features, these are said, the usual one first.
EXTRACTORS = Extractors(
    "extractor",
    {
        "2015": Entry("tfgan_repro.metrics.inception:InceptionExtractor", features=(2048, 768, 192, 64)),
        "imagenet": "tfgan_repro.metrics.imagenet:ImageNetExtractor",
        "embedded": "tfgan_repro.metrics.embedded:EmbeddedExtractor",
        "digits": "tfgan_repro.metrics.embedded:DigitExtractor",
        "letters": "tfgan_repro.metrics.embedded:LetterExtractor",
        "dinov2": Entry("tfgan_repro.metrics.dinov2:DINOv2Extractor", features=(1024, 384, 768, 1536)),
    },
)
# What `--help` says of `--features`.
FEATURES = "the first that the weights allow of " + ", or ".join(
    f"{', '.join(map(str, counts))} ({name})" for name in EXTRACTORS if (counts := EXTRACTORS.fact(name, "features"))
)
AUTO_EXTRACTORS = Extractors("extractor", {"auto": "", **EXTRACTORS})
RESIZES = Registry(
    "resize",
    {
        "tf1-bilinear": "tfgan_repro.metrics.resize:tf1_bilinear",
        "nearest": "tfgan_repro.metrics.resize:nearest",
        "clean": "tfgan_repro.metrics.resize:clean",
        "bicubic": "tfgan_repro.metrics.resize:bicubic",
        "antialias": "tfgan_repro.metrics.resize:antialias",
    },
)
# Each is a `Metric`.
METRICS = Registry(
    "metric",
    {
        "fid": "tfgan_repro.metrics.frechet:FID",
        "fid-infinity": "tfgan_repro.metrics.frechet:FID_INFINITY",
        "kid": "tfgan_repro.metrics.kid:KID",
        "kid-full": "tfgan_repro.metrics.kid:KID_FULL",
        "mind": "tfgan_repro.metrics.mind:MIND",
        "is": "tfgan_repro.metrics.inception_scoring:INCEPTION_SCORE",
        "prdc": "tfgan_repro.metrics.neighbours:PRDC",
        "nearest": "tfgan_repro.metrics.neighbours:NEAREST",
        "diversity": "tfgan_repro.metrics.diversity:DIVERSITY",
        "vendi": "tfgan_repro.metrics.diversity:VENDI",
        "fid-per-class": "tfgan_repro.metrics.classes:FID_PER_CLASS",
        "classification-accuracy": "tfgan_repro.metrics.classes:CLASSIFICATION_ACCURACY",
    },
)
PRECISIONS = Names("precision", "float32", "bfloat16")
BAD_IMAGE_POLICIES = Names("on-bad-image", "fail", "skip")


# What a metric gives: a printed name -> `value` and what else must be known of it (parameters, spread, interval).
Results = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Metric:
    """What a metric tells the scoring about itself.

    Attributes:
        compute: from the `FeatureSet` of the generated images, that of the real ones and a seed to `Results`.
        needs: "statistics", "features", "logits" or "labels" (and features).
        minimum: images needed on either side.
        details: from the same to what is added to each result where it costs more than the value and is not needed
            for the real-against-real value (an interval), or None.
        against_training: whether the real images should be the training images, because it looks for copies.
        images_a_feature: images needed on either side for each feature.
    """

    compute: Callable
    needs: str
    minimum: int = 2
    details: Callable | None = None
    against_training: bool = False
    images_a_feature: int = 0
