"""A whole run: what it leaves behind, and that the seed fixes it."""

import json
import socket
from types import SimpleNamespace

import h5py
import imageio.v3 as imageio
import numpy as np
import pytest
from conftest import tiny_config
from killing import words

from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError
from tfgan_repro.files import read_json_lines
from tfgan_repro.report.grids import read_png
from tfgan_repro.training.session import TrainingSession, train


def test_the_run_directory_is_complete(tiny_run):
    names = {path.name for path in tiny_run.path.iterdir()}
    assert names == {
        "config.json",
        "log.jsonl",
        "evaluations.jsonl",
        "samples",
        "training.gif",
        "losses.png",
        "fid.png",
        "final_images",
        "checkpoints",
        "generator.weights.h5",
        "tensorboard",
        ".lock",
    }
    assert [path.name for path in sorted(tiny_run.final_images.iterdir())] == [f"{n:02d}.png" for n in range(10)]
    assert [path.name for path in sorted(tiny_run.checkpoints.iterdir())] == ["step_00000002", "step_00000004"]
    assert [path.name for path in sorted(tiny_run.samples.iterdir())] == [f"step_{step:08d}.png" for step in (0, 3, 4)]


def test_the_configuration_is_the_operative_one(tiny_run):
    stored = json.loads(tiny_run.config.read_text())
    config, image_shape, _ = tiny_run.read_config()
    assert config.precision in ("float32", "bfloat16") and config.steps == 4
    assert image_shape == (32, 32, 3)
    assert stored["versions"]["tensorflow"] and stored["versions"]["tfgan-repro"]
    assert set(stored["device"]) == {"kind", "name", "count"}
    assert stored["device"]["kind"] in ("cpu", "gpu") and stored["device"]["name"] and stored["device"]["count"] >= 1
    assert socket.gethostname() not in stored["device"]["name"].split()


def test_the_log_has_a_line_an_interval(tiny_run):
    rows = read_json_lines(tiny_run.log)
    assert [row["step"] for row in rows] == [2, 4]
    for row in rows:
        assert set(row) == {
            "step",
            "seconds",
            "device_seconds",
            "images_per_second",
            "d_loss",
            "g_loss",
            "d_real",
            "d_fake",
            "d_accuracy",
            "d_gradient_norm",
            "g_gradient_norm",
            "diversity",
            "health",
        }
        assert row.pop("health") == []
        assert all(np.isfinite(value) for value in row.values())
    assert 0 < rows[0]["seconds"] < rows[1]["seconds"]


def test_scores_carry_their_protocol(tiny_run):
    # Other tests score the finished run as well.
    rows = [row for row in read_json_lines(tiny_run.evaluations) if row.get("during_training")]
    assert [row["step"] for row in rows] == [2, 4]
    for row in rows:
        assert row["metric"] == "FD-embedded" and row["extractor"] == "embedded"
        assert (row["generated_images"], row["real_images"], row["split"]) == (50, 50, "test")
        assert row["features"] == 128 and len(row["weights_sha256"]) == 16
        assert 0 < row["real_vs_real"] < row["value"]


def test_pictures_have_the_right_sizes(tiny_run):
    assert read_png(tiny_run.samples / "step_00000000.png").shape == (2 * (8 * 34 + 2), 2 * (8 * 34 + 2), 3)
    assert len(imageio.imread(tiny_run.path / "training.gif", index=None)) == 3
    assert read_png(tiny_run.final_images / "00.png").shape == (32, 32, 3)


def weights_of(path):
    arrays = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: arrays.update({name: item[()]} if isinstance(item, h5py.Dataset) else {}))
    return arrays


def test_the_seed_fixes_the_weights_bit_by_bit_across_processes(command, tmp_path):
    """A process of its own ends with the weights of this one, and another seed with others."""
    choices = {"dataset": "shapes", "steps": 6, "batch_size": 8, "width": 0.125}
    done = command("train.py", *words(choices), "--flip", "--seed", 3, "--run-dir", tmp_path / "own")
    assert done.returncode == 0, done.stderr
    for name, seed in (("here", 3), ("other", 4)):
        train(TrainConfig.from_choices(**choices, flip=True, seed=seed, run_dir=str(tmp_path / name)))
    own, here, other = (weights_of(tmp_path / name / "generator.weights.h5") for name in ("own", "here", "other"))
    assert len(own) > 8
    assert all(np.array_equal(own[name], here[name]) for name in own)
    assert not any(np.array_equal(own[name], other[name]) for name in own if own[name].ndim == 4)


def test_grey_images_stay_grey(tmp_path, monkeypatch):
    from tfgan_repro.data.pictures import Pictures

    grey = Pictures("mnist", "train", np.random.default_rng(0).integers(0, 256, (40, 28, 28, 1)).astype(np.uint8))
    monkeypatch.setattr("tfgan_repro.config.load_pictures", lambda *arguments: grey)
    run = train(tiny_config(dataset="mnist", run_dir=str(tmp_path / "run"), steps=2)).run
    assert run.read_config()[1] == (28, 28, 1)
    assert imageio.imread(run.final_images / "00.png").shape == (28, 28)


def test_real_cifar10_trains_and_scores(cifar10_dir, tmp_path):
    config = tiny_config(
        dataset="cifar10",
        data_dir=str(cifar10_dir),
        steps=3,
        fid_every=3,
        fid_samples=100,
        extractor="embedded",
        run_dir=str(tmp_path / "run"),
    )
    row = read_json_lines(train(config).run.evaluations)[-1]
    # Untrained images are far from real ones; real ones are near each other.
    assert row["dataset"] == "cifar10" and row["value"] > 5 * row["real_vs_real"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch_size": 20_001}, "--batch-size 20001 times --discriminator-steps 1 is 20001 images a step; shapes has"),
        ({"batch_size": 128, "discriminator_steps": 200}, "is 25600 images a step; shapes has only 20000"),
        ({"image_size": 33}, "dcgan cannot make images of 33 pixels a side"),
        ({"fid_every": 1, "fid_samples": 2001}, "a score of 2001 images needs as many from shapes; there are 2000"),
        ({"fid_every": 1, "extractor": "2015", "inception_weights": "missing.npz"}, "no Inception weights at .*ng.npz"),
    ],
)
def test_what_cannot_run_is_refused_before_a_directory_is_made(changes, message, tmp_path):
    config = tiny_config(**{"extractor": "embedded", "results_dir": str(tmp_path / "results"), **changes})
    with pytest.raises(UserError, match=message):
        train(config)
    assert not (tmp_path / "results").exists()


def test_configurations_written_by_other_versions_are_refused(tiny_run):
    values = json.loads(tiny_run.config.read_text())["config"]
    with pytest.raises(UserError, match="unknown configuration key 'bananas'"):
        TrainConfig.from_json({**values, "bananas": 1})


@pytest.mark.parametrize("kind", ["tensorflow", "jax"])
def test_a_device_without_enough_memory_ends_in_one_line(kind, monkeypatch):
    import tensorflow as tf

    error = {
        "tensorflow": tf.errors.ResourceExhaustedError(None, None, "Graph execution error:\n\nOOM when allocating it"),
        "jax": RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 140737488355328 bytes."),
    }[kind]

    def fit(*arguments, **options):
        raise error

    session = TrainingSession(tiny_config())
    session.gan = SimpleNamespace(fit=fit, step=0)
    session.material = SimpleNamespace(pictures=SimpleNamespace(failure=None))
    monkeypatch.setattr(session, "batches", lambda: None)
    with pytest.raises(UserError, match=r"out of memory with --batch-size 8 and --width 0.125 \((OOM|RESOURCE_EX)"):
        session.fit([])
    error = RuntimeError("INTERNAL: a bug")
    with pytest.raises(RuntimeError, match="a bug"):
        session.fit([])
