"""Self-attention over the places of an image (Zhang et al. 2019, SAGAN, arXiv:1805.08318)."""

from typing import Any

import keras
from keras import layers, ops

from tfgan_repro.models.layers.spectral_normalization import SpectralNormalization
from tfgan_repro.types import Tensor


@keras.saving.register_keras_serializable("tfgan_repro")
class SelfAttention(layers.Layer):
    """Adds to each place what it finds interesting elsewhere: `x + gamma * o(x)`, gamma growing from 0.

    As in the authors' code, queries and keys have an eighth of the channels, values half of them, and keys and values
    are pooled 2x2, so that each of `height * width` places looks at a quarter as many.

    Args:
        spectral_normalization: normalise the four 1x1 convolutions.
        seed: of the initial weights.
    """

    def __init__(self, spectral_normalization: bool = False, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spectral_normalization, self.seed = spectral_normalization, seed

    def build(self, input_shape: tuple) -> None:
        channels = input_shape[-1]
        reduced = {"query": max(1, channels // 8), "key": max(1, channels // 8), "value": max(1, channels // 2)}
        for offset, (name, filters) in enumerate({**reduced, "output": channels}.items()):
            convolution = layers.Conv2D(
                filters,
                1,
                use_bias=False,
                kernel_initializer=keras.initializers.GlorotUniform(self.seed + offset),
                dtype=self.dtype_policy,
                name=name,
            )
            if self.spectral_normalization:
                convolution = SpectralNormalization(convolution, name=f"{name}_sn")
            convolution.build((*input_shape[:-1], reduced["value"]) if name == "output" else input_shape)
            setattr(self, f"{name}_convolution", convolution)
        self.pool = layers.MaxPooling2D(2, padding="same", dtype=self.dtype_policy, name="pool")
        self.gamma = self.add_weight(shape=(), initializer="zeros", name="gamma")

    def attend(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """What `call` returns, and where each place looks.

        Args:
            inputs: `[batch, height, width, channels]`.

        Returns:
            The outputs, of the inputs' shape, and float32 weights `[batch, height * width, keys]` that sum to 1 over
            the keys, which are the places of the pooled grid row by row: `ceil(height / 2) * ceil(width / 2)`.
        """
        height, width = inputs.shape[1:3]
        queries = flat(self.query_convolution(inputs))
        keys = flat(self.pool(self.key_convolution(inputs)))
        values = flat(self.pool(self.value_convolution(inputs)))
        weights = ops.softmax(ops.cast(ops.matmul(queries, ops.swapaxes(keys, 1, 2)), "float32"))
        found = ops.matmul(ops.cast(weights, values.dtype), values)
        found = ops.reshape(found, (-1, height, width, values.shape[-1]))
        # Outside of `call` Keras does not cast the weight.
        gamma = ops.cast(self.gamma, inputs.dtype)
        return inputs + gamma * self.output_convolution(found), weights

    def call(self, inputs: Tensor) -> Tensor:
        return self.attend(inputs)[0]

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "spectral_normalization": self.spectral_normalization, "seed": self.seed}


def flat(images: Tensor) -> Tensor:
    """`[batch, height, width, channels]` as `[batch, height * width, channels]`."""
    return ops.reshape(images, (-1, images.shape[1] * images.shape[2], images.shape[3]))
