"""Intervals against closed forms, and against the spread of many draws."""

import numpy as np
import pytest

from tfgan_repro.metrics.frechet import frechet_interval
from tfgan_repro.metrics.intervals import jackknife_interval, mean_interval, share_interval
from tfgan_repro.metrics.kid import kernel_distance


def test_wilsons_interval_is_that_of_the_books():
    # 81 of 263: Newcombe 1998, Statistics in Medicine 17, table I.
    low, high = share_interval(81 / 263, 263, "images")["interval"]
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    low, high = share_interval(0.0, 20, "images")["interval"]
    assert low == 0 and round(high, 4) == 0.1611
    assert share_interval(1.0, 100, "images")["interval"][1] == 1


def test_the_jackknife_of_a_mean_of_single_images_is_its_standard_error():
    values = np.random.default_rng(0).normal(size=10)
    low, high = jackknife_interval(lambda rows: float(values[rows].mean()), len(values))["interval"]  # groups of 3
    assert low < values.mean() < high
    many = np.random.default_rng(1).normal(size=4000)
    jackknife = jackknife_interval(lambda rows: float(many[rows].mean()), len(many))["interval"]
    normal = mean_interval(many, "images")["interval"]
    assert np.mean(jackknife) == pytest.approx(np.mean(normal), abs=1e-12)
    assert 0.5 < np.ptp(jackknife) / np.ptp(normal) < 2


def test_an_order_of_the_images_does_not_widen_the_interval():
    """Classes in turn, as many as there are groups: each group must not be a class."""
    classes = np.arange(1000) % 10
    interval = jackknife_interval(lambda rows: float(classes[rows].mean()), len(classes))["interval"]
    assert np.ptp(interval) < 1  # 2.7 where each group is a class


def test_a_kernel_distances_interval_covers_the_true_value():
    random, covered = np.random.default_rng(0), 0
    for _ in range(40):
        sides = random.normal(size=(2, 60, 4))
        low, high = jackknife_interval(
            lambda a, b, sides=sides: kernel_distance(sides[0][a], sides[1][b]), 60, 60
        )["interval"]
        covered += low <= 0 <= high  # two samples of one distribution
    assert covered >= 34


def test_few_images_have_no_interval():
    found = jackknife_interval(lambda rows: float(rows.mean()), 5)
    assert found == {"interval": None, "interval_method": "none: needs 6 images a side"}


def test_it_agrees_with_the_frechet_distances_own():
    from tfgan_repro.metrics.frechet import feature_distance

    random = np.random.default_rng(0)
    ours, theirs = random.normal(size=(400, 3)), random.normal(0.5, 1, (400, 3))
    one, _ = frechet_interval(ours, theirs)
    other = jackknife_interval(lambda a, b: feature_distance(ours[a], theirs[b]), 400, 400)["interval"]
    assert 0.4 < np.ptp(one) / np.ptp(other) < 2.5
    assert np.mean(one) == pytest.approx(np.mean(other), rel=1e-6)
