"""Choices that contradict each other, on the way to a configuration and from Python."""

import numpy as np
import pytest

from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError
from tfgan_repro.models import PENALTIES
from tfgan_repro.models.rules import check_choices
from tfgan_repro.registry import Entry


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"penalty": "gradient"}, "--penalty gradient punishes each image's own gradient"),
        ({"penalty": "r1"}, "choose --discriminator-normalization layer or none"),
        ({"penalty": "r1:10,dragan"}, "--penalty r1:10,dragan punishes each image's own gradient"),
        ({"generator_conditioning": "concatenation"}, "the label must be known to both networks or to none"),
        ({"discriminator_conditioning": "projection"}, "the label must be known to both networks or to none"),
        ({"loss": "wasserstein"}, "--loss wasserstein needs a bound on the critic's slope"),
        ({"model": "sndcgan", "discriminator_batches": "joint"}, "--discriminator-batches joint makes no difference"),
        ({"ema_start": 5, "ema_half_life": 0.0}, "--ema-start 5 needs --ema-half-life"),
        ({"instance_noise_steps": 5}, "--instance-noise-steps 5 needs --instance-noise"),
        ({"momentum": 0.9}, "--momentum 0.9 does not go with --optimizer adam"),
        ({"augmentation_target": 0.6}, "--augmentation-target 0.6 needs an --augmentation that has a probability"),
        (
            {"augmentation": "color", "augmentation_probability": 0.2},
            "--augmentation-probability 0.2 needs an --augmentation that has a probability, such as ada; it is color",
        ),
        ({"augmentation": "ada", "augmentation_probability": 1.5}, "--augmentation-probability 1.5: a probability"),
        ({"augmentation": "ada", "augmentation_probability": -0.1}, "--augmentation-probability -0.1: must be at"),
        ({"augmentation": "ada", "augmentation_target": 1.0}, "--augmentation-target 1.0: must be below 1"),
        ({"augmentation": "ada-cutout"}, "--augmentation ada-cutout happens with a probability, which is 0"),
        (
            {"augmentation": "ada,ada-color", "augmentation_target": 0.6},
            "--augmentation ada,ada-color: ada-color is part of ada already",
        ),
        ({"augmentation": "ada-blur"}, "unknown augmentation 'ada-blur'; did you mean ada-blit"),
        (
            {
                "augmentation": "ada",
                "augmentation_target": 0.6,
                "schedule_to": "augmentation-probability:0.5",
                "schedule_images": 9,
            },
            "--augmentation-target 0.6 and --schedule-to augmentation-probability: give one",
        ),
        ({"schedule_to": "augmentation-probability:0.5", "schedule_images": 9}, "needs an --augmentation"),
        (
            {"augmentation": "ada", "schedule_to": "augmentation-probability:2", "schedule_images": 9},
            "--augmentation-probability 2.0: a probability is at most 1",
        ),
        ({"schedule_to": "beta-2:0.99"}, "--schedule-to beta-2:0.99 needs --schedule-images"),
        ({"schedule_to": "beta-2", "schedule_images": 9}, "--schedule-to beta-2: say the last value"),
        ({"schedule_to": "beta-2:1", "schedule_images": 9}, "--schedule-to beta-2:1: must be below 1"),
        (
            {"schedule_to": "beta-2:0.9", "schedule_images": 9, "optimizer": "sgd"},
            "--schedule-to beta-2 does not go with --optimizer sgd",
        ),
        (
            {"schedule_to": "generator-learning-rate:0", "schedule_images": 9, "learning_rate_decay_steps": 5},
            "--schedule-to generator-learning-rate and --learning-rate-decay-steps 5: give one of them",
        ),
        (
            {
                "schedule_to": "penalty-weight:1",
                "schedule_images": 9,
                "penalty": "r1:10",
                "discriminator_normalization": "none",
            },
            "not --penalty r1:10",
        ),
        ({"model": "conv-fc", "attention": True}, "--attention does not go with --model conv-fc"),
        ({"model": "conv-fc", "leaky_slope": 0.0}, "0.0 does not go with --model conv-fc: its activations are ELU"),
        ({"model": "conv-fc", "generator_activation": "relu"}, "--generator-activation relu does not go with"),
        (
            {"model": "conv-fc", "discriminator_normalization": "batch"},
            "--discriminator-normalization batch does not go with --model conv-fc: it has no normalisation",
        ),
        (
            {
                "model": "conv-fc",
                "generator_conditioning": "batch-normalization",
                "discriminator_conditioning": "projection",
            },
            "--generator-conditioning batch-normalization does not go with --model conv-fc",
        ),
    ],
)
def test_contradictions_are_refused_with_their_reason(choices, message):
    with pytest.raises(UserError) as error:
        TrainConfig.from_choices(**choices)
    assert message in str(error.value)


@pytest.mark.parametrize(
    "choices",
    [
        {"penalty": "gradient", "discriminator_normalization": "layer"},
        {"loss": "wasserstein", "weight_clip": 0.01},
        {"loss": "wasserstein", "penalty": "r1,gradient:5", "discriminator_normalization": "none"},
        {"loss": "wasserstein", "spectral_normalization": "discriminator"},
        {"loss": "least-squares", "discriminator_batches": "joint"},
        {"generator_conditioning": "concatenation", "discriminator_conditioning": "classifier"},
        {"optimizer": "sgd", "momentum": 0.9},
        {"ema_half_life": 1000.0, "ema_start": 5},
        {"augmentation": "translation,ada,ada-cutout", "augmentation_probability": 1.0},
        {"augmentation": "ada-color", "augmentation_target": 0.6},
    ],
)
def test_sensible_combinations_are_accepted(choices):
    TrainConfig.from_choices(**choices)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"label_smoothing": 1.5}, "--label-smoothing 1.5: must be below 1"),
        ({"discriminator_batches": "Joint"}, "unknown kind of discriminator batches 'Joint'; did you mean joint"),
        ({"augmentation": "colour"}, "unknown augmentation 'colour'; did you mean color"),
        (
            {"ema_start": np.int64(3), "ema_half_life": 0.0, "schedule_to": "none"},
            "--ema-start 3 needs --ema-half-life",
        ),
    ],
)
def test_choices_are_checked_without_a_configuration(choices, message):
    with pytest.raises(UserError, match=message):
        check_choices(choices)


def test_choices_must_go_with_what_is_given_already():
    """As of the networks that `GAN.compile` finds built."""
    assert check_choices({"penalty": {"r1": np.float32(10)}, "beta_1": 0}) == {"penalty": "r1:10", "beta_1": 0}
    with pytest.raises(UserError, match="--penalty r1:10 punishes each image's own gradient"):
        check_choices({"penalty": "r1:10"}, {"discriminator_normalization": "batch"})


def test_a_rule_follows_what_an_entry_says(monkeypatch):
    """A penalty that is added needs no list elsewhere."""
    monkeypatch.setitem(PENALTIES, "new", Entry("somewhere:new", image_gradients=True))
    with pytest.raises(UserError, match="--penalty new punishes"):
        TrainConfig(penalty="new")
