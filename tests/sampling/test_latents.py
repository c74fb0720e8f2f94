import numpy as np
import pytest
from scipy.stats import truncnorm

from tfgan_repro.sampling.latents import latents_of, spherical, spherical_loop
from tfgan_repro.models.generation import fixed_latents


def test_without_a_bound_they_are_the_run_s_own():
    np.testing.assert_array_equal(latents_of(5, 3, 1), fixed_latents(5, 3, 1))


@pytest.mark.parametrize("truncation", [None, 0.7])
def test_the_first_are_the_same_for_every_count(truncation):
    np.testing.assert_array_equal(latents_of(5, 3, 1, truncation), latents_of(50, 3, 1, truncation)[:5])


@pytest.mark.parametrize("bound", [0.05, 0.7, 2.0])
def test_truncated_latents_are_of_the_truncated_normal_distribution(bound):
    values = latents_of(2000, 20, 1, bound)
    assert values.dtype == np.float32 and np.abs(values).max() <= np.float32(bound)
    expected = truncnorm(-bound, bound)
    assert values.std() == pytest.approx(expected.std(), rel=0.01)
    for share in (0.1, 0.5, 0.9):
        assert np.quantile(values, share) == pytest.approx(expected.ppf(share), abs=0.02 * bound)


def test_a_bound_far_outside_changes_nothing_but_the_draw():
    values = latents_of(2000, 20, 1, 1e6)
    assert np.isfinite(values).all() and values.std() == pytest.approx(1, abs=0.01)


def test_the_arc_between_two_latents():
    first, second = np.array([3.0, 0.0]), np.array([0.0, 3.0])
    np.testing.assert_allclose(spherical(first, second, 0.5), 3 * np.sqrt([0.5, 0.5]), rtol=1e-6)
    np.testing.assert_allclose(spherical(first, second, 1 / 3), 3 * np.array([np.sqrt(0.75), 0.5]), rtol=1e-6)
    # On one line there is no arc.
    np.testing.assert_allclose(spherical(first, 2 * first, 0.5), 1.5 * first)
    np.testing.assert_allclose(spherical(first, -first, 0.25), 0.5 * first)


def test_a_loop_passes_its_stops_and_comes_back():
    stops = fixed_latents(3 * 2, 50, 1).reshape(3, 2, 50)
    loop = np.stack(list(spherical_loop(stops, 30)))
    assert loop.shape == (30, 2, 50) and loop.dtype == np.float32
    np.testing.assert_allclose(loop[[0, 10, 20]], stops, atol=1e-6)
    steps = np.linalg.norm(np.roll(loop, -1, axis=0) - loop, axis=-1)
    assert steps.max() < 2 * steps.min(), "as far from the last frame to the first as anywhere"
    lengths, ends = np.linalg.norm(loop, axis=-1), np.linalg.norm(stops, axis=-1)
    assert lengths.min() > 0.9 * ends.min() and lengths.max() < 1.1 * ends.max()
