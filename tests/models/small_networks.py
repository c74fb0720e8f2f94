"""Networks of dense layers on a few small images, whose steps are traced in no time."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

import tfgan_repro as tfgan

IMAGES = np.random.default_rng(0).integers(0, 256, (22, 4, 4, 1), dtype=np.uint8)
FLOATS = (IMAGES / 127.5 - 1).astype(np.float32)
LABELS = np.arange(22) % 3


@keras.saving.register_keras_serializable("tests")
class Halved(keras.Model):
    """A subclassed discriminator."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.flat, self.dense = layers.Flatten(), layers.Dense(1)

    def call(self, images, training=False):
        return self.dense(self.flat(images)) / 2


class Doubled(keras.Model):
    """A subclassed generator."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense, self.grid = layers.Dense(16, "tanh"), layers.Reshape((4, 4, 1))

    def call(self, latents, training=False):
        return self.grid(self.dense(latents * 2))


def dense_gan(labels=False, **choices):
    """A GAN of two dense layers, whose steps are traced in no time."""
    latents = keras.Input((3,))
    images, classes = keras.Input((4, 4, 1)), keras.Input((), dtype="int32")
    embedding = layers.Embedding(3, 16)(classes)
    x = layers.Dense(16)(latents)
    x = layers.Add()([x, embedding]) if labels else x
    made = layers.Reshape((4, 4, 1))(layers.Activation("tanh")(x))
    generator = keras.Model([latents, classes] if labels else latents, made)
    gan = tfgan.GAN(generator, keras.Model(images, layers.Dense(1)(layers.Flatten()(images))))
    gan.compile(**choices)
    return gan


def dataset(*parts):
    return tf.data.Dataset.from_tensor_slices(parts if len(parts) > 1 else parts[0])
