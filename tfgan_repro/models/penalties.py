"""Penalties on the discriminator's slope, the gradient of its outputs with respect to the images before augmentation.

Each takes `slope`, a function from images `[batch, height, width, channels]` to that gradient, of the images' shape,
which can itself be differentiated; the backend's training step provides it. Each returns a scalar without its weight.
"""

from collections.abc import Callable
from typing import Any

from keras import ops

from tfgan_repro.errors import UserError
from tfgan_repro.models import PENALTIES, drawing
from tfgan_repro.types import Tensor

EPSILON = 1e-12  # under the square root, whose derivative at 0 is infinite


def norms(gradients: Tensor) -> Tensor:
    """The length of each image's gradient, `[batch]`."""
    return ops.sqrt(ops.sum(ops.square(gradients), axis=(1, 2, 3)) + EPSILON)


def mean_square(gradients: Tensor) -> Tensor:
    """The mean over the images of the squared length of their gradients."""
    return ops.mean(ops.sum(ops.square(gradients), axis=(1, 2, 3)))


def between(real_images: Tensor, fake_images: Tensor, seed: Any) -> Tensor:
    """For each pair of images one on the straight line from the real to the generated one."""
    return real_images + drawing.per_image(real_images, seed) * (fake_images - real_images)


def gradient_penalty(slope: Callable[[Tensor], Tensor], real_images: Tensor, fake_images: Tensor, seed: Any) -> Tensor:
    """`(|slope| - 1)^2` at points drawn between real and generated images (Gulrajani et al. 2017, equation 3).

    Args:
        slope: as in this module's description.
        real_images: float32 `[batch, height, width, channels]`.
        fake_images: of the same shape.
        seed: a `keras.random.SeedGenerator`.

    Returns:
        A scalar.
    """
    return ops.mean(ops.square(norms(slope(between(real_images, fake_images, seed))) - 1.0))


def zero_centred_penalty(
    slope: Callable[[Tensor], Tensor], real_images: Tensor, fake_images: Tensor, seed: Any
) -> Tensor:
    """`|slope|^2` at points between real and generated images (Thanh-Tung et al. 2019); as `gradient_penalty`."""
    return mean_square(slope(between(real_images, fake_images, seed)))


def dragan_penalty(slope: Callable[[Tensor], Tensor], real_images: Tensor, fake_images: Tensor, seed: Any) -> Tensor:
    """`(|slope| - 1)^2` around real images, moved by noise of half their spread (Kodali et al. 2017, DRAGAN).

    As in the authors' code: uniform noise of half the batch's standard deviation, each image as far along it as a
    number in [0, 1) of its own says. As `gradient_penalty`; the generated images play no part.
    """
    noise = ops.cast(drawing.uniform(ops.shape(real_images), seed=seed), real_images.dtype) * ops.std(real_images) / 2
    around = real_images + drawing.per_image(real_images, seed) * noise
    return ops.mean(ops.square(norms(slope(around)) - 1.0))


def r1_penalty(slope: Callable[[Tensor], Tensor], real_images: Tensor, fake_images: Tensor, seed: Any) -> Tensor:
    """`|slope|^2 / 2` at real images (Mescheder et al. 2018, R1); as `gradient_penalty`, and nothing is drawn."""
    return mean_square(slope(real_images)) / 2


def r2_penalty(slope: Callable[[Tensor], Tensor], real_images: Tensor, fake_images: Tensor, seed: Any) -> Tensor:
    """`|slope|^2 / 2` at generated images (Mescheder et al. 2018, R2); as `r1_penalty`."""
    return mean_square(slope(fake_images)) / 2


def as_penalties(penalty: Any) -> list[tuple[Callable, float | None]]:
    """Penalties as functions, each with the weight that it brings, or None.

    Args:
        penalty: names in `tfgan_repro.models.PENALTIES` with weights or without ("r1:10,r2:5", "none"), a function like
            those of this module, or pairs of a function and its weight.

    Raises:
        UserError: none of these.
    """
    if isinstance(penalty, str):
        return [(PENALTIES.load(name), value) for name, value in PENALTIES.pairs(penalty).items()]
    if isinstance(penalty, type):
        raise UserError(f"the penalty {penalty.__name__} is a class: give an object, {penalty.__name__}(...)")
    pairs = [(penalty, None)] if callable(penalty) else penalty
    if not isinstance(pairs, (list, tuple)) or not all(
        isinstance(pair, (list, tuple)) and len(pair) == 2 and callable(pair[0]) for pair in pairs
    ):
        raise UserError(f"{penalty!r} is not a penalty: give a name, a function like those of penalties.py, or pairs")
    return [(function, None if value is None else float(value)) for function, value in pairs]
