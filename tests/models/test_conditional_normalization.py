import keras
import numpy as np

from tfgan_repro.models.layers import ConditionalBatchNormalization


def test_statistics_are_shared_and_scale_and_shift_are_the_class_own():
    layer = ConditionalBatchNormalization(3, epsilon=0.0)
    images = np.random.default_rng(0).normal(2, 3, size=(6, 4, 4, 2)).astype(np.float32)
    labels = np.array([0, 1, 2, 0, 1, 2], np.int32)
    plain = layer(images, labels, training=True)
    mean, variance = images.mean(axis=(0, 1, 2)), images.var(axis=(0, 1, 2))
    expected = (images - mean) / np.sqrt(variance)
    np.testing.assert_allclose(plain, expected, rtol=1e-4, atol=1e-5, err_msg="scale starts at 1, shift at 0")

    scale, shift = np.random.default_rng(1).normal(size=(2, 3, 2)).astype(np.float32)
    layer.scale.assign(scale)
    layer.shift.assign(shift)
    found = layer(images, labels, training=True)
    expected = expected * scale[labels][:, None, None] + shift[labels][:, None, None]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_standing_statistics_serve_when_not_training():
    layer = ConditionalBatchNormalization(2, momentum=0.0)
    images = np.random.default_rng(0).normal(5, 2, size=(64, 2, 2, 1)).astype(np.float32)
    labels = np.zeros(64, np.int32)
    trained = layer(images, labels, training=True)
    np.testing.assert_allclose(layer(images, labels), trained, rtol=1e-3, atol=1e-3)
    assert len(layer.trainable_variables) == 2 and len(layer.non_trainable_variables) == 2


def test_it_works_in_a_model_and_survives_saving(tmp_path):
    images, labels = keras.Input((2, 2, 3)), keras.Input((), dtype="int32")
    model = keras.Model([images, labels], ConditionalBatchNormalization(5)(images, labels))
    inputs = [np.ones((2, 2, 2, 3), np.float32), np.array([0, 4], np.int32)]
    model.layers[-1].shift.assign(np.arange(15).reshape(5, 3))
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "model.keras")(inputs), model(inputs))
