"""Pictures that need a run's generator."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
from conftest import tiny_config

from tfgan_repro.data.pictures import Pictures
from tfgan_repro.report.grids import read_png
from tfgan_repro.sampling import run_pictures
from tfgan_repro.sampling.run_pictures import (
    LeftOut,
    attention,
    class_rows,
    interpolations,
    make_pictures,
    nearest_pixels,
    needs_pictures,
    weights_hash,
)


def is_due(run):
    return needs_pictures(run, weights_hash(run))


def test_the_nearest_training_image_is_found_across_chunks(monkeypatch):
    monkeypatch.setattr(run_pictures, "CHUNK", 7)
    training = np.random.default_rng(0).integers(0, 256, (30, 4, 4, 3), dtype=np.uint8)
    places, distances = nearest_pixels(training[[20, 3]] ^ 1, Pictures("noise", "train", training))
    assert places.tolist() == [20, 3]
    np.testing.assert_allclose(distances, 48.0, rtol=1e-5)


def test_attention_is_shown_and_how_strong_it_is(conditional_checkpoint):
    picture, alternative, caption = attention(conditional_checkpoint)
    assert picture.shape[0] == 5 * 130 + 2 + 40 and picture.shape[1] > 6 * 130 + 2
    assert "5 points marked" in alternative and "multiplied by" in caption


def test_a_row_a_class_is_named(conditional_checkpoint):
    picture, alternative, caption = class_rows(conditional_checkpoint)
    assert picture.shape[1] > picture.shape[0] * 8 / 3
    assert "cats, dogs, newts" in alternative and "cats, dogs, newts" in caption


def test_interpolations_pass_from_the_left_to_the_right(conditional_checkpoint):
    picture, alternative, _ = interpolations(conditional_checkpoint)
    assert "5 rows of 8 generated images" in alternative
    rows = np.array_split(picture.astype(int), 5)
    for row in rows:
        columns = [part.mean(axis=(0, 1)) for part in np.array_split(row, 8, axis=1)]
        neighbours = [np.abs(first - second).mean() for first, second in zip(columns, columns[1:])]
        assert max(neighbours) < 3 * np.abs(columns[-1] - columns[0]).mean() + 30


def test_a_run_gets_its_pictures_once_and_reasons_for_the_others(tiny_run, tmp_path):
    run = shutil.copytree(tiny_run.path, tmp_path / "run")  # other tests look at what the shared one holds
    assert is_due(run)
    make_pictures(run)
    written = (run / "report" / "pictures.json").stat().st_mtime_ns
    make_pictures(run)
    assert not is_due(run) and (run / "report" / "pictures.json").stat().st_mtime_ns == written
    facts = json.loads((run / "report" / "pictures.json").read_text())
    assert [entry["file"] for entry in facts["pictures"]] == ["interpolations.png", "nearest.png"]
    assert read_png(run / "report" / "nearest.png").shape == (2 * (2 * 34 + 2), 2 * (8 * 34 + 2), 3)
    reasons = {entry["title"]: entry["why"] for entry in facts["left_out"]}
    assert reasons["A row a class"] == "the generator is unconditional"
    assert reasons["Where attention looks"] == "the generator has no self-attention"


def test_pictures_that_wait_for_the_data_are_made_once_these_are_back(tiny_run, tmp_path, monkeypatch):
    run = shutil.copytree(tiny_run.path, tmp_path / "run")
    monkeypatch.setattr(run_pictures, "is_at_hand", lambda name, data_dir: False)
    make_pictures(run)
    assert not is_due(run)
    monkeypatch.undo()
    assert is_due(run)
    make_pictures(run)
    assert not is_due(run)
    assert (run / "report" / "nearest.png").is_file()


def test_a_set_that_is_not_here_is_not_downloaded(conditional_checkpoint, tmp_path):
    config = tiny_config(dataset="celeb_a", data_dir=str(tmp_path))
    with pytest.raises(LeftOut, match="celeb_a is not on this machine"):
        run_pictures.nearest_training_images(dataclasses.replace(conditional_checkpoint, config=config))
