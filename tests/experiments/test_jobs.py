"""What is run for an experiment, and how far it has come, told from files only."""

import dataclasses

import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.choices import words_of
from tfgan_repro.experiments.jobs import plan
from tfgan_repro.files import append_json_line
from tfgan_repro.runs.directory import RunDirectory

TINY = {"steps": 2, "batch_size": 8}


def make_run(job, done, images=10, **changes):
    """The files that a training of a job has left after so many steps."""
    config = dataclasses.replace(job.config, precision="bfloat16", **changes)
    run = RunDirectory.create(config, (32, 32, 3), {})
    append_json_line(run.log, {"step": done})
    for index in range(images):
        (run.final_images / f"{index:02d}.png").touch()
    return run


def test_every_variant_comes_before_any_second_seed(tmp_path):
    jobs = plan(["lr-ratio-1-vs-2-vs-4", "mnist-dcgan"], 2, tmp_path, {})
    places = [job.run.path.relative_to(tmp_path).as_posix() for job in jobs]
    assert places[:4] == [
        "lr-ratio-1-vs-2-vs-4/ratio-1-seed0",
        "lr-ratio-1-vs-2-vs-4/ratio-2-seed0",
        "lr-ratio-1-vs-2-vs-4/ratio-4-seed0",
        "mnist-dcgan/dcgan-seed0",
    ]
    assert places[4:] == [place.replace("seed0", "seed1") for place in places[:4]]
    assert [job.config.seed for job in jobs] == [0] * 4 + [1] * 4
    assert not any(job.started or job.finished for job in jobs)


def test_one_variant_can_be_chosen_and_none_runs_twice(tmp_path):
    jobs = plan(["adam-vs-sgd:sgd", "adam-vs-sgd"], 1, tmp_path, {})
    assert [job.name for job in jobs] == ["adam-vs-sgd:sgd", "adam-vs-sgd:adam"]


def test_the_words_start_the_same_configuration_that_was_planned(tmp_path):
    from tfgan_repro.cli.train import build_parser as train_parser
    from tfgan_repro.experiments.selection import config_of

    choices = {**TINY, "flip": True, "attention": False, "dataset": "folder:my faces"}
    (job,) = plan(["anime-dcgan"], 1, tmp_path, choices)
    said = vars(train_parser().parse_args(job.words()))
    assert config_of({key: said[key] for key in said if key in job.config.to_json()}) == job.config
    assert words_of({"flip": False, "width": 0.5}) == ["--no-flip", "--width", "0.5"]


def test_what_may_change_is_said_to_a_run_that_goes_on(tmp_path):
    choices = {**TINY, "fid_every": 2}
    (job,) = plan(["mnist-dcgan"], 1, tmp_path, choices)
    make_run(job, 1)
    changed = {"wandb": True, "strategy": "none", "log_every": 50}
    (job,) = plan(["mnist-dcgan"], 1, tmp_path, {**choices, **changed})
    words = ["--resume", str(job.run.path), "--wandb", "--steps", "2", "--strategy", "none"]
    assert sorted(job.words()) == sorted(words)


def test_what_is_finished_what_is_interrupted_and_what_is_not_drawn(tmp_path):
    jobs = plan(["adam-vs-sgd", "mnist-dcgan"], 1, tmp_path, TINY)
    make_run(jobs[0], 2)
    make_run(jobs[1], 1)
    make_run(jobs[2], 2, images=4)
    again = plan(["adam-vs-sgd", "mnist-dcgan"], 1, tmp_path, TINY)
    assert [job.started for job in again] == [True] * 3
    assert [job.finished for job in again] == [True, False, False]
    assert again[1].words() == ["--resume", str(again[1].run.path), "--steps", "2"]


def test_a_log_that_is_ahead_of_the_last_checkpoint_is_not_the_end(tmp_path):
    (job,) = plan(["mnist-dcgan"], 1, tmp_path, TINY)
    run = make_run(job, 2)
    (run.checkpoints / "step_00000001").mkdir()
    assert not job.finished
    (run.checkpoints / "step_00000002").mkdir()
    assert job.finished


def test_what_experiments_have_in_common_is_trained_once(tmp_path):
    jobs = plan(["adam-vs-sgd", "leaky-vs-relu", "stride-vs-pooling"], 2, tmp_path, TINY)
    first = [job.name for job in jobs[:4]]
    assert first == ["adam-vs-sgd:adam", "adam-vs-sgd:sgd", "leaky-vs-relu:relu", "stride-vs-pooling:average-pooling"]
    assert [job.name for job in jobs[4:]] == first
    make_run(jobs[0], 2)
    # Trained for the one experiment yesterday, it is the other's run today; with other choices it is not.
    (job, *_) = plan(["leaky-vs-relu:leaky"], 1, tmp_path, TINY)
    assert job.name == "adam-vs-sgd:adam" and job.finished
    (job, *_) = plan(["leaky-vs-relu:leaky"], 1, tmp_path, {**TINY, "batch_size": 16})
    assert job.name == "leaky-vs-relu:leaky" and not job.started


def test_trainings_that_an_override_makes_different_are_both_made(tmp_path):
    """The one leaves the slope to the recipe, where the model has another; the other has chosen it."""
    jobs = plan(["adam-vs-sgd:adam", "leaky-vs-relu:leaky"], 1, tmp_path, {**TINY, "model": "sndcgan"})
    assert [(job.name, job.config.leaky_slope) for job in jobs] == [
        ("adam-vs-sgd:adam", 0.1),
        ("leaky-vs-relu:leaky", 0.2),
    ]


def test_more_steps_go_on_and_other_choices_are_refused(tmp_path):
    (job,) = plan(["mnist-dcgan"], 1, tmp_path, TINY)
    make_run(job, 2)
    (longer,) = plan(["mnist-dcgan"], 1, tmp_path, {**TINY, "steps": 5})
    assert longer.started and not longer.finished
    with pytest.raises(UserError, match="is a run with batch_size 8, not 16; choose other --results-dir"):
        plan(["mnist-dcgan"], 1, tmp_path, {"steps": 2, "batch_size": 16})
    with pytest.raises(UserError, match="is a run of 2 steps, more than --steps 1"):
        plan(["mnist-dcgan"], 1, tmp_path, {**TINY, "steps": 1})


def test_a_folder_is_the_same_by_whatever_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    choices = {**TINY, "dataset": "folder:faces"}
    (job,) = plan(["anime-dcgan"], 1, "results", choices)
    # As a session writes it down.
    make_run(job, 2, dataset=f"folder:{tmp_path / 'faces'}")
    (again,) = plan(["anime-dcgan"], 1, "results", choices)
    assert again.finished
    with pytest.raises(UserError, match="is a run with dataset folder:.*faces, not folder:others"):
        plan(["anime-dcgan"], 1, "results", {**choices, "dataset": "folder:others"})


@pytest.mark.parametrize(
    ("names", "choices", "message"),
    [
        (["mnist-dcgn"], {}, "unknown experiment 'mnist-dcgn'; did you mean mnist-dcgan"),
        (["adam-vs-sgd:rms"], {}, "unknown variant of adam-vs-sgd"),
        (["anime-dcgan"], {}, "needs pictures of yours"),
        (["mnist-dcgan"], {"batch_size": 1}, "--batch-size 1: must be at least 2"),
    ],
)
def test_mistakes_are_told_before_anything_runs(names, choices, message, tmp_path):
    with pytest.raises(UserError, match=message):
        plan(names, 1, tmp_path, choices)
    assert list(tmp_path.iterdir()) == []
