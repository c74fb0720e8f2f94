"""Neighbour metrics against brute force and closed forms."""

import numpy as np
import pytest
from recorded import RECORDED
from scipy.spatial.distance import cdist, pdist

from tfgan_repro.errors import UserError
from tfgan_repro.metrics import neighbours
from tfgan_repro.metrics.diversity import pairwise_diversity
from tfgan_repro.metrics.neighbours import (
    authenticity,
    density_and_coverage,
    expected_coverage,
    nearest_neighbours,
    precision_and_recall,
)


@pytest.fixture(params=[(2048, 4096), (7, 5), (3, 64)], ids=str)
def blocks(request, monkeypatch):
    monkeypatch.setattr(neighbours, "ROWS", request.param[0])
    monkeypatch.setattr(neighbours, "COLUMNS", request.param[1])


@pytest.fixture
def sets():
    random = np.random.default_rng(0)
    return random.normal(size=(50, 4)) + 100, random.normal(size=(40, 4)) * 1.2 + 100.3


def test_neighbours_are_those_of_brute_force(sets, blocks):
    x, y = sets
    distances, places = nearest_neighbours(x, y, k=3)
    np.testing.assert_array_equal(places, np.argsort(cdist(x, y), axis=1)[:, :3])
    np.testing.assert_allclose(distances, np.sort(cdist(x, y, "sqeuclidean"), axis=1)[:, :3], rtol=1e-9)


def test_an_image_is_not_its_own_neighbour_but_its_copy_is(blocks):
    x = np.random.default_rng(1).normal(size=(20, 3))
    x[13] = x[4]
    distances, places = nearest_neighbours(x, x, exclude_self=True)
    assert (places[4, 0], places[13, 0]) == (13, 4)
    np.testing.assert_allclose(distances[[4, 13]], 0, atol=1e-12)
    assert (places[:, 0] != np.arange(20)).all()


def test_precision_and_recall_are_those_of_brute_force(sets, blocks):
    generated, real = sets
    radii_real = np.sort(cdist(real, real), axis=1)[:, 3]
    radii_generated = np.sort(cdist(generated, generated), axis=1)[:, 3]
    between = cdist(generated, real)
    expected = (between <= radii_real).any(axis=1).mean(), (between.T <= radii_generated).any(axis=1).mean()
    assert precision_and_recall(generated, real) == expected


def test_density_and_coverage_are_those_of_brute_force(sets, blocks):
    generated, real = sets
    radii = np.sort(cdist(real, real), axis=1)[:, 5]
    inside = cdist(generated, real) <= radii
    density, coverage = density_and_coverage(generated, real)
    assert density == pytest.approx(inside.sum() / (5 * len(generated)), rel=1e-12)
    assert coverage == inside.any(axis=0).mean()


def test_torch_fidelity_gets_the_same_precision_and_recall():
    x, y = RECORDED.arrays
    recorded = float(RECORDED["metric/precision"]), float(RECORDED["metric/recall"])
    assert precision_and_recall(generated=x, real=y) == pytest.approx(recorded, abs=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_copies_of_the_real_images_are_perfect_despite_ties(dtype, blocks):
    """Neighbours lie on the borders of balls, and doubled images have balls without extent."""
    real = (np.random.default_rng(2).normal(size=(60, 8)) * 1000).astype(dtype)
    real[30:40] = real[20:30]
    real[40] = real[41] = real[42] = real[43] = real[44] = real[45]
    generated = real[::-1]
    assert precision_and_recall(generated, real) == (1, 1)
    density, coverage = density_and_coverage(generated, real)
    assert coverage == 1 and density >= 1


def test_distant_sets_have_none_of_it(sets):
    generated, real = sets
    assert precision_and_recall(generated + 1000, real) == (0, 0)
    assert density_and_coverage(generated + 1000, real) == (0, 0)


def test_coverage_of_equal_distributions_is_as_expected():
    random = np.random.default_rng(3)
    values = [density_and_coverage(random.normal(size=(30, 3)), random.normal(size=(50, 3)))[1] for _ in range(300)]
    expected = expected_coverage(50, 30)
    assert expected == pytest.approx(1 - np.prod([(49 - j) / (79 - j) for j in range(5)]), rel=1e-15)
    assert np.mean(values) == pytest.approx(expected, abs=4 * np.std(values) / np.sqrt(len(values)))


def test_memory_is_that_of_a_block_not_of_all_pairs(monkeypatch):
    import tracemalloc

    monkeypatch.setattr(neighbours, "ROWS", 128)
    monkeypatch.setattr(neighbours, "COLUMNS", 256)
    features = np.random.default_rng(5).normal(size=(3000, 8)).astype(np.float32)
    tracemalloc.start()
    try:
        density_and_coverage(features, features + 0.1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4e6 < features.shape[0] ** 2 * 4  # all pairs would take 36 MB even in float32


def test_too_few_images_are_refused(sets):
    x, y = sets
    with pytest.raises(UserError, match="5 images, but the metric needs at least 6"):
        density_and_coverage(x[:5], y)
    with pytest.raises(UserError, match="different dimensions"):
        precision_and_recall(x, y[:, :3])
    for k in (0, 2.5):
        with pytest.raises(UserError, match=f"k {k}: must be a whole number from 1 on"):
            precision_and_recall(x, y, k=k)


def test_copies_of_training_images_are_not_authentic(sets, blocks):
    new, training = sets
    # A little noise does not hide a copy.
    copies = training[:10] + 1e-4
    share, distances, places = authenticity(np.concatenate([copies, new + 50]), training)
    assert share == len(new) / (len(new) + 10)
    np.testing.assert_array_equal(places[:10], np.arange(10))
    np.testing.assert_allclose(np.sqrt(distances[:10]), 2e-4, rtol=1e-4)


def test_copies_of_doubled_training_images_are_not_authentic():
    training = np.random.default_rng(4).normal(size=(20, 3))
    training[10:] = training[:10]
    assert authenticity(training[:10], training)[0] == 0


def test_diversity_is_the_mean_distance_of_pairs(sets, blocks):
    assert pairwise_diversity(sets[0]) == pytest.approx(pdist(sets[0]).mean(), rel=1e-9)
    assert pairwise_diversity(np.ones((9, 4))) == 0
    with pytest.raises(UserError, match="at least 2"):
        pairwise_diversity(sets[0][:1])
