"""From the name of an experiment to the choices of a run."""

import textwrap
from collections.abc import Iterable
from typing import Any

from tfgan_repro.choices import option_name
from tfgan_repro.config import TrainConfig, fields_of_kind
from tfgan_repro.errors import UserError, unknown_name
from tfgan_repro.experiments.experiment import Experiment
from tfgan_repro.experiments.presets import EXPERIMENTS
from tfgan_repro.text_tables import aligned


def find_experiment(name: str) -> tuple[Experiment, str]:
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


def config_of(choices: dict[str, Any]) -> TrainConfig:
    """The configuration of what was chosen; where nothing was, of the experiment named, then of the model's recipe.

    An experiment comes with the recipe of its report.

    Args:
        choices: by field of `TrainConfig`.

    Raises:
        UserError: as `preset_choices`, or as `TrainConfig`; a choice about scores, where there are to be none.
    """
    choices = TrainConfig.checked(choices)
    name = choices.get("experiment")
    if choices.get("from_") is not None:
        config = config_from(choices)
    else:
        preset = {} if name is None else {"recipe": "report", **preset_choices(name, choices)}
        if choices.get("epochs") is not None:
            preset.pop("steps", None)
        config = TrainConfig.from_choices(**{**preset, **choices})
    about_scores = {*fields_of_kind("score"), "inception_weights"} & choices.keys()
    if about_scores and not config.fid_every and "fid_every" not in choices:
        option = option_name(min(about_scores))
        raise UserError(f"{option} needs --fid-every, without which a training is not scored; evaluate.py scores a run")
    return config


def config_from(choices: dict[str, Any]) -> TrainConfig:
    """The configuration of what was chosen; where nothing was, of the run whose networks it begins with.

    Args:
        choices: by field of `TrainConfig`, `from_` among them.

    Raises:
        UserError: no such run, or its networks do not fit what was chosen.
    """
    # Only here: a run's directory knows more than a command line has to.
    from tfgan_repro.runs.origin import find_origin

    if choices.get("experiment") is not None:
        raise UserError(f"--experiment {choices['experiment']} and --from {choices['from_']}: give one of them")
    origin = find_origin(choices["from_"])
    if choices.get("recipe", origin.config.recipe) != origin.config.recipe:
        raise UserError(
            f"--recipe {choices['recipe']} and --from {choices['from_']}, whose choices are taken over: give one of "
            "them"
        )
    config = TrainConfig.from_choices(**{**origin.choices, **choices})
    origin.check(config)
    return config


def table() -> str:
    """All experiments with report, data set and, below each, the report's claim, as text for 80 columns."""
    rows = [(each.name, each.report, each.dataset or "folder:PATH") for each in EXPERIMENTS.values()]
    head, *lines = aligned([("experiment", "report", "data set"), *rows])
    claims = [textwrap.indent(textwrap.fill(each.claim, 74), "    ") for each in EXPERIMENTS.values()]
    return "\n".join([head, *(line for pair in zip(lines, claims) for line in pair)])
