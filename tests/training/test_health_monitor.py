"""Trainings that are made to fail are told from healthy ones."""

import dataclasses
import itertools
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import tiny_config
from killing import differences

from tfgan_repro.errors import UserError
from tfgan_repro.experiments.presets import EXPERIMENTS
from tfgan_repro.files import read_json_lines
from tfgan_repro.metrics.score import Reference
from tfgan_repro.models.losses import SATURATING
from tfgan_repro.report.grids import read_png
from tfgan_repro.report.page import build_page
from tfgan_repro.report.runs import find_runs
from tfgan_repro.runs.evaluation import evaluate
from tfgan_repro.sampling.run_pictures import make_pictures
from tfgan_repro.training import rollback
from tfgan_repro.training.health import Diversity
from tfgan_repro.training.session import TrainingSession, resume, train

SCORED = {"fid_every": 10, "fid_samples": 100, "extractor": "embedded"}
SIZE = {"batch_size": 16, "precision": "float32", "log_every": 10, "checkpoint_every": 1000}
BALANCED = {"generator_learning_rate": 1e-3, "discriminator_learning_rate": 4e-4}


def trained(tmp_path, **changes):
    return train(tiny_config(**{**SIZE, "run_dir": str(tmp_path / "run"), **changes})).run


def flags(run):
    """The signs that the log has at any time."""
    return {name for row in read_json_lines(run.log) for name in row["health"]}


@pytest.fixture
def spoilt(monkeypatch):
    """Has a function of the compiled `GAN` called before training."""

    def spoil(change):
        prepare = TrainingSession.prepare

        def prepare_and_spoil(session):
            prepare(session)
            change(session.gan)
            return session

        monkeypatch.setattr(TrainingSession, "prepare", prepare_and_spoil)

    return spoil


class Diverse:
    """Stands for a `DiversityMeter`: what untrained generators make looks fine to it."""

    def __init__(self, pictures):
        self.pictures = pictures

    def measure(self, images, classes):
        return Diversity(1.0, 0.0)


@pytest.fixture
def diverse(monkeypatch):
    monkeypatch.setattr("tfgan_repro.training.material.DiversityMeter", Diverse)


def generates_a_constant(gan):
    """A generator that ignores its latents."""
    layer = next(layer for layer in gan.generator.layers if isinstance(layer, keras.layers.Dense))
    layer.kernel.assign(keras.ops.zeros_like(layer.kernel))
    layer.trainable = False
    gan.compile(keras.optimizers.Adam(1e-3, 0.5), keras.optimizers.Adam(4e-4, 0.5), label_smoothing=0.1)


def saturates(gan):
    """The generator's loss of the GAN paper's algorithm 1, log(1 - D(G(z))), whose gradient a good D takes away."""
    gan.adversarial_loss = dataclasses.replace(gan.adversarial_loss, generator=SATURATING.generator)


def breaks(gan, at, above=0.0, up_to=1.0):
    """A discriminator whose loss is no number from a step on, where the rates are scaled by so much."""
    discriminator, rate = gan.adversarial_loss.discriminator, float(gan.discriminator_optimizer.learning_rate)

    def broken(real_logits, fake_logits, smoothing):
        scale = keras.ops.convert_to_tensor(gan.discriminator_optimizer.learning_rate) / rate
        late = gan.discriminator_optimizer.iterations >= at - 1
        hit = keras.ops.logical_and(late, keras.ops.logical_and(scale > above, scale <= up_to + 1e-6))
        return discriminator(real_logits, fake_logits, smoothing) * keras.ops.where(hit, np.nan, 1.0)

    gan.adversarial_loss = dataclasses.replace(gan.adversarial_loss, discriminator=broken)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({**BALANCED, **SCORED}, marks=pytest.mark.long),
        {"generator_learning_rate": 2e-3, "discriminator_learning_rate": 1e-3, "seed": 1},
        pytest.param({**BALANCED, "seed": 2, "batch_size": 32}, marks=pytest.mark.long),
    ],
    ids=["scored", "faster", "larger batch"],
)
def test_healthy_runs_are_silent(changes, tmp_path, capsys):
    run = trained(tmp_path, steps=120, **changes)
    assert flags(run) == set()
    assert "warning" not in capsys.readouterr().err
    assert all(0 <= row["diversity"] < 1.5 for row in read_json_lines(run.log))


def test_a_frozen_generator_stands_still(tmp_path, capsys):
    run = trained(tmp_path, steps=90, generator_learning_rate=1e-12)
    assert [row["health"] for row in read_json_lines(run.log)] == [[]] * 7 + [["frozen"]] * 2
    said = capsys.readouterr().err
    assert said.count("warning: step") == 1
    assert "warning: step 80: the generator stands still: its weights change by" in said
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(run.tensorboard), size_guidance={"tensors": 0}).Reload()
    shown = [tf.make_ndarray(event.tensor_proto) for event in events.Tensors("health/frozen")]
    assert shown == [0] * 7 + [1] * 2


FIFTY = {"discriminator_steps": 50, "batch_size": 8, "image_size": 16, "log_every": 5}


def test_a_discriminator_trained_fifty_times_as_often_overpowers(tmp_path):
    assert "overpowered" in flags(trained(tmp_path, steps=70, **FIFTY))


@pytest.mark.long
def test_it_takes_the_gradient_of_a_saturating_loss_away(tmp_path, spoilt):
    spoilt(saturates)
    assert "vanishing-gradient" in flags(trained(tmp_path, steps=70, **FIFTY))


@pytest.mark.long
def test_scores_that_swing_are_told(tmp_path, monkeypatch):
    """A training is swung by hand: one that swings by itself does otherwise with another rounding."""
    made, factors = Reference.scores, itertools.cycle((1.0, 3.0))

    def swung(reference, *arguments):
        factor = next(factors)
        return [{**row, "value": row["value"] * factor} for row in made(reference, *arguments)]

    monkeypatch.setattr(Reference, "scores", swung)
    small = {"batch_size": 8, "image_size": 16, "log_every": 100}
    run = trained(tmp_path, steps=900, **small, **BALANCED, **{**SCORED, "fid_every": 100})
    assert "oscillation" in flags(run)


def test_a_constant_generator_has_collapsed(tmp_path, spoilt):
    spoilt(generates_a_constant)
    assert "mode-collapse" in flags(trained(tmp_path, steps=80))


def test_nan_is_told_at_its_step_and_the_run_goes_on(tmp_path, spoilt, diverse, capsys):
    """The default only warns; the files stay valid JSON, and the generator's last good weights stay."""
    spoilt(lambda gan: breaks(gan, 12))
    run = trained(tmp_path, steps=20, checkpoint_every=5)
    said = capsys.readouterr().err
    assert said.count("NaN or infinity") == 1 and "warning: step 12: NaN or infinity: d_" in said
    rows = [json.loads(line, parse_constant=pytest.fail) for line in run.log.read_text().splitlines()]
    assert [row["health"] for row in rows] == [[], ["non-finite"]]
    assert rows[1]["d_loss"] is None and rows[1]["diversity"] is None
    assert run.generator_weights.read_bytes() == (run.checkpoints / "step_00000010/generator.weights.h5").read_bytes()
    assert 10 in run.list_checkpoints()
    assert read_png(run.path / "losses.png").shape == (440, 770, 3)


def paints_nan(gan):
    """A generator that trains, but whose images with standing statistics are no numbers: roots of less than 0."""
    norms = [layer for layer in gan.generator.layers if isinstance(layer, keras.layers.BatchNormalization)]
    norms[0].moving_variance.assign(keras.ops.full_like(norms[0].moving_variance, -1e6))


def test_images_of_nan_are_not_scored_and_the_run_and_its_page_go_on(tmp_path, spoilt, capsys):
    spoilt(paints_nan)
    run = trained(tmp_path, steps=20, **SCORED)
    said = capsys.readouterr().err
    assert "step 10: NaN or infinity: 64 of 64 generated images hold NaN or infinity" in said
    assert "step 20: no score: 100 of 100 generated images hold NaN or infinity" in said
    assert [row["health"] for row in read_json_lines(run.log)] == 2 * [["non-finite"]]
    assert all(np.isfinite(row["d_loss"]) and row["diversity"] is None for row in read_json_lines(run.log))
    rows = read_json_lines(run.evaluations)
    assert [(row["step"], row["value"], row["metric"]) for row in rows] == [
        (10, None, "FD-embedded"),
        (20, None, "FD-embedded"),
    ]
    assert rows[0]["why"] == "100 of 100 generated images hold NaN or infinity"
    assert "none, 100 of 100 generated images hold NaN or infinity, at step 20" in run.summary()
    assert (read_png(run.samples / "step_00000020.png")[4:68, 4:68] == 0).all() and (run.path / "training.gif").exists()
    assert not (run.path / "fid.png").exists()
    with pytest.raises(UserError, match="20 of 20 generated images hold NaN or infinity"):
        evaluate(run.path, fid_samples=20, extractor="embedded")
    assert read_json_lines(run.evaluations) == rows
    make_pictures(run.path)
    facts = json.loads((run.path / "report" / "pictures.json").read_text())
    assert facts["pictures"] == [] and "generated images hold NaN" in facts["left_out"][1]["why"]
    page = build_page(find_runs(tmp_path), EXPERIMENTS)
    assert "no score at step 20: 100 of 100 generated images hold NaN or infinity" in page


def test_a_score_of_weights_from_before_the_failure_is_of_their_step(tmp_path, spoilt, diverse):
    """The run's own generator stays the last one without NaN; what is measured on it is not of the last step."""
    spoilt(lambda gan: breaks(gan, 12))
    run = trained(tmp_path, steps=20, checkpoint_every=5)
    (row,) = evaluate(run.path, fid_samples=20, extractor="embedded")
    assert row["step"] == 10


def test_stop_ends_in_one_line_with_a_complete_directory(tmp_path, spoilt, diverse):
    spoilt(lambda gan: breaks(gan, 12))
    with pytest.raises(UserError, match=r"stopped at step 12: NaN or infinity: .*--on-failure rollback with --resume"):
        trained(tmp_path, steps=20, on_failure="stop")
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert {"training.gif", "losses.png", "final_images", "checkpoints", "log.jsonl"} <= names
    rows = read_json_lines(tmp_path / "run" / "log.jsonl")
    assert [row["step"] for row in rows] == [10, 12] and rows[-1]["health"] == ["non-finite"]


def test_a_rollback_halves_the_rates_until_the_run_is_healthy(tmp_path, spoilt, diverse, capsys):
    """Twice: half is still too much."""
    spoilt(lambda gan: breaks(gan, 12, above=0.3))
    run = trained(tmp_path, steps=20, checkpoint_every=5, on_failure="rollback")
    rows = read_json_lines(run.log)
    assert [row["step"] for row in rows] == [10, 20] and flags(run) == set()
    assert "rollbacks" not in rows[0]
    assert rows[1]["rollbacks"] == [
        {"from_step": 12, "to_step": 10, "sign": "non-finite", "learning_rate_scale": 0.5},
        {"from_step": 12, "to_step": 10, "sign": "non-finite", "learning_rate_scale": 0.25},
    ]
    said = capsys.readouterr().err
    assert "rollback 1: from step 12 to 10, both learning rates times 0.5\n" in said
    assert "rollback 2: from step 12 to 10, both learning rates times 0.25\n" in said
    with np.load(list(run.list_checkpoints().values())[-1] / "state.npz") as state:
        assert "learning_rate_scale" not in state


def test_a_rollback_reaches_the_start_and_stops_after_three(tmp_path, spoilt, diverse):
    """The run fails before its first checkpoint; what is left can be resumed and says the same."""
    spoilt(lambda gan: breaks(gan, 8))
    with pytest.raises(UserError, match="stopped at step 8 after 3 rollbacks: NaN or infinity"):
        trained(tmp_path, steps=20, on_failure="rollback")
    rollbacks = read_json_lines(tmp_path / "run" / "log.jsonl")[-1]["rollbacks"]
    assert [(each["to_step"], each["learning_rate_scale"]) for each in rollbacks] == [(0, 0.5), (0, 0.25), (0, 0.125)]
    with pytest.raises(UserError, match="stopped at step 9 after 3 rollbacks"):
        resume(tmp_path / "run", {})


def test_an_interrupted_run_goes_on_with_its_rollbacks(tmp_path, spoilt, diverse):
    """Bit by bit as the run that was not interrupted: rates, log and state."""
    spoilt(lambda gan: breaks(gan, 12, above=0.7))
    choices = {"checkpoint_every": 5, "on_failure": "rollback"}
    whole = trained(tmp_path / "whole", steps=30, **choices)
    part = trained(tmp_path / "part", steps=15, **choices)
    resume(part.path, {"steps": 30})
    assert differences(part, whole) == []
    assert "rollbacks" in read_json_lines(part.log)[1]


class Killed(Exception):
    pass


@pytest.mark.long
def test_a_rollback_that_is_killed_is_made_again(tmp_path, spoilt, diverse, monkeypatch):
    """The process ends within the second rollback, which returns to before the first: at one moment or another."""

    def spoil(gan):
        breaks(gan, 17, above=0.7)
        breaks(gan, 14, above=0.3, up_to=0.7)

    spoilt(spoil)
    choices = {"steps": 25, "checkpoint_every": 3, "log_every": 4, "on_failure": "rollback"}
    whole = trained(tmp_path / "whole", **choices)
    rollbacks = [each for row in read_json_lines(whole.log) for each in row.get("rollbacks", [])]
    assert [(each["from_step"], each["to_step"], each["learning_rate_scale"]) for each in rollbacks] == [
        (17, 15, 0.5),
        (16, 12, 0.25),
    ]

    def killed_in(name):
        original, calls = getattr(rollback, name), []

        def killed(*arguments):
            calls.append(arguments)
            if len(calls) == 2:
                raise Killed
            return original(*arguments)

        return killed

    for moment in ("write_checkpoint", "rewind"):
        with monkeypatch.context() as patch:
            patch.setattr(rollback, moment, killed_in(moment))
            with pytest.raises(Killed):
                trained(tmp_path / moment, **choices)
        part = resume(tmp_path / moment / "run", {}).run
        assert differences(part, whole) == []
