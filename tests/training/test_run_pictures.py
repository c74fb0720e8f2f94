"""Pictures that need a run's generator."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import tiny_config

from tfgan_repro.data.pictures import Pictures
from tfgan_repro.models.sagan import SAGAN
from tfgan_repro.report.grids import read_png
from tfgan_repro.training import pictures
from tfgan_repro.training.pictures import (
    LeftOut,
    attention_maps,
    class_rows,
    lit,
    make_pictures,
    nearest_pixels,
    needs_pictures,
    spherical,
)

CLASSES = {"cats": 3, "dogs": 3, "newts": 4}


@pytest.fixture(scope="module")
def conditional():
    """What is known of an untrained conditional generator with attention."""
    generator = SAGAN((32, 32, 3), num_classes=3, width=0.125, latent_dim=8).generator
    return SimpleNamespace(generator=generator, classes=CLASSES, config=SimpleNamespace(latent_dim=8))


def test_an_interpolation_keeps_the_length_and_turns_evenly():
    first, last = np.array([3.0, 0.0], np.float32), np.array([0.0, 3.0], np.float32)
    way = spherical(first, last, 4)
    np.testing.assert_allclose(np.linalg.norm(way, axis=1), 3.0, rtol=1e-6)
    np.testing.assert_allclose(np.degrees(np.arctan2(way[:, 1], way[:, 0])), [0, 30, 60, 90], atol=1e-4)
    np.testing.assert_array_equal(spherical(first, first, 3), np.stack([first] * 3))


def test_the_nearest_training_image_is_found_across_chunks(monkeypatch):
    monkeypatch.setattr(pictures, "CHUNK", 7)
    training = np.random.default_rng(0).integers(0, 256, (30, 4, 4, 3), dtype=np.uint8)
    places, distances = nearest_pixels(training[[20, 3]] ^ 1, Pictures("noise", "train", training))
    assert places.tolist() == [20, 3]
    np.testing.assert_allclose(distances, 48.0, rtol=1e-5)


def test_attention_maps_show_a_row_an_image_and_say_how_strong_they_are(conditional):
    picture, alternative, caption = attention_maps(conditional)
    assert picture.shape == (5 * 98 + 2, 4 * 98 + 2, 3)
    assert "3 places marked" in alternative and "8x8 places" in caption and "times 0.000" in caption


def test_light_falls_where_the_weights_are():
    image = np.full((96, 96, 3), 200, np.uint8)
    weights = np.zeros((8, 8), np.float32)
    weights[0, 7] = 0.5
    shown = lit(image, weights)
    assert shown[4, 90].min() > 180 and shown[80, 10].max() < 30


def test_a_row_a_class_is_named(conditional):
    picture, alternative, caption = class_rows(conditional)
    assert picture.shape[0] == 3 * 34 + 2 and picture.shape[1] > 8 * 34 + 2 + 20
    assert "cats, dogs, newts" in alternative and "cats, dogs, newts" in caption


def test_a_run_gets_its_pictures_once_and_reasons_for_the_others(tiny_run):
    assert needs_pictures(tiny_run.path)
    assert make_pictures(tiny_run.path) and not make_pictures(tiny_run.path)
    facts = json.loads((tiny_run.path / "report" / "pictures.json").read_text())
    assert [entry["file"] for entry in facts["pictures"]] == ["interpolations.png", "nearest.png"]
    assert read_png(tiny_run.path / "report" / "nearest.png").shape == (2 * (2 * 34 + 2), 2 * (8 * 34 + 2), 3)
    reasons = {entry["title"]: entry["why"] for entry in facts["left_out"]}
    assert reasons["A row a class"] == "the generator is not told a class"
    assert reasons["Where attention looks"] == "the generator has no self-attention"


def test_a_set_that_is_not_here_is_not_downloaded(conditional, tmp_path):
    conditional.config = tiny_config(dataset="celeb_a", data_dir=str(tmp_path))
    with pytest.raises(LeftOut, match="celeb_a is not on this machine"):
        pictures.nearest_training_images(conditional)
