"""Contestants that compute in turns: what is compared must meet the same moments of a machine that others use too.

Each contestant is a process of its own that waits while another one computes. The order changes from round to round,
and ratios are taken within a round, so that a machine that is busy for a while slows all of them.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Turns:
    """A contestant's side: waits for its turns and tells what it has reached.

    Made before anything else prints: what libraries say goes to standard error and is no answer.
    """

    def __init__(self):
        self.answers = os.fdopen(os.dup(1), "w", buffering=1)
        os.dup2(2, 1)

    def ready(self):
        """Say that the warm-up is over."""
        print("ready", file=self.answers)

    def wait(self):
        """Wait for the next turn; False when there is none."""
        return bool(sys.stdin.readline())

    def tell(self, rate):
        """End a turn with what was done a second."""
        print(rate, file=self.answers)

    def take(self, work, seconds=0):
        """Be ready, and spend all turns on one thing.

        Args:
            work: a function that returns how much it has done.
            seconds: of a turn, at least; it is called once at least.
        """
        self.ready()
        while self.wait():
            start, done = time.perf_counter(), 0
            while done == 0 or time.perf_counter() - start < seconds:
                done += work()
            self.tell(done / (time.perf_counter() - start))


def python_path():
    """`PYTHONPATH` for a contestant that needs this package, from wherever it is started."""
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))


def compete(commands, rounds, environment=None):
    """Let contestants compute in turns.

    Args:
        commands: a contestant's command, a list of words, by its name.
        rounds: turns of each.
        environment: variables that a contestant gets beside this process's, a dictionary by its name.

    Returns:
        What each has reached, a list with a rate a round by name. One that cannot be started is left out and named on
        standard error.
    """
    workers = {}
    for name, command in commands.items():
        with tempfile.TemporaryFile("w+") as errors:
            worker = subprocess.Popen(
                list(map(str, command)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, **(environment or {}).get(name, {})},
            )
            if worker.stdout.readline().strip() == "ready":
                workers[name] = worker
                continue
            errors.seek(0)
            print(f"{name}: left out, {''.join(errors.readlines()[-1:]).strip()}", file=sys.stderr)
    rates = {name: [] for name in workers}
    order = list(workers)
    for number in range(rounds):
        random.Random(number).shuffle(order)
        for name in order:
            workers[name].stdin.write("go\n")
            workers[name].stdin.flush()
            rates[name].append(float(workers[name].stdout.readline()))
        print(f"round {number + 1}: " + "  ".join(f"{name} {rates[name][-1]:.2f}" for name in rates), file=sys.stderr)
    for worker in workers.values():
        worker.stdin.close()
        worker.wait()
    return rates


def ratio(rates, name, other):
    """The median, the least and the greatest of two contestants' ratios within the rounds."""
    ratios = [a / b for a, b in zip(rates[name], rates[other])]
    return statistics.median(ratios), min(ratios), max(ratios)


def report(rates, unit, ours):
    """Print each contestant's median rate, and the ratios of ours to the others."""
    width = max(map(len, rates), default=0)
    for name, values in rates.items():
        print(f"{name:<{width}} {statistics.median(values):8.2f} {unit}  ({min(values):.2f} to {max(values):.2f})")
    for name in ours:
        for other in rates:
            if name in rates and other not in ours:
                median, least, most = ratio(rates, name, other)
                print(f"{name} is {median:.2f} times {other}  (rounds: {least:.2f} to {most:.2f})")
