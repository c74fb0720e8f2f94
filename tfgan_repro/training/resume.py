"""Going on with an interrupted run from a checkpoint.

Whatever can refuse that is looked at first, and nothing is written before.
"""

import dataclasses
import hashlib
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tfgan_repro.choices import numbers_of, option_name
from tfgan_repro.config import TrainConfig, changeable_fields, fields_of_kind
from tfgan_repro.data import SOURCES
from tfgan_repro.data.description import fingerprint_differences
from tfgan_repro.errors import UserError, shortened
from tfgan_repro.files import json_line, read_json_lines, write_json_lines
from tfgan_repro.runs.checkpoints import DamagedCheckpoint, remove_unfinished, verify_checkpoint
from tfgan_repro.runs.directory import RunDirectory
from tfgan_repro.training.steps import has_grid


def resumed_config(config: TrainConfig, choices: dict[str, Any]) -> TrainConfig:
    """The configuration that a run goes on with.

    Args:
        choices: the choices made now, by field name; only those that are `changeable` may differ, and the place of the
            pictures, whose content is compared later.

    Raises:
        UserError: another choice differs from the run's, or is not valid.
    """
    changeable = changeable_fields()
    choices = TrainConfig.checked(choices)
    for name, value in choices.items():
        own = getattr(config, name)
        if name not in changeable and not is_kept(name, value, own):
            *others, last = map(option_name, sorted(changeable - {"steps"}))
            its_own = "the run, which has none" if own is None else f"the run's {own}"
            raise UserError(
                f"{option_name(name)} {value} differs from {its_own}; "
                f"a resumed run keeps its choices, but --steps may grow, and {', '.join(others)} and {last} change"
            )
    return dataclasses.replace(config, **{name: choices[name] for name in changeable | {"dataset"} if name in choices})


def is_kept(name: str, value: Any, own: Any) -> bool:
    """Whether a choice is still the run's; its pictures may lie elsewhere."""
    return value == own or (name == "dataset" and SOURCES.may_be_moved(value, own))


@dataclasses.dataclass
class Restart:
    """Where a run goes on.

    Attributes:
        step: generator updates made.
        manifest: of the checkpoint, with the states of the callbacks; empty at the start.
        damaged: newer checkpoints that cannot be used.
        changes: how the pictures differ from those that it was trained on, in words.
        checkpoint: the one that it goes on from; None at the start.
    """

    step: int = 0
    manifest: dict[str, Any] = dataclasses.field(default_factory=dict)
    damaged: list[Path] = dataclasses.field(default_factory=list)
    changes: list[str] = dataclasses.field(default_factory=list)
    checkpoint: Path | None = None


def find_restart(run: RunDirectory) -> Restart:
    """Find the newest checkpoint that is not damaged; a damaged one is reported and the one before is used.

    Nothing is written. A run without any starts again; `check_unchanged` refuses that where there must have been some.

    Args:
        run: a `RunDirectory`, held by this process.

    Raises:
        UserError: all are damaged.
    """
    restart = newest_whole(run.list_checkpoints())
    if restart.damaged and not restart.checkpoint:
        raise UserError(f"{run.path}: none of its checkpoints can be read; nothing was changed")
    return restart


def newest_whole(checkpoints: dict[int, Path]) -> Restart:
    """The newest of checkpoints, by step, that is not damaged; at the start where all are."""
    damaged: list[Path] = []
    for step, path in sorted(checkpoints.items(), reverse=True):
        try:
            return Restart(step, verify_checkpoint(path), damaged, checkpoint=path)
        except DamagedCheckpoint as error:
            print(f"warning: {path}: {error}; trying the checkpoint before it", file=sys.stderr)
            damaged.append(path)
    return Restart(damaged=damaged)


def facts_at(run: RunDirectory, config: TrainConfig, data: dict[str, Any], step: int) -> dict[str, Any]:
    """What a checkpoint says of its run, for `check_unchanged`.

    Args:
        data: the fingerprint of the training pictures.
        step: of the checkpoint.
    """
    return {"config": config.to_json(), "data": data, "recorded": recorded(run, config, step)}


def recorded(run: RunDirectory, config: TrainConfig, step: int) -> dict[str, str]:
    """Hashes of what a run has recorded up to a step and would have recorded whenever it ended, by file name.

    Raises:
        UserError: a file is damaged.
    """
    hashes = {}
    for path, rows in records(run, config, step):
        kept = [row for row in rows if path == run.log or of_training(row)]
        hashes[path.name] = hashlib.sha256("".join(map(json_line, kept)).encode()).hexdigest()
    return hashes


def records(run: RunDirectory, config: TrainConfig, step: int) -> Iterable[tuple[Path, list[dict[str, Any]]]]:
    """The log and the evaluations without what was written after a step, or only because the run ended there."""

    def scheduled(row: dict[str, Any], every: int) -> bool:
        return row["step"] <= step and every > 0 and row["step"] % every == 0

    yield run.log, [row for row in log_rows(run.log) if scheduled(row, config.log_every)]
    rows = log_rows(run.evaluations, of_training)
    yield run.evaluations, [row for row in rows if not of_training(row) or scheduled(row, config.fid_every)]


def of_training(row: dict[str, Any]) -> bool:
    """Whether a score was made by the training, and not by `evaluate` at any time."""
    return row.get("during_training", False)


def log_rows(path: Path, has_step: Callable[[dict[str, Any]], bool] = lambda row: True) -> list[dict[str, Any]]:
    """The lines of a log.

    Args:
        has_step: whether a line must say its step.

    Raises:
        UserError: the file is damaged.
    """
    try:
        rows = read_json_lines(path)
        if all(isinstance(row["step"], int) for row in rows if has_step(row)):
            return rows
        raise ValueError("a line without a step")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(f"{path} is damaged ({shortened(str(error))}); nothing was changed") from error


def check_unchanged(
    run: RunDirectory, config: TrainConfig, restart: Restart, data: dict[str, Any], accept_changed_data: bool
) -> list[str]:
    """Refuse to go on with a run that is not what it was when its checkpoint was written.

    What an earlier version did not write down is not compared.

    Args:
        run: the `RunDirectory`.
        config: the `TrainConfig` that it is to go on with.
        restart: the `Restart`.
        data: the fingerprint of the training pictures.
        accept_changed_data: go on although the pictures are others.

    Returns:
        How the pictures differ, in words, where that is accepted.

    Raises:
        UserError: the configuration, the pictures, or what the run has recorded has changed; the checkpoints are gone.
    """
    logged = max((row["step"] for row in log_rows(run.log)), default=0)
    if not restart.manifest and (run.generator_weights.exists() or logged > config.checkpoint_every):
        raise UserError(f"{run.path}: its checkpoints are gone, so that it cannot go on; nothing was changed")
    free = {*changeable_fields(), *fields_of_kind("place")}
    choices, stored = config.to_json(), restart.manifest.get("config", {})
    for name, value in choices.items():
        if name in stored and name not in free and not is_kept(name, value, stored[name]):
            raise UserError(
                f"{run.config} says {name} {value}, and {run.path} was trained with {stored[name]}; nothing was changed"
            )
    facts = run.read_facts()
    known = restart.manifest.get("data") or facts.get("data")
    if not isinstance(known, dict):
        # Runs of earlier versions have written down this much.
        classes = facts.get("classes")
        known = {"image_shape": facts["image_shape"]}
        if classes is not None:
            known |= {"class_names": list(classes), "class_counts": list(classes.values())}
    differences = fingerprint_differences(known, data)
    if differences and not accept_changed_data:
        raise UserError(
            f"{config.dataset} is no longer what {run.path} was trained on: {'; '.join(differences)}; nothing was "
            "changed; restore the pictures, or use --accept-changed-data to go on with these"
        )
    found = recorded(run, config, restart.step)
    for name, digest in restart.manifest.get("recorded", {}).items():
        if found[name] != digest:
            raise UserError(
                f"{run.path / name} is not what it was when the checkpoint of step {restart.step} was written; nothing "
                "was changed"
            )
    return differences


def set_aside(run: RunDirectory, config: TrainConfig, restart: Restart) -> Path:
    """Keep what a resumed run cannot use, and what it will forget, in a folder of the run that is made for it."""
    number = 1
    while (folder := run.path / f"set-aside-{number}").exists():
        number += 1
    folder.mkdir()
    for path in restart.damaged:
        path.rename(folder / path.name)
    for path in (run.log, run.evaluations):
        if path.exists():
            shutil.copy2(path, folder)
    for path in later_grids(run, config, restart.step):
        shutil.copy2(path, folder)
    return folder


def rewind(run: RunDirectory, config: TrainConfig, step: int) -> None:
    """Remove what the run has written after a step, and what it wrote only because it ended there.

    Args:
        run: a `RunDirectory`, held by this process.
        config: its `TrainConfig`.
        step: the step that it goes on from.
    """
    remove_unfinished(run)
    for path, rows in list(records(run, config, step)):
        if path.exists():
            write_json_lines(path, rows)
    for path in later_grids(run, config, step):
        path.unlink()


def later_grids(run: RunDirectory, config: TrainConfig, step: int) -> list[Path]:
    """The sample grids after a step, and those made only because the run ended there."""
    grids = {path: re.fullmatch(r"(?:step|best|batch)_(\d+)", path.stem) for path in run.samples.glob("*.png")}
    steps = {path: int(found.group(1)) for path, found in grids.items() if found}
    wanted = numbers_of(config.sample_steps)
    return [path for path, at in steps.items() if at > step or not (has_grid(at) or at in wanted)]
