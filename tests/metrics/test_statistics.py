import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.statistics import FeatureStatistics, Gaussian, checked_features


def summed(features, cuts=(), dimension=None):
    statistics = FeatureStatistics(dimension or features.shape[1])
    for batch in np.split(features, cuts):
        statistics.update(batch)
    return statistics


@pytest.fixture(params=[5, 6, 7, 40], ids=lambda count: f"{count} images of 6 features")
def features(request):
    # A large common offset, which naive sums of squares would lose digits to.
    return np.random.default_rng(0).normal(size=(request.param, 6)) + 1000


def test_mean_and_covariance_are_those_of_all_images_at_once(features):
    statistics = summed(features, cuts=(1, 4)).gaussian()
    np.testing.assert_allclose(statistics.mean, features.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(statistics.covariance, np.cov(features, rowvar=False), rtol=1e-9, atol=1e-12)


def test_batches_and_order_do_not_matter(features):
    one = summed(features).gaussian().covariance
    for other in (summed(features, cuts=(2, 3)), summed(features[::-1], cuts=(4,))):
        np.testing.assert_allclose(other.gaussian().covariance, one, rtol=1e-9, atol=1e-10)


def test_left_out_images_are_as_if_never_added():
    features = np.random.default_rng(2).normal(size=(50, 6)) + 10
    part = summed(features).without(features[10:20]).gaussian()
    rest = np.delete(features, np.s_[10:20], axis=0)
    np.testing.assert_allclose(part.mean, rest.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(part.covariance, np.cov(rest, rowvar=False), rtol=1e-10, atol=1e-12)


def test_memory_does_not_grow_with_the_count():
    statistics = FeatureStatistics(4)
    for _ in range(100):
        statistics.update(np.random.default_rng(0).normal(size=(64, 4)))
    arrays = [value for value in vars(statistics).values() if isinstance(value, np.ndarray)]
    assert statistics.kept == [] and sum(array.size for array in arrays) == 4 + 4 + 16


def test_the_factor_of_a_singular_covariance_gives_it_back():
    rows = np.random.default_rng(3).normal(size=(3, 8))
    gaussian = Gaussian.of_moments(np.zeros(8), rows.T @ rows)
    assert len(gaussian.factor) == 3
    np.testing.assert_allclose(gaussian.factor.T @ gaussian.factor, rows.T @ rows, atol=1e-12)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_features_that_are_no_numbers_are_refused(value):
    features = np.zeros((4, 3))
    features[2, 1] = value
    with pytest.raises(UserError, match="NaN or infinity"):
        FeatureStatistics(3).update(features)


def test_other_dimensions_are_refused():
    with pytest.raises(UserError, match="different dimensions.*4 and 3"):
        FeatureStatistics(3).update(np.zeros((2, 4)))


@pytest.mark.parametrize("features", [[["a", "b"]] * 3, [[1.0, 2.0], [3.0]], np.ones((3, 2)) + 1j])
def test_what_is_no_array_of_numbers_is_refused(features):
    with pytest.raises(UserError, match=r"features: expected numbers \[count, dimension\]: "):
        checked_features(features)


def test_what_is_no_array_has_no_gaussian():
    with pytest.raises(UserError, match=r"expected \[count, dimension\], received shape \(\)"):
        Gaussian.of_features(None)


def test_fewer_than_two_images_have_no_covariance():
    with pytest.raises(UserError, match="at least 2 images, not 0"):
        FeatureStatistics(3).gaussian()
    with pytest.raises(UserError, match="at least 2 images, not 1"):
        FeatureStatistics(3).update(np.zeros((1, 3))).gaussian()


@pytest.mark.parametrize(
    ("mean", "covariance", "message"),
    [
        (np.zeros(3), np.eye(2), "do not fit"),
        (np.zeros(2), np.array([[1, 0.5], [0, 1]]), "not symmetric"),
        (np.zeros(2), np.full((2, 2), np.nan), "NaN"),
    ],
)
def test_moments_that_are_none_are_refused(mean, covariance, message):
    with pytest.raises(UserError, match=message):
        Gaussian.of_moments(mean, covariance)


def test_a_covariance_with_negative_variance_is_refused():
    with pytest.raises(UserError, match="negative eigenvalue"):
        Gaussian.of_moments(np.zeros(2), np.diag([1.0, -1.0])).factor
