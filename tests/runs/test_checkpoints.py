import hashlib
import json

import keras
import numpy as np
import pytest
from conftest import tiny_config

from tfgan_repro.errors import UserError
from tfgan_repro.files import append_json_line
from tfgan_repro.models.dcgan import DCGAN
from tfgan_repro.runs.checkpoints import (
    load_generator_weights,
    prune,
    remove_unfinished,
    verify_checkpoint,
    write_checkpoint,
)
from tfgan_repro.runs.directory import RunDirectory


def small_gan(width=0.125, seed=0):
    gan = DCGAN((16, 16, 3), latent_dim=4, width=width, seed=seed)
    gan.compile(keras.optimizers.Adam(), keras.optimizers.Adam(), ema_half_life=0.0)
    return gan


@pytest.fixture
def run(tmp_path):
    return RunDirectory.create(tiny_config(run_dir=str(tmp_path / "run")), (16, 16, 3), {})


def test_a_checkpoint_lists_its_files_with_checksums(run):
    folder = write_checkpoint(run, small_gan(), 7, {})
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["step"] == 7
    assert set(manifest["sha256"]) == {"generator.weights.h5", "discriminator.weights.h5", "state.npz"}
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_the_last_three_stay(run):
    gan = small_gan()
    for step in range(1, 6):
        write_checkpoint(run, gan, step, {})
    assert [path.name for path in sorted(run.checkpoints.iterdir())] == [f"step_{n:08d}" for n in (3, 4, 5)]


def test_an_interrupted_checkpoint_leaves_nothing(run, monkeypatch):
    gan = small_gan()
    write_checkpoint(run, gan, 1, {})

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError):
        write_checkpoint(run, gan, 2, {})
    assert [path.name for path in run.checkpoints.iterdir()] == ["step_00000001"]


def test_a_checkpoint_that_takes_the_place_of_another_is_there_before_that_one_is_removed(run, monkeypatch):
    gan = small_gan()
    write_checkpoint(run, gan, 1, {})

    def killed(path, **options):
        (path / "manifest.json").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("tfgan_repro.runs.checkpoints.shutil.rmtree", killed)
        with pytest.raises((KeyboardInterrupt, FileNotFoundError)):
            write_checkpoint(run, gan, 1, {"second": True})
    assert verify_checkpoint(run.checkpoints / "step_00000001")["second"]
    remove_unfinished(run)
    assert [path.name for path in run.checkpoints.iterdir()] == ["step_00000001"]


def test_the_generator_comes_back(run):
    gan, other = small_gan(seed=1), small_gan(seed=2)
    write_checkpoint(run, gan, 1, {})
    load_generator_weights(other.generator, run.generator_weights)
    latents = np.ones((2, 4), np.float32)
    np.testing.assert_array_equal(gan(latents), other(latents))


@pytest.mark.parametrize("damage", ["missing", "empty", "truncated", "text", "other width"])
def test_weights_that_do_not_fit_are_one_line(damage, run):
    gan = small_gan(width=0.25 if damage == "other width" else 0.125)
    write_checkpoint(run, gan, 1, {})
    path = run.generator_weights
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "text":
        path.write_text("not weights")
    with pytest.raises(UserError) as error:
        load_generator_weights(small_gan().generator, path)
    assert "\n" not in str(error.value) and str(path) in str(error.value)
    assert ("or its weights were removed" in str(error.value)) == (damage == "missing")


def test_the_best_checkpoint_stays(run):
    for step in range(1, 8):
        (run.checkpoints / f"step_{step:08d}").mkdir()
        append_json_line(run.evaluations, {"step": step, "value": abs(step - 2.2), "during_training": True})
    prune(run)
    assert list(run.list_checkpoints()) == [2, 5, 6, 7]
