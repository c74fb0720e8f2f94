"""The progress of a training, as steps are made."""

import time
from typing import Any

import numpy as np

from tfgan_repro.progress import ProgressLine
from tfgan_repro.training.steps import StepCallback


class TrainingProgress(StepCallback):
    """The progress of a training: steps, images a second, both losses, time left.

    Args:
        images_per_step: real images that a step sees.
    """

    def __init__(self, images_per_step: int) -> None:
        super().__init__()
        self.images_per_step = images_per_step
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
            self.line.update(step, "  ".join((*words, f"d_loss {d_losses[-1]:.3f}", f"g_loss {g_losses[-1]:.3f}")))

    def close(self) -> None:
        """Give the terminal back; also after an error, when Keras calls no `on_train_end`."""
        if self.line:
            self.line.__exit__()
