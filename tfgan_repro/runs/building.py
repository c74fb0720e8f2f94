"""From a run's configuration to its networks: untrained, and ready to be trained."""

from typing import TYPE_CHECKING

from tfgan_repro.config import TrainConfig, choices_of
from tfgan_repro.models import MODELS
from tfgan_repro.models.options import NetworkChoices, TrainingChoices

if TYPE_CHECKING:
    from tfgan_repro.models.gan import GAN


def build_gan(config: TrainConfig, image_shape: tuple[int, ...], num_classes: int) -> "GAN":
    """The untrained networks of a configuration.

    Args:
        config: a `TrainConfig`.
        image_shape: `(height, width, channels)`.
        num_classes: of the labels; 0 for a set without.

    Raises:
        UserError: the networks cannot make that image size, or they need labels and there are none.
    """
    return MODELS.load(config.model)(image_shape, num_classes, **choices_of(NetworkChoices, config), seed=config.seed)


def compile_gan(gan: "GAN", config: TrainConfig) -> None:
    """Give a `GAN` its optimisers, loss and techniques from a configuration."""
    gan.compile(**choices_of(TrainingChoices, config))
