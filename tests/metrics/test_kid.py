import numpy as np
import pytest
from recorded import RECORDED

from tfgan_repro.errors import UserError
from tfgan_repro.metrics import kid
from tfgan_repro.metrics.features import FeatureSet
from tfgan_repro.metrics.kid import kernel_distance, kernel_distance_subsets


def by_definition(x, y):
    def kernel(a, b):
        return (a @ b.T / a.shape[1] + 1) ** 3

    n, m = len(x), len(y)
    xx, yy = kernel(x, x), kernel(y, y)
    within = (xx.sum() - np.trace(xx)) / (n * (n - 1)) + (yy.sum() - np.trace(yy)) / (m * (m - 1))
    return within - 2 * kernel(x, y).mean()


@pytest.mark.parametrize("block", [1, 7, 64, 1000])
def test_blocks_of_any_size_give_the_definition(block, monkeypatch):
    monkeypatch.setattr(kid, "BLOCK", block)
    random = np.random.default_rng(0)
    x, y = random.normal(size=(60, 8)), random.normal(size=(45, 8)) + 0.2
    assert kernel_distance(x, y) == pytest.approx(by_definition(x, y), rel=1e-12)
    assert kernel_distance(x[::-1], y[::-1]) == pytest.approx(kernel_distance(x, y), rel=1e-12)


def test_torch_fidelity_gets_the_same():
    x, y = RECORDED.arrays
    expected = RECORDED["metric/kernel_inception_distance_mean"]
    assert kernel_distance(x, y) == pytest.approx(expected, rel=1e-12)
    # A subset as large as both sets is the whole, once.
    np.testing.assert_allclose(kernel_distance_subsets(x, y), [expected], rtol=1e-12)


def test_equal_distributions_are_zero_on_average_at_any_count():
    random = np.random.default_rng(1)
    values = [kernel_distance(*random.normal(size=(2, 12, 4))) for _ in range(400)]
    assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(len(values))
    assert min(values) < 0 < max(values)


def test_subsets_are_seeded_and_centre_on_the_full_value():
    random = np.random.default_rng(2)
    x, y = random.normal(size=(400, 8)), random.normal(size=(300, 8)) + 0.3
    values = kernel_distance_subsets(x, y, subset_size=100, seed=5)
    assert values.shape == (100,)
    np.testing.assert_array_equal(values, kernel_distance_subsets(x, y, subset_size=100, seed=5))
    assert (values != kernel_distance_subsets(x, y, subset_size=100, seed=6)).all()
    assert values.mean() == pytest.approx(kernel_distance(x, y), abs=4 * values.std() / 10)


@pytest.mark.parametrize(("counts", "has"), [((60, 60), "interval"), ((60, 80), "standard_deviation")])
def test_an_interval_is_given_where_the_value_is_that_of_all_pairs(counts, has):
    random = np.random.default_rng(4)
    sides = [FeatureSet(count, random.normal(size=(count, 3))) for count in counts]
    row = {**kid.KID.compute(*sides, 0)["KID"], **kid.KID.details(*sides, 0)["KID"]}
    assert [name for name in ("interval", "standard_deviation") if row.get(name)] == [has]


def test_one_image_is_refused():
    with pytest.raises(UserError, match="real features: 1 image, but the metric needs at least 2"):
        kernel_distance(np.zeros((3, 2)), np.zeros((1, 2)))
    with pytest.raises(UserError, match="subsets 0: must be a whole number from 1 on"):
        kernel_distance_subsets(np.zeros((3, 2)), np.zeros((4, 2)), subsets=0)
