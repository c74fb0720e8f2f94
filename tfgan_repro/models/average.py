"""The exponential moving average of a generator's weights, which makes better pictures than the last ones."""

import keras
from keras import ops

from tfgan_repro.choices import TINY
from tfgan_repro.types import Network, Tensor


class MovingAverage:
    """A second generator whose weights follow those of the one in training (Yazıcı et al. 2019).

    Batch statistics and the vectors of spectral normalisation are averaged as well. (Averaged statistics are not yet
    those of the averaged weights: `tfgan_repro.models.generation.sampling_generator` computes them anew.)

    Args:
        network: the generator in training; its copy starts with the same weights.
        start: steps during which the weights are copied instead of averaged.
    """

    def __init__(self, network: Network, start: int = 0) -> None:
        self.start = start
        self.network = keras.models.clone_model(network)
        self.network.name = "average_generator"
        self.network.trainable = False  # not by gradients
        for mean, variable in self.pairs(network):
            # A buffer of its own: a compiled step may give its buffers away.
            mean.assign(ops.copy(variable))

    def pairs(self, network: Network) -> list[tuple[keras.Variable, keras.Variable]]:
        """Each weight of the copy with that of the network; layer by layer, because their orders may differ."""
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
        decay = ops.where(step < self.start, 0.0, 0.5 ** (ops.cast(images, "float32") / ops.maximum(half_life, TINY)))
        for mean, variable in self.pairs(network):
            mean.assign(variable + decay * (mean - variable))
