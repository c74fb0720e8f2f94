"""The shipped scores of real images against real images."""

import pytest

from tfgan_repro.data import load_pictures
from tfgan_repro.metrics import floors
from tfgan_repro.metrics.embedded import EmbeddedExtractor
from tfgan_repro.metrics.score import Reference


def test_every_entry_says_what_it_is_of():
    table = floors.shipped_floors()
    assert len(table) > 5
    for entry in table.values():
        assert {"results", "dataset", "split", "images", "seed", "extractor", "weights_sha256", "layer"} <= set(entry)
        assert all(isinstance(result["value"], float) for result in entry["results"].values())


def test_a_shipped_floor_is_what_would_be_computed(cifar10_dir, monkeypatch):
    """And its second set of images is never looked at."""
    test, train = (load_pictures("cifar10", split, str(cifar10_dir)) for split in ("test", "train"))
    extractor = EmbeddedExtractor()
    shipped = Reference(extractor, test, 1000, train, seed=2)
    assert shipped._baseline_features is None
    monkeypatch.setattr(floors, "shipped_floors", dict)
    computed = Reference(extractor, test, 1000, train, seed=2)
    assert computed._baseline_features is not None
    assert shipped.real_vs_real == pytest.approx(computed.real_vs_real, rel=1e-4)
