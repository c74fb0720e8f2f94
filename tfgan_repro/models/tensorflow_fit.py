"""The loop around the training steps on TensorFlow: Keras' own."""

import keras

from tfgan_repro.models.tensorflow_replicas import unpacked


def fit(gan, batches, **options):
    """Train a `GAN`; options as those of `keras.Model.fit`."""
    if gan.train_function is None and gan.distribute_strategy.num_replicas_in_sync > 1:
        gan.make_train_function()
        gan.train_function = unpacking(gan.train_function)
    return keras.Model.fit(gan, batches, **options)


def unpacking(function):
    """The function of an iterator that makes steps, with logs as callbacks want them."""
    return lambda iterator: unpacked(function(iterator))
