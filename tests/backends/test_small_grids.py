"""Convolutions and gradients that are computed as products are those of Keras."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from tfgan_repro.backends import small_grids

# Size of the kernel, stride, side of the larger grid: small enough for products throughout, and not.
SHAPES = [(4, 2, 8), (4, 2, 12), (3, 1, 4), (3, 1, 6), (6, 3, 12)]


def random(*shape, seed=0):
    return tf.constant(np.random.default_rng(seed).normal(size=shape))


def plain(images, kernel, stride):
    return ops.conv(images, kernel, stride, "same")


def plain_transposed(images, kernel, stride):
    return ops.conv_transpose(images, kernel, stride, "same")


def derivatives(function, images, kernel, stride):
    """The outputs, their gradients, and the gradients of a penalty on the first of these, as a WGAN-GP has it."""
    with tf.GradientTape() as outer:
        outer.watch([images, kernel])
        with tf.GradientTape() as inner:
            inner.watch([images, kernel])
            outputs = function(images, kernel, stride)
            total = tf.reduce_sum(tf.sin(outputs))
        first = inner.gradient(total, [images, kernel])
        penalty = tf.reduce_sum(first[0] ** 2)
    return [outputs, *first, *outer.gradient(penalty, [images, kernel])]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("pair", [(small_grids.convolution, plain), (small_grids.transposed, plain_transposed)])
@pytest.mark.parametrize("fewest", [1, small_grids.FEWEST_OF_LARGE])
def test_outputs_and_both_orders_of_gradients_are_those_of_keras(pair, shape, fewest, monkeypatch):
    monkeypatch.setattr(small_grids, "FEWEST_OF_LARGE", fewest)
    size, stride, side = shape
    ours, theirs = pair
    transposed = ours is small_grids.transposed
    images = random(2, *[side // stride if transposed else side] * 2, 7 if transposed else 5)
    kernel = random(size, size, 5, 7, seed=1)
    for our, their in zip(derivatives(ours, images, kernel, stride), derivatives(theirs, images, kernel, stride)):
        np.testing.assert_allclose(our, their, rtol=1e-10, atol=1e-9)


@pytest.mark.parametrize("layer", ["Conv2D", "Conv2DTranspose"])
def test_a_layer_in_bfloat16_has_the_gradients_of_keras_in_float32_up_to_rounding(layer):
    side = 8 if layer == "Conv2D" else 4
    gradients = []
    for module, policy in ((small_grids, "mixed_bfloat16"), (keras.layers, "float32")):
        made = getattr(module, layer)(128, 4, 2, padding="same", dtype=policy)
        images = tf.cast(random(4, side, side, 128), made.compute_dtype)
        made.build(images.shape)
        made.set_weights([random(*weight.shape, seed=2).numpy() for weight in made.weights])
        with tf.GradientTape() as tape:
            tape.watch(images)
            total = tf.reduce_sum(tf.cast(tf.tanh(made(images) / 64), "float32"))
        gradients.append(tape.gradient(total, [images, *(weight.value for weight in made.weights)]))
    assert small_grids.pays(4, 128, 128, 4, 2, "bfloat16")
    for ours, truth in zip(*gradients, strict=True):
        truth = tf.cast(truth, "float32")
        assert tf.norm(tf.cast(ours, "float32") - truth) < 0.02 * tf.norm(truth)


def test_float32_and_large_grids_are_left_to_keras():
    assert not small_grids.pays(4, 512, 512, 4, 2, "float32")
    assert not small_grids.pays(16, 512, 512, 4, 2, "bfloat16")
    assert not small_grids.pays(4, 32, 64, 4, 2, "bfloat16")
