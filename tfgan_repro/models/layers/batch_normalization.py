"""Batch normalisation in bfloat16 in one operation where the backend has one."""

from typing import Any

import keras
from keras import layers, ops

from tfgan_repro.backends import backend_module
from tfgan_repro.types import Network, Tensor


@keras.saving.register_keras_serializable("tfgan_repro")
class BatchNormalization(layers.BatchNormalization):
    """`keras.layers.BatchNormalization`, whose training on bfloat16 images takes one pass instead of a dozen.

    Keras puts it together from means, differences and products, each of which goes through the memory, and casts
    bfloat16 to float32 before them. On TensorFlow the operation that exists for the purpose does all of it at once, and
    so does its gradient; statistics are in float32 there as well. In float32 it is Keras' own, because the operation
    adds up one value after the other, with four times the rounding; so it is with standing statistics, over several
    replicas, and for other inputs than images.

    Called with `[batch, height, width, channels]`; see `keras.layers.BatchNormalization` for the arguments.
    """

    def call(self, inputs: Tensor, training: Any = None, mask: Any = None) -> Tensor:
        images = len(inputs.shape) == 4 and self.compute_dtype == "bfloat16"
        if not (training and self.trainable and images) or self.synchronized or mask is not None:
            return super().call(inputs, training=training, mask=mask)
        channels = inputs.shape[-1]
        scale = ops.cast(self.gamma, "float32") if self.scale else ops.ones(channels)
        shift = ops.cast(self.beta, "float32") if self.center else ops.zeros(channels)
        normalize = backend_module("tfgan_repro.backends.{}").normalize
        outputs, mean, variance = normalize(inputs, scale, shift, self.epsilon)
        for moving, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + value * (1.0 - self.momentum))
        return outputs


def in_keras_words(model: Network) -> Network:
    """A copy of a functional model with Keras' own class in place of this one, for those who have no `tfgan_repro`."""

    def own(layer: Any) -> Any:
        kind = layers.BatchNormalization if type(layer) is BatchNormalization else type(layer)
        return kind.from_config(layer.get_config())

    copy = keras.models.clone_model(model, clone_function=own)
    copy.set_weights(model.get_weights())
    return copy
