"""What the discriminator sees in the place of images: DiffAugment (Zhao et al. 2020, arXiv:2006.10738), and ADA.

Both real and generated images are augmented, each with random numbers of its own, and the generator's gradient passes
through. Images are float `[batch, height, width, channels]` in [-1, 1].
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tfgan_repro.models import AUGMENTATIONS, ada, drawing
from tfgan_repro.models.options import TrainingChoices
from tfgan_repro.types import Tensor

SIGNED_STEPS = 4  # between two changes of the probability


def change_colour(images: Tensor, seed: keras.random.SeedGenerator) -> Tensor:
    """Random brightness, saturation and contrast, the paper's `color`."""
    images = images + drawing.per_image(images, seed, -0.5, 0.5)
    grey = ops.mean(images, axis=3, keepdims=True)
    images = (images - grey) * drawing.per_image(images, seed, 0.0, 2.0) + grey
    mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
    return (images - mean) * drawing.per_image(images, seed, 0.5, 1.5) + mean


def translate(images: Tensor, seed: keras.random.SeedGenerator) -> Tensor:
    """Random shifts by up to an eighth of the side; what moves in is 0, middle grey."""
    height, width = images.shape[1:3]
    rows = shifted_places(images, seed, height)
    columns = shifted_places(images, seed, width)
    padded = ops.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]])
    moved = ops.take_along_axis(padded, rows[:, :, None, None], axis=1)
    return ops.take_along_axis(moved, columns[:, None, :, None], axis=2)


def shifted_places(images: Tensor, seed: keras.random.SeedGenerator, side: int) -> Tensor:
    """For each image and place along a side, the place in the image with a border of 1 that moves there."""
    furthest = round(side / 8)
    shift = ops.floor(drawing.uniform((ops.shape(images)[0], 1), -furthest, furthest + 1, seed=seed))
    places = ops.arange(side, dtype="int32")[None] + ops.cast(shift, "int32") + 1
    return ops.clip(places, 0, side + 1)


def cut_out(images: Tensor, seed: keras.random.SeedGenerator) -> Tensor:
    """A square of half the side at a random place becomes 0, middle grey; parts of it may lie outside."""
    height, width = images.shape[1:3]
    inside = within(images, seed, height)[:, :, None] * within(images, seed, width)[:, None, :]
    return images * (1.0 - inside[..., None])


def within(images: Tensor, seed: keras.random.SeedGenerator, side: int) -> Tensor:
    """For each image, 1 where a place along a side lies in a random stretch of half the side, else 0."""
    stretch = side // 2
    middle = drawing.uniform((ops.shape(images)[0], 1), 0, side + 1 - stretch % 2, seed=seed)
    start = ops.floor(middle) - stretch // 2
    places = ops.arange(side, dtype="float32")[None]
    return ops.cast(ops.logical_and(places >= start, places < start + stretch), "float32")


class Augmentation(keras.layers.Layer):
    """What the discriminator sees in the place of images, with the probability that some augmentations happen with.

    Args:
        names: in `tfgan_repro.models.AUGMENTATIONS`, applied in their order; those of ADA come last, all in one.
        techniques: `TrainingChoices`, for the probability at first and for what it adapts to.

    Attributes:
        probability: a variable; None where no augmentation has one.
        signs: of the steps since the probability was last changed, their sum. Replicas agree on what moves.
    """

    def __init__(self, names: Sequence[str], techniques: TrainingChoices) -> None:
        super().__init__(dtype="float32", autocast=False, name="augmentation")
        self.adaptive = [name for name in names if AUGMENTATIONS.fact(name, "has_probability")]
        self.policies = [name for name in names if name not in self.adaptive]
        self.target, self.ramp = techniques.augmentation_target, techniques.augmentation_ramp
        first = techniques.augmentation_probability
        self.probability = self.add_number("probability", first) if self.adaptive else None
        self.signs = self.add_number("moving_signs", 0.0) if self.target else None
        self.built = True

    def add_number(self, name: str, value: float) -> Any:
        """A variable that training does not descend on."""
        initializer = keras.initializers.Constant(value)
        return self.add_weight(shape=(), initializer=initializer, trainable=False, name=name)

    def call(self, images: Tensor, seed: keras.random.SeedGenerator) -> Tensor:
        """Images float `[batch, height, width, channels]` in [-1, 1] after it; colours may leave that range."""
        for name in self.policies:
            images = AUGMENTATIONS.load(name)(images, seed)
        return ada.augment(images, self.adaptive, self.probability, seed) if self.adaptive else images

    def follow(self, step: Tensor, sign: Tensor | None, images: Tensor) -> dict[str, Tensor]:
        """Let the probability follow the discriminator (Karras et al. 2020, section 3.1).

        Every four steps it becomes larger where the discriminator has said "real" of more training images than it
        should, as one that knows them by heart does, and smaller where it has not.

        Args:
            step: generator updates before this one.
            sign: the mean sign of the discriminator's answers to this step's real images; None without a target.
            images: real images that it has seen in this step.

        Returns:
            What is to be logged.
        """
        if self.probability is None:
            return {}
        probability = ops.copy(self.probability)  # what is logged is this step's, not a schedule's next
        if self.signs is not None:
            signs = ops.convert_to_tensor(self.signs)
            due = ops.logical_and(step > 0, step % SIGNED_STEPS == 0)
            pace = ops.cast(SIGNED_STEPS * images, "float32") / self.ramp
            change = pace * ops.sign(signs / SIGNED_STEPS - self.target)
            probability = ops.clip(probability + ops.where(due, change, 0.0), 0.0, 1.0)
            self.probability.assign(probability)
            self.signs.assign(ops.where(due, 0.0, signs) + sign)
        return {"augmentation_probability": probability}
