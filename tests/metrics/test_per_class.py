import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.frechet import feature_distance
from tfgan_repro.metrics.per_class import per_class_distances

RANDOM = np.random.default_rng(0)


def test_each_class_is_compared_with_its_own():
    generated, real = RANDOM.normal(size=(40, 3)), RANDOM.normal(size=(60, 3))
    ours, theirs = np.arange(40) % 2 + 3, np.arange(60) % 2 + 3
    generated[ours == 4] += 10
    distances = per_class_distances(generated, ours, real, theirs)
    assert list(distances) == [3, 4]
    for label, distance in distances.items():
        assert distance == pytest.approx(feature_distance(generated[ours == label], real[theirs == label]), rel=1e-12)
    assert distances[4] > 250 > 5 > distances[3]


@pytest.mark.parametrize(
    ("labels", "message"),
    [([0, 0, 0], "do not fit 4 images"), ([0, 0, 0, 1], "class 1 has 1 generated and 0 real images")],
)
def test_labels_that_cannot_be_compared_are_refused(labels, message):
    features = RANDOM.normal(size=(4, 2))
    with pytest.raises(UserError, match=message):
        per_class_distances(features, labels, features, [0, 0, 0, 0])
