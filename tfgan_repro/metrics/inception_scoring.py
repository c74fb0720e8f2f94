"""The Inception Score (Salimans et al. 2016, arXiv:1606.03498)."""

import numpy as np
import scipy.special

from tfgan_repro.choices import as_whole
from tfgan_repro.metrics.registries import Metric, Results
from tfgan_repro.metrics.features import FeatureSet
from tfgan_repro.metrics.statistics import checked_features

SPLITS = 10


def inception_score(logits: np.ndarray, splits: int = SPLITS, seed: int = 0) -> np.ndarray:
    """The exponential of the mean divergence of each image's class probabilities from their average.

    Args:
        logits: `[count, classes]`; of the 2015 network those without bias, as the score was defined.
        splits: the images are cut into so many parts, each with its own average.
        seed: of the order in which images go into parts, so that an ordered set scores like a mixed one; None keeps
            the order.

    Returns:
        float64 `[splits]`, each between 1 and the number of classes; the score is their mean.

    Raises:
        UserError: fewer images than splits, NaN or infinity.
    """
    logits = checked_features(logits, "logits", minimum=as_whole("splits", splits, 1))
    order = np.arange(len(logits)) if seed is None else np.random.default_rng(seed).permutation(len(logits))
    scores = []
    for rows in np.array_split(order, splits):
        log_p = scipy.special.log_softmax(logits[rows].astype(np.float64), axis=1)
        log_average = scipy.special.logsumexp(log_p, axis=0) - np.log(len(rows))
        divergence = np.sum(np.exp(log_p) * (log_p - log_average), axis=1)
        scores.append(np.exp(divergence.mean()))
    return np.array(scores)


def _compute(generated: FeatureSet, real: FeatureSet, seed: int) -> Results:
    scores = inception_score(generated.logits, seed=seed)
    return {"IS": {"value": scores.mean(), "standard_deviation": scores.std(), "splits": SPLITS}}


INCEPTION_SCORE = Metric(_compute, needs="logits", minimum=SPLITS)
