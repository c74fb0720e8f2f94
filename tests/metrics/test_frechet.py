"""The Frechet distance against its closed forms."""

import numpy as np
import pytest
from recorded import RECORDED

from tfgan_repro.errors import UserError
from tfgan_repro.metrics import frechet
from tfgan_repro.metrics.frechet import (
    feature_distance,
    frechet_distance,
    frechet_infinity,
    frechet_interval,
    gaussian_distance,
)
from tfgan_repro.metrics.statistics import Gaussian

RANDOM = np.random.default_rng(0)


def covariance(dimension, rank=None):
    factor = RANDOM.normal(size=(rank or dimension, dimension))
    return factor.T @ factor / dimension


@pytest.fixture(params=[True, False], ids=["singular values", "eigenvalues"])
def method(request, monkeypatch):
    if not request.param:
        monkeypatch.setattr(frechet, "SINGULAR_VALUES_UP_TO", 0)


@pytest.mark.parametrize("rank", [None, 5])
def test_equal_covariances_give_the_squared_difference_of_means(rank, method):
    matrix, mean_1, mean_2 = covariance(16, rank), RANDOM.normal(size=16), RANDOM.normal(size=16)
    expected = np.sum((mean_1 - mean_2) ** 2)
    assert frechet_distance(mean_1, matrix, mean_2, matrix) == pytest.approx(expected, rel=1e-9)


def test_diagonal_covariances_give_the_closed_form(method):
    a, b = RANDOM.uniform(0.01, 5, (2, 32))
    a[3] = b[7] = 0  # a direction without variance
    expected = np.sum((np.sqrt(a) - np.sqrt(b)) ** 2) + 32
    # Where a variance is 0 the other's root counts: eigenvalues alone would have only half of the digits there.
    assert frechet_distance(np.zeros(32), np.diag(a), np.ones(32), np.diag(b)) == pytest.approx(expected, rel=1e-9)


def test_commuting_covariances_give_the_closed_form_after_a_rotation(method):
    rotation, _ = np.linalg.qr(RANDOM.normal(size=(20, 20)))
    a, b = RANDOM.uniform(0.1, 5, (2, 20))
    value = frechet_distance(np.zeros(20), rotation * a @ rotation.T, np.zeros(20), rotation * b @ rotation.T)
    assert value == pytest.approx(np.sum((np.sqrt(a) - np.sqrt(b)) ** 2), rel=1e-9)


@pytest.mark.parametrize(("n", "m"), [(10, 12), (10, 100), (100, 12), (100, 90)])
def test_every_form_agrees_with_the_general_matrix_root(n, m):
    x, y = RANDOM.normal(size=(n, 24)), 0.5 * RANDOM.normal(size=(m, 24)) + 0.3
    a, b = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    eigenvalues = np.linalg.eigvals(a @ b)
    root = np.sqrt(np.maximum(eigenvalues.real, 0)).sum()
    expected = np.sum((x.mean(0) - y.mean(0)) ** 2) + np.trace(a) + np.trace(b) - 2 * root
    # The general route itself loses digits where the product is singular.
    assert feature_distance(x, y) == pytest.approx(expected, rel=1e-6)
    assert frechet_distance(x.mean(0), a, y.mean(0), b) == pytest.approx(feature_distance(x, y), rel=1e-6)


@pytest.mark.parametrize("count", [10, 24, 25, 200])
def test_identical_sets_are_at_distance_zero(count):
    x = RANDOM.normal(size=(count, 24)) * 100
    assert abs(feature_distance(x, x[::-1])) < 1e-9 * np.sum(x.var(axis=0))


def test_the_distance_is_symmetric():
    x, y = RANDOM.normal(size=(30, 8)), RANDOM.normal(size=(5, 8)) + 1
    assert feature_distance(x, y) == pytest.approx(feature_distance(y, x), rel=1e-12)


def test_torch_fidelity_gets_the_same():
    x, y = RECORDED.arrays
    assert feature_distance(x, y) == pytest.approx(RECORDED["metric/frechet_inception_distance"], rel=1e-9)


def test_different_dimensions_are_refused():
    with pytest.raises(UserError, match="different dimensions.*3 and 4"):
        gaussian_distance(Gaussian(np.zeros(3), np.eye(3)), Gaussian(np.zeros(4), np.eye(4)))


@pytest.mark.parametrize("count", [40, 400], ids=["fewer images than dimensions", "more"])
def test_the_interval_is_as_wide_as_the_spread_over_new_draws(count):
    """The standard deviation over fresh draws lies near what the jackknife says from one."""
    random, dimension = np.random.default_rng(3), 64
    scale = np.linspace(0.1, 2, dimension)
    values, halves = [], []
    for _ in range(30):
        x, y = random.normal(size=(2, count, dimension)) * scale
        (low, high), groups = frechet_interval(x + 0.5, y)
        values.append(feature_distance(x + 0.5, y))
        halves.append((high - low) / 2)
        assert groups == 10 and low < values[-1] < high
    said = np.mean(halves) / 2.262  # Student's t of nine degrees
    assert 0.6 < said / np.std(values) < 1.7


def test_the_interval_is_as_wide_in_files_sorted_by_class_as_in_any_order():
    random, centres = np.random.default_rng(4), np.random.default_rng(9).normal(size=(10, 8)) * 3

    def draw(labels, offset):
        return centres[labels] + random.normal(size=(len(labels), 8)) + offset

    orders = {"mixed": lambda labels: random.permutation(len(labels)), "sorted": np.argsort, "in turn": rank_in_class}
    widths = {name: [] for name in orders}
    for count in range(300, 330):  # of each count the groups are others
        labels = random.integers(0, 10, (2, count))
        sides = [draw(side, offset) for side, offset in zip(labels, (0.5, 0.0))]
        for name, order in orders.items():
            (low, high), _ = frechet_interval(*(side[order(of)] for side, of in zip(sides, labels)))
            widths[name].append(high - low)
    means = {name: np.mean(values) for name, values in widths.items()}
    # Groups in turn would give 0.43 and several times the width.
    assert means["sorted"] == pytest.approx(means["mixed"], rel=0.15)
    assert means["in turn"] == pytest.approx(means["mixed"], rel=0.15)


def rank_in_class(labels):
    """The order that takes an image of each class in turn, as long as there are any."""
    ranks = np.array([np.sum(labels[:index] == label) for index, label in enumerate(labels)])
    return np.lexsort((labels, ranks))


def test_the_interval_covers_the_value_of_few_images():
    x, y = np.random.default_rng(0).normal(size=(2, 6, 3))
    (low, high), groups = frechet_interval(x, y)
    assert groups == 2 and low <= feature_distance(x, y) <= high
    with pytest.raises(UserError, match="at least 6"):
        frechet_interval(x[:5], y)
    with pytest.raises(UserError, match="confidence 95: must be between 0 and 1"):
        frechet_interval(x, y, confidence=95)
    with pytest.raises(UserError, match="groups 1: must be a whole number from 2 on"):
        frechet_interval(x, y, groups=1)


def test_infinity_removes_the_bias_of_few_images():
    x, y = np.random.default_rng(1).normal(size=(2, 600, 16))
    found = value, error = frechet_infinity(x, y)
    biased = feature_distance(x, y)
    assert biased > 0.1
    assert abs(value) < biased / 3 and abs(value) < 4 * error + 0.02
    # The bias is removed, a true distance is not.
    shifted, error = frechet_infinity(x + 0.5, y)
    assert shifted == pytest.approx(16 * 0.25, abs=0.4)
    assert frechet_infinity(x, y) == found


def test_infinity_is_refused_where_the_bias_is_no_straight_line():
    x = np.random.default_rng(1).normal(size=(31, 16))
    with pytest.raises(UserError, match="at least 32 images a side"):
        frechet_infinity(x, x)
    with pytest.raises(UserError, match="three counts between 3 and 4 images"):
        frechet_infinity(x[:4, :2], x[:4, :2])
    with pytest.raises(UserError, match="points 2: must be a whole number from 3 on"):
        frechet_infinity(x[:, :3], x[:, :3], points=2)
