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
