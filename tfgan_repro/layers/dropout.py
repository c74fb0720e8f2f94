"""Dropout whose minibatch may be shared by several devices."""

import keras
from keras import layers, ops

from tfgan_repro import drawing
from tfgan_repro.backend import backend_module


@keras.saving.register_keras_serializable("tfgan_repro")
class Dropout(layers.Dropout):
    """Keras' dropout, but that each replica leaves out other features: Keras' own would draw the same for all."""

    def call(self, inputs, training=False):
        _, replicas = backend_module("tfgan_repro.{}_backend").replica()
        if replicas == 1 or not training:
            return super().call(inputs, training=training)

        def factors(shape):
            return keras.random.dropout(ops.ones(shape, inputs.dtype), self.rate, seed=self.seed_generator)

        return inputs * drawing.share(factors, ops.shape(inputs))
