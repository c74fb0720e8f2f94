"""The experiments: what the reports state, what is ours, and what a user's word changes."""

import dataclasses
import re

import pytest

from tfgan_repro.choices import numbers_of
from tfgan_repro.config import TrainConfig
from tfgan_repro.experiments.experiment import Order
from tfgan_repro.experiments import report_a, report_b, report_c, report_d, report_e
from tfgan_repro.experiments.presets import EXPERIMENTS
from tfgan_repro.experiments.selection import config_of, find_experiment
from tfgan_repro.experiments.settings import overrides_of, overrides_text, training_choices

EVERY = [f"{experiment.name}:{variant}" for experiment in EXPERIMENTS.values() for variant in experiment.variant_names]
FIELDS = {spec.name for spec in dataclasses.fields(TrainConfig)}


def configuration(name, **choices):
    brought = {} if find_experiment(name)[0].dataset else {"dataset": "folder:pictures"}
    return config_of({"experiment": name, **brought, **choices})


# What the reports say, written down from them once more.
STATED = {
    "mnist-dcgan": {"model": "dcgan", "dataset": "mnist", "generator_activation": "relu"},
    "celeba-dcgan": {"model": "dcgan", "dataset": "celeb_a"},
    "impressionism-dcgan": {"model": "dcgan"},
    "cifar10-dcgan-64": {"image_size": 64, "latent_dim": 100, "width": 1.0, "steps": 250 * 390, "batch_size": 128},
    "cifar10-wgan-gp-acgan": {
        "loss": "wasserstein",
        "penalty": "gradient",
        "discriminator_conditioning": "classifier",
        "steps": 250 * 390,
        "batch_size": 128,
        "discriminator_steps": 1,
        "discriminator_normalization": "layer",
        "class_loss": "both",
        "generator_activation": "relu",
        "flip": True,
    },
    "cifar10-dcgan": {
        "latent_dim": 100,
        "batch_size": 128,
        "beta_1": 0.5,
        "generator_learning_rate": 1e-4,
        "discriminator_learning_rate": 4e-4,
        "leaky_slope": 0.2,
        "generator_activation": "leaky",
        "steps": 100_000,
        "fid_samples": 1000,
        "fid_every": 500,
        "extractor": "imagenet",
        "resize": "nearest",
    },
    "cifar10-sagan": {
        "loss": "wasserstein",
        "spectral_normalization": "both",
        "discriminator_normalization": "batch",
        "attention": True,
        "latent_dim": 100,
        "batch_size": 128,
        "discriminator_learning_rate": 4e-4,
    },
    "mnist-conv-fc": {
        "model": "conv-fc",
        "latent_dim": 128,
        "generator_learning_rate": 1e-4,
        "discriminator_learning_rate": 1e-4,
        "dropout": 0.25,
        "steps": 1_120_000,
        "loss": "non-saturating",
        "discriminator_updates": "separate",
    },
    "mnist-conv-fc-lr0.03": {
        "model": "conv-fc",
        "latent_dim": 128,
        "generator_learning_rate": 0.03,
        "discriminator_learning_rate": 0.03,
        "dropout": 0.0,
        "steps": 980_000,
    },
    "anime-dcgan": {
        "model": "dcgan",
        "discriminator_steps": 1,
        "discriminator_batches": "separate",
        "generator_activation": "leaky",
    },
}


@pytest.mark.parametrize("name", STATED)
def test_what_a_report_states_is_what_is_trained(name):
    assert configuration(name).to_json().items() >= STATED[name].items()


@pytest.mark.parametrize("name", EVERY)
def test_every_experiment_is_a_valid_configuration_without_overrides(name):
    config = configuration(name)
    assert overrides_of(config) == {}
    assert overrides_text(config).endswith("overrides: none")


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=str)
def test_every_value_is_the_reports_or_marked_as_ours(experiment):
    assert not experiment.stated.keys() & experiment.ours.keys()
    assert experiment.choices.keys() <= FIELDS
    assert all(len(why) > 10 for _, why in experiment.ours.values())
    assert bool(experiment.dataset) != bool(experiment.brings)
    assert experiment.claims


def test_report_a_shows_three_moments_of_each_set():
    """Within the training, whatever the set: in epochs where its size is known."""
    sizes = {"mnist-dcgan": 60_000, "celeba-dcgan": 162_770, "impressionism-dcgan": 5_000}
    assert sizes.keys() == {experiment.name for experiment in report_a.EXPERIMENTS}
    for name, images in sizes.items():
        config = configuration(name).of_images(images)
        moments = numbers_of(config.sample_steps)
        assert len(moments) == 3 and max(moments) <= config.steps


def test_the_numbers_of_report_c():
    values = [EXPERIMENTS[name].claims[0].value for name in ("cifar10-dcgan", "cifar10-sagan")]
    assert values == [89.68, 107.25]


def test_a_comparison_varies_what_its_name_says():
    axes = {}
    for experiment in EXPERIMENTS.values():
        values = axes[experiment.name] = {}
        for name, value in (pair for choices in experiment.variants.values() for pair in choices.items()):
            values.setdefault(name, []).append(value)
    assert axes["lr-ratio-1-vs-2-vs-4"] == {"discriminator_learning_rate": [2e-4, 4e-4, 8e-4]}
    ratios = [configuration(f"lr-ratio-1-vs-2-vs-4:ratio-{ratio}") for ratio in (1, 2, 4)]
    assert [c.discriminator_learning_rate / c.generator_learning_rate for c in ratios] == [1, 2, 4]
    assert axes["label-smoothing-0-vs-0.1"] == {"label_smoothing": [0.0, 0.1]}
    assert axes["adam-vs-sgd"]["optimizer"] == ["adam", "sgd"]
    assert axes["preprocessing-raw-vs-cropped"]["crop"] == ["center", "face", "center"]
    assert axes["two-rates-vs-one"]["generator_learning_rate"] == [1e-4, 2e-4]


@pytest.mark.parametrize("name", ["cifar10-dcgan", "cifar10-sagan", "cifar10-wgan-gp-acgan", "mnist-conv-fc"])
def test_a_report_recipe_trains_what_its_experiment_does(name):
    """But for the length, which `--steps` says, and the scores."""
    ours = training_choices(configuration(name))
    recipe = TrainConfig.from_choices(model=ours["model"], dataset=ours["dataset"], recipe="report")
    assert {**training_choices(recipe), "steps": None} == {**ours, "steps": None}


def test_claims_name_trainings_that_exist():
    for experiment in EXPERIMENTS.values():
        assert all(claim.words for claim in experiment.claims)
        for claim in experiment.claims:
            named = (claim.better, claim.worse) if isinstance(claim, Order) else getattr(claim, "trainings", ())
            for name in named:
                assert name in EXPERIMENTS or name in EVERY, name


def test_every_report_file_tells_the_command_that_runs_it_and_what_to_expect():
    for letter, module in zip("ABCDE", (report_a, report_b, report_c, report_d, report_e)):
        assert {experiment.report for experiment in module.EXPERIMENTS} == {letter}
        commands = re.findall(r"python -m tfgan_repro.experiments run ([^\n]*)", module.__doc__)
        named = {word for words in commands for word in words.split() if word in EXPERIMENTS}
        assert named and "expect" in module.__doc__
        assert named <= {experiment.name for experiment in module.EXPERIMENTS}
