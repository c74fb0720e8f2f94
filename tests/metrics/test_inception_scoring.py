import numpy as np
import pytest
from recorded import RECORDED

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.inception_scoring import inception_score


@pytest.mark.parametrize("classes", [2, 10, 1008])
def test_certain_and_even_predictions_score_the_number_of_classes(classes):
    logits = np.repeat(100.0 * np.eye(classes), 2, axis=0)
    np.testing.assert_allclose(inception_score(logits, splits=1), classes, rtol=1e-9)


def test_equal_predictions_score_one():
    logits = np.tile(np.random.default_rng(0).normal(size=7), (40, 1))
    np.testing.assert_allclose(inception_score(logits), 1, rtol=1e-12)


def test_torch_fidelity_gets_the_same_in_the_same_order():
    scores = inception_score(RECORDED.arrays[0], splits=10, seed=None)
    assert scores.mean() == pytest.approx(RECORDED["metric/inception_score_mean"], rel=1e-9)
    assert scores.std() == pytest.approx(RECORDED["metric/inception_score_std"], rel=1e-6)


def test_images_sorted_by_class_score_like_mixed_ones():
    logits = np.repeat(8.0 * np.eye(10), 100, axis=0)
    np.testing.assert_allclose(inception_score(logits, seed=None), 1)  # one class a split
    assert inception_score(logits).mean() > 8


def test_a_shift_of_all_logits_changes_nothing():
    logits = np.random.default_rng(0).normal(size=(50, 5)) * 3
    np.testing.assert_allclose(inception_score(logits + 1e4), inception_score(logits), rtol=1e-9)


def test_fewer_images_than_splits_are_refused():
    with pytest.raises(UserError, match="9 images, but the metric needs at least 10"):
        inception_score(np.zeros((9, 4)))
