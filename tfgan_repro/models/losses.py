"""Adversarial losses: pairs of plain functions of logits `[batch, 1]`, each returning a scalar mean.

A discriminator's loss is the sum of a part on real images and a part on generated ones, kept apart because the two
minibatches pass through the discriminator in separate calls.
"""

from collections.abc import Callable
from typing import NamedTuple

from keras import ops

from tfgan_repro.types import Tensor


class AdversarialLoss(NamedTuple):
    """How the two networks are scored.

    Attributes:
        real: `(real_logits, label_smoothing) -> scalar`, the discriminator's loss on real images.
        fake: `(fake_logits) -> scalar`, the discriminator's loss on generated images.
        generator: `(fake_logits) -> scalar`, the generator's loss.
        probability: from logits to the discriminator's probability of being real, or None where its outputs are not
            logits of one.
        threshold: outputs above it say "real"; None for a critic, which only ranks.
    """

    real: Callable
    fake: Callable
    generator: Callable
    probability: Callable | None
    threshold: float | None


def cross_entropy(logits: Tensor, target: float) -> Tensor:
    """Binary cross entropy of `sigmoid(logits)` against one target probability, stable for any logit.

    `-t log sigmoid(x) - (1 - t) log(1 - sigmoid(x)) = softplus(x) - t x`, with the large terms cancelled by hand.
    """
    return ops.mean(ops.maximum(logits, 0.0) - target * logits + ops.log1p(ops.exp(-ops.abs(logits))))


def cross_entropy_real(real_logits: Tensor, label_smoothing: float = 0.0) -> Tensor:
    """Cross entropy against 1, or `1 - label_smoothing`: one-sided smoothing (Salimans et al. 2016, section 3.4)."""
    return cross_entropy(real_logits, 1.0 - label_smoothing)


def cross_entropy_fake(fake_logits: Tensor) -> Tensor:
    """Cross entropy against 0: only the real labels are smoothed."""
    return cross_entropy(fake_logits, 0.0)


def non_saturating_generator(fake_logits: Tensor) -> Tensor:
    """`-log D(G(z))` (Goodfellow et al. 2014, section 3): a strong gradient also where the discriminator is sure."""
    return cross_entropy(fake_logits, 1.0)


def saturating_generator(fake_logits: Tensor) -> Tensor:
    """`log(1 - D(G(z)))`, the minimax game of Goodfellow et al. 2014: no gradient where the discriminator is sure."""
    return -cross_entropy(fake_logits, 0.0)


def squared_distance(logits: Tensor, target: float) -> Tensor:
    """Half the mean squared distance to a target, as in Mao et al. 2017 (LSGAN, equation 9)."""
    return ops.mean(ops.square(logits - target)) / 2


def least_squares_real(real_logits: Tensor, label_smoothing: float = 0.0) -> Tensor:
    """Squared distance to 1, or to the smoothed label."""
    return squared_distance(real_logits, 1.0 - label_smoothing)


def least_squares_fake(fake_logits: Tensor) -> Tensor:
    """Squared distance to 0."""
    return squared_distance(fake_logits, 0.0)


def least_squares_generator(fake_logits: Tensor) -> Tensor:
    """Squared distance to 1."""
    return squared_distance(fake_logits, 1.0)


def hinge_real(real_logits: Tensor, label_smoothing: float = 0.0) -> Tensor:
    """`max(0, 1 - D(x))` (Lim and Ye 2017; Miyato et al. 2018, equation 16); smoothing makes the margin smaller."""
    return ops.mean(ops.maximum(0.0, 1.0 - label_smoothing - real_logits))


def hinge_fake(fake_logits: Tensor) -> Tensor:
    """`max(0, 1 + D(G(z)))`."""
    return ops.mean(ops.maximum(0.0, 1.0 + fake_logits))


def critic_real(real_logits: Tensor, label_smoothing: float = 0.0) -> Tensor:
    """`-D(x)` (Arjovsky et al. 2017), times the label.

    Smoothing, which report C combines with this loss, makes the label less than 1. The loss then also falls with any
    constant that both outputs sink by, which changes no gradient of the generator.
    """
    return (label_smoothing - 1.0) * ops.mean(real_logits)


def critic_fake(fake_logits: Tensor) -> Tensor:
    """`D(G(z))`."""
    return ops.mean(fake_logits)


def critic_generator(fake_logits: Tensor) -> Tensor:
    """`-D(G(z))`, the generator's loss under the Wasserstein and hinge losses."""
    return -ops.mean(fake_logits)


NON_SATURATING = AdversarialLoss(
    cross_entropy_real, cross_entropy_fake, non_saturating_generator, probability=ops.sigmoid, threshold=0.0
)
SATURATING = NON_SATURATING._replace(generator=saturating_generator)
LEAST_SQUARES = AdversarialLoss(
    least_squares_real, least_squares_fake, least_squares_generator, probability=None, threshold=0.5
)
HINGE = AdversarialLoss(hinge_real, hinge_fake, critic_generator, probability=None, threshold=0.0)
WASSERSTEIN = AdversarialLoss(critic_real, critic_fake, critic_generator, probability=None, threshold=None)


def class_cross_entropy(class_logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross entropy of class logits `[batch, num_classes]` against int labels `[batch]`."""
    losses = ops.logsumexp(class_logits, axis=1) - ops.squeeze(
        ops.take_along_axis(class_logits, ops.cast(labels, "int32")[:, None], axis=1), 1
    )
    return ops.mean(losses)


def reported_loss(loss: AdversarialLoss, real_logits: Tensor, fake_logits: Tensor, value: Tensor) -> Tensor:
    """The discriminator's loss as it is logged.

    Under the Wasserstein loss it is the critic's estimate of the distance, `mean D(x) - mean D(G(z))`, which falls as
    training works; under the others the loss itself.

    Args:
        loss: an `AdversarialLoss`.
        real_logits: `[batch, 1]`.
        fake_logits: `[batch, 1]`.
        value: the adversarial loss, without penalties.
    """
    return ops.mean(real_logits) - ops.mean(fake_logits) if loss.threshold is None else value


def accuracy(loss: AdversarialLoss, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """The share of images that a discriminator tells apart rightly, in [0, 1].

    A critic has no threshold: its share is that of pairs of a real and a generated image which it ranks rightly.
    """
    if loss.threshold is None:
        return ops.mean(ops.cast(real_logits > ops.transpose(fake_logits), "float32"))
    right = ops.concatenate([real_logits > loss.threshold, fake_logits < loss.threshold])
    return ops.mean(ops.cast(right, "float32"))
