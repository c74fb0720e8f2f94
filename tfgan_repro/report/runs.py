"""Run directories as they lie on the disk: what each tells of itself, for tables and pages."""

import dataclasses
import shlex
import statistics
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError
from tfgan_repro.experiments.settings import training_choices
from tfgan_repro.files import read_json_lines
from tfgan_repro.models import LOSSES
from tfgan_repro.runs.curves import curve_of
from tfgan_repro.runs.directory import CONFIG, RunDirectory, grids_by_step
from tfgan_repro.scaling import farthest_apart

CHOICES = {spec.name for spec in dataclasses.fields(TrainConfig)}
DEFAULTS = training_choices(TrainConfig())
# How deep below the results folder a run may lie: RESULTS/EXPERIMENT/VARIANT-seedK.
DEPTH = 3


@dataclass(frozen=True)
class Run:
    """What a run directory says.

    Attributes:
        path: the directory.
        name: its path below the results folder, with slashes.
        config: the choices, by name.
        experiment: what `config.json` says of the experiment (`name`, `variant`, `report`, `overrides`), or {}.
        facts: the rest of `config.json`: image shape, classes, versions, commit.
        log: the lines of `log.jsonl`.
        evaluations: the lines of `evaluations.jsonl`.
        borrowed_from: the `experiment:variant` that the run was made for, where it counts in another one as well
            because that has the very same choices; see `group_runs`.
    """

    path: Path
    name: str
    config: dict
    experiment: dict = field(default_factory=dict)
    facts: dict = field(default_factory=dict)
    log: list = field(default_factory=list)
    evaluations: list = field(default_factory=list)
    borrowed_from: str | None = None

    @property
    def classes(self) -> list[str]:
        """The names of the classes, for a conditional run; else none."""
        conditional = self.config.get("generator_conditioning", "none") != "none"
        return list(self.facts.get("classes", {})) if conditional else []

    @property
    def group(self) -> str:
        """What its seeds are repeated for: `experiment:variant`, or its own name without an experiment."""
        return f"{self.experiment['name']}:{self.experiment['variant']}" if self.experiment else self.name

    @cached_property
    def choices(self) -> dict[str, Any]:
        """Whatever decides what was trained, but for the seed; a choice younger than the run is what was done then."""
        known = {name: value for name, value in self.config.items() if name in CHOICES}
        try:
            return training_choices(TrainConfig.from_json(known))
        except UserError:
            # A run of another version may have choices that this one refuses.
            return {name: self.config.get(name, default) for name, default in DEFAULTS.items()}

    @property
    def training(self) -> tuple:
        """What two runs have in common that are one and the same training, though they lie in two directories."""
        return *sorted(self.choices.items()), ("seed", self.seed)

    @property
    def is_unbounded(self) -> bool:
        """Whether it ended with a critic without bounds: the sign `unbounded` of its health, which older logs lack."""
        shape, last = self.facts.get("image_shape"), self.log[-1] if self.log else {}
        loss = LOSSES.get(self.choices["loss"])  # perhaps one of another version
        if loss is None or not loss.facts.get("needs_bound") or not shape or last.get("d_real") is None:
            return False
        return last["d_real"] - (last.get("d_fake") or 0.0) > farthest_apart(shape)

    @property
    def seed(self) -> int:
        return self.config.get("seed", 0)

    @property
    def steps(self) -> int:
        """Generator updates that it was to make."""
        return self.config.get("steps", 0)

    @property
    def done(self) -> int:
        """Generator updates made, as far as log and scores know: a run that was stopped ends between two log lines."""
        steps = [row.get("step") for row in (*self.log[-1:], *self.evaluations)]
        return max((step for step in steps if step is not None), default=0)

    @property
    def finished(self) -> bool:
        return self.done >= self.steps > 0

    @property
    def device(self) -> str | None:
        """What it was trained on, in words, or None where that is not recorded."""
        try:
            name, count, kind = (self.facts["device"][key] for key in ("name", "count", "kind"))
        except (KeyError, TypeError):
            return None
        if kind == "cpu":
            return f"{count} {'core' if count == 1 else 'cores'} of {name}"
        return f"{count} x {name}"

    @property
    def seconds(self) -> float:
        """The time spent training."""
        return self.log[-1].get("seconds", 0.0) if self.log else 0.0

    @property
    def images_per_second(self) -> float | None:
        """The median over the log, or None."""
        rates = [row["images_per_second"] for row in self.log if "images_per_second" in row]
        return statistics.median_high(rates) if rates else None

    @cached_property
    def curve(self) -> list[dict[str, Any]]:
        """The scores made during training, in order."""
        return sorted(curve_of(self.evaluations), key=lambda row: row["step"])

    @cached_property
    def unscored(self) -> list[dict[str, Any]]:
        """The evaluations during training that gave no score, because the images were no numbers, in order."""
        rows = [row for row in self.evaluations if row.get("during_training") and row["value"] is None]
        return sorted(rows, key=lambda row: row["step"])

    @property
    def broken(self) -> bool:
        """Whether the images of the finished run could not be scored."""
        return self.finished and any(row["step"] == self.done for row in self.unscored)

    @cached_property
    def grids(self) -> dict[int, Path]:
        """The sample grids by step."""
        return grids_by_step(RunDirectory(self.path).samples)

    @cached_property
    def health(self) -> list[tuple[str, int, int, int]]:
        """The signs of trouble that the log and the evaluations name: `(sign, first step, last step, lines)`."""
        found: dict = {}
        for row in [*self.log, *self.evaluations]:
            for sign in row.get("health") or ():
                first, _, count = found.get(str(sign), (row["step"], 0, 0))
                found[str(sign)] = first, row["step"], count + 1
        return [(sign, *where) for sign, where in found.items()]


def read_run(path: Path, name: str) -> Run:
    """Read one run directory.

    Args:
        path: the directory.
        name: what the run is called.

    Raises:
        UserError: a file of it is damaged.
    """
    try:
        files = RunDirectory(path)
        stored = files.read_facts()
        config, experiment = stored.pop("config"), stored.pop("experiment", None) or {}
        if experiment:
            experiment = {"variant": "", "report": "", "overrides": {}, **experiment, "name": str(experiment["name"])}
        log, evaluations = read_json_lines(files.log), read_json_lines(files.evaluations)
        run = Run(path, name, dict(config), experiment, stored, log, evaluations)
        # Whatever the page needs of every line, so that a damaged file is told here.
        [row["step"] for row in log]
        for row in evaluations:
            # Older scores do not say it.
            row.setdefault("image_size", stored.get("image_shape", [None])[0])
        [(row["step"], row["metric"], float(row["value"])) for row in run.curve]
        [(row["step"], str(row["why"])) for row in run.unscored]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path} cannot be read as a run ({error!r})") from error
    return run


def find_runs(results: Path | str) -> list[Run]:
    """All runs below a results folder, by name; what cannot be read is named on standard error and left out.

    Args:
        results: the folder, or a single run directory.

    Returns:
        A list of `Run`.

    Raises:
        UserError: no such folder, or no run in it.
    """
    results = Path(results)
    if not results.is_dir():
        raise UserError(f"no such results folder: {results}")
    if (results / CONFIG).is_file():
        return [read_run(results, results.resolve().name)]
    runs = []
    for depth in range(1, DEPTH + 1):
        for file in sorted(results.glob("/".join(["*"] * depth + [CONFIG]))):
            name = file.parent.relative_to(results).as_posix()
            if any(part.startswith(".") for part in name.split("/")):
                continue  # a run directory that is being made
            try:
                runs.append(read_run(file.parent, name))
            except UserError as error:
                print(f"warning: {error}; left out", file=sys.stderr)
    if not runs:
        place = shlex.quote(str(results))
        raise UserError(f"{results} holds no run; train one with python train.py --results-dir {place}")
    return sorted(runs, key=lambda run: run.name)
