"""How different the generated images are from each other: a collapsed generator's are not."""

from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_repro.metrics.metric import Metric
from tfgan_repro.metrics.neighbours import distance_blocks
from tfgan_repro.metrics.statistics import checked_features

if TYPE_CHECKING:
    from tfgan_repro.metrics.features import FeatureSet


def pairwise_diversity(features: np.ndarray) -> float:
    """The mean Euclidean distance between two different images of a set.

    Args:
        features: `[count, dimension]`.

    Returns:
        A float, 0 for copies of one image.

    Raises:
        UserError: fewer than two images, NaN or infinity.
    """
    features = checked_features(features, minimum=2)
    total = 0.0
    for i, j, block in distance_blocks(features, features):
        rows = np.arange(max(i, j), min(i + block.shape[0], j + block.shape[1]))
        block[rows - i, rows - j] = 0  # an image is no distance from itself, whatever rounding says
        total += np.sqrt(block, out=block).sum()
    return float(total / (len(features) * (len(features) - 1)))


def _compute(generated: "FeatureSet", real: "FeatureSet", seed: int) -> dict[str, dict[str, Any]]:
    return {"diversity": {"value": pairwise_diversity(generated.features)}}


DIVERSITY = Metric(_compute, needs="features")
