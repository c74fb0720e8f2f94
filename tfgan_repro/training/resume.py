"""Where an interrupted run goes on, and what it must forget to go on as if it had never stopped."""

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfgan_repro.choices import option_name
from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError
from tfgan_repro.files import read_json_lines, write_json_lines
from tfgan_repro.training.callbacks import has_grid
from tfgan_repro.runs.checkpoints import (
    DamagedCheckpoint,
    list_checkpoints,
    load_checkpoint,
    remove_unfinished,
    verify_checkpoint,
)

if TYPE_CHECKING:
    from tfgan_repro.models.gan import GAN
    from tfgan_repro.runs.directory import RunDirectory


# What says nothing about the steps already made.
CHANGEABLE = ("steps", "on_failure", "strategy", "wandb")


def resumed_config(config: TrainConfig, choices: dict[str, Any]) -> TrainConfig:
    """The configuration that a run goes on with.

    Args:
        config: the run's `TrainConfig`.
        choices: the choices made now, by field name; only those of `CHANGEABLE` may differ.

    Raises:
        UserError: another choice differs from the run's.
    """
    for name, value in choices.items():
        if name not in CHANGEABLE and value != getattr(config, name):
            raise UserError(
                f"{option_name(name)} {value} differs from the run's {getattr(config, name)}; "
                "a resumed run keeps its choices, only --steps may grow, and --on-failure, --strategy and --wandb "
                "change"
            )
    return dataclasses.replace(config, **{name: choices[name] for name in CHANGEABLE if name in choices})


def restore(run: "RunDirectory", gan: "GAN") -> tuple[int, dict[str, Any]]:
    """Load the newest checkpoint that is not damaged; a damaged one is reported and the one before is used.

    Args:
        run: a `RunDirectory`, held by this process.
        gan: the compiled `GAN` of its configuration, untrained.

    Returns:
        The step, and the checkpoint's manifest with the states of the callbacks. A run without any checkpoint starts
        again, with an empty one.
    """
    remove_unfinished(run)
    for step, path in reversed(list_checkpoints(run).items()):
        try:
            manifest = verify_checkpoint(path)
            load_checkpoint(path, gan)
        except DamagedCheckpoint as error:
            print(f"warning: {path}: {error}; trying the checkpoint before it", file=sys.stderr)
            continue
        return step, manifest
    return 0, {}


def rewind(run: "RunDirectory", config: TrainConfig, step: int) -> None:
    """Remove what the run has written after a step, and what it wrote only because it ended there.

    Args:
        run: a `RunDirectory`, held by this process.
        config: its `TrainConfig`.
        step: the step that it goes on from.
    """

    def keep(path: Path, wanted: Callable[[dict[str, Any]], bool]) -> None:
        if path.exists():
            write_json_lines(path, [row for row in read_json_lines(path) if wanted(row)])

    def scheduled(row: dict[str, Any], every: int) -> bool:
        return row["step"] <= step and every > 0 and row["step"] % every == 0

    keep(run.log, lambda row: scheduled(row, config.log_every))
    keep(run.evaluations, lambda row: not row.get("during_training") or scheduled(row, config.fid_every))
    for path in run.samples.glob("step_*.png"):
        grid_step = int(path.stem.removeprefix("step_"))
        if grid_step > step or not has_grid(grid_step):
            path.unlink()
