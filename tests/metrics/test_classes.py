import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.classes import (
    class_agreement,
    classification_accuracy,
    per_class_distances,
    softmax_regression,
)
from tfgan_repro.metrics.frechet import feature_distance

RANDOM = np.random.default_rng(0)


def test_each_class_is_compared_with_its_own():
    generated, real = RANDOM.normal(size=(40, 3)), RANDOM.normal(size=(60, 3))
    ours, theirs = np.arange(40) % 2 + 3, np.arange(60) % 2 + 3
    generated[ours == 4] += 10
    distances = per_class_distances(generated, ours, real, theirs)
    assert list(distances) == [3, 4]
    for label, distance in distances.items():
        assert distance == pytest.approx(feature_distance(generated[ours == label], real[theirs == label]), rel=1e-12)
    assert distances[4] > 250 > 5 > distances[3]


@pytest.mark.parametrize(
    ("labels", "message"),
    [([0, 0, 0], "do not fit 4 images"), ([0, 0, 0, 1], "class 1 has 1 generated and 0 real images")],
)
def test_labels_that_cannot_be_compared_are_refused(labels, message):
    features = RANDOM.normal(size=(4, 2))
    with pytest.raises(UserError, match=message):
        per_class_distances(features, labels, features, [0, 0, 0, 0])


def clusters(count, classes, dimension=6, apart=8.0, seed=0):
    """Features that tell their labels."""
    random, labels = np.random.default_rng(seed), np.arange(count) % classes
    return random.normal(size=(count, dimension)) + apart * np.eye(classes, dimension)[labels], labels


def test_classes_that_lie_apart_are_found():
    share, per_class = classification_accuracy(*clusters(60, 3), *clusters(90, 3, seed=1))
    assert share == 1 and per_class == {0: 1, 1: 1, 2: 1}


def test_a_class_whose_training_images_are_wrong_is_not():
    features, labels = clusters(90, 3)
    wrong = np.where(labels == 2, 1, labels)  # the third class was never generated
    share, per_class = classification_accuracy(features, wrong, *clusters(90, 3, seed=1))
    assert share == pytest.approx(2 / 3) and per_class == {0: 1, 1: 1, 2: 0}


def test_labels_that_mean_nothing_are_worth_chance():
    features, labels = RANDOM.normal(size=(600, 4)), RANDOM.integers(0, 4, 600)
    share, _ = classification_accuracy(features, labels, RANDOM.normal(size=(2000, 4)), RANDOM.integers(0, 4, 2000))
    assert share == pytest.approx(0.25, abs=0.04)


def test_the_classifier_is_the_optimum_of_its_loss():
    """The gradient, written down independently: residuals times features plus the decay is 0, and sums up to 0."""
    features, labels = clusters(50, 3, apart=1.0)
    weights = softmax_regression(features, labels, 3)
    logits = features @ weights[:-1] + weights[-1]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    residuals = p - np.eye(3)[labels]
    np.testing.assert_allclose(features.T @ residuals / 50 + 1e-3 * weights[:-1], 0, atol=1e-4)
    np.testing.assert_allclose(residuals.sum(axis=0) / 50, 0, atol=1e-4)


def test_what_cannot_be_classified_is_refused():
    features, labels = clusters(10, 2)
    with pytest.raises(UserError, match="at least two classes"):
        classification_accuracy(features, np.zeros(10), features, labels)
    with pytest.raises(UserError, match="do not fit 10 images"):
        classification_accuracy(features, labels[:9], features, labels)


def test_agreement_needs_a_classifier():
    class WithoutLogits:
        has_logits = False

    with pytest.raises(UserError, match="has no logits"):
        class_agreement(np.zeros((2, 8, 8, 3), np.uint8), [0, 1], WithoutLogits())


@pytest.mark.parametrize("labels", [["cat", "dog"], [0.5, 1.5], [3, 10]])
def test_labels_that_a_classifier_named_does_not_know_are_refused(labels):
    with pytest.raises(UserError, match="2 whole numbers from 0 to 9 as labels"):
        class_agreement(np.zeros((2, 8, 8, 3), np.uint8), labels, "digits")
