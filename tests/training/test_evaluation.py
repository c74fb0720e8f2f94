"""Scores of a run, from its checkpoint."""

import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.files import read_json_lines
from tfgan_repro.training.evaluation import evaluate, find_checkpoint


def test_the_ways_to_name_a_checkpoint(tiny_run):
    for path, step in (
        (tiny_run.path, 4),
        (tiny_run.generator_weights, 4),
        *((path, int(path.name[5:])) for path in tiny_run.checkpoints.iterdir()),
    ):
        run, weights, found = find_checkpoint(path)
        assert run.path.samefile(tiny_run.path) and weights.is_file() and found == step


def test_what_is_no_checkpoint_is_refused(tmp_path):
    with pytest.raises(UserError, match="no such checkpoint: .*gone"):
        find_checkpoint(tmp_path / "gone")
    with pytest.raises(UserError, match="is no checkpoint: no config.json of a run lies with it"):
        find_checkpoint(tmp_path)


def test_a_score_after_training_is_the_one_during_it(tiny_run):
    """The same latents against the same real images: what was logged at the last step comes out again."""
    logged = [row for row in read_json_lines(tiny_run.evaluations) if row.get("during_training")][-1]
    rows = evaluate(tiny_run.path, 50, "test", "embedded", seed=2)
    assert [row["metric"] for row in rows] == ["FD-embedded"]
    assert rows[0]["value"] == pytest.approx(logged["value"], rel=1e-3)
    assert rows[0]["weights_sha256"] == logged["weights_sha256"]
    assert read_json_lines(tiny_run.evaluations)[-1] == rows[0] | {"interval": list(rows[0]["interval"])}


def test_a_seed_repeats_a_score(tiny_run):
    first, second, other = (evaluate(tiny_run.path, 20, "test", "embedded", seed=seed)[0] for seed in (5, 5, 6))
    assert first["value"] == second["value"] != other["value"]


def test_splits_change_sides(tiny_run):
    test, train = (evaluate(tiny_run.path, 20, split, "embedded")[0] for split in ("test", "train"))
    assert (test["split"], train["split"]) == ("test", "train")
    assert test["real_vs_real"] == pytest.approx(train["real_vs_real"], rel=1e-9)


def test_more_images_than_there_are_is_refused(tiny_run):
    with pytest.raises(UserError, match="there are"):
        evaluate(tiny_run.path, 10**6, "test", "embedded")
