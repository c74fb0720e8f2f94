"""The shipped scores of real images against real images."""

import json

import pytest
from conftest import ROOT

from tfgan_repro.data import load_pictures
from tfgan_repro.files import read_json_lines
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
    assert "features" not in vars(shipped.baseline)
    monkeypatch.setattr(floors, "shipped_floors", dict)
    computed = Reference(extractor, test, 1000, train, seed=2)
    assert "features" in vars(computed.baseline)
    assert shipped.real_vs_real == pytest.approx(computed.real_vs_real, rel=1e-4)


def test_the_shipped_floor_is_the_one_of_the_kept_runs():
    """A kept score of another version says the same of real images, to the last digit that is printed."""
    table = {
        (entry["dataset"], entry["images"], entry["extractor"], entry["features"]): entry["results"]["FID"]["value"]
        for entry in floors.shipped_floors().values()
        if "FID" in entry["results"]
    }
    found = 0
    for file in (ROOT / "results").glob("*/evaluations.jsonl"):
        config = json.loads((file.parent / "config.json").read_text())
        if config["config"].get("image_size") is not None:
            continue  # other images than the set's own
        for row in read_json_lines(file):
            key = tuple(row.get(name) for name in ("dataset", "real_images", "extractor", "features"))
            if row["metric"] in ("FID-768", "FD-embedded", "FD-digits") and key in table:
                if (row["seed"], row["split"]) == (2, "test"):
                    assert row["real_vs_real"] == pytest.approx(table[key], rel=1e-6), file
                    found += 1
    if not found:
        pytest.skip("no kept run was scored by a protocol in the table")
