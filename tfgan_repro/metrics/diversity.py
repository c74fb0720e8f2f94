"""How different the generated images are from each other: a collapsed generator's are not.

The real images play no part; their own value is what `real against real` shows.
"""

import numpy as np
import scipy.special

from tfgan_repro.metrics.registries import Metric, Results
from tfgan_repro.metrics.features import FeatureSet
from tfgan_repro.metrics.intervals import jackknife_interval
from tfgan_repro.metrics.neighbours import distance_blocks, on_diagonal
from tfgan_repro.metrics.statistics import checked_features


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
        block[on_diagonal(i, j, block)] = 0  # an image is no distance from itself, whatever rounding says
        total += np.sqrt(block, out=block).sum()
    return float(total / (len(features) * (len(features) - 1)))


def vendi_score(features: np.ndarray) -> float:
    """How many images that have nothing in common would be as varied as these (Friedman and Dieng 2023,
    arXiv:2210.02410).

    The exponential of the entropy of the eigenvalues of `K / count`, where K holds the cosines of all pairs of images.
    It grows with the count, so only values of equal counts can be compared.

    Args:
        features: `[count, dimension]`; an image whose features are all 0 is like no other.

    Returns:
        A float between 1, for copies of one image up to brightness, and the lesser of the count and the dimension.

    Raises:
        UserError: NaN or infinity.
    """
    features = checked_features(features).astype(np.float64)
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    directions = features / np.maximum(lengths, np.finfo(float).tiny)
    # Both products have the same eigenvalues but zeros; the smaller one is quicker.
    product = directions.T @ directions if len(features) > features.shape[1] else directions @ directions.T
    shares = np.maximum(np.linalg.eigvalsh(product), 0)
    # Rows of zeros have no direction; each would be one of its own.
    shares = np.append(shares, np.ones(int(np.sum(lengths == 0)))) / len(features)
    return float(np.exp(-np.sum(scipy.special.xlogy(shares, shares))))


def _diversity(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    return {"diversity": {"value": pairwise_diversity(generated.features)}}


def _vendi(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    return {"Vendi": {"value": vendi_score(generated.features)}}


def _diversity_interval(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    features = generated.features
    return {"diversity": jackknife_interval(lambda rows: pairwise_diversity(features[rows]), len(features))}


def _vendi_interval(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    features = generated.features
    return {"Vendi": jackknife_interval(lambda rows: vendi_score(features[rows]), len(features))}


DIVERSITY = Metric(_diversity, needs="features", details=_diversity_interval)
VENDI = Metric(_vendi, needs="features", details=_vendi_interval)
