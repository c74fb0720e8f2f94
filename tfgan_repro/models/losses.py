"""Adversarial losses: what the two networks are scored by, as functions of logits `[batch, 1]` to a scalar mean.

A loss sees both sides: the discriminator's takes the logits of real and of generated images, and so does the
generator's, which most losses need only the latter for. Those that are sums of a part on real and a part on generated
images are put together by `separable`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from tfgan_repro.errors import UserError
from tfgan_repro.models import LOSSES
from tfgan_repro.types import Tensor


@dataclass(frozen=True)
class AdversarialLoss:
    """How the two networks are scored.

    Attributes:
        discriminator: `(real_logits, fake_logits, label_smoothing) -> scalar`.
        generator: `(fake_logits, real_logits) -> scalar`; the second are None unless `relativistic`.
        parts: the discriminator's loss on real images, `(real_logits, label_smoothing) -> scalar`, and on generated
            ones, `(fake_logits) -> scalar`, of which it is the sum; None where it is no sum.
        probability: from logits to the discriminator's probability of being real; None where its outputs say none.
        threshold: outputs above it say "real"; None where outputs have a meaning only beside other outputs.
        is_distance: whether `mean D(x) - mean D(G(z))` estimates a distance between the real and the generated images.
        relativistic: whether the generator's loss compares with real images.
    """

    discriminator: Callable[[Tensor, Tensor, float], Tensor]
    generator: Callable[[Tensor, Tensor | None], Tensor]
    parts: tuple[Callable[[Tensor, float], Tensor], Callable[[Tensor], Tensor]] | None = None
    probability: Callable[[Tensor], Tensor] | None = None
    threshold: float | None = None
    is_distance: bool = False
    relativistic: bool = False


def separable(
    real: Callable[[Tensor, float], Tensor],
    fake: Callable[[Tensor], Tensor],
    generator: Callable[[Tensor], Tensor],
    **facts: Any,
) -> AdversarialLoss:
    """The loss of a discriminator that scores real and generated images each for themselves.

    Args:
        real: `(real_logits, label_smoothing) -> scalar`.
        fake: `(fake_logits) -> scalar`.
        generator: `(fake_logits) -> scalar`.
        **facts: other attributes of `AdversarialLoss`.
    """
    return AdversarialLoss(
        lambda real_logits, fake_logits, label_smoothing: real(real_logits, label_smoothing) + fake(fake_logits),
        lambda fake_logits, real_logits: generator(fake_logits),
        parts=(real, fake),
        **facts,
    )


def relativistic(pairwise: Callable[[Tensor], Tensor], **facts: Any) -> AdversarialLoss:
    """The loss of a discriminator that says of pairs which of two images is more real (Jolicoeur-Martineau 2019).

    Args:
        pairwise: from margins `[batch, 1]`, by which the image that should win does, to losses of the same shape.
        **facts: other attributes of `AdversarialLoss`.
    """
    return AdversarialLoss(
        lambda real_logits, fake_logits, label_smoothing: ops.mean(pairwise(real_logits - fake_logits)),
        lambda fake_logits, real_logits: ops.mean(pairwise(fake_logits - real_logits)),
        relativistic=True,
        **facts,
    )


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

    Smoothing, which report C combines with this loss, makes the label less than 1: the loss then also falls with a
    constant that both outputs sink by. Added to the outputs, that constant would change no gradient of the generator.
    But a critic of bounded slope may spend it on the constant and turn: on report C's SAGAN the generator's gradients
    with and without smoothing have a cosine of 0.999, without the critic's batch normalisation of 0.59 to 0.95
    (`benchmarks/smoothing.py`, docs/reports.md).
    """
    return (label_smoothing - 1.0) * ops.mean(real_logits)


def critic_fake(fake_logits: Tensor) -> Tensor:
    """`D(G(z))`."""
    return ops.mean(fake_logits)


def critic_generator(fake_logits: Tensor) -> Tensor:
    """`-D(G(z))`, the generator's loss under the Wasserstein and hinge losses."""
    return -ops.mean(fake_logits)


NON_SATURATING = separable(
    cross_entropy_real, cross_entropy_fake, non_saturating_generator, probability=ops.sigmoid, threshold=0.0
)
SATURATING = separable(
    cross_entropy_real, cross_entropy_fake, saturating_generator, probability=ops.sigmoid, threshold=0.0
)
LEAST_SQUARES = separable(least_squares_real, least_squares_fake, least_squares_generator, threshold=0.5)
HINGE = separable(hinge_real, hinge_fake, critic_generator, threshold=0.0)
WASSERSTEIN = separable(critic_real, critic_fake, critic_generator, is_distance=True)
# Huang et al. 2024, R3GAN, equation 2; the others are the same idea with other margins.
RELATIVISTIC = relativistic(lambda margin: ops.softplus(-margin))
RELATIVISTIC_HINGE = relativistic(lambda margin: ops.maximum(0.0, 1.0 - margin))
RELATIVISTIC_LEAST_SQUARES = relativistic(lambda margin: ops.square(margin - 1.0) / 2)


def as_adversarial_loss(loss: Any) -> AdversarialLoss:
    """An `AdversarialLoss` from one, its name, a `keras.losses.Loss` of logits and targets, or an object with methods.

    Args:
        loss: a name in `tfgan_repro.models.LOSSES`, or an object with `discriminator` and `generator` as
            `AdversarialLoss` describes them, or a Keras loss, which real images are scored by with the target 1 (less
            the smoothing), generated ones with 0, and the generator with 1.

    Raises:
        UserError: it is none of these, or a Keras loss of probabilities.
    """
    if isinstance(loss, str):
        loss = LOSSES.load(loss)
    if isinstance(loss, AdversarialLoss):
        return loss
    if isinstance(loss, keras.losses.Loss):
        if not getattr(loss, "from_logits", True):
            raise UserError(
                f"the loss {loss.name} takes probabilities, and the discriminator gives logits: say from_logits=True"
            )

        def against(target: float, logits: Tensor) -> Tensor:
            return loss(ops.full_like(logits, target), logits)

        return separable(
            lambda real_logits, label_smoothing: against(1.0 - label_smoothing, real_logits),
            lambda fake_logits: against(0.0, fake_logits),
            lambda fake_logits: against(1.0, fake_logits),
        )
    if not all(callable(getattr(loss, name, None)) for name in ("discriminator", "generator")):
        raise UserError(f"{loss!r} is not an adversarial loss: it needs the methods discriminator and generator")
    facts = {name: getattr(loss, name) for name in FACTS if hasattr(loss, name)}
    return AdversarialLoss(loss.discriminator, loss.generator, **facts)


FACTS = ("parts", "probability", "threshold", "is_distance", "relativistic")


def class_cross_entropy(class_logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross entropy of class logits `[batch, num_classes]` against int labels `[batch]`."""
    losses = ops.logsumexp(class_logits, axis=1) - ops.squeeze(
        ops.take_along_axis(class_logits, ops.cast(labels, "int32")[:, None], axis=1), 1
    )
    return ops.mean(losses)


def accuracy(loss: AdversarialLoss, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """The share of images that a discriminator tells apart rightly, in [0, 1].

    A critic has no threshold: its share is that of pairs of a real and a generated image which it ranks rightly.
    """
    if loss.threshold is None:
        return ops.mean(ops.cast(real_logits > ops.transpose(fake_logits), "float32"))
    right = ops.concatenate([real_logits > loss.threshold, fake_logits < loss.threshold])
    return ops.mean(ops.cast(right, "float32"))


def mean_sign(loss: AdversarialLoss, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """The mean sign of a discriminator's answers to real images: 0 where it guesses, 1 where it knows all of them.

    That of what an answer exceeds the loss's threshold by; where there is none, the answer to a generated image.

    Reference:
        Karras et al. 2020, arXiv:2006.06676, equation 1, r_t.
    """
    return ops.mean(ops.sign(real_logits - (fake_logits if loss.threshold is None else loss.threshold)))
