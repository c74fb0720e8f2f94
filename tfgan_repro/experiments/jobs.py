"""What is to be run for some experiments, and how far each run has come."""

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfgan_repro.choices import words_of
from tfgan_repro.config import TrainConfig, changeable_fields, fields_of_kind
from tfgan_repro.errors import UserError, unknown_name
from tfgan_repro.experiments.presets import EXPERIMENTS
from tfgan_repro.experiments.selection import config_of, find_experiment
from tfgan_repro.experiments.settings import same_trainings, training_choices
from tfgan_repro.files import read_json_lines
from tfgan_repro.runs.directory import FINAL_IMAGES, RunDirectory

# Two runs may differ in these and be the same.
NOT_COMPARED = {"steps", *fields_of_kind("place", "machine", "output")}


@dataclass(frozen=True)
class Job:
    """One training of an experiment.

    Attributes:
        name: `experiment:variant`; of several that are one and the same training the one that its run is made for.
        choices: what was chosen beside it, with `seed` and `run_dir`.
        config: the `TrainConfig` of both.
    """

    name: str
    choices: dict
    config: TrainConfig

    @property
    def run(self) -> RunDirectory:
        """Its `RunDirectory`, whether it exists or not."""
        return RunDirectory(self.config.run_dir)  # type: ignore[arg-type]  # `choices` has one

    @property
    def started(self) -> bool:
        return self.run.config.is_file()

    @property
    def finished(self) -> bool:
        """Whether all steps are made and the pictures drawn."""
        if not self.started:
            return False
        log = read_json_lines(self.run.log)
        # The newest checkpoint where there are any: a run killed at its end may have logged more than it has kept.
        done = max(self.run.list_checkpoints(), default=log[-1]["step"] if log else 0)
        return done >= self.config.steps and len(list(self.run.final_images.glob("*.png"))) >= FINAL_IMAGES

    @property
    def is_alike(self) -> bool:
        """Whether the run in its place, if there is one, has its choices."""
        try:
            self.check()
        except UserError:
            return False
        return True

    def words(self) -> list[str]:
        """The words after `train.py` that start it, or go on with it, by what may change then."""
        if self.started:
            anew = {name: value for name, value in self.choices.items() if name in changeable_fields()}
            return ["--resume", str(self.run.path), *words_of({**anew, "steps": self.config.steps})]
        return ["--experiment", self.name, *words_of(self.choices)]

    def check(self) -> None:
        """Raise a `UserError` where an earlier run lies in the directory whose choices were others."""
        if not self.started:
            return
        stored = self.run.read_config()[0]
        if stored.steps > self.config.steps:
            raise UserError(f"{self.run.path} is a run of {stored.steps} steps, more than --steps {self.config.steps}")
        for spec in dataclasses.fields(stored):
            old, new = getattr(stored, spec.name), getattr(self.config, spec.name)
            if spec.name == "experiment":
                old, new = (name and find_experiment(name) for name in (old, new))
            if spec.name == "dataset":
                # A run keeps the whole path of a folder.
                old, new = stored.absolute_dataset, self.config.absolute_dataset
            if spec.name not in NOT_COMPARED and old != new:
                shown = getattr(stored, spec.name), getattr(self.config, spec.name)
                raise UserError(
                    f"{self.run.path} is a run with {spec.name} {shown[0]}, not {shown[1]}; choose other "
                    "--results-dir, or remove it"
                )


def plan(names: Iterable[str], seeds: int, results: Path | str, choices: dict[str, Any]) -> list[Job]:
    """The runs of some experiments: of all variants, first with the first seed, then with the next.

    What several experiments have in common is trained once, and not again where it was trained for one of them.

    Args:
        names: experiments, or `NAME:VARIANT`.
        seeds: how many; they are 0, 1, 2, ...
        results: the folder that the runs lie in, as `EXPERIMENT/VARIANT-seedK`.
        choices: what overrides the experiments' choices.

    Returns:
        A list of `Job`.

    Raises:
        UserError: an unknown name, an invalid choice, or an earlier run with other choices in a run's place.
    """
    jobs: dict[tuple[str, int], Job] = {}
    # Every variant once before any second seed, so that an interrupted grid can be read.
    for seed in range(seeds):
        for name, variant in variants_of(names):
            own = job_of(f"{name}:{variant}", seed, Path(results), choices)
            own.check()
            # Where another experiment has a training of the very same choices, its run is this one's as well.
            others = [] if own.started else [other for other in same_trainings(own.name) if other != own.name]
            made = (job_of(other, seed, Path(results), choices) for other in others)
            # What one of them states and the other leaves to the recipe may differ for a model that is overridden.
            twins = [job for job in made if training_choices(job.config) == training_choices(own.config)]
            if not any((twin.name, seed) in jobs for twin in twins):
                job = next((twin for twin in twins if twin.started and twin.is_alike), own)
                jobs[job.name, seed] = job
    return list(jobs.values())


def job_of(name: str, seed: int, results: Path, choices: dict[str, Any]) -> Job:
    """The job of one `experiment:variant` with one seed."""
    experiment, _, variant = name.partition(":")
    path = results / experiment / f"{re.sub(r'[^A-Za-z0-9._-]+', '_', variant)}-seed{seed}"
    own = {**choices, "seed": seed, "run_dir": str(path)}
    return Job(name, own, config_of({"experiment": name, **own}))


def variants_of(names: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of an experiment's and a variant's name, each once, in order."""
    pairs = {}
    for name in names:
        experiment, _, variant = name.partition(":")
        if experiment not in EXPERIMENTS:
            raise unknown_name("experiment", experiment, EXPERIMENTS)
        known = (find_experiment(name)[1],) if variant else EXPERIMENTS[experiment].variant_names
        pairs.update(dict.fromkeys((experiment, each) for each in known))
    return list(pairs)
