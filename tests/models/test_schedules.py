"""Values that change while a training goes on, seen in what the training does with them."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_networks import FLOATS, dense_gan

from tfgan_repro.errors import UserError
from tfgan_repro.models.dcgan import DCGAN
from tfgan_repro.models.schedules import Schedule

BATCH = 4


def images(count=BATCH):
    return tf.constant(FLOATS[:count])


def test_a_line_and_half_a_cosine_lead_from_the_first_value_to_the_last():
    done = np.array([0, 25, 50, 100, 300])
    line, curve = (Schedule(2.0, 1.0, 100, "images", shape) for shape in ("linear", "cosine"))
    np.testing.assert_allclose([line.at(count) for count in done], [2, 1.75, 1.5, 1, 1])
    expected = 1 + (1 + np.cos(np.pi * np.array([0, 0.25, 0.5, 1, 1]))) / 2
    np.testing.assert_allclose([curve.at(count) for count in done], expected, rtol=1e-6)


def test_rates_and_the_second_decay_follow_the_images_whatever_a_batch_has():
    last = {"generator-learning-rate": 1e-4, "discriminator-learning-rate": 0, "beta-2": 0.99}
    rates = {"generator_learning_rate": 2e-4, "discriminator_learning_rate": 4e-4, "beta_2": 0.9}
    gan = dense_gan(schedule_to=last, schedule="linear", schedule_images=16, **rates)
    for count, generator, discriminator, beta_2 in [
        (4, 1.75e-4, 3e-4, 0.9225),
        (2, 1.625e-4, 2.5e-4, 0.93375),
        (6, 1.25e-4, 1e-4, 0.9675),
        (8, 1e-4, 0, 0.99),
        (8, 1e-4, 0, 0.99),
    ]:
        gan.train_step(images(count))
        assert float(gan.generator_optimizer.learning_rate) == pytest.approx(generator)
        assert float(gan.discriminator_optimizer.learning_rate) == pytest.approx(discriminator, abs=1e-9)
        assert float(gan.generator_optimizer.beta_2) == float(gan.discriminator_optimizer.beta_2)
        assert float(gan.generator_optimizer.beta_2) == pytest.approx(beta_2)


def test_a_changing_second_decay_is_adams():
    """Against Adam written down in float64, with the decay of each step (Kingma and Ba 2015, algorithm 1)."""
    choices = {"schedule_to": "beta-2:0.5", "schedule": "linear", "schedule_images": 4 * BATCH, "beta_2": 0.9}
    gan = dense_gan(**choices, beta_1=0.0, generator_learning_rate=1e-2)
    optimizer, weight = gan.generator_optimizer, keras.Variable([1.0])
    optimizer.built = False
    optimizer.build([weight])
    value, square = 1.0, 0.0
    for step, decay in enumerate([0.9, 0.8, 0.7, 0.6, 0.5, 0.5], 1):
        gradient = 0.3 * step
        optimizer.apply([tf.constant([gradient])], [weight])
        square = decay * square + (1 - decay) * gradient**2
        value -= 1e-2 * np.sqrt(1 - decay**step) / (np.sqrt(square) + 1e-7) * gradient
        assert float(weight[0]) == pytest.approx(value, rel=1e-5)
        gan.schedules.advance(BATCH)


def test_an_optimizer_of_ones_own_begins_at_its_rate():
    way = {"schedule": "linear", "schedule_to": {"generator-learning-rate": 1e-4}, "schedule_images": 2 * BATCH}
    gan = dense_gan(generator_optimizer=keras.optimizers.SGD(0.5), **way)
    gan.train_step(images())
    assert float(gan.generator_optimizer.learning_rate) == pytest.approx((0.5 + 1e-4) / 2)
    gan.train_step(images())
    assert float(gan.generator_optimizer.learning_rate) == pytest.approx(1e-4, rel=1e-3)


def test_a_model_compiled_anew_is_where_its_schedule_says():
    gan = dense_gan()
    for _ in range(3):
        gan.train_step(images())
    gan.compile(generator_learning_rate=0.5, discriminator_learning_rate=0.5, learning_rate_decay_steps=4)
    assert float(gan.generator_optimizer.learning_rate) == pytest.approx(0.125)


def test_what_a_callback_has_made_of_a_rate_stays():
    gan = dense_gan(schedule_to={"generator-learning-rate": 1e-4}, schedule="linear", schedule_images=16)
    gan.train_step(images())
    gan.optimizer.learning_rate = float(gan.optimizer.learning_rate) / 2
    for _ in range(3):
        gan.train_step(images())
    assert float(gan.generator_optimizer.learning_rate) == pytest.approx(0.5e-4)


def test_a_scheduled_weight_is_that_of_penalties_that_bring_none():
    choices = {"schedule": "linear", "schedule_to": "penalty-weight:0", "schedule_images": 2 * BATCH}
    gan = dense_gan(penalty="r1", penalty_weight=3.0, **choices)
    minibatch = gan.split_into_minibatches(images(), 1)(0)
    totals = []
    for _ in range(3):
        total, metrics = gan.discriminator_loss(minibatch, images())
        totals.append(float((total - metrics["d_loss"]) / metrics["penalty"]))
        gan.schedules.advance(BATCH)
    np.testing.assert_allclose(totals, [3, 1.5, 0], atol=1e-5)


def test_an_average_may_begin_as_a_copy_and_forget_ever_more_slowly():
    gan = dense_gan(schedule="linear", schedule_to="ema-half-life:8", schedule_images=2 * BATCH, ema_half_life=0.0)
    for decay in (0.0, 0.5, 0.5**0.5):
        before = gan.average.network.get_weights()[0]
        gan.train_step(images())
        now = gan.generator.get_weights()[0]
        np.testing.assert_allclose(gan.average.network.get_weights()[0], now + decay * (before - now), rtol=1e-5)


def test_noise_falls_by_images_as_well():
    gan = DCGAN((16, 16, 1), latent_dim=4, width=0.0625)
    gan.compile(instance_noise=0.5, schedule="linear", schedule_to="instance-noise:0.1", schedule_images=64)
    spreads = []
    for _ in range(3):
        spreads.append(float(tf.math.reduce_std(gan.augmented(tf.zeros((64, 16, 16, 1))))))
        gan.schedules.advance(32)
    np.testing.assert_allclose(spreads, [0.5, 0.3, 0.1], rtol=0.03)


def test_a_saved_model_goes_on_where_it_was(tmp_path):
    gan = dense_gan(schedule_to={"beta-2": 0.5, "generator-learning-rate": 1e-5}, schedule_images=10 * BATCH)
    for _ in range(3):
        gan.train_step(images())
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    for model in (gan, loaded):
        model.train_step(images())
    assert float(loaded.generator_optimizer.beta_2) == float(gan.generator_optimizer.beta_2) < 0.999
    for one, other in zip(gan.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_unknown_value_is_named():
    with pytest.raises(UserError, match="unknown scheduled value 'beta2'; did you mean beta-2"):
        dense_gan(schedule_to={"beta2": 0.9}, schedule_images=5)


def test_an_augmentations_probability_rises_by_images():
    way = {"schedule": "linear", "schedule_to": "augmentation-probability:0.5", "schedule_images": 4 * BATCH}
    gan = dense_gan(augmentation="ada-color", **way)
    found = [float(gan.train_step(images())["augmentation_probability"]) for _ in range(6)]
    np.testing.assert_allclose(found, [0, 0.125, 0.25, 0.375, 0.5, 0.5], atol=1e-6)
