"""Features of image sets, and their cache."""

import numpy as np
import pytest

from tfgan_repro.metrics.features import cache_directory, cached, extract
from tfgan_repro.metrics.images import ImageArray

REAL = ImageArray(np.random.default_rng(0).integers(0, 256, (60, 8, 8, 3), dtype=np.uint8), "noise", "test")


class Extractor:
    """The means of an image's rows, in batches; counts the sets that it was given."""

    dimension, has_logits, protocol = 8, True, {"extractor": "rows"}
    cache_key = protocol

    def __init__(self):
        self.sets = 0

    def outputs(self, images, progress=None):
        self.sets += 1
        for batch in images.batches(25):
            rows = batch.mean(axis=(2, 3)).astype(np.float32)
            yield {"features": rows, "logits": rows[:, :2]}


@pytest.fixture
def extractor():
    return Extractor()


def test_features_are_cached_by_content_and_protocol(extractor):
    first = cached(REAL, extractor)
    again = cached(ImageArray(REAL.images.copy(), "another name"), extractor)
    assert extractor.sets == 1
    np.testing.assert_array_equal(first.features, again.features)
    np.testing.assert_array_equal(first.logits, again.logits)
    cached(ImageArray(REAL.images[::-1], REAL.name), extractor)
    assert extractor.sets == 2
    assert len(list(cache_directory().iterdir())) == 2


def test_a_damaged_or_absent_cache_costs_only_time(extractor, tmp_path, monkeypatch):
    first = cached(REAL, extractor)
    (file,) = cache_directory().iterdir()
    file.write_bytes(file.read_bytes()[:1000])
    np.testing.assert_array_equal(cached(REAL, extractor).features, first.features)
    assert extractor.sets == 2
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    np.testing.assert_array_equal(cached(REAL, extractor).features, first.features)


def test_damage_of_an_odd_kind_costs_only_time(extractor):
    first = cached(REAL, extractor)
    (file,) = cache_directory().iterdir()
    content = bytearray(file.read_bytes())
    content[content.index(b"PK\x01\x02") + 10] = 99  # the method of compression
    file.write_bytes(content)
    np.testing.assert_array_equal(cached(REAL, extractor).features, first.features)


def test_statistics_alone_give_the_same_distance(extractor):
    streamed, kept = cached(REAL, extractor, keep=False), extract(REAL, extractor)
    assert streamed.features is None and streamed.count == 60
    np.testing.assert_allclose(streamed.gaussian.covariance, kept.gaussian.covariance, rtol=1e-9, atol=1e-12)
    again = cached(REAL, extractor, keep=False)  # from the cache
    np.testing.assert_allclose(again.gaussian.mean, kept.gaussian.mean, rtol=1e-12)
