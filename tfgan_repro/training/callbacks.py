"""What happens beside the training steps: log, sample grids, scores, checkpoints; on TensorBoard as well."""

import functools
import math
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.files import append_json_line
from tfgan_repro.report.grids import image_grid, write_png
from tfgan_repro.runs.checkpoints import write_checkpoint
from tfgan_repro.models.generation import grid_images, labelled_images, sampling_generator
from tfgan_repro.training.health import SIGNS
from tfgan_repro.training.steps import Sitting, StepCallback

if TYPE_CHECKING:
    from tfgan_repro.metrics.score import Reference
    from tfgan_repro.training.board import Board
    from tfgan_repro.training.boards import Boards
    from tfgan_repro.training.health_monitor import HealthMonitor


class TrainingLog(StepCallback):
    """Writes the means of each interval as a line of `log.jsonl` and as TensorBoard scalars.

    Args:
        sitting: the `Sitting`, with the run directory.
        board: the `Board`.
        every: steps an interval.
        images_per_step: real images that a step sees.
        monitor: the `HealthMonitor`.
        state: what `state` gave when the run was interrupted, or None.
    """

    def __init__(
        self,
        sitting: Sitting,
        board: "Board | Boards",
        every: int,
        images_per_step: int,
        monitor: "HealthMonitor",
        state: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(sitting)
        self.board = board
        self.every, self.images_per_step = every, images_per_step
        self.monitor = monitor
        # Times are kept as durations, so that a clock set back or a pause between two sittings does not matter.
        self.state = state or {"seconds": 0.0, "interval_seconds": 0.0, "sums": {}, "count": 0}

    def next_due(self, step: int) -> int:
        return self.sitting.next_due(step, self.every)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.last = time.monotonic()

    def on_step(self, step: int, logs: dict[str, Any]) -> None:
        now, state = time.monotonic(), self.state
        state["seconds"] += now - self.last
        state["interval_seconds"] += now - self.last
        self.last = now
        for name, values in logs.items():
            values = np.ravel(values).tolist()
            # One after the other, so that the sum does not depend on how many come at once.
            state["sums"][name] = functools.reduce(finite_sum, values, state["sums"].get(name, 0.0))
        state["count"] += len(values)
        if self.sitting.is_due(step, self.every) or self.monitor.failure:
            self.write(step)
        if step % self.every == 0:
            # Not after the run's last step, if it ends within an interval: a longer run would go on with it.
            self.state = {"seconds": state["seconds"], "interval_seconds": 0.0, "sums": {}, "count": 0}

    def write(self, step: int) -> None:
        state = self.state
        rate = state["count"] * self.images_per_step / max(state["interval_seconds"], 1e-9)
        times = {"seconds": round(state["seconds"], 3), "images_per_second": round(rate, 1)}
        means = {
            name: math.nan if total is None else total / state["count"] for name, total in state["sums"].items()
        }
        health = self.monitor.judge(step, step - state["count"], means, scheduled=step % self.every == 0)
        append_json_line(self.sitting.run.log, {"step": step, **times, **means, **health})
        signs = {f"health/{name}": float(name in health["health"]) for name in SIGNS}
        diversity = {} if health["diversity"] is None else {"diversity": health["diversity"]}
        self.board.scalars(step, {**times, **means, **diversity, **signs})


def finite_sum(total: float | None, value: float) -> float | None:
    """The sum, or None, which JSON knows, for NaN and whatever follows it."""
    return None if total is None or not math.isfinite(total + value) else total + value


class SampleGrids(StepCallback):
    """Writes grids of images from fixed latents, often at first and ever more rarely, so that early changes show.

    Args:
        sitting: the `Sitting`, with the run directory.
        board: the `Board`.
        seed: of the latents.
        classes: the training images of each class, by its name.
    """

    def __init__(self, sitting: Sitting, board: "Board | Boards", seed: int, classes: dict[str, int]) -> None:
        super().__init__(sitting)
        self.board, self.seed, self.classes = board, seed, classes

    def next_due(self, step: int) -> int:
        return next_grid(step, self.sitting.total)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self.sitting.done == 0:
            self.write(0)

    def on_step(self, step: int, logs: dict[str, Any]) -> None:
        if self.sitting.is_due(step, 0) or has_grid(step):
            self.write(step)

    def write(self, step: int) -> None:
        grid = image_grid(*grid_images(sampling_generator(self.model, self.classes), self.seed, self.classes))
        write_png(self.sitting.run.sample_grid(step), grid)
        self.board.picture(step, "samples", grid)


def has_grid(step: int) -> bool:
    """Whether a step, whatever the length of the run, is one of 0, 3, 12, 27, ...: three times the squares."""
    return step % 3 == 0 and round((step / 3) ** 0.5) ** 2 * 3 == step


def next_grid(step: int, total: int) -> int:
    """The first step after one for which `has_grid` is true, or the run's last."""
    return min(total, 3 * (math.isqrt(step // 3) + 1) ** 2)


class Scores(StepCallback):
    """Scores generated images every so many steps into `evaluations.jsonl`, and onto TensorBoard.

    A generator whose images cannot be scored, because they are no numbers, gets a line without a value and with the
    reason; what could be written instead would look like a score.

    Args:
        sitting: the `Sitting`, with the run directory.
        board: the `Board`.
        every: steps between scores.
        reference: a `tfgan_repro.metrics.score.Reference`.
        count: generated images a score; their latents have the reference's seed.
        classes: the training images of each class, by its name.
    """

    def __init__(
        self,
        sitting: Sitting,
        board: "Board | Boards",
        every: int,
        reference: "Reference",
        count: int,
        classes: dict[str, int],
    ) -> None:
        super().__init__(sitting)
        self.board, self.every, self.classes = board, every, classes
        self.reference, self.count = reference, count

    def next_due(self, step: int) -> int:
        return self.sitting.next_due(step, self.every)

    def on_step(self, step: int, logs: dict[str, Any]) -> None:
        if not self.sitting.is_due(step, self.every):
            return
        generator = sampling_generator(self.model, self.classes)
        try:
            images, _ = labelled_images(generator, self.count, self.reference.seed, self.classes)
            score = self.reference.score(images)
        except UserError as error:
            score = self.reference.without_score(self.count, str(error))
            print(f"warning: step {step}: no score: {error}", file=sys.stderr)
        weights = "ema" if self.model.average else "raw"
        append_json_line(
            self.sitting.run.evaluations, {"step": step, **score, "generator_weights": weights, "during_training": True}
        )
        if score["value"] is not None:
            self.board.scalars(step, {score["metric"]: score["value"]})


class Checkpoints(StepCallback):
    """Writes a checkpoint every so many steps, after the last, and when training stops before it.

    It comes after the callbacks whose state it keeps.

    Args:
        sitting: the `Sitting`, with the run directory.
        every: steps between checkpoints.
        log: the `TrainingLog`.
        monitor: the `HealthMonitor`.
        classes: the training images of each class, by its name.
    """

    def __init__(
        self, sitting: Sitting, every: int, log: TrainingLog, monitor: "HealthMonitor", classes: dict[str, int]
    ) -> None:
        super().__init__(sitting)
        self.every, self.log, self.monitor, self.classes = every, log, monitor, classes
        self.written = sitting.done

    def next_due(self, step: int) -> int:
        return self.sitting.next_due(step, self.every)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self.sitting.done == 0 and self.monitor.on_failure == "rollback":
            # A run that fails before its first checkpoint has something to return to.
            self.write(0)

    def on_step(self, step: int, logs: dict[str, Any]) -> None:
        due = self.sitting.is_due(step, self.every) or self.model.stop_training
        if due and not self.monitor.rolls_back:
            self.write(step)

    def write(self, step: int) -> None:
        sampling_generator(self.model, self.classes)  # brings its statistics up to date
        states = {"log": self.log.state, "health": self.monitor.state}
        write_checkpoint(self.sitting.run, self.model, step, states, self.monitor.health.good_until)
        self.written = step
