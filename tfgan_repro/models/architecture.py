"""What a pair of networks is built from, whatever the family."""

from dataclasses import dataclass
from typing import Any

from tfgan_repro.backends import backend_module
from tfgan_repro.choices import as_whole, option_name
from tfgan_repro.errors import UserError
from tfgan_repro.models.options import NetworkChoices


@dataclass(frozen=True)
class Architecture(NetworkChoices):
    """Everything that a family of networks is built from: `NetworkChoices` for an image shape and a number of classes.

    Attributes:
        image_shape: `(height, width, channels)`, square.
        num_classes: of the labels; 0 for an unconditional pair.
        seed: of the initial weights.

    Raises:
        UserError: images that are not square, or a conditional network without classes.
    """

    image_shape: tuple[int, ...] = (32, 32, 3)
    num_classes: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        as_image_shape(self.image_shape)
        for name in ("generator_conditioning", "discriminator_conditioning"):
            if getattr(self, name) != "none" and self.num_classes < 2:
                raise UserError(
                    f"{option_name(name)} {getattr(self, name)} needs pictures with labels of two classes or "
                    "more; use --generator-conditioning none --discriminator-conditioning none for pictures without"
                )

    @property
    def synchronized(self) -> bool:
        """Whether batch normalisation is synchronised; where nothing is shared, there is nothing to synchronise."""
        return self.batch_normalization == "synchronized" and backend_module().replicas() > 1

    def filters(self, count: int) -> int:
        """A channel count times `width`, at least 1."""
        return max(1, round(count * self.width))


def as_image_shape(shape: Any) -> tuple[int, ...]:
    """An image's shape as a tuple.

    Raises:
        UserError: it is not a shape, or the images are not square.
    """
    try:
        sides = tuple(shape)  # TensorFlow's and NumPy's as well
    except (TypeError, ValueError):
        sides = ()
    sides = tuple(as_whole("image_shape", side, 1) for side in sides)
    if len(sides) != 3 or sides[0] != sides[1]:
        raise UserError(f"image shape {shape}: images are square, (side, side, channels)")
    return sides
