import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_repro.models.layers import SelfAttention


def layer_and_images(size=4, channels=16, **choices):
    layer = SelfAttention(**choices)
    images = np.random.default_rng(0).normal(size=(2, size, size, channels)).astype(np.float32)
    layer.build(images.shape)
    return layer, images


def test_it_starts_as_the_identity_and_still_learns():
    layer, images = layer_and_images()
    with tf.GradientTape() as tape:
        outputs = layer(images, training=True)
        loss = tf.reduce_sum(outputs**2)
    np.testing.assert_array_equal(outputs, images)
    assert float(np.abs(tape.gradient(loss, layer.gamma.value))) > 0


def test_the_definition_written_in_numpy():
    layer, images = layer_and_images()
    layer.gamma.assign(0.7)
    query, key, value, output = (
        getattr(layer, f"{name}_convolution").kernel.numpy()[0, 0].astype(np.float64)
        for name in ("query", "key", "value", "output")
    )
    assert [kernel.shape for kernel in (query, key, value, output)] == [(16, 2), (16, 2), (16, 8), (8, 16)]

    def pooled(x):
        return x.reshape(2, 2, 2, 2, 2, -1).max(axis=(2, 4)).reshape(2, 4, -1)

    places = images.reshape(2, 16, 16).astype(np.float64)
    scores = places @ query @ pooled(images @ key).transpose(0, 2, 1)
    weights = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    expected = places + 0.7 * (weights @ pooled(images @ value) @ output)
    found, found_weights = layer.attend(images)
    np.testing.assert_allclose(found, expected.reshape(images.shape), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found_weights, weights, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(layer(images), found)


def test_a_map_has_a_quarter_of_the_places_and_sums_to_one():
    layer, images = layer_and_images(size=7)
    weights = layer.attend(images)[1]
    assert weights.shape == (2, 49, 16)
    np.testing.assert_allclose(np.sum(weights, axis=-1), 1, rtol=1e-5)


def test_spectral_normalisation_has_a_vector_for_each_convolution():
    layer, images = layer_and_images(spectral_normalization=True)
    before = [u.numpy() for u in layer.non_trainable_variables]
    layer(images, training=True)
    changed = [not np.array_equal(u.numpy(), old) for u, old in zip(layer.non_trainable_variables, before)]
    assert changed == [True] * 4


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_it_works_in_a_model_and_survives_saving(tmp_path, policy):
    keras.mixed_precision.set_dtype_policy(policy)
    images = keras.Input((4, 4, 8))
    model = keras.Model(images, SelfAttention(spectral_normalization=True)(images))
    model.layers[-1].gamma.assign(1.0)
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 8)).astype(np.float32)
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "model.keras")(x), model(x))
