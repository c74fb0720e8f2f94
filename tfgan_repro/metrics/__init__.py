"""Feature extractors and the distances computed on features. Knows nothing of GANs: pixels in, numbers out.

Everything in `EXPORTS` can be imported from here; it is loaded when it is first used, so that listing the names of
extractors, resizes and metrics costs nothing.
"""

import importlib
from typing import Any

from tfgan_repro.metrics.registries import BAD_IMAGE_POLICIES, EXTRACTORS, METRICS, PRECISIONS, RESIZES

# Public name -> the module that has it.
EXPORTS = {
    "DINOv2Extractor": "dinov2",
    "DigitExtractor": "embedded",
    "EmbeddedExtractor": "embedded",
    "FeatureStatistics": "statistics",
    "Gaussian": "statistics",
    "ImageArray": "images",
    "ImageFolder": "folder",
    "ImageNetExtractor": "imagenet",
    "InceptionExtractor": "inception",
    "KerasExtractor": "extractor",
    "LetterExtractor": "embedded",
    "Protocol": "protocol",
    "Reference": "score",
    "Scoring": "protocol",
    "authenticity": "neighbours",
    "class_agreement": "classes",
    "classification_accuracy": "classes",
    "density_and_coverage": "neighbours",
    "feature_distance": "frechet",
    "find_extractor": "extractor_choice",
    "frechet_distance": "frechet",
    "frechet_infinity": "frechet",
    "frechet_interval": "frechet",
    "gaussian_distance": "frechet",
    "inception_network": "inception",
    "inception_score": "inception_scoring",
    "kernel_distance": "kid",
    "kernel_distance_subsets": "kid",
    "monge_distance": "mind",
    "nearest_neighbours": "neighbours",
    "pairwise_diversity": "diversity",
    "per_class_distances": "classes",
    "precision_and_recall": "neighbours",
    "read_features": "feature_files",
    "read_weights": "inception_weights",
    "score_table": "printing",
    "vendi_score": "diversity",
    "write_features": "feature_files",
}
__all__ = ["BAD_IMAGE_POLICIES", "EXTRACTORS", "METRICS", "PRECISIONS", "RESIZES", *EXPORTS]


def __getattr__(name: str) -> Any:
    if name in EXPORTS:
        return getattr(importlib.import_module(f"{__name__}.{EXPORTS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *EXPORTS})
