"""From the name of an experiment to the choices of a run, and back to what was overridden."""

import dataclasses
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tfgan_repro.errors import UserError, unknown_name
from tfgan_repro.experiments.presets import EXPERIMENTS

if TYPE_CHECKING:
    from tfgan_repro.config import TrainConfig
    from tfgan_repro.experiments.experiment import Experiment


# Kinds of choices that are no part of an experiment, and two more choices.
NO_OVERRIDES = {"place", "machine", "output"}, {"experiment", "seed"}


def find_experiment(name: str) -> "tuple[Experiment, str]":
    """An experiment and one of its variants from `NAME` or `NAME:VARIANT`.

    Args:
        name: as on the command line; a comparison needs its variant.

    Returns:
        The `Experiment` and the variant's name.

    Raises:
        UserError: an unknown name, or a comparison without a variant.
    """
    name, _, variant = name.partition(":")
    if name not in EXPERIMENTS:
        raise unknown_name("experiment", name, EXPERIMENTS)
    experiment = EXPERIMENTS[name]
    if not variant and experiment.is_comparison:
        words = " or ".join(f"{name}:{variant}" for variant in experiment.variants)
        raise UserError(
            f"--experiment {name} compares several trainings: say {words}, or all of them with "
            f"python -m tfgan_repro.experiments run {name}"
        )
    variant = variant or experiment.variant_names[0]
    if variant not in experiment.variant_names:
        raise unknown_name(f"variant of {name}", variant, experiment.variant_names)
    return experiment, variant


def preset_choices(name: str, given: Iterable[str] = ()) -> dict[str, Any]:
    """The choices of an experiment, by field of `TrainConfig`.

    Args:
        name: as in `find_experiment`.
        given: the fields that the user has chosen.

    Raises:
        UserError: as `find_experiment`, or the user must bring the pictures and has not.
    """
    experiment, variant = find_experiment(name)
    choices = experiment.of_variant(variant)
    if experiment.dataset is not None:
        return {"dataset": experiment.dataset, **choices}
    if "dataset" not in given:
        raise UserError(f"--experiment {name} needs pictures of yours: --dataset folder:PATH with {experiment.brings}")
    return choices


def overrides_of(config: "TrainConfig") -> dict[str, Any]:
    """The choices of a configuration that differ from its experiment's.

    Args:
        config: a `TrainConfig` with an experiment.

    Returns:
        The values by field, without what is no part of an experiment.

    Raises:
        UserError: this version knows no such experiment.
    """
    brought = {} if find_experiment(str(config.experiment))[0].dataset else {"dataset": config.dataset}
    preset = type(config).from_choices(experiment=config.experiment, **brought).to_json()
    kinds, names = NO_OVERRIDES
    fields = [spec.name for spec in dataclasses.fields(config) if spec.metadata["kind"] not in kinds]
    chosen = {name: getattr(config, name) for name in fields if name not in names}
    return {name: value for name, value in chosen.items() if value != preset[name]}


def record_of(config: "TrainConfig") -> dict[str, Any]:
    """What `config.json` says of the experiment: its name, variant, report and overrides."""
    experiment, variant = find_experiment(str(config.experiment))
    return {
        "name": experiment.name,
        "variant": variant,
        "report": experiment.report,
        "overrides": overrides_of(config),
    }


def overrides_text(config: "TrainConfig") -> str:
    """The experiment of a configuration and what was overridden, in one line for people."""
    experiment, variant = find_experiment(str(config.experiment))
    changed = overrides_of(config)
    preset = type(config).from_choices(experiment=config.experiment, dataset=config.dataset)
    words = [f"{name} {value} (not {getattr(preset, name)})" for name, value in changed.items() if name != "dataset"]
    if "dataset" in changed:
        words.insert(0, f"dataset {config.dataset} (not {experiment.dataset})")
    of = f", {variant}" if experiment.is_comparison else ""
    return f"experiment {experiment.name}{of} (report {experiment.report}); overrides: {', '.join(words) or 'none'}"


def table() -> str:
    """All experiments with report, data set and, below each, the report's claim, as text for 80 columns."""
    rows = [(each.name, each.report, each.dataset or "folder:PATH") for each in EXPERIMENTS.values()]
    rows.insert(0, ("experiment", "report", "data set"))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths)).rstrip() for row in rows]
    claims = [textwrap.indent(textwrap.fill(each.claim, 74), "    ") for each in EXPERIMENTS.values()]
    return "\n".join([lines[0], *(line for pair in zip(lines[1:], claims) for line in pair)])
