"""Runs one training after the other, each in a process of its own, one at a time on each device."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfgan_repro.experiments.jobs import Job


TRAIN = "from tfgan_repro.cli.train import script; script()"
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def devices() -> list[Any]:
    """The GPUs to run on, as `CUDA_VISIBLE_DEVICES` names them; `[None]` on a machine with fewer than two.

    TensorFlow is not asked: the process that asks takes their memory.
    """
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        found = [name.strip() for name in named.split(",") if name.strip()]
    else:
        try:
            answer = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError):
            return [None]
        # The parts that a GPU is divided into stand indented below it.
        gpus = [line for line in answer.splitlines() if line.startswith("GPU ")]
        found = [str(number) for number, _ in enumerate(gpus)]
    return found if len(found) > 1 else [None]


class Runner:
    """Makes the runs of a list, in order.

    On a signal, or when the time is up, the trainings are asked to stop, which leaves each with a checkpoint to go on
    from; nothing more is started.

    Args:
        jobs: a list of `Job`.
        budget_minutes: the time for all of them, or None.

    Attributes:
        failures: `(job, exit code)` of trainings that ended with an error.
        exit_code: 0, or 130 or 143 after a signal.
    """

    def __init__(self, jobs: "Sequence[Job]", budget_minutes: float | None = None) -> None:
        self.total, self.budget_minutes = len(jobs), budget_minutes
        self.waiting: queue.SimpleQueue = queue.SimpleQueue()
        for numbered in enumerate(jobs, 1):
            self.waiting.put(numbered)
        self.lock = threading.Lock()
        self.running: set[subprocess.Popen] = set()
        self.failures: list[tuple[Job, int]] = []
        self.stopped, self.exit_code = False, 0

    def run(self) -> None:
        """Make the runs; returns when all have ended or have been stopped."""
        start = time.monotonic()
        previous = {number: signal.signal(number, self.on_signal) for number in SIGNALS}
        try:
            found = devices()
            with ThreadPoolExecutor(len(found)) as pool:
                workers = [pool.submit(self.work, device) for device in found]
                # Not `result`: signals are handled between two waits only.
                while not all(worker.done() for worker in workers):
                    time.sleep(0.1)
                    if self.budget_minutes is not None and time.monotonic() - start >= 60 * self.budget_minutes:
                        self.stop()
            for worker in workers:
                worker.result()
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def on_signal(self, number: int, frame: Any) -> None:
        self.exit_code = 128 + number
        self.stop()

    def stop(self) -> None:
        """Ask every training to stop after its step, once."""
        # A handler may come while this thread holds the lock, so it takes none.
        if not self.stopped:
            self.stopped = True
            for process in list(self.running):
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGTERM)

    def work(self, device: Any) -> None:
        """Take jobs until there are none."""
        while not self.stopped:
            try:
                number, job = self.waiting.get_nowait()
            except queue.Empty:
                return
            if job.finished:
                self.say(number, job, "finished already")
                continue
            self.say(number, job, "goes on" if job.started else "starts")
            code = self.train(job, device)
            if code and not self.stopped:
                self.say(number, job, f"ended with exit code {code}")
                self.failures.append((job, code))

    def train(self, job: "Job", device: Any) -> int:
        """Make one run in a process of its own; returns its exit code."""
        environment = {**os.environ, **({} if device is None else {"CUDA_VISIBLE_DEVICES": device})}
        root = str(Path(__file__).resolve().parents[2])
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, environment.get("PYTHONPATH"))))
        with self.lock:
            if self.stopped:
                return 0
            # A session of its own: Ctrl-C reaches this process only, which passes it on once. A second signal would
            # end a training without its pictures. Its results are not this command's.
            process = subprocess.Popen(
                [sys.executable, "-c", TRAIN, *job.words()],
                env=environment,
                stdout=2,
                start_new_session=True,
            )
            self.running.add(process)
        if self.stopped:
            # Stopped between the question and the start.
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        code = process.wait()
        self.running.discard(process)
        return code

    def say(self, number: int, job: "Job", what: str) -> None:
        print(f"[{number}/{self.total}] {job.run.path}: {what}", file=sys.stderr, flush=True)
