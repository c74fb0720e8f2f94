"""Folds, the choice of the penalty, calibration."""

import numpy as np
import pytest
from labelled_pictures import blobs
from scipy.special import softmax

from tfgan_repro.labels import crossvalidation


def test_every_class_is_spread_over_the_folds():
    classes = np.repeat([0, 1, 2], [50, 7, 2])
    folds = crossvalidation.stratified_folds(classes, 5, seed=1)
    assert np.ptp(np.bincount(folds)) <= 1
    for value, count in enumerate(np.bincount(classes)):
        dealt = np.bincount(folds[classes == value], minlength=5)
        assert np.ptp(dealt) <= 1 and (dealt > 0).sum() == min(5, count)
    assert not np.array_equal(folds, crossvalidation.stratified_folds(classes, 5, seed=2))


def test_held_out_pictures_do_not_see_their_own_label():
    # Labels that mean nothing: whoever sees them gets most right, whoever does not gets half.
    features, _ = blobs((200,), dimension=100, seed=3)
    classes = np.random.default_rng(4).integers(0, 2, 200)
    logits = crossvalidation.held_out_logits(features, classes, 2, seed=0)
    assert np.abs((logits.argmax(axis=2) == classes).mean(axis=1) - 0.5).max() < 0.12


def test_the_penalty_is_the_one_with_the_least_loss():
    features, classes = blobs((60, 60), dimension=50, distance=1.5)
    penalty, logits = crossvalidation.choose_penalty(features, classes, 2, 0, np.zeros(120, bool))
    every = crossvalidation.held_out_logits(features, classes, 2, seed=0)
    losses = crossvalidation.log_loss(every, classes)
    assert penalty == crossvalidation.PENALTIES[losses.argmin()]
    np.testing.assert_array_equal(logits, every[losses.argmin()])
    assert np.ptp(losses) > 0.01


def test_pictures_drawn_at_random_decide_where_they_are_enough():
    features, classes = blobs((60, 60), dimension=50, distance=4.0)
    judged = np.arange(120) < crossvalidation.LEAST_JUDGED
    losses = crossvalidation.log_loss(
        crossvalidation.held_out_logits(features, classes, 2, seed=0)[:, judged], classes[judged]
    )
    penalty, _ = crossvalidation.choose_penalty(features, classes, 2, 0, judged)
    assert penalty == crossvalidation.PENALTIES[losses.argmin()]
    assert crossvalidation.representative(judged).tolist() == judged.tolist()
    judged[0] = False
    assert crossvalidation.representative(judged).all()


def test_log_loss_of_one_and_of_many():
    logits = np.log([[[0.5, 0.5], [0.9, 0.1]], [[0.8, 0.2], [0.25, 0.75]]])
    expected = -np.log([[0.5, 0.1], [0.8, 0.75]]).mean(axis=1)
    np.testing.assert_allclose(crossvalidation.log_loss(logits, np.array([0, 1])), expected)
    assert crossvalidation.log_loss(logits[0], np.array([0, 1])) == pytest.approx(expected[0])


@pytest.mark.parametrize("truth", [0.5, 1.0, 3.0])
def test_the_temperature_is_found(truth):
    random_state = np.random.default_rng(0)
    logits = random_state.normal(size=(20000, 3)) * 2
    chances = softmax(logits / truth, axis=1)
    classes = (random_state.random((20000, 1)) > chances.cumsum(axis=1)).sum(axis=1)
    assert crossvalidation.fit_temperature(logits, classes) == pytest.approx(truth, rel=0.1)


def test_confusion_and_accuracies():
    matrix = crossvalidation.confusion_matrix(np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 1, 1, 0]), 3)
    assert matrix.tolist() == [[3, 1, 0], [1, 1, 0], [0, 0, 0]]
    assert crossvalidation.accuracies(matrix) == (pytest.approx(4 / 6), pytest.approx((0.75 + 0.5) / 2))
