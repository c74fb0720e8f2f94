"""The normalisation in one operation is Keras' own, in its outputs, statistics and both orders of gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_repro.layers import BatchNormalization
from tfgan_repro.layers.batch_normalization import in_keras_words


def random(*shape, seed=0):
    return tf.constant(np.random.default_rng(seed).normal(1, 2, size=shape).astype(np.float32))


def built(kind, **options):
    layer = kind(momentum=0.9, epsilon=1e-5, **options)
    layer.build((None, 4, 4, 3))
    values = [random(3, seed=seed) for seed in range(len(layer.weights) - 2)]
    layer.set_weights([*values, random(3, seed=3), abs(random(3, seed=4))])
    return layer


def results(layer, images, towards):
    """The outputs, their gradients, the gradients of a penalty on the first of these, and the moving statistics."""
    weights = [weight.value for weight in layer.trainable_variables]
    with tf.GradientTape() as outer:
        outer.watch(images)
        with tf.GradientTape() as inner:
            inner.watch(images)
            outputs = layer(images, training=True)
            total = tf.reduce_sum(tf.cast(outputs, tf.float32) * towards)
        first = inner.gradient(total, [images, *weights])
        penalty = tf.reduce_sum(tf.cast(first[0], tf.float32) ** 2)
    second = outer.gradient(penalty, [images, *weights[:1]])
    found = [outputs, *first, *second, *(weight.value for weight in layer.non_trainable_variables)]
    return [np.asarray(tf.cast(value, tf.float32)) for value in found]


@pytest.mark.parametrize("options", [{}, {"scale": False, "center": False}])
def test_a_layer_in_training_is_that_of_keras(options):
    images, towards = random(6, 4, 4, 3, seed=5), random(6, 4, 4, 3, seed=6)
    ours, theirs = (
        results(built(kind, **options), images, towards)
        for kind in (BatchNormalization, keras.layers.BatchNormalization)
    )
    assert len(ours) == len(theirs)
    for found, expected in zip(ours, theirs):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_in_bfloat16_only_the_outputs_are_rounded():
    images = random(6, 4, 4, 3, seed=5)
    exact, rounded = (built(BatchNormalization, dtype=dtype) for dtype in ("float32", "mixed_bfloat16"))
    images = tf.cast(tf.cast(images, tf.bfloat16), tf.float32)
    outputs = rounded(images, training=True)
    assert outputs.dtype == tf.bfloat16
    np.testing.assert_allclose(tf.cast(outputs, tf.float32), exact(images, training=True), rtol=2**-8, atol=1e-5)
    for ours, theirs in zip(rounded.non_trainable_variables, exact.non_trainable_variables):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


@pytest.mark.parametrize("shape", [(8, 3), (8, 5, 3)])
def test_other_inputs_than_images_are_left_to_keras(shape):
    inputs = random(*shape)
    ours, theirs = (kind()(inputs, training=True) for kind in (BatchNormalization, keras.layers.BatchNormalization))
    np.testing.assert_array_equal(ours, theirs)


def test_a_model_in_keras_words_has_no_layer_of_this_package_and_the_same_outputs():
    images = keras.Input((4, 4, 3))
    model = keras.Model(images, BatchNormalization(name="norm")(keras.layers.Conv2D(3, 3, name="conv")(images)))
    model.layers[-1].set_weights([random(3, seed=seed) for seed in range(3)] + [abs(random(3, seed=4))])
    plain = in_keras_words(model)
    assert type(plain.layers[-1]) is keras.layers.BatchNormalization
    pictures = random(2, 4, 4, 3)
    np.testing.assert_array_equal(plain(pictures), model(pictures))
