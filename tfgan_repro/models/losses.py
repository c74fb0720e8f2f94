"""Adversarial losses: what the two networks are scored by, as functions of logits `[batch, 1]` to a scalar mean.

A loss sees both sides: the discriminator's takes the logits of real and of generated images, and so does the
generator's, which most losses need only the latter for. Those that are sums of a part on real and a part on generated
images are put together by `separable`.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
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
    """Mean binary cross entropy of `sigmoid(logits)` against one target probability."""
    return ops.mean(ops.binary_crossentropy(ops.full_like(logits, target), logits, from_logits=True))


def squared_distance(logits: Tensor, target: float) -> Tensor:
    """Half the mean squared distance to a target, as in Mao et al. 2017 (LSGAN, equation 9)."""
    return ops.mean(ops.square(logits - target)) / 2


# Goodfellow et al. 2014, section 3: the generator's -log D(G(z)) has a strong gradient also where the discriminator is
# sure. Only the real labels are smoothed (Salimans et al. 2016, section 3.4).
NON_SATURATING = separable(
    lambda real_logits, label_smoothing: cross_entropy(real_logits, 1.0 - label_smoothing),
    lambda fake_logits: cross_entropy(fake_logits, 0.0),
    lambda fake_logits: cross_entropy(fake_logits, 1.0),
    probability=ops.sigmoid,
    threshold=0.0,
)
# Their minimax game, log(1 - D(G(z))), which has no gradient there.
SATURATING = replace(NON_SATURATING, generator=lambda fake_logits, real_logits: -cross_entropy(fake_logits, 0.0))
LEAST_SQUARES = separable(
    lambda real_logits, label_smoothing: squared_distance(real_logits, 1.0 - label_smoothing),
    lambda fake_logits: squared_distance(fake_logits, 0.0),
    lambda fake_logits: squared_distance(fake_logits, 1.0),
    threshold=0.5,
)
# Lim and Ye 2017; Miyato et al. 2018, equation 16. Smoothing makes the margin smaller.
HINGE = separable(
    lambda real_logits, label_smoothing: ops.mean(ops.maximum(0.0, 1.0 - label_smoothing - real_logits)),
    lambda fake_logits: ops.mean(ops.maximum(0.0, 1.0 + fake_logits)),
    lambda fake_logits: -ops.mean(fake_logits),
    threshold=0.0,
)
# Arjovsky et al. 2017. Smoothing, which report C combines with this loss, makes the label less than 1: the loss then
# also falls with a constant that both outputs sink by. Added to the outputs, that constant would change no gradient of
# the generator. But a critic of bounded slope may spend it on the constant and turn: on report C's SAGAN the
# generator's gradients with and without smoothing have a cosine of 0.999, without the critic's batch normalisation of
# 0.59 to 0.95 (`benchmarks/smoothing.py`, docs/reports.md).
WASSERSTEIN = separable(
    lambda real_logits, label_smoothing: (label_smoothing - 1.0) * ops.mean(real_logits),
    lambda fake_logits: ops.mean(fake_logits),
    lambda fake_logits: -ops.mean(fake_logits),
    is_distance=True,
)
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
    if isinstance(loss, type):
        raise UserError(f"the loss {loss.__name__} is a class: give an object, {loss.__name__}(...)")
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
    known = (field.name for field in fields(AdversarialLoss))
    return AdversarialLoss(**{name: getattr(loss, name) for name in known if hasattr(loss, name)})


def class_cross_entropy(class_logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross entropy of class logits `[batch, num_classes]` against int labels `[batch]`."""
    return ops.mean(ops.sparse_categorical_crossentropy(labels, class_logits, from_logits=True))


def discriminator_metrics(loss: AdversarialLoss, real_logits: Tensor, fake_logits: Tensor) -> dict[str, Tensor]:
    """What a discriminator says of real and of generated images, as scalars to be logged.

    Returns:
        `d_real` and `d_fake`, its mean probabilities of being real (its mean outputs where the loss knows none);
        `d_accuracy`; and its mean lead of real over generated images: `distance` where that estimates one, `margin`
        under a relativistic loss.
    """
    to_probability = loss.probability or (lambda logits: logits)
    said = {
        "d_real": ops.mean(to_probability(real_logits)),
        "d_fake": ops.mean(to_probability(fake_logits)),
        "d_accuracy": accuracy(loss, real_logits, fake_logits),
    }
    if loss.is_distance or loss.relativistic:
        said["distance" if loss.is_distance else "margin"] = ops.mean(real_logits) - ops.mean(fake_logits)
    return said


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
