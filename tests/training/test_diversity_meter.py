import dataclasses

import numpy as np
import pytest

from tfgan_repro.data import load_pictures
from tfgan_repro.data.pictures import Pictures
from tfgan_repro.training.diversity import ClassCounter, DiversityMeter, Yardstick, can_count, nearest
from tfgan_repro.training.health import LEAST_CLASSES


@pytest.fixture(scope="module")
def shapes():
    return load_pictures("shapes", "train")


@pytest.fixture(scope="module")
def meter(shapes):
    return DiversityMeter(shapes)


def test_each_image_has_its_nearest_neighbour():
    # Of the first and second, the first and third, the second and third.
    np.testing.assert_array_equal(nearest(np.array([1.0, 4.0, 2.0])), [1, 1, 2])


def test_real_images_are_as_diverse_as_real_images(shapes, meter):
    diversity = meter.measure(shapes.images[1000:1064])
    assert diversity.spread == pytest.approx(1, abs=0.1)
    assert diversity.duplicates == 0 and diversity.classes >= 0.6


def test_one_image_repeated_has_no_diversity(shapes, meter):
    diversity = meter.measure(np.repeat(shapes.images[:1], 64, axis=0))
    assert diversity.spread == pytest.approx(0, abs=1e-4) and diversity.duplicates == 1


def test_where_the_training_images_are_all_one_there_is_nothing_to_measure_by(shapes):
    same = Pictures("same", "train", np.repeat(shapes.images[:1], 64, axis=0))
    assert DiversityMeter(same).measure(shapes.images[:64]) is None


def test_near_copies_are_counted(shapes, meter):
    """A third of the images are one image with a pixel changed."""
    images = shapes.images[2000:2064].copy()
    images[:21] = images[0]
    images[np.arange(21), np.arange(21), 3] ^= 1
    assert meter.measure(images).duplicates == pytest.approx(21 / 64)


@pytest.mark.parametrize("count", [1, 2])
def test_few_classes_are_seen_though_their_images_differ(count, shapes, meter):
    rows = np.flatnonzero(np.isin(shapes.labels, range(count)))[100:164]
    diversity = meter.measure(shapes.images[rows])
    assert diversity.spread > 0.7 and diversity.duplicates == 0
    assert diversity.classes < LEAST_CLASSES


def test_classes_of_images_that_look_like_none_are_not_counted(meter):
    noise = np.random.default_rng(0).integers(0, 256, (64, 32, 32, 3)).astype(np.uint8)
    assert meter.measure(noise).classes is None


def test_a_set_without_labels_has_no_classes(shapes):
    unlabelled = dataclasses.replace(shapes, labels=None, images=shapes.images[:100])
    assert DiversityMeter(unlabelled).measure(shapes.images[:64]).classes is None


def test_the_yardstick_is_the_real_images():
    real = np.random.default_rng(0).normal(size=(64, 8))
    assert Yardstick(real).measure(real / 2) == (pytest.approx(0.5), 0.0)


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
