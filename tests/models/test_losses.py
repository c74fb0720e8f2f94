"""Losses against the definition, evaluated in float64 with NumPy."""

import keras
import numpy as np
import pytest

from tfgan_repro.backends.current import backend
from tfgan_repro.errors import UserError
from tfgan_repro.models import losses
from tfgan_repro.models.losses import HINGE, LEAST_SQUARES, NON_SATURATING, SATURATING, WASSERSTEIN

LOGITS = np.array([[-3.0], [-0.5], [0.0], [1.25], [4.0]])


def real_part(loss, logits, smoothing):
    return float(loss.parts[0](tensor(logits), smoothing))


def fake_part(loss, logits):
    return float(loss.parts[1](tensor(logits)))


def generator_loss(loss, logits):
    return float(loss.generator(tensor(logits), None))


def tensor(values):
    return np.asarray(values, "float32")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.3])
def test_real_part_is_smoothed_cross_entropy(smoothing):
    p, target = sigmoid(LOGITS), 1 - smoothing
    expected = np.mean(-target * np.log(p) - (1 - target) * np.log(1 - p))
    assert real_part(NON_SATURATING, LOGITS, smoothing) == pytest.approx(expected, rel=1e-6)


def test_fake_part_is_not_smoothed():
    expected = np.mean(-np.log(1 - sigmoid(LOGITS)))
    assert fake_part(NON_SATURATING, LOGITS) == pytest.approx(expected, rel=1e-6)


def test_generator_minimises_minus_log_d():
    expected = np.mean(-np.log(sigmoid(LOGITS)))
    assert generator_loss(NON_SATURATING, LOGITS) == pytest.approx(expected, rel=1e-6)


def test_large_logits_stay_finite():
    huge = np.array([[-1e4], [1e4]], "float32")
    assert fake_part(NON_SATURATING, huge) == pytest.approx(5e3)
    assert generator_loss(NON_SATURATING, huge) == pytest.approx(5e3)
    assert real_part(NON_SATURATING, huge, 0.1) == pytest.approx((0.9e4 + 0.1e4) / 2)


@pytest.mark.parametrize("target", [0.0, 0.9, 1.0])
def test_cross_entropy_leads_to_its_target_from_zero_too(target):
    """Where a discriminator that begins with zeros begins."""
    slope = backend.slope_of(lambda logits: losses.cross_entropy(logits, target))
    expected = (sigmoid(LOGITS) - target) / len(LOGITS)
    np.testing.assert_allclose(slope(keras.ops.convert_to_tensor(tensor(LOGITS))), expected, rtol=1e-5)


def test_saturating_is_the_minimax_game():
    assert SATURATING.parts == NON_SATURATING.parts
    value = generator_loss(SATURATING, LOGITS)
    assert value == pytest.approx(np.mean(np.log(1 - sigmoid(LOGITS))), rel=1e-6)
    assert value == pytest.approx(-fake_part(SATURATING, LOGITS), rel=1e-6)


@pytest.mark.parametrize(
    ("loss", "part", "expected"),
    [
        (LEAST_SQUARES, "real", np.mean((LOGITS - 0.9) ** 2) / 2),
        (LEAST_SQUARES, "fake", np.mean(LOGITS**2) / 2),
        (LEAST_SQUARES, "generator", np.mean((LOGITS - 1) ** 2) / 2),
        (HINGE, "real", np.mean([3.9, 1.4, 0.9, 0, 0])),
        (HINGE, "fake", np.mean([0, 0.5, 1, 2.25, 5])),
        (HINGE, "generator", -np.mean(LOGITS)),
        (WASSERSTEIN, "real", -0.9 * np.mean(LOGITS)),
        (WASSERSTEIN, "fake", np.mean(LOGITS)),
        (WASSERSTEIN, "generator", -np.mean(LOGITS)),
    ],
)
def test_the_other_losses_by_hand(loss, part, expected):
    parts = {"real": lambda: real_part(loss, LOGITS, 0.1), "fake": lambda: fake_part(loss, LOGITS)}
    assert {**parts, "generator": lambda: generator_loss(loss, LOGITS)}[part]() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("loss", [NON_SATURATING, LEAST_SQUARES, HINGE, WASSERSTEIN])
def test_every_generator_gains_by_being_taken_for_real(loss):
    assert generator_loss(loss, [[0.5]]) < generator_loss(loss, [[0.0]])
    assert real_part(loss, [[0.5]], 0.0) < real_part(loss, [[0.0]], 0.0)
    assert fake_part(loss, [[0.5]]) > fake_part(loss, [[0.0]])


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (losses.RELATIVISTIC, lambda margin: np.mean(np.log(1 + np.exp(-margin)))),
        (losses.RELATIVISTIC_HINGE, lambda margin: np.mean(np.maximum(0, 1 - margin))),
        (losses.RELATIVISTIC_LEAST_SQUARES, lambda margin: np.mean((margin - 1) ** 2) / 2),
    ],
)
def test_relativistic_losses_compare_pairs(loss, expected):
    real, fake = LOGITS, LOGITS[::-1] / 2 + 0.3
    real_logits, fake_logits = tensor(real), tensor(fake)
    found = float(loss.discriminator(real_logits, fake_logits, 0.0)), float(loss.generator(fake_logits, real_logits))
    assert found == pytest.approx((expected(real - fake), expected(fake - real)), rel=1e-6)


def test_a_separable_loss_is_the_sum_of_its_parts():
    real, fake = LOGITS, LOGITS[::-1]
    found = float(HINGE.discriminator(tensor(real), tensor(fake), 0.1))
    assert found == pytest.approx(real_part(HINGE, real, 0.1) + fake_part(HINGE, fake), rel=1e-6)


def test_a_keras_loss_of_logits_is_the_same_game():
    loss = losses.as_adversarial_loss(keras.losses.BinaryCrossentropy(from_logits=True))
    assert real_part(loss, LOGITS, 0.1) == pytest.approx(real_part(NON_SATURATING, LOGITS, 0.1), rel=1e-5)
    assert fake_part(loss, LOGITS) == pytest.approx(fake_part(NON_SATURATING, LOGITS), rel=1e-5)
    assert generator_loss(loss, LOGITS) == pytest.approx(generator_loss(NON_SATURATING, LOGITS), rel=1e-5)


def test_what_is_no_loss_is_refused():
    with pytest.raises(UserError, match="needs the methods discriminator and generator"):
        losses.as_adversarial_loss(3)


def test_class_cross_entropy_is_minus_the_log_of_the_softmax():
    logits, labels = np.array([[1.0, 2.0, -1.0], [0.0, 0.0, 900.0]]), np.array([1, 2])
    softmax = np.exp(logits[0]) / np.exp(logits[0]).sum()
    found = float(losses.class_cross_entropy(tensor(logits), labels))
    assert found == pytest.approx(-np.log(softmax[1]) / 2, rel=1e-6)


def test_accuracy_counts_right_verdicts():
    real, fake = tensor([[2.0], [0.4], [-1.0], [3.0]]), tensor([[-2.0], [0.3], [0.7], [-0.1]])
    assert float(losses.accuracy(NON_SATURATING, real, fake)) == 5 / 8
    assert float(losses.accuracy(LEAST_SQUARES, real, fake)) == 5 / 8
    # Without a threshold, the share of the 16 pairs that are ranked rightly.
    pairs = np.mean(real > fake.T)
    assert float(losses.accuracy(WASSERSTEIN, real, fake)) == pytest.approx(pairs)
    assert 0.5 < pairs < 1
