"""What a training was really trained with, set against its experiment: overrides, and experiments that share it."""

from functools import cache
from typing import Any

from tfgan_repro.config import TrainConfig, fields_of_kind
from tfgan_repro.experiments.presets import EXPERIMENTS
from tfgan_repro.experiments.selection import config_of, find_experiment

# No part of an experiment: where files lie, what computes, what is written, and the seed.
NO_OVERRIDES = fields_of_kind("preset", "seed", "place", "machine", "output")
# Nor does it change a training how it is scored.
NOT_TRAINED = NO_OVERRIDES | fields_of_kind("score")


def training_choices(config: TrainConfig) -> dict[str, Any]:
    """The choices that decide what is trained: all but the seed, the machine, the places and the scores."""
    return {name: value for name, value in config.to_json().items() if name not in NOT_TRAINED}


@cache
def preset(name: str, dataset: str | None = None) -> TrainConfig:
    """The configuration of `NAME` or `NAME:VARIANT` without any override.

    Args:
        name: of the experiment.
        dataset: the pictures, where the user must bring them; else it is the experiment's.

    Raises:
        UserError: this version knows no such experiment.
    """
    brought = {} if find_experiment(name)[0].dataset else {"dataset": dataset or "folder:PATH"}
    return config_of({"experiment": name, **brought})


@cache
def same_trainings(name: str) -> tuple[str, ...]:
    """The trainings of all experiments, as `NAME:VARIANT`, that have the very choices of this one, itself included.

    Raises:
        UserError: this version knows no such experiment.
    """
    choices, dataset = training_choices(preset(name)), find_experiment(name)[0].dataset
    if dataset is None:
        # Pictures that are brought are different ones.
        return (name,)
    return tuple(
        other
        for experiment in EXPERIMENTS.values()
        if experiment.dataset == dataset
        for other in (f"{experiment.name}:{variant}" for variant in experiment.variant_names)
        if training_choices(preset(other)) == choices
    )


def overrides_of(config: TrainConfig) -> dict[str, Any]:
    """The choices of a configuration that differ from its experiment's.

    Args:
        config: a `TrainConfig` with an experiment.

    Returns:
        The values by field, without what is no part of an experiment.

    Raises:
        UserError: this version knows no such experiment.
    """
    stated = preset(str(config.experiment), config.dataset).to_json()
    # Epochs stand in the place of steps, which are those of no training then.
    left_out = NO_OVERRIDES if config.epochs is None else NO_OVERRIDES | {"steps"}
    return {name: value for name, value in config.to_json().items() if name not in left_out and value != stated[name]}


def record_of(config: TrainConfig) -> dict[str, Any]:
    """What `config.json` says of the experiment: its name, variant, report and overrides."""
    experiment, variant = find_experiment(str(config.experiment))
    return {
        "name": experiment.name,
        "variant": variant,
        "report": experiment.report,
        "overrides": overrides_of(config),
    }


def overrides_text(config: TrainConfig) -> str:
    """The experiment of a configuration and what was overridden, in one line for people."""
    experiment, variant = find_experiment(str(config.experiment))
    changed = overrides_of(config)
    stated = preset(str(config.experiment), config.dataset)
    words = [f"{name} {value} (not {getattr(stated, name)})" for name, value in changed.items() if name != "dataset"]
    if "dataset" in changed:
        words.insert(0, f"dataset {config.dataset} (not {experiment.dataset})")
    of = f", {variant}" if experiment.is_comparison else ""
    return f"experiment {experiment.name}{of} (report {experiment.report}); overrides: {', '.join(words) or 'none'}"
