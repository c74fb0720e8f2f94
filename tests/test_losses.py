"""Losses against the definition, evaluated in float64 with NumPy."""

import numpy as np
import pytest

from tfgan_repro.losses import NON_SATURATING

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
