"""Dropout whose minibatch may be shared by several devices."""

from typing import Any

import keras
from keras import layers, ops

from tfgan_repro import drawing
from tfgan_repro.backends import backend_module
from tfgan_repro.types import Tensor


@keras.saving.register_keras_serializable("tfgan_repro")
class Dropout(layers.Dropout):
    """Keras' dropout, but that each replica leaves out other features: Keras' own would draw the same for all."""

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        _, replicas = backend_module("tfgan_repro.backends.{}").replica()
        if replicas == 1 or not training:
            return super().call(inputs, training=training)

        def factors(shape: Any) -> Tensor:
            return keras.random.dropout(ops.ones(shape, inputs.dtype), self.rate, seed=self.seed_generator)

        return inputs * drawing.share(factors, ops.shape(inputs))
