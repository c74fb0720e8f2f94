"""Losses against the definition, evaluated in float64 with NumPy."""

import numpy as np
import pytest

from tfgan_repro.models import losses
from tfgan_repro.models.losses import HINGE, LEAST_SQUARES, NON_SATURATING, SATURATING, WASSERSTEIN

LOGITS = np.array([[-3.0], [-0.5], [0.0], [1.25], [4.0]])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.3])
def test_real_part_is_smoothed_cross_entropy(smoothing):
    p, target = sigmoid(LOGITS), 1 - smoothing
    expected = np.mean(-target * np.log(p) - (1 - target) * np.log(1 - p))
    assert float(NON_SATURATING.real(LOGITS.astype("float32"), smoothing)) == pytest.approx(expected, rel=1e-6)


def test_fake_part_is_not_smoothed():
    expected = np.mean(-np.log(1 - sigmoid(LOGITS)))
    assert float(NON_SATURATING.fake(LOGITS.astype("float32"))) == pytest.approx(expected, rel=1e-6)


def test_generator_minimises_minus_log_d():
    expected = np.mean(-np.log(sigmoid(LOGITS)))
    assert float(NON_SATURATING.generator(LOGITS.astype("float32"))) == pytest.approx(expected, rel=1e-6)


def test_large_logits_stay_finite():
    huge = np.array([[-1e4], [1e4]], "float32")
    assert float(NON_SATURATING.fake(huge)) == pytest.approx(5e3)
    assert float(NON_SATURATING.generator(huge)) == pytest.approx(5e3)
    assert float(NON_SATURATING.real(huge, 0.1)) == pytest.approx((0.9e4 + 0.1e4) / 2)


def tensor(values):
    return np.asarray(values, "float32")


def test_saturating_is_the_minimax_game():
    assert SATURATING.real is NON_SATURATING.real and SATURATING.fake is NON_SATURATING.fake
    value = float(SATURATING.generator(tensor(LOGITS)))
    assert value == pytest.approx(np.mean(np.log(1 - sigmoid(LOGITS))), rel=1e-6)
    assert value == pytest.approx(-float(SATURATING.fake(tensor(LOGITS))), rel=1e-6)


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
    smoothing = [0.1] if part == "real" else []
    assert float(getattr(loss, part)(tensor(LOGITS), *smoothing)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("loss", [NON_SATURATING, LEAST_SQUARES, HINGE, WASSERSTEIN])
def test_every_generator_gains_by_being_taken_for_real(loss):
    assert float(loss.generator(tensor([[0.5]]))) < float(loss.generator(tensor([[0.0]])))
    assert float(loss.real(tensor([[0.5]]), 0.0)) < float(loss.real(tensor([[0.0]]), 0.0))
    assert float(loss.fake(tensor([[0.5]]))) > float(loss.fake(tensor([[0.0]])))


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


def test_the_critic_reports_its_estimate_of_the_distance():
    real, fake = tensor([[2.0], [4.0]]), tensor([[1.0], [-1.0]])
    assert float(losses.reported_loss(WASSERSTEIN, real, fake, -123.0)) == 3.0
    assert losses.reported_loss(HINGE, real, fake, -123.0) == -123.0
