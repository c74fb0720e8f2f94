"""From a run's configuration to its networks: untrained, and ready to be trained."""

from typing import TYPE_CHECKING

import keras

from tfgan_repro.config import TrainConfig, choices_of
from tfgan_repro.models import MODELS
from tfgan_repro.models.architecture import Architecture
from tfgan_repro.models.techniques import Techniques

if TYPE_CHECKING:
    from tfgan_repro.models.gan import GAN

# The optimisers that a configuration can name, each from a learning rate and a `TrainConfig`.
OPTIMIZERS = {
    "adam": lambda rate, config: keras.optimizers.Adam(rate, config.beta_1, config.beta_2),
    "sgd": lambda rate, config: keras.optimizers.SGD(rate, config.momentum),
    "rmsprop": lambda rate, config: keras.optimizers.RMSprop(rate, momentum=config.momentum),
}


def build_gan(config: TrainConfig, image_shape: tuple[int, ...], num_classes: int) -> "GAN":
    """The untrained networks of a configuration.

    Args:
        config: a `TrainConfig`.
        image_shape: `(height, width, channels)`.
        num_classes: of the labels; 0 for a set without.

    Raises:
        UserError: the networks cannot make that image size, or they need labels and there are none.
    """
    return MODELS.load(config.model)(image_shape, num_classes, **choices_of(Architecture, config))


def compile_gan(gan: "GAN", config: TrainConfig) -> None:
    """Give a `GAN` its optimisers, loss and techniques from a configuration."""
    optimizer = OPTIMIZERS[config.optimizer]
    gan.compile(
        optimizer(config.generator_learning_rate, config),
        optimizer(config.discriminator_learning_rate, config),
        loss=config.loss,
        **choices_of(Techniques, config),
    )
