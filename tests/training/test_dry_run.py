"""What a run would be and cost, without anything left behind."""

import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import tiny_config

from tfgan_repro.config import TrainConfig
from tfgan_repro.data.pictures import Pictures
from tfgan_repro.errors import UserError
from tfgan_repro.runs.directory import RunDirectory
from tfgan_repro.training import dry_run
from tfgan_repro.training.session import TrainingSession, find_run


def test_a_dry_run_describes_and_leaves_nothing(command, tmp_path):
    words = ("train.py", "--dry-run", "--model", "sndcgan", "--width", "0.0625", "--discriminator-steps", "2")
    done = command(*words, "--batch-size", "8", "--epochs", "2")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    names = [line.split("  ")[0] for line in done.stdout.splitlines()[:4]]
    assert names == ["seconds a step", "hours in all", "memory", "parameters"]
    for text in ("2,500 steps", "generator ", "(None, 32, 32, 4)", "GFLOP", "20,000 training", "discriminator_steps 2"):
        assert text in done.stdout, text
    assert "latent_dim 128" not in done.stdout  # the recipe's
    assert {path.name for path in tmp_path.iterdir()} <= {"cache", "keras"}


def test_a_dry_run_in_json_has_everything(command):
    done = command("train.py", "--dry-run", "--json", "--width", "0.125", "--batch-size", "8")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["config"]["width"] == 0.125 == facts["differs_from_recipe"]["width"]
    assert facts["hours"] == pytest.approx(facts["seconds_per_step"] * facts["config"]["steps"] / 3600)
    assert facts["parameters"].keys() == {"generator", "discriminator"} and facts["memory_bytes"] > 1e8


def test_a_dry_run_of_a_run_is_of_its_own_choices(command, tiny_run):
    before = {path: path.stat().st_mtime_ns for path in tiny_run.path.rglob("*")}
    done = command("train.py", "--resume", tiny_run.path, "--steps", "7", "--dry-run", "--json")
    assert done.returncode == 0 and done.stderr == "", done.stderr
    own = json.loads(tiny_run.config.read_text())["config"]
    facts = json.loads(done.stdout)
    assert facts["config"] == {**own, "steps": 7}
    assert facts["hours"] == pytest.approx((7 - 4) * facts["seconds_per_step"] / 3600), "of the steps that are left"
    assert {path: path.stat().st_mtime_ns for path in tiny_run.path.rglob("*")} == before
    done = command("train.py", "--resume", "gone", "--dry-run")
    assert (done.returncode, done.stderr) == (2, "error: no such run directory: gone\n")


@pytest.fixture
def untrained(monkeypatch):
    """Training a step fails the test."""
    monkeypatch.setattr(TrainingSession, "fit", lambda *arguments: pytest.fail("trained"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"run_dir": "there"}, "there exists already"),
        ({"fid_every": 1, "fid_samples": 2001}, "a score of 2001 images needs as many from shapes; there are 2000"),
        ({"fid_every": 1, "extractor": "2015", "inception_weights": "gone.npz"}, "no Inception weights at .*gone.npz"),
        ({"from_": "there"}, "neither a run nor in one"),
        ({"from_": "bare"}, "no checkpoint of bare has a discriminator to it"),
        ({"from_": "run", "dataset": "mnist"}, "made for images .32, 32, 3., and these are .28, 28, 1"),
    ],
)
def test_what_the_run_would_refuse_is_refused_before_a_step(
    changes, message, untrained, tiny_run, tmp_path, monkeypatch
):
    grey = Pictures("mnist", "train", np.zeros((40, 28, 28, 1), np.uint8))
    if "dataset" in changes:
        monkeypatch.setattr("tfgan_repro.config.load_pictures", lambda *arguments: grey)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    (tmp_path / "run").symlink_to(tiny_run.path)
    shutil.copytree(tiny_run.path, "bare", ignore=shutil.ignore_patterns("step_*"))
    with pytest.raises(UserError, match=message):
        dry_run.dry_run(tiny_config(**{"extractor": "embedded", **changes}))


def test_what_the_run_would_not_go_on_with_is_refused_before_a_step(untrained, tiny_run, tmp_path):
    run = RunDirectory(shutil.copytree(tiny_run.path, tmp_path / "run"))
    with pytest.raises(UserError, match="--steps 3: .*run has made 4 already"):
        dry_run.dry_run(*reversed(find_run(run.path, {"steps": 3})))
    shutil.rmtree(run.checkpoints)
    with pytest.raises(UserError, match="its checkpoints are gone"):
        dry_run.dry_run(*reversed(find_run(run.path, {"steps": 9})))


@pytest.mark.parametrize(("seconds_a_step", "calls"), [(0.5, 6), (0.01, 101)])
def test_steps_are_timed_until_a_second_has_passed(seconds_a_step, calls, monkeypatch):
    timer, now = dry_run.StepTimer(), [0.0]
    monkeypatch.setattr(dry_run.time, "perf_counter", lambda: now[0])
    timer.set_model(SimpleNamespace(stop_training=False))
    timer.on_train_begin()
    made = 0
    while not timer.model.stop_training:
        now[0], made = now[0] + seconds_a_step * (100 if made == 0 else 1), made + 1
        timer.on_train_batch_end(made, {"d_loss": 0.5})
    assert abs(made - calls) <= 1 and timer.seconds == pytest.approx([seconds_a_step] * (made - 1))


def test_on_an_accelerator_its_own_memory_is_told():
    said = str(dry_run.DryRun(TrainConfig(), "pictures", 0.1, 10**9, 5 * 10**9, None, {}, ""))
    assert "1.0 GB, and 5.0 GB of the device's" in said and "a step costs    not known here" in said
    said = str(dry_run.DryRun(TrainConfig(), "pictures", 0.1, 10**9, 0, 2e9, {}, ""))
    assert "1.0 GB\n" in said and "a step costs    2 GFLOP" in said
