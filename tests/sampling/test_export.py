"""Exported generators, loaded as their model card says."""

import dataclasses
import re
import shlex
import subprocess
import sys

import numpy as np
import pytest

from tfgan_repro.cli.train import build_parser
from tfgan_repro.config import TrainConfig
from tfgan_repro.data import SOURCES
from tfgan_repro.errors import UserError
from tfgan_repro.experiments.selection import config_of
from tfgan_repro.files import append_json_line
from tfgan_repro.runs.directory import RunDirectory
from tfgan_repro.sampling import EXPORTS
from tfgan_repro.sampling.export import own_layers, training_command
from tfgan_repro.sampling.export import largest_difference, write_export
from tfgan_repro.sampling.request import Request
from tfgan_repro.models.generation import fixed_latents, images_of

NEEDED = {"onnx": ("tf2onnx", "onnxruntime")}


def exported(checkpoint, folder, form):
    """Export; returns the card, and the Python in it."""
    for module in NEEDED.get(form, ()):
        pytest.importorskip(module)
    write_export(checkpoint, Request(str(folder), mode="export", export=form))
    card = (folder / "README.md").read_text()
    return card, re.search(r"```python\n(.*?)```", card, re.DOTALL).group(1)


@pytest.mark.parametrize("form", list(EXPORTS))
def test_the_card_s_code_makes_the_pictures(plain_checkpoint, tmp_path, form, monkeypatch):
    card, code = exported(plain_checkpoint, tmp_path / "out", form)
    assert "tfgan_repro" not in code and "for its layers" not in card
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        ["README.md", "samples.png", EXPORTS.load(form).file]
    )
    monkeypatch.chdir(tmp_path / "out")
    made = {}
    exec(code, made)
    expected = images_of(plain_checkpoint.generator, fixed_latents(16, 4, 1))
    assert made["pixels"].dtype == np.uint8 and np.abs(made["pixels"].astype(int) - expected).max() <= 1


@pytest.mark.parametrize("form", list(EXPORTS))
def test_conditional_generators_take_latents_and_labels(conditional_checkpoint, tmp_path, form, monkeypatch):
    card, code = exported(conditional_checkpoint, tmp_path / "out", form)
    assert ("from tfgan_repro import layers" in code) == (form == "keras")
    assert "0 cats, 1 dogs, 2 newts" in card
    monkeypatch.chdir(tmp_path / "out")
    made = {}
    exec(code, made)
    labels = np.arange(16, dtype=np.int32) % 3
    expected = images_of(conditional_checkpoint.generator, fixed_latents(16, 4, 1), labels)
    assert np.abs(made["pixels"].astype(int) - expected).max() <= 1


@pytest.mark.parametrize("form", ["saved_model", "onnx"])
def test_another_backend_refuses_what_tensorflow_writes_before_it_asks_for_packages(form, monkeypatch):
    monkeypatch.setattr("tfgan_repro.backends.backend_name", lambda: "jax")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match=f"^--export {form} needs TensorFlow: set KERAS_BACKEND=tensorflow"):
        Request("out", mode="export", export=form)


def test_a_generator_of_plain_layers_loads_where_this_package_is_not(plain_checkpoint, tmp_path):
    _, code = exported(plain_checkpoint, tmp_path / "out", "keras")
    absent = "import sys; sys.modules['tfgan_repro'] = None\n"
    program = f"{absent}{code}\nnp.save('pixels.npy', pixels)"
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path / "out", check=True, capture_output=True)
    expected = images_of(plain_checkpoint.generator, fixed_latents(16, 4, 1))
    assert np.abs(np.load(tmp_path / "out" / "pixels.npy").astype(int) - expected).max() <= 1


def test_another_generator_is_noticed(conditional_checkpoint, plain_checkpoint, tmp_path):
    def brighter(latents, labels=None):
        return np.asarray(plain_checkpoint.generator(latents)) + 1 / 127.5

    assert largest_difference(plain_checkpoint.generator, brighter) == pytest.approx(1, rel=1e-3)


def test_the_card_tells_scores_of_these_weights_with_their_protocol(plain_checkpoint, tmp_path):
    row = {
        "step": 7, "metric": "FID", "value": 12.3456, "real_vs_real": 1.5, "interval": [11.0, 13.0],
        "extractor": "2015", "weights_sha256": "abc", "features": 2048, "resize": "tf1-bilinear",
        "precision": "float32", "generated_images": 5000, "real_images": 5000, "split": "test", "seed": 2,
        "dataset": "shapes", "generator_weights": "raw",
    }  # fmt: skip
    others = ({"value": 99.0}, {"step": 6, "value": 77.0}, {"generator_weights": "ema", "value": 66.0}, {})
    for other in ({"value": 55.5, "image_size": 8}, *others):
        append_json_line(plain_checkpoint.run.evaluations, {**row, **other})
    look = {"step": 7, "metric": "augmentation-leak", "value": 0.04, "generated_images": 500, "real_images": 250}
    append_json_line(plain_checkpoint.run.evaluations, look)
    card, _ = exported(plain_checkpoint, tmp_path / "out", "keras")
    line = (
        "| FID | 12.346 | 11.000 to 13.000 | 1.500 | 5,000 against 5,000 of test | "
        "2015, 2048 features, weights abc | tf1-bilinear | float32 | 2 |"
    )
    assert line in card
    assert "5,000 against 5,000 of test; brought to 8 pixels a side |" in card and "55.500" in card
    assert not any(value in card for value in ("99.000", "77.000", "66.000")), "replaced, or of other weights"
    assert "augmentation-leak" not in card, "no score of the generator"
    updates = f"7 generator updates of {plain_checkpoint.config.batch_size} images"
    for text in ("MIT licence", updates, "(0.1 allowed)", "not averaged"):
        assert text in card, text


def test_the_card_tells_no_paths_of_the_machine(plain_checkpoint):
    config = dataclasses.replace(
        plain_checkpoint.config,
        dataset="folder:/home/me/faces",
        data_dir="/home/me",
        run_dir="/x",
        from_="/home/me/results/faces",
        flip=True,
        label_smoothing=0.0,
    )
    command = training_command(config)
    assert command.startswith("python train.py --model dcgan --dataset folder:faces ")
    assert "--flip" in command and "--label-smoothing 0.0" in command and "--from faces" in command
    assert "/home" not in command and "/x" not in command


@pytest.mark.parametrize(
    "choices",
    [
        {"dataset": "folder:/home/me/my faces", "image_size": 64, "flip": True},
        {"dataset": "tfds:cats_vs_dogs:4.0.0", "width": 0.5},
        # The recipe has these steps, and the experiment others.
        {"experiment": "cifar10-dcgan", "steps": 30_000},
    ],
)
def test_the_card_s_command_trains_such_a_model(choices):
    config = config_of(choices)
    _, _, *words = shlex.split(training_command(config))
    known = TrainConfig.__dataclass_fields__
    said = {name: value for name, value in vars(build_parser().parse_args(words)).items() if name in known}
    assert said["dataset"] == SOURCES.last_part(config.dataset)
    again = config_of({**said, "dataset": config.dataset})
    assert dataclasses.replace(again, experiment=config.experiment) == config


def test_the_card_s_command_says_what_a_fine_tuned_model_did_not_take_over(tmp_path):
    origin = RunDirectory.create(config_of({"flip": True, "run_dir": str(tmp_path / "cats")}), (32, 32, 3), {})
    assert "--no-flip" in training_command(config_of({"from_": str(origin.path), "flip": False}))
    assert "--flip" in training_command(config_of({"from_": str(origin.path)}))


def test_own_layers_are_found(plain_checkpoint, conditional_checkpoint):
    assert own_layers(plain_checkpoint.generator) == []
    assert own_layers(conditional_checkpoint.generator) == [
        "ConditionalBatchNormalization", "SelfAttention", "SpectralNormalization",
    ]  # fmt: skip
