import numpy as np
import pytest

from tfgan_repro.training.classes import ClassCounter, can_count


@pytest.fixture
def counter():
    """Four classes around the corners of a square, one of whose sides is measured in other units."""
    random = np.random.default_rng(0)
    labels = np.arange(2000) % 4
    return ClassCounter(around(random, labels), labels)


def around(random, labels):
    corners = np.array([[0, 0], [6, 0], [0, 600], [6, 600]])
    return corners[labels] + random.normal(size=(len(labels), 2)) * [1, 100]


@pytest.mark.parametrize(("shown", "share"), [([0], 0.25), ([1, 2], 0.5), ([0, 1, 3], 0.75), ([0, 1, 2, 3], 1.0)])
def test_the_classes_shown_are_counted(shown, share, counter):
    features = around(np.random.default_rng(1), np.resize(shown, 60))
    assert counter.covered(features) == share


def test_a_class_below_half_its_fair_share_does_not_count(counter):
    labels = np.repeat([0, 1, 2, 3], [25, 20, 11, 4])
    assert counter.covered(around(np.random.default_rng(1), labels)) == 0.75


def test_what_looks_like_no_class_is_not_counted(counter):
    assert counter.covered(np.full((60, 2), -50.0)) is None


def test_classes_are_counted_only_where_there_are_images_enough():
    labels = np.arange(400) % 10
    assert can_count(labels, 10, 64)
    assert not can_count(None, 0, 64)
    assert not can_count(labels, 10, 59)
    assert not can_count(labels[:-1], 10, 64)
