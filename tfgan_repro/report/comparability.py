"""Which runs are one training with several seeds, and which two trainings may be compared."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tfgan_repro.data.preparation import Preparation
from tfgan_repro.errors import UserError
from tfgan_repro.experiments.experiment import Compared, Order
from tfgan_repro.experiments.presets import EXPERIMENTS
from tfgan_repro.experiments.settings import preset, same_trainings, training_choices
from tfgan_repro.report.runs import Run

# Choices about the pictures themselves, which differ where a claim is about data sets.
DATA = {"dataset", *(spec.name for spec in dataclasses.fields(Preparation))}


def group_runs(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """Runs that differ in nothing but the seed, in its order.

    A run counts in every experiment that has a training of the very same choices, so that none is trained twice; where
    an experiment has a run of its own with that seed, it stands for itself.

    Returns:
        The groups by `experiment:variant` (a run without experiment by its own name); where runs of one variant were
        trained with different choices, each group's name goes on with them: `adam-vs-sgd:adam, width 0.25`.
    """
    found: dict[str, list[Run]] = {}
    runs = sorted(runs, key=lambda run: (run.group, run.seed, run.name))
    for run in runs:
        found.setdefault(run.group, []).append(run)
    # After all that stand for themselves.
    for run in runs:
        for name in twins_of(run):
            members = found.setdefault(name, [])
            if all(member.training != run.training for member in members):
                members.append(as_variant(run, name))
    groups: dict[str, list[Run]] = {}
    for name, members in sorted(found.items()):
        for words, part in split(members).items():
            groups[", ".join(filter(None, (name, words)))] = sorted(part, key=lambda run: (run.seed, run.name))
    return groups


def twins_of(run: Run) -> list[str]:
    """The other trainings of experiments, as `experiment:variant`, that this run is one of as well."""
    if not run.experiment or not known(run.group):
        return []
    if run.config.get("dataset") != EXPERIMENTS[run.experiment["name"]].dataset:
        # Other pictures are another experiment in any case.
        return []
    return [name for name in same_trainings(run.group) if name != run.group]


def as_variant(run: Run, name: str) -> Run:
    """A run as one of another experiment's variant."""
    experiment, _, variant = name.partition(":")
    own = {"name": experiment, "variant": variant, "report": EXPERIMENTS[experiment].report}
    return dataclasses.replace(run, experiment={**run.experiment, **own}, borrowed_from=run.group)


def known(name: str) -> bool:
    """Whether this version knows an `experiment:variant`."""
    experiment, _, variant = name.partition(":")
    return experiment in EXPERIMENTS and variant in EXPERIMENTS[experiment].variant_names


def split(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Runs by their choices: under "" where all have the same, else under those that differ, in words."""
    parts: dict[tuple, list[Run]] = {}
    for run in runs:
        parts.setdefault(tuple(run.choices.items()), []).append(run)
    first = runs[0].choices
    varied = [name for name in first if any(run.choices[name] != first[name] for run in runs)]
    return {
        ", ".join(f"{name} {part[0].choices[name]}" for name in varied): part for part in parts.values()
    }


def seeds_of(runs: Iterable[Run]) -> list[Run]:
    """Each seed once: the same training twice is no second one."""
    return list({run.training: run for run in reversed(list(runs))}.values())[::-1]


def members(name: str, groups: Mapping[str, Sequence[Run]]) -> list[list[Run]]:
    """The finished runs of `experiment` or `experiment:variant`, each seed once, by their choices.

    A run of no experiment counts for none, whatever its directory is called.
    """
    own = [
        runs
        for runs in groups.values()
        if runs[0].experiment and name in (runs[0].group, runs[0].experiment["name"])
    ]
    finished = (seeds_of(run for run in runs if run.finished) for runs in own)
    return [runs for runs in finished if runs]


def stated_choices(run: Run) -> dict[str, Any]:
    """The choices of a run's experiment without overrides; those of the run where this version knows it not."""
    try:
        return training_choices(preset(run.group, str(run.config.get("dataset"))))
    except UserError:
        return run.choices


def overrides(runs: Sequence[Run]) -> dict[str, tuple[Any, Any]]:
    """What runs of one training have otherwise than the experiment as it is today: `(theirs, its)` by choice."""
    stated = stated_choices(runs[0])
    return {name: (value, stated[name]) for name, value in runs[0].choices.items() if value != stated[name]}


def overrides_words(runs: Sequence[Run]) -> str:
    return ", ".join(f"{name} {own} (not {other})" for name, (own, other) in overrides(runs).items())


def differences(claim: Order | Compared, better: Sequence[Run], worse: Sequence[Run]) -> str:
    """What forbids to compare two trainings for a claim, in words; empty where nothing does.

    They may differ in what the claim is about: the choices in which the two trainings of the experiments differ, where
    both runs have them as they are there. Different lengths are no hindrance here, see `verdicts.last_common`.
    """
    sides, stated = (better[0].choices, worse[0].choices), (stated_choices(better[0]), stated_choices(worse[0]))
    free = DATA if claim.data_sets else set()
    if not free and sides[0]["dataset"] == sides[1]["dataset"] not in {its["dataset"] for its in stated}:
        return f"the claim is about {stated[0]['dataset']}, and both were trained on {sides[0]['dataset']}"
    varied = [name for name in sides[0] if sides[0][name] != sides[1][name] and name != "steps" and name not in free]
    compared = [name for name in varied if all(own[name] == its[name] for own, its in zip(sides, stated))]
    wrong = [name for name in varied if name not in compared]
    if wrong:
        return "they differ in more than the claim is about: " + ", ".join(
            f"{name} {sides[0][name]} against {sides[1][name]}" for name in wrong
        )
    if not compared and not free:
        return "they do not differ in what the claim is about"
    return ""


def shared_overrides(*sides: Sequence[Run]) -> str:
    """What all trainings have alike and at least one of them otherwise than its experiment, in words."""
    changed, choices = {name: None for side in sides for name in overrides(side)}, [side[0].choices for side in sides]
    alike = [name for name in changed if name != "steps" and all(own[name] == choices[0][name] for own in choices)]
    return ", ".join(f"{name} {choices[0][name]}" for name in alike)
