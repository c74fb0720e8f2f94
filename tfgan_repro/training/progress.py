"""The progress of a training, as steps are made."""

import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_repro.backends import backend_module
from tfgan_repro.progress import ProgressLine, clock
from tfgan_repro.training.steps import StepCallback

if TYPE_CHECKING:
    from tfgan_repro.config import TrainConfig
    from tfgan_repro.data.pictures import PictureSet

TIMED_STEPS, LONG = 10, 60  # steps after which the rate is told; seconds left that are worth it


def start_text(config: "TrainConfig", pictures: "PictureSet") -> str:
    """What a training starts with, once that is known, in a few lines."""
    device = backend_module().device()
    per_step = config.images_per_step
    epochs = config.steps * per_step / len(pictures)
    length = f"{config.steps:,} steps of {per_step} images, {epochs:.3g} {'epoch' if epochs == 1 else 'epochs'}"
    return f"{pictures.description}\n{length}; {device['kind'].upper()} ({device['name']}), {config.precision}"


class TrainingProgress(StepCallback):
    """The progress of a training: steps, images a second, both losses, time left.

    Args:
        images_per_step: real images that a step sees.
        boards: the folder for TensorBoard, which a long training tells how to look at; None for none.
    """

    def __init__(self, images_per_step: int, boards: Path | None = None) -> None:
        super().__init__()
        self.images_per_step, self.boards = images_per_step, boards
        self.line: ProgressLine | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        self.line = ProgressLine(self.total or 0, "step", done=self.step)
        self.line.__enter__()
        self.previous: float | None = None
        self.rate: float | None = None

    def on_step(self, step: int, logs: dict[str, Any]) -> None:
        now = time.monotonic()
        d_losses, g_losses = (np.ravel(logs[name]) for name in ("d_loss", "g_loss"))
        # The first call is known by its losses alone: most of its time is compiling.
        if self.previous is not None:
            rate = len(d_losses) * self.images_per_step / (now - self.previous)
            # A running mean, so that the figure can be read.
            self.rate = rate if self.rate is None else 0.95 * self.rate + 0.05 * rate
        self.previous = now
        words = [] if self.rate is None else [f"{self.rate:.0f} images/s"]
        if self.line:
            self.tell_length(self.line, step, now)
            self.line.update(step, "  ".join((*words, f"d_loss {d_losses[-1]:.3f}", f"g_loss {g_losses[-1]:.3f}")))

    def tell_length(self, line: ProgressLine, step: int, now: float) -> None:
        """Say once, when some steps are timed, how long a long training takes and where it can be watched."""
        seconds = line.seconds_left(step, now)
        if self.boards is None or seconds is None or line.first is None or step < line.first[0] + TIMED_STEPS:
            return
        if seconds > LONG:
            watch = f"tensorboard --logdir {shlex.quote(str(self.boards))}"
            line.say(f"about {clock(seconds)} left; to watch it: {watch}")
        self.boards = None

    def close(self) -> None:
        """Give the terminal back; also after an error, when Keras calls no `on_train_end`."""
        if self.line:
            self.line.__exit__()
