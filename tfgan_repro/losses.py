"""Adversarial losses: pairs of plain functions of logits `[batch, 1]`, each returning a scalar mean.

A discriminator's loss is the sum of a part on real images and a part on generated ones, kept apart because the two
minibatches pass through the discriminator in separate calls.
"""

from collections.abc import Callable
from typing import NamedTuple

from keras import ops


class AdversarialLoss(NamedTuple):
    """How the two networks are scored.

    Attributes:
        real: `(real_logits, label_smoothing) -> scalar`, the discriminator's loss on real images.
        fake: `(fake_logits) -> scalar`, the discriminator's loss on generated images.
        generator: `(fake_logits) -> scalar`, the generator's loss.
    """

    real: Callable
    fake: Callable
    generator: Callable


def cross_entropy(logits, target):
    """Binary cross entropy of `sigmoid(logits)` against one target probability, stable for any logit.

    `-t log sigmoid(x) - (1 - t) log(1 - sigmoid(x)) = softplus(x) - t x`, with the large terms cancelled by hand.
    """
    return ops.mean(ops.maximum(logits, 0.0) - target * logits + ops.log1p(ops.exp(-ops.abs(logits))))


def non_saturating_real(real_logits, label_smoothing=0.0):
    """Cross entropy against 1, or `1 - label_smoothing`: one-sided smoothing (Salimans et al. 2016, section 3.4)."""
    return cross_entropy(real_logits, 1.0 - label_smoothing)


def non_saturating_fake(fake_logits):
    """Cross entropy against 0: only the real labels are smoothed."""
    return cross_entropy(fake_logits, 0.0)


def non_saturating_generator(fake_logits):
    """`-log D(G(z))` (Goodfellow et al. 2014, section 3): a strong gradient also where the discriminator is sure."""
    return cross_entropy(fake_logits, 1.0)


NON_SATURATING = AdversarialLoss(non_saturating_real, non_saturating_fake, non_saturating_generator)
