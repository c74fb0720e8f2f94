"""A GAN's two optimisers: which they may be, and seen as the one that Keras' callbacks look for."""

import keras
import numpy as np
import pytest
from small_networks import FLOATS, dense_gan

from tfgan_repro.errors import UserError
from tfgan_repro.models.optimizers import twin


def test_rates_that_a_callback_or_a_hand_sets_take_effect():
    gan = dense_gan(generator_learning_rate=1e-3, discriminator_learning_rate=4e-3)
    half = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    gan.fit(FLOATS, verbose=0, callbacks=[half])
    rates = [float(optimizer.learning_rate) for optimizer in (gan.generator_optimizer, gan.discriminator_optimizer)]
    assert rates == pytest.approx([5e-4, 2e-3])
    gan.generator_optimizer.learning_rate = 0.0
    before = gan.generator.get_weights()
    gan.fit(FLOATS, verbose=0)
    assert all(np.array_equal(*pair) for pair in zip(before, gan.generator.get_weights()))


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_rate_that_follows_a_schedule_cannot_be_set(player):
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(1e-3, 10, 0.9))
    gan = dense_gan(**{f"{player}_optimizer": optimizer})
    half = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    with pytest.raises(UserError, match=f"the {player}'s learning rate follows a schedule"):
        gan.fit(FLOATS, verbose=0, callbacks=[half])


def test_rates_fall_on_a_plateau():
    gan = dense_gan(generator_learning_rate=1e-3, discriminator_learning_rate=4e-3)
    plateau = keras.callbacks.ReduceLROnPlateau("g_loss", factor=0.5, patience=1, mode="min", min_delta=100)
    gan.fit(FLOATS, epochs=2, verbose=0, callbacks=[plateau])
    assert float(gan.discriminator_optimizer.learning_rate) == pytest.approx(2e-3)


def test_a_warm_up_that_begins_at_0_keeps_the_ratio():
    gan = dense_gan(generator_learning_rate=1e-3, discriminator_learning_rate=4e-3)
    for rate in (0.0, 0.0, 1e-4):
        gan.optimizer.learning_rate = rate
        assert float(gan.discriminator_optimizer.learning_rate) == pytest.approx(4 * rate)


def test_updates_are_counted_as_the_generators():
    gan = dense_gan(discriminator_steps=2)
    gan.fit(FLOATS, batch_size=5, epochs=2, verbose=0)
    assert int(gan.optimizer.iterations) == int(gan.step) == 4


@pytest.mark.parametrize(
    ("optimizer", "choices", "message"),
    [
        (keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1)), {}, "no loss is scaled here"),
        (keras.optimizers.SGD(loss_scale_factor=1024.0), {}, "loss_scale_factor would divide its gradients"),
        (keras.optimizers.Adam(use_ema=True), {}, "use ema_half_life"),
        (
            keras.optimizers.Adam(),
            {"schedule_to": "beta-2:0.9", "schedule_images": 9},
            "beta_2 is to follow a schedule, and an optimizer of yours has a way of its own",
        ),
    ],
)
def test_an_optimizer_that_would_not_do_what_was_asked_is_refused(optimizer, choices, message):
    with pytest.raises(UserError, match=message):
        dense_gan(generator_optimizer=optimizer, **choices)


@pytest.mark.parametrize("player", ["generator", "discriminator"])
@pytest.mark.parametrize("by_images", [False, True])
def test_a_learning_rate_has_one_schedule(player, by_images):
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(1e-3, 10, 0.9))
    choices = {"schedule_images": 9, "schedule_to": f"{player}-learning-rate:1e-4"}
    with pytest.raises(UserError, match=f"{player}_learning_rate is to follow a schedule, and an optimizer of yours"):
        dense_gan(**{f"{player}_optimizer": optimizer}, **(choices if by_images else {"learning_rate_decay_steps": 9}))


def test_one_optimizer_cannot_serve_both():
    optimizer = keras.optimizers.Adam()
    with pytest.raises(UserError, match="one optimizer cannot serve both networks"):
        dense_gan(generator_optimizer=optimizer, discriminator_optimizer=optimizer)


def test_a_twin_has_the_rate_of_the_other_and_moments_of_its_own():
    optimizer = keras.optimizers.Adam(0.25, beta_1=0.5)
    other = twin(optimizer)
    optimizer.learning_rate = 0.125
    assert float(other.learning_rate) == 0.125 and other.beta_1 == 0.5
    weight = keras.Variable(1.0)
    other.apply([np.float32(1.0)], [weight])
    assert int(other.iterations) == 1 and int(optimizer.iterations) == 0
