"""The linear classifier's fit, checked by what defines it."""

import numpy as np
import pytest
from labelled_pictures import blobs
from scipy.special import log_softmax

from tfgan_repro.labels.logistic import fit_logistic, logits_of, probabilities_of


def loss(weights, features, classes, penalty):
    scores = log_softmax(features @ weights[:-1] + weights[-1], axis=1)
    return -scores[np.arange(len(classes)), classes].sum() + penalty / 2 * (weights[:-1] ** 2).sum()


@pytest.mark.parametrize("penalty", [0.01, 1.0])
def test_no_neighbour_of_the_solution_is_better(penalty):
    features, classes = blobs((30, 20, 10))
    weights = fit_logistic(features, classes, 3, penalty)
    best, random_state = loss(weights, features, classes, penalty), np.random.default_rng(0)
    for _ in range(50):
        step = random_state.normal(size=weights.shape)
        assert loss(weights + 0.05 * step / np.linalg.norm(step), features, classes, penalty) > best


def test_the_mean_probability_of_a_class_is_its_share():
    # The bias is not penalised, so its gradient, the difference of both, is 0 at the solution.
    features, classes = blobs((40, 15, 5))
    weights = fit_logistic(features, classes, 3, 0.1)
    means = probabilities_of(logits_of(features, weights)).mean(axis=0)
    np.testing.assert_allclose(means, np.bincount(classes) / len(classes), atol=2e-3)


def test_a_start_changes_the_way_not_the_solution():
    features, classes = blobs((30, 30))
    cold = fit_logistic(features, classes, 2, 0.3)
    warm = fit_logistic(features, classes, 2, 0.3, start=fit_logistic(features, classes, 2, 3.0))
    np.testing.assert_allclose(logits_of(features, warm), logits_of(features, cold), atol=0.02)


def test_a_temperature_keeps_the_order_and_changes_the_certainty():
    logits = np.array([[3.0, 1.0, 0.0]])
    plain, soft = probabilities_of(logits), probabilities_of(logits, 2.0)
    np.testing.assert_allclose(plain.sum(), 1)
    assert soft[0, 0] < plain[0, 0] and np.array_equal(np.argsort(soft), np.argsort(plain))
