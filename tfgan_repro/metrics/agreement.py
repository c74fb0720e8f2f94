"""Whether the images of a conditional model show the class that was asked for, as an embedded classifier sees it."""

from typing import TYPE_CHECKING

import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.embedded import CLASS_COUNT, EmbeddedExtractor
from tfgan_repro.metrics.images import as_image_set
from tfgan_repro.types import ImageSet

if TYPE_CHECKING:
    from tfgan_repro.metrics.extractor import Extractor


def class_agreement(
    images: ImageSet, labels: np.ndarray, extractor: "Extractor | None" = None
) -> tuple[float, dict[int, float]]:
    """The share of images that an embedded classifier gives the class of their label.

    Args:
        images: uint8 `[count, height, width, 1 or 3]`, or an image set.
        labels: int `[count]` in the order of the classifier's classes.
        extractor: a `DigitExtractor`, or an `EmbeddedExtractor`, which None loads.

    Returns:
        The share in [0, 1], and a dictionary of each label's share.

    Raises:
        UserError: labels that do not fit.
    """
    images, labels = as_image_set(images), np.asarray(labels)
    if labels.shape != (len(images),) or labels.min() < 0 or labels.max() >= CLASS_COUNT:
        raise UserError(f"class agreement needs {len(images)} labels from 0 to {CLASS_COUNT - 1}")
    extractor = extractor or EmbeddedExtractor()
    logits = np.concatenate([outputs["logits"] for outputs in extractor.outputs(images)])
    right = logits.argmax(axis=1) == labels
    return float(right.mean()), {int(label): float(right[labels == label].mean()) for label in np.unique(labels)}
