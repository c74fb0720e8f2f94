"""Progress on standard error: a live bar on a terminal; in a pipe a plain line at the first sign and now and then."""

import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.table import Column
from rich.text import Text

PLAIN_SECONDS = 10.0
SHORTEST_BAR, LONGEST_BAR = 4, 40  # columns of a terminal


class TimeColumn(ProgressColumn):
    """The time that is left, and at the end the time that it took, with the word that says which."""

    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        if task.finished:
            return Text(f"took {clock(task.finished_time or 0.0)}")
        left = task.time_remaining
        return Text("" if left is None else f"{clock(left)} left")


class ProgressLine:
    """Shows how far a task is.

    Args:
        total: when it is done.
        unit: what is counted, e.g. "images".
        console: where to write; None for standard error.
        done: how many were done before.
    """

    def __init__(self, total: int, unit: str, console: Console | None = None, done: int = 0) -> None:
        self.total, self.unit, self.done_before = total, unit, done
        self.console = console or Console(stderr=True)
        self.first: tuple[int, float] | None = None
        self.last_line = 0.0
        self.start = time.monotonic()
        self.bar: Progress | None = None

    def __enter__(self) -> "ProgressLine":
        if self.console.is_terminal:
            # On a narrow terminal the bar gives way first, then the end of the words, and never the numbers.
            beside = len(f"{self.unit} {self.total}/{self.total} {clock(0)} left") + SHORTEST_BAR + 2
            words = Column(no_wrap=True, max_width=max(1, self.console.width - beside))
            self.bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(None, table_column=Column(max_width=LONGEST_BAR)),
                MofNCompleteColumn(table_column=Column(no_wrap=True)),
                TextColumn("{task.fields[text]}", table_column=words),
                TimeColumn(table_column=Column(no_wrap=True)),
                console=self.console,
            )
            self.bar.start()
            self.task = self.bar.add_task(
                self.unit, visible=self.total > 0, total=self.total, completed=self.done_before, text=""
            )
        return self

    def __exit__(self, *error: Any) -> None:
        if self.bar:
            self.bar.stop()

    def update(self, done: int, text: str = "") -> None:
        """Say how many are done, and anything else in a few words."""
        now = time.monotonic()
        if self.bar:
            self.bar.update(self.task, completed=done, text=text)
        elif self.first is None or now - self.last_line >= PLAIN_SECONDS or done == self.total:
            self.last_line = now
            words = (f"{self.unit} {done}/{self.total}", text, self.time_left(done, now))
            self.console.print("  ".join(filter(None, words)), highlight=False, soft_wrap=True)
        self.first = self.first or (done, now)

    def say(self, text: str) -> None:
        """Print a line above the bar, or among the plain ones."""
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def seconds_left(self, done: int, now: float) -> float | None:
        """From the rate since the first sign; None before there are two."""
        if self.first is None or done == self.first[0]:
            return None
        return (self.total - done) * (now - self.first[1]) / (done - self.first[0])

    def time_left(self, done: int, now: float) -> str:
        """Words for the rate since the first sign; what came before it, compiling for one, does not come again."""
        if done == self.total:
            return f"took {clock(now - self.start)}"
        seconds = self.seconds_left(done, now)
        return "" if seconds is None else f"{clock(seconds)} left"


def clock(seconds: float) -> str:
    """Seconds as h:mm:ss."""
    minutes, seconds = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


class ImageProgress(ProgressLine):
    """Progress over several image sets: images a second and the time left.

    Args:
        console: as in `ProgressLine`.
    """

    def __init__(self, console: Console | None = None) -> None:
        super().__init__(0, "images", console)
        self.begun = 0

    def __enter__(self) -> "ImageProgress":
        super().__enter__()
        return self

    def part(self, count: int) -> Callable[[int], None]:
        """Announce a set of `count` images; the callback takes how many of them are done."""
        self.total += count
        if self.bar:
            self.bar.update(self.task, total=self.total, visible=True)
        before = 0
        first: tuple[int, float] | None = None

        def progress(done: int) -> None:
            nonlocal before, first
            now = time.monotonic()
            if first is None:  # sets may come in another order than they were announced in
                before, first = self.begun, (done, now)
                self.begun += count
            rate = f"{(done - first[0]) / (now - first[1]):,.0f} images/s" if now > first[1] and done > first[0] else ""
            self.update(before + done, rate)

        return progress
