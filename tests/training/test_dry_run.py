"""What a run would be and cost, without anything left behind."""

import json

import pytest


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
    assert json.loads(done.stdout)["config"] == {**own, "steps": 7}
    assert {path: path.stat().st_mtime_ns for path in tiny_run.path.rglob("*")} == before
    done = command("train.py", "--resume", "gone", "--dry-run")
    assert (done.returncode, done.stderr) == (2, "error: no such run directory: gone\n")
