"""Penalties against closed forms of a critic whose slope is known, and their gradients against finite differences."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from finite_differences import central_differences
from tfgan_repro.models import penalties
from tfgan_repro.backends.tensorflow_training import slope_of

RANDOM = np.random.default_rng(0)
REAL, FAKE = RANDOM.normal(size=(2, 6, 2, 2, 1))
WEIGHT = RANDOM.normal(size=(4, 3))


def seed():
    return keras.random.SeedGenerator(7)


def quadratic(images):
    """`|x|^2 / 2`, whose slope is x itself."""
    return tf.reduce_sum(images**2, axis=(1, 2, 3))[:, None] / 2


def tensor(values):
    return tf.constant(values, tf.float32)


def test_slopes_are_those_of_each_image():
    np.testing.assert_allclose(slope_of(quadratic)(tensor(REAL)), REAL, rtol=1e-6)


def drawn_points():
    """The points between real and generated images that the seed gives."""
    weights = keras.random.uniform((6, 1, 1, 1), seed=seed()).numpy()
    assert weights.min() >= 0 and weights.max() <= 1 and len(np.unique(weights)) == 6, "one number an image"
    return REAL + weights * (FAKE - REAL)


def lengths(points):
    return np.sqrt((points**2).sum(axis=(1, 2, 3)))


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [
        (penalties.gradient_penalty, lambda: np.mean((lengths(drawn_points()) - 1) ** 2)),
        (penalties.zero_centred_penalty, lambda: np.mean(lengths(drawn_points()) ** 2)),
        (penalties.r1_penalty, lambda: np.mean(lengths(REAL) ** 2) / 2),
    ],
)
def test_a_critic_with_a_known_slope(penalty, expected):
    found = penalty(slope_of(quadratic), tensor(REAL), tensor(FAKE), seed())
    assert float(found) == pytest.approx(expected(), rel=1e-5)


def test_dragan_looks_around_real_images():
    draws = seed()
    noise = keras.random.uniform(REAL.shape, seed=draws).numpy()
    weights = keras.random.uniform((6, 1, 1, 1), seed=draws).numpy()
    points = REAL + weights * noise * REAL.std() / 2
    found = penalties.dragan_penalty(slope_of(quadratic), tensor(REAL), tensor(FAKE), seed())
    assert float(found) == pytest.approx(np.mean((lengths(points) - 1) ** 2), rel=1e-5)


def test_a_critic_without_slope_has_a_finite_gradient():
    """The square root's derivative at 0 is infinite; epsilon under it keeps the penalty's gradient finite."""
    weight = tf.Variable(tf.zeros((4, 1)))

    def critic(images):
        return tf.reshape(images, (-1, 4)) @ weight

    with tf.GradientTape() as tape:
        value = penalties.gradient_penalty(slope_of(critic), tensor(REAL), tensor(FAKE), seed())
    assert float(value) == pytest.approx(1, abs=1e-5)
    assert np.isfinite(tape.gradient(value, weight)).all()


@pytest.mark.parametrize("name", ["gradient", "zero_centred", "dragan", "r1"])
def test_the_second_order_gradient_is_that_of_finite_differences(name):
    """Of a critic with a hidden layer, in float64, for every weight."""
    penalty = getattr(penalties, f"{name}_penalty")
    previous = keras.config.floatx()
    keras.config.set_floatx("float64")
    try:
        real, fake = tf.constant(REAL), tf.constant(FAKE)

        def value(weight):
            def critic(images):
                return tf.reduce_sum(tf.tanh(tf.reshape(images, (-1, 4)) @ weight), axis=1, keepdims=True)

            return penalty(slope_of(critic), real, fake, seed())

        weight = tf.constant(WEIGHT)
        with tf.GradientTape() as tape:
            tape.watch(weight)
            loss = value(weight)
        gradient = tape.gradient(loss, weight)
        np.testing.assert_allclose(gradient, central_differences(value, WEIGHT), rtol=1e-5, atol=1e-8)
    finally:
        keras.config.set_floatx(previous)
