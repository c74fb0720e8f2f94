"""Counting by the model's step: what all callbacks of a training are made from."""

import functools
import math
import os
import sys
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from tfgan_repro.choices import as_whole
from tfgan_repro.errors import UserError

NEVER = sys.maxsize


class CannotWrite(UserError):
    """Files cannot be written, although the training has gone on for a while."""


class WriteFailures:
    """Lets a training go on after the first step at which a file cannot be written, and stops it at the second.

    A full disk may be a matter of minutes, and the training is worth more than a log line.
    """

    def __init__(self) -> None:
        self.first: int | None = None

    def add(self, error: OSError, step: int) -> None:
        """Tell of a failure at a step.

        Raises:
            CannotWrite: it is the second step with one.
        """
        if step == self.first:
            return
        # HDF5's errors are long and have no file name.
        reason = os.strerror(error.errno) if error.errno else str(error)
        what = f"{reason} ({error.filename})" if error.filename else reason
        if self.first is not None:
            raise CannotWrite(f"stopped at step {step}: files can still not be written: {what}") from error
        self.first = step
        print(f"warning: at step {step} a file could not be written: {what}; training continues", file=sys.stderr)


class StepCallback(keras.callbacks.Callback):
    """A callback that counts generator updates by the model's own step.

    The count does not depend on epochs, on resumptions, or on how many steps the training loop makes at once (Keras'
    `steps_per_execution`; JAX makes as many as no callback needs to see): after each call of the loop comes
    `on_step`, and `on_due` if a step has been passed at which something is to be done.

    Args:
        every: steps between two calls of `on_due`; 0 for none but the one after the last step.

    Raises:
        UserError: `every` is not a whole number.

    Attributes:
        step: generator updates made, as of the last call.
        total: the last step of this training, or None where that is not known before it ends.
        failures: its `WriteFailures`; those of a run's callbacks are one.
        goes_on_later: whether a training that is stopped goes on another time, as a run does, and is not at its end.
    """

    goes_on_later = False

    def __init__(self, every: int = 0) -> None:
        super().__init__()
        self.every = as_whole("every", every)
        self.step, self.acted = 0, 0
        self.total: int | None = None
        self.failures = WriteFailures()

    def on_step(self, step: int, logs: dict[str, Any]) -> None:
        """After each call of the loop.

        Args:
            step: generator updates made.
            logs: a number a name after a step, or an array with a number for each of the steps since the last call.
        """

    def on_due(self, step: int) -> None:
        """After a step that `schedule` names, after the training's last one, or as soon after either as possible."""

    def schedule(self, step: int) -> int:
        """The first step after one at which `on_due` is wanted."""
        return (step // self.every + 1) * self.every if self.every else NEVER

    def is_urgent(self) -> bool:
        """Whether `on_due` is wanted now, whatever the schedule."""
        return False

    def next_due(self, step: int) -> int:
        """The first step after one that this callback must not come late for, because it looks at the networks."""
        return min(self.schedule(step), NEVER if self.total is None else self.total)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.step = self.acted = current_step(self.model)
        params = self.params or {}
        epochs, steps = params.get("epochs"), params.get("steps")
        self.total = self.step + epochs * steps if epochs and steps else None

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        before, self.step = self.step, current_step(self.model)
        try:
            self.on_step(self.step, logs or {})
            if self.step >= self.next_due(before) or self.is_urgent():
                self.on_due(self.step)
                self.acted = self.step
        except OSError as error:
            self.failures.add(error, self.step)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        # Of a training whose length was not known before, or that another callback has ended.
        if self.acted != self.step and not (self.goes_on_later and self.model.stop_training):
            self.on_due(self.step)


def current_step(gan: keras.Model) -> int:
    """Generator updates that a `GAN` has made.

    Raises:
        UserError: another model, which does not count them.
    """
    if not hasattr(gan, "step"):
        raise UserError(f"a {type(gan).__name__} does not count its steps: this callback is for a GAN")
    return int(keras.ops.convert_to_numpy(gan.step))


class Means:
    """The means of what each step reports, over an interval.

    Args:
        state: what `state` was when the training was interrupted, or None.

    Attributes:
        state: plain JSON: `sums` by name (None where one is no finite number), and the `count` of steps.
    """

    def __init__(self, state: dict[str, Any] | None = None) -> None:
        self.state = state or {"sums": {}, "count": 0}

    @property
    def count(self) -> int:
        return self.state["count"]

    def add(self, logs: dict[str, Any], steps: int) -> None:
        """Add what so many steps report: a number a step, or one for all of them."""
        sums = dict(self.state["sums"])
        for name, values in logs.items():
            values = np.ravel(values)
            values = np.repeat(values, steps // len(values)).tolist()
            # One after the other, so that the sum does not depend on how many come at once.
            sums[name] = functools.reduce(finite_sum, values, sums.get(name, 0.0))
        self.state = {"sums": sums, "count": self.count + steps}

    def means(self) -> dict[str, float]:
        """The means by name; NaN where a value was no finite number."""
        sums = self.state["sums"].items()
        return {name: math.nan if total is None else total / self.count for name, total in sums}


def finite_sum(total: float | None, value: float) -> float | None:
    """The sum, or None, which JSON knows, for NaN and whatever follows it."""
    return None if total is None or not math.isfinite(total + value) else total + value


def has_grid(step: int) -> bool:
    """Whether a step, whatever the length of the training, is one of 0, 3, 12, 27, ...: three times the squares."""
    return step == 0 or next_grid(step - 1) == step


def next_grid(step: int) -> int:
    """The first step after one for which `has_grid` is true."""
    return 3 * (math.isqrt(step // 3) + 1) ** 2


def checked_classes(classes: Any) -> Any:
    """The training images of each class, as a callback is told them; a `UserError` for their names alone."""
    if classes is not None and not isinstance(classes, Mapping):
        raise UserError(f"classes {classes!r}: give the training images of each, {{'cat': 500, 'dog': 480}}, or None")
    return classes
