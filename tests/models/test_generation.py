from types import SimpleNamespace

import keras
import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.models.dcgan import DCGAN
from tfgan_repro.models.sagan import SAGAN
from tfgan_repro.models.generation import (
    fixed_labels,
    fixed_latents,
    generate_images,
    grid_images,
    images_by_class,
    images_of,
    labelled_images,
    recompute_statistics,
)

CLASSES = {"cats": 30, "dogs": 60, "newts": 10}


def test_images_do_not_depend_on_the_batch_size():
    generator = DCGAN((16, 16, 3), latent_dim=4, width=0.125).generator
    whole, pieces = (images_of(generator, fixed_latents(10, 4, 1), batch_size=size) for size in (10, 3))
    assert whole.dtype == np.uint8 and whole.shape == (10, 16, 16, 3)
    # Kernels may sum in another order for another batch size.
    assert np.abs(whole.astype(int) - pieces).max() <= 1


def test_a_device_without_enough_memory_ends_in_one_line(monkeypatch):
    def call(inputs):
        raise RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 140737488355328 bytes.")

    backend = SimpleNamespace(inference=lambda generator: call)
    monkeypatch.setattr("tfgan_repro.models.generation.backend_module", lambda: backend)
    with pytest.raises(UserError, match=r"out of memory with 3 generated images at once \(RESOURCE_EXHAUSTED"):
        images_of(None, np.zeros((10, 4), np.float32), batch_size=3)


def test_the_seed_decides_the_images():
    generator = DCGAN((16, 16, 3), latent_dim=4, width=1.0).generator
    first, again, other = (generate_images(generator, 4, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def conditional_generator():
    """A generator whose images say which class they are of: class n is n times as bright."""
    generator = SAGAN((16, 16, 1), num_classes=3, latent_dim=4, width=0.0625).generator
    generator.get_layer("grid_norm").shift.assign(np.arange(3)[:, None] * np.ones((1, 8)) * 20)
    return generator


def test_labels_are_as_frequent_as_in_the_training_set():
    labels = fixed_labels(50, CLASSES, seed=1)
    assert np.bincount(labels).tolist() == [15, 30, 5]
    np.testing.assert_array_equal(labels, fixed_labels(50, CLASSES, seed=1))
    assert not np.array_equal(labels, fixed_labels(50, CLASSES, seed=2))
    assert len(set(labels[:20].tolist())) > 1, "in random order"
    assert np.bincount(fixed_labels(7, CLASSES, seed=1), minlength=3).sum() == 7


def test_a_conditional_generator_gets_labels_and_an_unconditional_none():
    generator = conditional_generator()
    images, labels = labelled_images(generator, 20, 5, CLASSES)
    np.testing.assert_array_equal(labels, fixed_labels(20, CLASSES, 5))
    expected = generator([fixed_latents(20, 4, 5), labels])
    assert np.abs(images.astype(float) - 127.5 * (np.asarray(expected) + 1)).max() <= 1
    plain = DCGAN((16, 16, 1), latent_dim=4, width=0.0625).generator
    assert labelled_images(plain, 3, 5, CLASSES)[1] is None


def test_a_grid_has_a_row_a_class_with_the_same_latents():
    generator = conditional_generator()
    images, columns = grid_images(generator, 1, CLASSES)
    assert columns == 8 and images.shape == (24, 16, 16, 1)
    np.testing.assert_array_equal(images, images_by_class(generator, 8, 1, 3))
    rows = images.reshape(3, 8, 16, 16)
    assert not np.array_equal(rows[0], rows[1])
    one = generator([fixed_latents(8, 4, 1), np.full(8, 2)])
    assert np.abs(rows[2].astype(float) - 127.5 * (np.asarray(one)[..., 0] + 1)).max() <= 1


def test_standing_statistics_are_those_of_networks_and_layers_within_a_generator_too():
    parts = [keras.layers.Dense(48), keras.layers.BatchNormalization()]
    plain = keras.Sequential([keras.Input((4,)), *parts, keras.layers.Reshape((4, 4, 3))])
    within = keras.Sequential([keras.Input((4,)), keras.Sequential(parts), keras.layers.Reshape((4, 4, 3))])
    found = []
    for generator in (plain, within):
        parts[1].moving_variance.assign(np.full(48, 100.0))
        recompute_statistics(generator, 3, {}, batches=5, batch_size=16)
        found.append(parts[1].moving_variance.numpy())
    np.testing.assert_allclose(*found, rtol=1e-5)
    assert found[0].max() < 10


def test_standing_statistics_are_the_mean_of_the_batches():
    generator = conditional_generator()
    for _ in range(20):  # until spectral normalisation has settled
        generator([fixed_latents(4, 4, 0), np.zeros(4, np.int32)], training=True)
    vectors = {w.path: w.numpy() for w in generator.non_trainable_variables if w.path.endswith("/u")}
    assert vectors
    recompute_statistics(generator, 3, CLASSES, batches=5, batch_size=16)
    latents, labels = fixed_latents(80, 4, 3), fixed_labels(80, CLASSES, 3)
    layer = generator.get_layer("grid_norm").normalization
    dense = generator.get_layer("grid").output
    seen = np.asarray(keras.Model(generator.inputs, dense)([latents, labels])).reshape(5, -1, 8)
    np.testing.assert_allclose(layer.moving_mean, seen.mean(axis=(0, 1)), rtol=2e-2, atol=1e-5)
    np.testing.assert_allclose(layer.moving_variance, seen.var(axis=1).mean(axis=0), rtol=5e-2)
    assert layer.momentum == 0.9
    for weight in generator.non_trainable_variables:
        if weight.path in vectors:
            np.testing.assert_array_equal(weight.numpy(), vectors[weight.path])
