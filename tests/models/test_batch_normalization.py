"""The normalisation in one operation is that of Keras."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_repro.models.layers import BatchNormalization
from tfgan_repro.models.layers import in_keras_words
from tfgan_repro.backends.tensorflow import normalize


def random(*shape, seed=0):
    return tf.constant(np.random.default_rng(seed).normal(1, 2, size=shape).astype(np.float32))


def built(kind, **options):
    layer = kind(momentum=0.9, epsilon=1e-5, **options)
    layer.build((None, 4, 4, 3))
    values = [random(3, seed=seed) for seed in range(len(layer.weights) - 2)]
    layer.set_weights([*values, random(3, seed=3), abs(random(3, seed=4))])
    return layer


def derivatives(function, images, scale, shift, towards):
    """The outputs, their gradients, and the gradients of a penalty on the first of these."""
    with tf.GradientTape() as outer:
        outer.watch([images, scale])
        with tf.GradientTape() as inner:
            inner.watch([images, scale, shift])
            outputs = function(images, scale, shift)
            total = tf.reduce_sum(outputs * towards)
        first = inner.gradient(total, [images, scale, shift])
        penalty = tf.reduce_sum(first[0] ** 2)
    return [outputs, *first, *outer.gradient(penalty, [images, scale])]


def test_the_operation_has_both_orders_of_gradients_of_the_pieces():
    def pieces(images, scale, shift):
        mean, variance = tf.nn.moments(images, [0, 1, 2])
        return tf.nn.batch_normalization(images, mean, variance, shift, scale, 1e-5)

    def operation(images, scale, shift):
        return normalize(images, scale, shift, 1e-5)[0]

    inputs = random(6, 4, 4, 3, seed=5), random(3, seed=6), random(3, seed=7), random(6, 4, 4, 3, seed=8)
    for found, expected in zip(derivatives(operation, *inputs), derivatives(pieces, *inputs), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"scale": False, "center": False}])
def test_a_layer_in_bfloat16_is_that_of_keras_but_for_the_rounded_outputs(options):
    images = tf.cast(random(6, 4, 4, 3, seed=5), tf.bfloat16)
    ours = built(BatchNormalization, dtype="mixed_bfloat16", **options)
    theirs = built(keras.layers.BatchNormalization, dtype="float32", **options)
    outputs, expected = ours(images, training=True), theirs(tf.cast(images, tf.float32), training=True)
    assert outputs.dtype == tf.bfloat16
    np.testing.assert_allclose(tf.cast(outputs, tf.float32), expected, rtol=2**-8, atol=1e-5)
    for our, their in zip(ours.non_trainable_variables, theirs.non_trainable_variables, strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-5)
    np.testing.assert_array_equal(ours(images), built_like(ours)(images))


def built_like(layer):
    """Keras' own layer with the weights of another one."""
    config = {name: value for name, value in layer.get_config().items() if name != "name"}
    copy = keras.layers.BatchNormalization.from_config(config)
    copy.build((None, 4, 4, 3))
    copy.set_weights(layer.get_weights())
    return copy


def test_float32_is_left_to_keras():
    images, layer = random(6, 4, 4, 3), built(BatchNormalization)
    np.testing.assert_array_equal(layer(images, training=True), built_like(layer)(images, training=True))


@pytest.mark.parametrize("shape", [(8, 3), (8, 5, 3)])
def test_other_inputs_than_images_are_left_to_keras(shape):
    inputs = random(*shape)
    kinds = (BatchNormalization, keras.layers.BatchNormalization)
    ours, theirs = (kind(dtype="mixed_bfloat16")(inputs, training=True) for kind in kinds)
    np.testing.assert_array_equal(ours, theirs)


def test_a_model_in_keras_words_has_no_layer_of_this_package_and_the_same_outputs():
    images = keras.Input((4, 4, 3))
    model = keras.Model(images, BatchNormalization(name="norm")(keras.layers.Conv2D(3, 3, name="conv")(images)))
    model.layers[-1].set_weights([random(3, seed=seed) for seed in range(3)] + [abs(random(3, seed=4))])
    plain = in_keras_words(model)
    assert type(plain.layers[-1]) is keras.layers.BatchNormalization
    pictures = random(2, 4, 4, 3)
    np.testing.assert_array_equal(plain(pictures), model(pictures))
