import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.features import FeatureSet
from tfgan_repro.metrics.mind import MIND, matched, monge_distance

RANDOM = np.random.default_rng(0)


def test_a_set_has_no_distance_from_itself_in_any_order():
    features = RANDOM.normal(size=(50, 8))
    assert monge_distance(features, RANDOM.permutation(features)) == pytest.approx(0, abs=1e-25)


def test_a_set_that_was_moved_is_three_times_the_squared_way_off():
    """Along a direction u every projection moves by u.a; the mean of (u.a)^2 over the sphere is |a|^2 / dimension."""
    features, offset = RANDOM.normal(size=(40, 8)), np.arange(8.0)
    expected = 3 * offset @ offset
    # The mean of 20,000 directions has a standard error of about 1 %.
    assert monge_distance(features, features + offset, directions=20_000) == pytest.approx(expected, rel=0.04)


def test_in_one_dimension_it_is_the_transport_distance():
    """Both directions of a line give the same: three times the mean squared difference of the sorted values."""
    first, second = RANDOM.normal(size=(2, 30, 1))
    expected = 3 * np.mean((np.sort(first[:, 0]) - np.sort(second[:, 0])) ** 2)
    assert monge_distance(first, second, directions=7) == pytest.approx(expected, rel=1e-12)


def test_isotropic_gaussians_have_their_closed_form():
    """Projections are N(0, s^2): the squared distance is (s1 - s2)^2, times three times the dimension."""
    dimension, count = 6, 40_000
    first, second = RANDOM.normal(size=(count, dimension)), 3 * RANDOM.normal(size=(count, dimension))
    expected = 3 * dimension * (3 - 1) ** 2
    assert monge_distance(first, second, directions=100) == pytest.approx(expected, rel=0.03)


def test_it_sees_what_moments_do_not():
    """Two clusters and one Gaussian of the same mean and variance, which the Frechet distance takes for the same."""
    clusters = np.where(np.arange(2000) % 2, 1.0, -1.0)[:, None]
    gaussian = RANDOM.normal(size=(2000, 1))
    gaussian = (gaussian - gaussian.mean()) / gaussian.std()
    # 3 E(|x| - 1)^2 = 3 (2 - 2 sqrt(2 / pi)) for standard normal x.
    assert monge_distance(clusters, gaussian) == pytest.approx(3 * (2 - 2 * np.sqrt(2 / np.pi)), rel=0.05)


def test_of_the_larger_set_as_many_are_drawn_and_a_seed_repeats_them():
    first, second = RANDOM.normal(size=(50, 3)), RANDOM.normal(size=(80, 3))
    values = [monge_distance(first, second, seed=seed) for seed in (1, 1, 2)]
    assert values[0] == values[1] != values[2]


def test_what_is_drawn_of_the_larger_side_does_not_widen_the_interval():
    random = np.random.default_rng(3)
    first, second = random.normal(size=(60, 3)), random.normal(0.5, 1, (600, 3))
    sides = FeatureSet(60, first), FeatureSet(600, second)
    interval, value = MIND.details(*sides, 1)["MIND"]["interval"], MIND.compute(*sides, 1)["MIND"]["value"]
    assert np.mean(interval) == pytest.approx(value, rel=1e-12)
    drawn = FeatureSet(60, matched(first, second, 1, 1)[1])
    # Other directions are drawn, which change little.
    expected = MIND.details(sides[0], drawn, 1)["MIND"]["interval"]
    assert np.ptp(interval) == pytest.approx(np.ptp(expected), rel=0.05)


def test_one_image_is_refused():
    with pytest.raises(UserError, match="needs at least 2"):
        monge_distance(np.zeros((1, 3)), np.zeros((4, 3)))
    with pytest.raises(UserError, match="directions 0: must be a whole number from 1 on"):
        monge_distance(np.zeros((4, 3)), np.zeros((4, 3)), directions=0)
