"""Progress on standard error: a live bar on a terminal, a plain line now and then in a pipe."""

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tfgan_repro.training.steps import StepCallback

PLAIN_SECONDS = 10.0


class ProgressLine:
    """Shows how far a task is.

    Args:
        total: when it is done.
        unit: what is counted, e.g. "images".
        console: where to write; None for standard error.
        done: how many were done before.
    """

    def __init__(self, total, unit, console=None, done=0):
        self.total, self.unit, self.done_before = total, unit, done
        self.console = console or Console(stderr=True)
        self.start = self.last_line = time.monotonic()
        self.bar = None

    def __enter__(self):
        if self.console.is_terminal:
            self.bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[text]}"),
                TimeRemainingColumn(elapsed_when_finished=True),
                console=self.console,
            )
            self.bar.start()
            self.task = self.bar.add_task(self.unit, total=self.total, completed=self.done_before, text="")
        return self

    def __exit__(self, *error):
        if self.bar:
            self.bar.stop()

    def update(self, done, text=""):
        """Say how many are done, and anything else in a few words."""
        now = time.monotonic()
        rate = (done - self.done_before) / max(now - self.start, 1e-9)
        if self.bar:
            self.bar.update(self.task, completed=done, text=text)
        elif now - self.last_line >= PLAIN_SECONDS or done == self.total:
            self.last_line = now
            left = (self.total - done) / rate
            line = f"{self.unit} {done}/{self.total}  {text}  {clock(left)} left"
            self.console.print(line, highlight=False, soft_wrap=True)


def clock(seconds):
    """Seconds as h:mm:ss."""
    minutes, seconds = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


class TrainingProgress(StepCallback):
    """The progress of a training: steps, images a second, both losses, time left.

    Args:
        sitting: the `Sitting`.
        images_per_step: real images that a step sees.
    """

    def __init__(self, sitting, images_per_step):
        super().__init__(sitting)
        self.images_per_step = images_per_step
        self.line = ProgressLine(sitting.total, "step", done=sitting.done)

    def on_train_begin(self, logs=None):
        self.line.__enter__()
        self.previous = time.monotonic()
        self.rate = None

    def on_step(self, step, logs):
        now = time.monotonic()
        rate = self.images_per_step / (now - self.previous)
        # A running mean, so that the figure can be read.
        self.rate = rate if self.rate is None else 0.95 * self.rate + 0.05 * rate
        self.previous = now
        self.line.update(
            step, f"{self.rate:.0f} images/s  d_loss {float(logs['d_loss']):.3f}  g_loss {float(logs['g_loss']):.3f}"
        )

    def close(self):
        """Give the terminal back; also after an error, when Keras calls no `on_train_end`."""
        self.line.__exit__()
