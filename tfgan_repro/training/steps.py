"""Counting generator updates, also over several sittings."""

import os
import sys
from typing import TYPE_CHECKING, Any

import keras

from tfgan_repro.errors import UserError

if TYPE_CHECKING:
    from tfgan_repro.runs.directory import RunDirectory


class Sitting:
    """The part of a run that this process makes.

    Args:
        run: the `RunDirectory`.
        done: steps that earlier sittings have made.
        total: steps of the whole run.
    """

    def __init__(self, run: "RunDirectory", done: int, total: int) -> None:
        self.run, self.done, self.total = run, done, total
        self.failure: OSError | None = None

    def is_due(self, step: int, every: int) -> bool:
        """Whether something done every so many steps, and after the run's last one, is done now."""
        return step == self.total or (every > 0 and step % every == 0)

    def next_due(self, step: int, every: int) -> int:
        """The first step after one for which `is_due` is true."""
        return min(self.total, (step // every + 1) * every) if every > 0 else self.total

    def write_failed(self, error: OSError, step: int) -> None:
        """Go on after the first file that could not be written, stop at the second.

        A full disk may be a matter of minutes, and the training is worth more than a log line.

        Raises:
            UserError: it is the second.
        """
        # HDF5's errors are long and have no file name.
        what = f"{os.strerror(error.errno) if error.errno else error} ({error.filename or self.run.path})"
        if self.failure is not None:
            raise UserError(
                f"stopped at step {step}: files can still not be written: {what}; make room, then go on from the last "
                f"good checkpoint with --resume {self.run.path}"
            ) from error
        self.failure = error
        print(f"warning: at step {step} a file could not be written: {what}; training goes on", file=sys.stderr)


class StepCallback(keras.callbacks.Callback):
    """A callback that counts the run's steps: `on_step(step, logs)` comes after each, or after several.

    Logs are a number a name after a step, or an array with a number for each of the steps since the last call.

    Args:
        sitting: the `Sitting`.
    """

    def __init__(self, sitting: Sitting) -> None:
        super().__init__()
        self.sitting = sitting

    def next_due(self, step: int) -> int:
        """The first step after one that `on_step` must not come late for, because it looks at the networks."""
        return self.sitting.total

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        step = self.sitting.done + batch + 1
        try:
            self.on_step(step, logs)
        except OSError as error:
            self.sitting.write_failed(error, step)
