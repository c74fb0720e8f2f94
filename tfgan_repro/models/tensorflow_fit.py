"""The loop around the training steps on TensorFlow: Keras' own."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import keras

from tfgan_repro.models.tensorflow_replicas import unpacked
from tfgan_repro.types import Batches, Tensor

if TYPE_CHECKING:
    import numpy as np

    from tfgan_repro.models.gan import GAN


def fit(gan: "GAN", batches: Batches, **options: Any) -> keras.callbacks.History:
    """Train a `GAN`; options as those of `keras.Model.fit`."""
    if gan.train_function is None and gan.distribute_strategy.num_replicas_in_sync > 1:
        gan.make_train_function()
        # Keras has just set it, which mypy cannot know.
        gan.train_function = unpacking(gan.train_function)  # type: ignore[arg-type]
    return keras.Model.fit(gan, batches, **options)


def unpacking(function: Callable[[Iterator], dict[str, Tensor]]) -> "Callable[[Iterator], dict[str, np.float32]]":
    """The function of an iterator that makes steps, with logs as callbacks want them."""
    return lambda iterator: unpacked(function(iterator))
