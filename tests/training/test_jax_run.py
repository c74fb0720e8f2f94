"""Runs on JAX: the same run directory, exact resumption, weights for the other backend, several devices."""

import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from conftest import PYTHON_PATH, ROOT, tiny_config
from killing import differences, words

from tfgan_repro.data import load_pictures
from tfgan_repro.files import read_json_lines
from tfgan_repro.report.grids import read_png
from tfgan_repro.training.session import train
from tfgan_repro.runs.directory import RunDirectory

pytestmark = pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed")

SIZE = ("--batch-size", 8, "--width", 0.0625, "--log-every", 5, "--checkpoint-every", 10, "--dataset", "shapes")
SCORED = ("--fid-every", 10, "--fid-samples", 50, "--extractor", "embedded")
# So that pictures are not just grey.
LARGE_STEPS = {"generator_learning_rate": 0.01}
# What has a state of its own.
STATEFUL = (
    *("--dropout", 0.2, "--instance-noise", 0.1, "--ema-half-life", 100, "--ema-start", 3),
    *("--flip", "--dequantize"),
)


# Few steps are made, so that the compiler's efforts would cost more than they save.
JAX = {"KERAS_BACKEND": "jax", "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}


def run_jax(command, script, *words, **environment):
    done = command(script, *words, timeout=1800, **JAX, **environment)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def jax_run(tmp_path_factory):
    """A scored run of 20 steps on JAX, to be read only."""
    folder = tmp_path_factory.mktemp("jax")
    choices = ("--steps", 20, "--precision", "float32", *words(LARGE_STEPS), "--run-dir", folder / "run")
    program = (sys.executable, ROOT / "train.py", *SIZE, *SCORED, *choices)
    environment = {**os.environ, **JAX, "XDG_CACHE_HOME": str(folder / "cache")}
    done = subprocess.run([*map(str, program)], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return RunDirectory(folder / "run")


def test_the_run_directory_is_that_of_tensorflow(jax_run, tiny_run):
    names = {path.name for path in jax_run.path.iterdir()}
    assert names == {path.name for path in tiny_run.path.iterdir()}
    stored = json.loads(jax_run.config.read_text())
    assert stored["backend"] == "jax" and stored["versions"]["jax"]
    rows, others = read_json_lines(jax_run.log), read_json_lines(tiny_run.log)
    assert [row["step"] for row in rows] == [5, 10, 15, 20]
    assert all(set(row) == set(others[0]) for row in rows)
    assert [path.name for path in sorted(jax_run.samples.iterdir())] == [
        f"step_{step:08d}.png" for step in (0, 3, 12, 20)
    ]
    grids = jax_run.samples / "step_00000020.png", tiny_run.samples / "step_00000004.png"
    assert read_png(grids[0]).shape == read_png(grids[1]).shape
    scores = read_json_lines(jax_run.evaluations)
    assert [row["step"] for row in scores] == [10, 20]
    assert all(0 < row["real_vs_real"] < row["value"] for row in scores)
    assert scores[0]["weights_sha256"] == read_json_lines(tiny_run.evaluations)[0]["weights_sha256"]


@pytest.fixture(scope="module")
def tensorflow_run(tmp_path_factory):
    """The like of `jax_run`, not scored."""
    path = str(tmp_path_factory.mktemp("tensorflow") / "run")
    return train(tiny_config(run_dir=path, steps=20, log_every=20, checkpoint_every=20, **LARGE_STEPS)).run


@pytest.mark.parametrize("trained_on", ["jax_run", "tensorflow_run"])
def test_either_backend_makes_the_same_of_the_others_weights(trained_on, request, command, tmp_path):
    """Pictures and scores."""
    run, pictures, scores = request.getfixturevalue(trained_on), [], []
    for backend in ("jax", "tensorflow"):
        path = tmp_path / f"{backend}.npz"
        generate = ["-m", "tfgan_repro.generate", "--checkpoint", run.path, "--count", 20, "--output", path]
        environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": PYTHON_PATH}
        subprocess.run([sys.executable, *map(str, generate)], check=True, capture_output=True, env=environment)
        with np.load(path) as stored:
            pictures.append(stored["images"].astype(int))
        evaluate = ("--checkpoint", run.path, "--fid-samples", 50, "--extractor", "embedded", "--json")
        done = command("evaluate.py", *evaluate, KERAS_BACKEND=backend)
        assert done.returncode == 0, done.stderr
        scores.append(json.loads(done.stdout.splitlines()[0]))
    assert np.ptp(pictures[0]) > 20
    assert np.abs(pictures[0] - pictures[1]).max() <= 1
    for name in ("value", "real_vs_real"):
        # bfloat16 generators differ by a grey level here and there.
        assert scores[0][name] == pytest.approx(scores[1][name], rel=0.01), name


@pytest.mark.parametrize("options", [(), STATEFUL])
def test_an_interrupted_run_goes_on_exactly(options, command, tmp_path):
    """The first sitting ends within an interval of the log."""
    run_jax(command, "train.py", *SIZE, *options, "--steps", 12, "--run-dir", tmp_path / "run")
    run_jax(command, "train.py", "--resume", tmp_path / "run", "--steps", 17)
    run_jax(command, "train.py", *SIZE, *options, "--steps", 17, "--run-dir", tmp_path / "whole")
    assert differences(RunDirectory(tmp_path / "run"), RunDirectory(tmp_path / "whole")) == []


def test_a_run_goes_on_only_on_its_own_backend(jax_run, command):
    done = command("train.py", "--resume", jax_run.path, "--steps", 30, KERAS_BACKEND="tensorflow")
    assert done.returncode == 2
    assert "is trained on jax, and this is tensorflow" in done.stderr and "KERAS_BACKEND=jax" in done.stderr


def test_four_devices_train_as_one_does(command, tmp_path):
    flags = "--xla_force_host_platform_device_count={}"
    choices = (*SIZE, "--steps", 5, "--precision", "float32", "--optimizer", "sgd")
    for devices in (1, 4):
        path = tmp_path / str(devices)
        run_jax(command, "train.py", *choices, "--run-dir", path, XLA_FLAGS=flags.format(devices))
    one, four = (read_json_lines(RunDirectory(tmp_path / name).log)[0] for name in ("1", "4"))
    for name in ("d_loss", "g_loss", "d_gradient_norm", "g_gradient_norm"):
        assert four[name] == pytest.approx(one[name], rel=1e-3), name


def test_pictures_in_files_are_trained_on(command, tmp_path):
    pictures = load_pictures("shapes", "test")
    np.savez(tmp_path / "shapes.npz", images=pictures.images[:100], labels=pictures.labels[:100])
    choices = ("--dataset", f"npz:{tmp_path / 'shapes.npz'}", "--model", "sagan", "--width", 0.0625, "--batch-size", 8)
    run_jax(command, "train.py", *choices, "--steps", 2, "--run-dir", tmp_path / "run")
    assert RunDirectory(tmp_path / "run").read_config()[2].keys() == {str(label) for label in range(10)}
