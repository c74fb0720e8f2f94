"""The exponential moving average of a generator's weights, which makes better pictures than the last ones."""

import keras
from keras import ops

from tfgan_repro.choices import TINY
from tfgan_repro.errors import UserError
from tfgan_repro.models.networks import call_on_zeros
from tfgan_repro.types import Network, Tensor


class MovingAverage:
    """A second generator whose weights follow those of the one in training (Yazıcı et al. 2019).

    Batch statistics and the vectors of spectral normalisation are averaged as well. (Averaged statistics are not yet
    those of the averaged weights: `tfgan_repro.models.generation.sampling_generator` computes them anew.)

    Args:
        network: the generator in training; its copy starts with the same weights.
        start: steps during which the weights are copied instead of averaged.
        running: a copy whose weights are an average already, to go on with; None for a new one.

    Attributes:
        statistics_of: which weights and classes the batch statistics are those of; None where nobody knows.

    Raises:
        UserError: Keras cannot copy the network.
    """

    def __init__(self, network: Network, start: int = 0, running: Network | None = None) -> None:
        self.start, self.statistics_of = start, None
        self.network = running or copy_of(network)
        if not running:
            self.network.name = "average_generator"
            self.network.trainable = False  # not by gradients
            for mean, variable in self.pairs(network):
                # A buffer of its own: a compiled step may give its buffers away.
                mean.assign(ops.copy(variable))

    def pairs(self, network: Network) -> list[tuple[keras.Variable, keras.Variable]]:
        """Each weight of the copy with that of the network; layer by layer, because their orders may differ."""
        if not getattr(network, "inputs", None):
            # A subclassed one makes its layers in its own order, under new names.
            return list(zip(self.network.weights, network.weights, strict=True))
        return [
            pair
            for layer in self.network.layers
            if layer.weights
            for pair in zip(layer.weights, network.get_layer(layer.name).weights, strict=True)
        ]

    def update(self, network: Network, step: Tensor, images: Tensor, half_life: Tensor | float) -> None:
        """Follow the network.

        Args:
            network: the generator in training.
            step: generator updates before this one.
            images: generated images that the update saw.
            half_life: images after which a weight is half forgotten, whatever the batch size; 0 copies the weights.
        """
        # In float32 whatever Keras' floatx is.
        half_lives = ops.cast(images, "float32") / ops.cast(ops.maximum(half_life, TINY), "float32")
        decay = ops.where(step < self.start, ops.zeros((), "float32"), 0.5**half_lives)
        for mean, variable in self.pairs(network):
            mean.assign(variable + ops.cast(decay, variable.dtype) * (mean - variable))


def copy_of(network: Network) -> Network:
    """A network of the same layers with new weights.

    Raises:
        UserError: Keras cannot make one.
    """
    try:
        if getattr(network, "inputs", None):
            copied = keras.models.clone_model(network)
        else:
            copied = type(network).from_config(network.get_config())
            for name in ("latent_shape", "conditional"):
                if hasattr(network, name):
                    setattr(copied, name, getattr(network, name))
            call_on_zeros(copied)
    except (TypeError, ValueError, NotImplementedError) as error:
        raise UserError(
            f"the average of its weights needs a copy of {type(network).__name__}, which Keras cannot make: give it "
            "get_config() and from_config(), or leave ema_half_life out"
        ) from error
    return copied
