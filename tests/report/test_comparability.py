"""Which runs are one training over seeds, and in which experiments they count."""

import json

import pytest
from made_runs import make_run

from tfgan_repro.experiments.experiment import Order
from tfgan_repro.experiments.presets import EXPERIMENTS
from tfgan_repro.report.comparability import differences, group_runs, members, overrides, seeds_of
from tfgan_repro.report.runs import find_runs
from tfgan_repro.report.summary import summarise

BASELINES = {
    "adam-vs-sgd:adam", "batchnorm-separate-vs-joint:separate", "leaky-vs-relu:leaky", "lr-ratio-1-vs-2-vs-4:ratio-2",
    "reused-vs-fresh-latents:reused", "saturating-vs-nonsaturating:non-saturating", "stride-vs-pooling:stride",
}  # fmt: skip


def make(folder, name, variant="adam", experiment="adam-vs-sgd", overrides=None, **config):
    said = {"name": experiment, "variant": variant, "overrides": overrides or {}}
    return make_run(folder, name, {10: 1.0}, said, {"seed": 0, **config})


def test_a_run_counts_in_every_experiment_with_its_choices(tmp_path):
    make(tmp_path, "a")
    groups = group_runs(find_runs(tmp_path))
    assert groups.keys() == BASELINES
    assert all(run.borrowed_from == "adam-vs-sgd:adam" for name, (run,) in groups.items() if name != "adam-vs-sgd:adam")
    assert groups["leaky-vs-relu:leaky"][0].experiment["variant"] == "leaky"
    summary = summarise(find_runs(tmp_path), {})
    assert len(summary["runs"]) == 1 and len(summary["groups"]) == 7


def test_an_experiments_own_run_comes_before_a_borrowed_one(tmp_path):
    make(tmp_path, "a")
    make(tmp_path, "b", "leaky", "leaky-vs-relu")
    (run,) = group_runs(find_runs(tmp_path))["leaky-vs-relu:leaky"]
    assert run.borrowed_from is None and run.name == "b"


def test_runs_on_other_pictures_are_not_borrowed(tmp_path):
    make(tmp_path, "a", overrides={"dataset": "mnist"})
    assert group_runs(find_runs(tmp_path)).keys() == {"adam-vs-sgd:adam"}


def test_runs_with_different_choices_are_groups_of_their_own(tmp_path):
    make(tmp_path, "a", "sgd", overrides={"width": 0.25})
    make(tmp_path, "b", "sgd", overrides={"width": 0.25}, seed=1)
    make(tmp_path, "c", "sgd", seed=2)
    groups = group_runs(find_runs(tmp_path))
    assert {name: len(runs) for name, runs in groups.items()} == {
        "adam-vs-sgd:sgd, width 0.25": 2,
        "adam-vs-sgd:sgd, width 0.5": 1,
    }
    assert sorted(map(len, members("adam-vs-sgd:sgd", groups))) == [1, 2]


def test_a_run_that_is_only_called_like_an_experiment_says_nothing_of_its_claims(tmp_path):
    for name in ("mnist-dcgan", "mnist-dcgan, wide", "mnist-dcgan:dcgan"):
        make_run(tmp_path, name, {10: 1.0})
    runs = find_runs(tmp_path)
    assert members("mnist-dcgan", group_runs(runs)) == members("mnist-dcgan:dcgan", group_runs(runs)) == []
    (facts,) = summarise(runs, {"mnist-dcgan": EXPERIMENTS["mnist-dcgan"]})["experiments"]
    assert facts["finished_runs"] == 0 and {verdict["word"] for verdict in facts["verdicts"]} == {"not run"}


def test_scores_places_and_machines_are_no_part_of_a_training(tmp_path):
    scores, machine = {"fid_every": 7, "extractor": "2015"}, {"precision": "bfloat16", "run_dir": "x"}
    for number, config in enumerate(({}, scores, machine)):
        make(tmp_path, f"run-{number}", "sgd", **config)
    (runs,) = group_runs(find_runs(tmp_path)).values()
    assert len(runs) == 3 and [run.name for run in seeds_of(runs)] == ["run-0"]


def test_overrides_are_seen_against_the_experiment_as_it_is_today(tmp_path):
    # The run was made when the experiment had another batch: nothing was overridden then.
    path = make(tmp_path, "a", "sgd", batch_size=32)
    assert json.loads((path / "config.json").read_text())["experiment"]["overrides"] == {}
    (runs,) = group_runs(find_runs(tmp_path)).values()
    assert overrides(runs) == {"batch_size": (32, 128), "steps": (10, 3000)}


@pytest.mark.parametrize(
    ("changed", "said"),
    [({}, ""), ({"flip": True}, "flip False against True"), ({"momentum": 0.5}, "momentum 0.0 against 0.5")],
)
def test_two_trainings_may_differ_in_what_a_claim_is_about(changed, said, tmp_path):
    make(tmp_path, "a")
    make(tmp_path, "b", "sgd", overrides=changed)
    groups = group_runs(find_runs(tmp_path))
    claim = Order("adam-vs-sgd:adam", "adam-vs-sgd:sgd", "better")
    found = differences(claim, groups["adam-vs-sgd:adam"], groups["adam-vs-sgd:sgd"])
    assert (said in found) if said else found == ""


def test_a_run_of_another_version_is_read_with_its_own_values(tmp_path):
    path = make(tmp_path, "a", "dcgan", "mnist-dcgan")
    stored = json.loads((path / "config.json").read_text())
    stored["config"] |= {"loss": "a loss of tomorrow", "width": 0.125}
    (path / "config.json").write_text(json.dumps(stored))
    (run,) = find_runs(tmp_path)
    assert (run.choices["loss"], run.choices["width"]) == ("a loss of tomorrow", 0.125)
    (facts,) = summarise([run], {"mnist-dcgan": EXPERIMENTS["mnist-dcgan"]})["experiments"]
    assert "loss a loss of tomorrow (not non-saturating)" in facts["verdicts"][0]["why"]
