"""Heads, held-out logits, the choice of a penalty, calibration."""

import numpy as np
import pytest
from labelled_pictures import blobs
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from tfgan_repro.labels import HEADS, training
from tfgan_repro.labels.classifier import Classifier, Scaling
from tfgan_repro.labels.training import LOGISTIC, NetworkHead, choose_head, held_out_logits, layers_of, log_loss_of


def head(inverse_penalty=1.0):
    return LogisticRegression(C=inverse_penalty, max_iter=1000)


@pytest.mark.parametrize("class_count", [2, 3])
@pytest.mark.parametrize("name", HEADS)
def test_a_classifier_gives_the_probabilities_of_its_head(name, class_count):
    features, classes = blobs((30, 20, 10)[:class_count], distance=4.0)
    fitted = HEADS.load(name)[0].fit(features, classes)
    # Features as the head saw them: no root, no scaling.
    identity = Scaling(np.zeros(features.shape[1]), np.ones(features.shape[1]))
    squares = np.sign(features) * features**2
    classifier = Classifier(tuple(range(class_count)), "kind", identity, layers_of(fitted), 1.0, {}, {})
    if name == "logistic":
        expected = fitted.predict_proba(features)
    else:
        expected = softmax(fitted.decision_function(features), axis=1)
    np.testing.assert_allclose(classifier.probabilities(squares), expected, atol=1e-9)
    assert np.mean(expected.argmax(axis=1) == classes) > 0.9


def test_a_network_learns_what_no_line_divides_and_a_seed_repeats_it():
    features = np.random.default_rng(0).normal(size=(400, 2)) / np.sqrt(2)
    classes = (features[:, 0] * features[:, 1] > 0).astype(int)
    first, second = (NetworkHead(C=10.0).fit(features[:300], classes[:300]) for _ in range(2))
    assert np.mean(first.predict(features[300:]) == classes[300:]) > 0.85
    assert np.mean(head().fit(features[:300], classes[:300]).predict(features[300:]) == classes[300:]) < 0.65
    np.testing.assert_allclose(first.decision_function(features), second.decision_function(features), atol=1e-4)


def test_held_out_pictures_do_not_see_their_own_label():
    # Labels that mean nothing: whoever sees them gets most right, whoever does not gets half.
    features, _ = blobs((200,), dimension=100, seed=3)
    classes = np.random.default_rng(4).integers(0, 2, 200)
    for candidate in LOGISTIC:
        logits = held_out_logits(candidate, features, classes, seed=0)
        assert logits.shape == (200, 2) and abs((logits.argmax(axis=1) == classes).mean() - 0.5) < 0.12


@pytest.mark.parametrize("counts", [(50, 7, 2), (2, 2), (3, 2)])
def test_a_class_of_two_pictures_is_enough(counts):
    features, classes = blobs(counts, distance=20.0)
    logits = held_out_logits(head(), features, classes, seed=1)
    assert logits.shape == (sum(counts), len(counts)) and np.isfinite(logits).all()


def test_the_penalty_is_the_one_with_the_least_loss():
    features, classes = blobs((60, 60), dimension=50, distance=1.5)
    chosen, logits = choose_head(LOGISTIC, features, classes, np.zeros(120, bool), 0)
    every = [held_out_logits(candidate, features, classes, 0) for candidate in LOGISTIC]
    losses = [log_loss_of(values, classes) for values in every]
    assert chosen is LOGISTIC[np.argmin(losses)] and np.ptp(losses) > 0.01
    np.testing.assert_array_equal(logits, every[np.argmin(losses)])


def test_pictures_drawn_at_random_decide_where_they_are_enough():
    features, classes = blobs((60, 60), dimension=50, distance=4.0)
    random = np.arange(120) < training.FEWEST_RANDOM
    losses = [
        log_loss_of(held_out_logits(candidate, features, classes, 0)[random], classes[random]) for candidate in LOGISTIC
    ]
    assert choose_head(LOGISTIC, features, classes, random, 0)[0] is LOGISTIC[np.argmin(losses)]
    assert training.representative(random).tolist() == random.tolist()
    random[0] = False
    assert training.representative(random).all()


@pytest.mark.parametrize("truth", [0.5, 1.0, 3.0])
def test_the_temperature_is_found(truth):
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(20000, 3)) * 2
    chances = softmax(logits / truth, axis=1)
    classes = (generator.random((20000, 1)) > chances.cumsum(axis=1)).sum(axis=1)
    assert training.fit_temperature(logits, classes) == pytest.approx(truth, rel=0.1)


def test_accuracy_confusion_and_what_is_promised():
    targets = np.array([0, 0, 0, 0, 1, 1])
    probabilities = np.eye(3)[[0, 0, 0, 1, 1, 2]] * 0.85 + 0.05
    quality = training.measured(probabilities, targets)
    assert quality["confusion"] == [[3, 1, 0], [0, 1, 1], [0, 0, 0]]
    assert quality["accuracy"] == pytest.approx(4 / 6) and quality["balanced_accuracy"] == pytest.approx(0.625)
    assert quality["expected_accuracy"] == pytest.approx(0.9) and quality["largest_class"] == pytest.approx(4 / 6)
