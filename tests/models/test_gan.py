"""The training step against its definition."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_repro.models.dcgan import DCGAN
from tfgan_repro.models.gan import GAN


@pytest.fixture
def real_images():
    return np.random.default_rng(0).uniform(-1, 1, (8, 16, 16, 3)).astype(np.float32)


def linear_gan(seed=0):
    """Two networks of one dense layer each, so that gradients can be written down."""
    generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, use_bias=False)])
    discriminator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, use_bias=False)])
    gan = GAN(generator, discriminator, seed=seed)
    gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.2), label_smoothing=0.1)
    return gan


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_a_step_is_two_gradient_steps_written_by_hand():
    """One descent step of each network, the generator's against the updated discriminator, in float64."""
    gan = linear_gan()
    latents = keras.random.normal((4, 2), seed=keras.random.SeedGenerator(0)).numpy().astype(np.float64)
    real = np.random.default_rng(1).normal(size=(4, 3))
    g, d = gan.generator.get_weights()[0].astype(np.float64), gan.discriminator.get_weights()[0].astype(np.float64)

    metrics = gan.train_step(tf.constant(real, tf.float32))

    fake = latents @ g
    real_p, fake_p = sigmoid(real @ d), sigmoid(fake @ d)
    d_loss = np.mean(-0.9 * np.log(real_p) - 0.1 * np.log(1 - real_p)) + np.mean(-np.log(1 - fake_p))
    d_gradient = real.T @ (real_p - 0.9) / 4 + fake.T @ fake_p / 4
    d = d - 0.2 * d_gradient
    updated_p = sigmoid(fake @ d)
    g_gradient = latents.T @ ((updated_p - 1) / 4 @ d.T)
    np.testing.assert_allclose(gan.discriminator.get_weights()[0], d, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(gan.generator.get_weights()[0], g - 0.1 * g_gradient, rtol=1e-5, atol=1e-7)
    expected = {
        "d_loss": d_loss,
        "g_loss": np.mean(-np.log(updated_p)),
        "d_real": real_p.mean(),
        "d_fake": fake_p.mean(),
        "d_accuracy": ((real_p > 0.5).mean() + (fake_p < 0.5).mean()) / 2,
        "d_gradient_norm": np.linalg.norm(d_gradient),
        "g_gradient_norm": np.linalg.norm(g_gradient),
    }
    assert set(metrics) == set(expected)
    for name, value in expected.items():
        assert float(metrics[name]) == pytest.approx(value, rel=1e-5), name


def test_the_discriminator_is_updated_on_each_minibatch_before_the_generator():
    gan = linear_gan()
    gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.2), discriminator_steps=3)
    gan.train_step(tf.random.normal((12, 3)))
    assert int(gan.discriminator_optimizer.iterations) == 3
    assert int(gan.generator_optimizer.iterations) == 1


def test_one_generator_pass_serves_both_updates(real_images):
    gan = DCGAN((16, 16, 3), latent_dim=4, width=0.125)
    gan.compile(keras.optimizers.Adam(), keras.optimizers.Adam())
    calls = []
    original = gan.generator.call
    gan.generator.call = lambda *args, **kwargs: calls.append(1) or original(*args, **kwargs)
    gan.train_step(tf.constant(real_images))
    assert len(calls) == 1


def test_real_and_generated_images_are_separate_minibatches(real_images):
    """Each call of the discriminator moves its batch statistics by itself: three calls, each of the batch's size."""
    gan = DCGAN((16, 16, 3), latent_dim=4, width=0.125)
    gan.compile(keras.optimizers.Adam(), keras.optimizers.Adam())
    sizes = []
    original = gan.discriminator.call
    gan.discriminator.call = lambda x, **kwargs: sizes.append(x.shape[0]) or original(x, **kwargs)
    gan.train_step(tf.constant(real_images))
    assert sizes == [8, 8, 8]


def test_fit_learns_to_tell_noise_from_a_constant():
    """A discriminator that trains drives its loss below that of guessing."""
    gan = DCGAN((16, 16, 1), latent_dim=4, width=0.125)
    gan.compile(keras.optimizers.Adam(1e-5), keras.optimizers.Adam(1e-2))
    images = tf.data.Dataset.from_tensors(tf.ones((8, 16, 16, 1))).repeat()
    history = gan.fit(images, steps_per_epoch=30, epochs=1, verbose=0, shuffle=False).history
    assert history["d_loss"][-1] < 0.5 * 2 * np.log(2)
    assert history["d_real"][-1] > 0.8 and history["d_fake"][-1] < 0.2


def test_calling_the_model_generates():
    gan = DCGAN((16, 16, 3), latent_dim=4, width=0.125)
    images = gan(np.zeros((2, 4), np.float32))
    np.testing.assert_array_equal(images, gan.generator(np.zeros((2, 4), np.float32)))


def test_latents_differ_from_step_to_step_and_follow_the_seed():
    first, second = (linear_gan(seed=5) for _ in range(2))
    draws = [first.draw_latents(3).numpy(), first.draw_latents(3).numpy()]
    assert not np.array_equal(*draws)
    np.testing.assert_array_equal(second.draw_latents(3).numpy(), draws[0])


def test_mixed_precision_keeps_losses_and_images_in_float32(real_images):
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    gan = DCGAN((16, 16, 3), latent_dim=4, width=0.125)
    gan.compile(keras.optimizers.Adam(), keras.optimizers.Adam())
    metrics = gan.train_step(tf.constant(real_images))
    assert {value.dtype for value in metrics.values()} == {tf.float32}
    assert gan(np.zeros((2, 4), np.float32)).dtype == tf.float32
