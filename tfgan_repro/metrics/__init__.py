"""Feature extractors and the distances computed on features. Knows nothing of GANs: pixels in, numbers out.

Everything in `EXPORTS` can be imported from here; it is loaded when it is first used, so that listing the names of
extractors, resizes and metrics costs nothing.
"""

import importlib
from typing import Any

from tfgan_repro.registry import Registry

EXTRACTORS = Registry(
    "extractor",
    {
        "2015": "tfgan_repro.metrics.inception:InceptionExtractor",
        "imagenet": "tfgan_repro.metrics.imagenet:ImageNetExtractor",
        "embedded": "tfgan_repro.metrics.embedded:EmbeddedExtractor",
        "digits": "tfgan_repro.metrics.embedded:DigitExtractor",
    },
)
RESIZES = Registry(
    "resize",
    {
        "tf1-bilinear": "tfgan_repro.metrics.resize:tf1_bilinear",
        "nearest": "tfgan_repro.metrics.resize:nearest",
        "clean": "tfgan_repro.metrics.resize:clean",
        "antialias": "tfgan_repro.metrics.resize:antialias",
    },
)
# Each is a `tfgan_repro.metrics.metric.Metric`.
METRICS = Registry(
    "metric",
    {
        "fid": "tfgan_repro.metrics.fid:FID",
        "fid-infinity": "tfgan_repro.metrics.infinity:FID_INFINITY",
        "kid": "tfgan_repro.metrics.kid:KID",
        "kid-full": "tfgan_repro.metrics.kid:KID_FULL",
        "is": "tfgan_repro.metrics.inception_scoring:INCEPTION_SCORE",
        "prdc": "tfgan_repro.metrics.prdc:PRDC",
        "nearest": "tfgan_repro.metrics.nearest:NEAREST",
        "diversity": "tfgan_repro.metrics.diversity:DIVERSITY",
        "fid-per-class": "tfgan_repro.metrics.per_class:FID_PER_CLASS",
    },
)
PRECISIONS = ("float32", "bfloat16")
BAD_IMAGE_POLICIES = ("fail", "skip")

# Public name -> the module that has it.
EXPORTS = {
    "DigitExtractor": "embedded",
    "EmbeddedExtractor": "embedded",
    "Extractor": "extractor",
    "FeatureStatistics": "statistics",
    "Gaussian": "statistics",
    "ImageArray": "images",
    "ImageFolder": "folder",
    "ImageNetExtractor": "imagenet",
    "InceptionExtractor": "inception",
    "Reference": "score",
    "authenticity": "nearest",
    "class_agreement": "agreement",
    "density_and_coverage": "prdc",
    "feature_distance": "frechet",
    "find_extractor": "extractors",
    "frechet_distance": "frechet",
    "frechet_infinity": "infinity",
    "frechet_interval": "jackknife",
    "gaussian_distance": "frechet",
    "inception_network": "inception",
    "inception_score": "inception_scoring",
    "kernel_distance": "kid",
    "kernel_distance_subsets": "kid",
    "nearest_neighbours": "neighbours",
    "pairwise_diversity": "diversity",
    "per_class_distances": "per_class",
    "precision_and_recall": "prdc",
    "read_statistics": "statistics_file",
    "read_weights": "inception_weights",
    "write_statistics": "statistics_file",
}
__all__ = ["EXTRACTORS", "METRICS", "RESIZES", *EXPORTS]


def __getattr__(name: str) -> Any:
    if name in EXPORTS:
        return getattr(importlib.import_module(f"{__name__}.{EXPORTS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *EXPORTS})
