"""Ending a training early without losing anything: signals and a time limit."""

import math
import os
import signal
import threading
import time
from typing import Any

from tfgan_repro.backends.devices import Devices
from tfgan_repro.training.steps import StepCallback

STANDARD_ERROR = 2
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption(StepCallback):
    """Stops training after the current step on SIGINT, SIGTERM or when the time is up.

    A second signal ends the process at once; files are complete or absent, so that it harms nothing. This callback
    comes before `Checkpoints`, which then writes one.

    Where several processes train together, all of them stop after the same step, whichever was told to.

    Args:
        max_minutes: the time limit, or None.
        devices: the run's `Devices`.

    Attributes:
        reason: "signal", "time" or None.
        exit_code: what the process should exit with: 130 or 143 after a signal, else 0.
    """

    def __init__(self, max_minutes: float | None, devices: Devices) -> None:
        super().__init__()
        self.max_minutes, self.devices = max_minutes, devices
        self.reason: str | None = None
        self.exit_code = 0
        self.previous: dict[int, Any] = {}

    def __enter__(self) -> "Interruption":
        self.start = time.monotonic()
        # Python hands signals to the main thread only.
        if threading.current_thread() is threading.main_thread():
            self.previous = {number: signal.signal(number, self.on_signal) for number in SIGNALS}
        return self

    def __exit__(self, *error: Any) -> None:
        for number, handler in self.previous.items():
            signal.signal(number, handler)

    def on_signal(self, number: int, frame: Any) -> None:
        if self.reason == "signal":
            os._exit(128 + number)
        self.reason, self.exit_code = "signal", 128 + number
        # `print` could be interrupted in the middle of itself.
        os.write(STANDARD_ERROR, b"\nstopping after this step; once more to stop at once\n")

    def may_go_on(self, wanted: bool) -> bool:
        """Whether training goes on after it has stopped: some process wants that, and none was told to end."""
        wanted = self.devices.any(wanted)
        return not self.devices.any(self.reason is not None) and wanted

    def on_step(self, step: int, logs: dict[str, Any]) -> None:
        limit = math.inf if self.max_minutes is None else 60 * self.max_minutes
        if self.reason is None and time.monotonic() - self.start >= limit:
            self.reason = "time"
        # The health monitor may have stopped it already.
        self.model.stop_training = self.devices.any(self.reason is not None or self.model.stop_training)
