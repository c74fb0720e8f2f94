"""The exponential moving average of a generator's weights, which makes better pictures than the last ones."""

import keras
from keras import ops

from tfgan_repro.types import Network, Tensor


class MovingAverage:
    """A second generator whose weights follow those of the one in training (Yazıcı et al. 2019).

    Batch statistics and the vectors of spectral normalisation are averaged as well. (Averaged statistics are not yet
    those of the averaged weights: `tfgan_repro.models.generation.sampling_generator` computes them anew.)

    Args:
        network: the generator in training; its copy starts with the same weights.
        half_life: images after which a weight is half forgotten, whatever the batch size.
        start: steps during which the weights are copied instead of averaged.
    """

    def __init__(self, network: Network, half_life: float, start: int = 0) -> None:
        self.half_life, self.start = half_life, start
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

    def update(self, network: Network, step: Tensor, images: Tensor) -> None:
        """Follow the network.

        Args:
            network: the generator in training.
            step: generator updates before this one.
            images: generated images that the update saw.
        """
        decay = ops.where(step < self.start, 0.0, 0.5 ** (ops.cast(images, "float32") / self.half_life))
        for mean, variable in self.pairs(network):
            mean.assign(variable + decay * (mean - variable))
