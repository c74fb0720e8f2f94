import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.diversity import vendi_score

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("copies", [1, 3, 20])
def test_vendi_counts_images_that_have_nothing_in_common(copies):
    """`copies` of each of five orthogonal vectors: five eigenvalues of 1 / 5, however long the vectors are."""
    features = np.repeat(np.eye(5, 9), copies, axis=0) * RANDOM.uniform(1, 9, (5 * copies, 1))
    assert vendi_score(features) == pytest.approx(5, rel=1e-9)


def test_vendi_of_copies_is_one():
    assert vendi_score(np.tile([[1.0, 2.0, 3.0]], (10, 1))) == pytest.approx(1, rel=1e-9)


def test_vendi_of_two_images_has_its_closed_form():
    """The kernel [[1, c], [c, 1]] / 2 has the eigenvalues (1 + c) / 2 and (1 - c) / 2."""
    angle = 0.7
    features = np.array([[1.0, 0.0], [np.cos(angle), np.sin(angle)]])
    shares = (1 + np.cos(angle) * np.array([1, -1])) / 2
    assert vendi_score(features) == pytest.approx(np.exp(-np.sum(shares * np.log(shares))), rel=1e-12)


def test_vendi_does_not_depend_on_which_product_is_smaller():
    features = RANDOM.normal(size=(12, 7))
    padded = np.pad(features, [(0, 0), (0, 20)])
    assert vendi_score(features) == pytest.approx(vendi_score(padded), rel=1e-9)


def test_vendi_takes_an_image_without_features_for_one_like_no_other():
    assert vendi_score(np.zeros((4, 3))) == pytest.approx(4)
    assert vendi_score(np.array([[1.0, 0.0], [0.0, 0.0]])) == pytest.approx(2)


def test_damaged_features_are_refused():
    with pytest.raises(UserError, match="NaN"):
        vendi_score(np.full((3, 2), np.nan))
