"""Real training processes that are killed and resumed, and what differs afterwards; for the suite and benchmarks."""

import random
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np

from tfgan_repro.files import read_json_lines
from tfgan_repro.runs.directory import RunDirectory

TRAIN = Path(__file__).resolve().parent.parent / "train.py"
SIZE = {"batch_size": 16, "width": 0.125, "precision": "float32", "log_every": 7, "checkpoint_every": 5}
SCORED = {"fid_every": 20, "fid_samples": 40, "extractor": "embedded"}


class Unreadable(Exception):
    """A process could not go on from what a killed one had left; the message is what it said."""


def words(choices):
    """A configuration as the words of the command line."""
    return [word for name, value in choices.items() for word in (f"--{name.replace('_', '-')}", str(value))]


def start(*arguments, **options):
    """Start `train.py` in a process of its own."""
    program = [sys.executable, str(TRAIN), *map(str, arguments)]
    return subprocess.Popen(program, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options})


def kill_at_random(process, run, luck):
    """SIGKILL a training process: mostly while it trains, sometimes while it starts.

    Raises:
        Unreadable: it had ended before with an error.
    """
    before = set(run.list_checkpoints())
    if luck.random() < 0.2:
        time.sleep(luck.uniform(0.5, 6))
    else:
        while process.poll() is None and not set(run.list_checkpoints()) - before:
            time.sleep(0.005)
        time.sleep(luck.uniform(0, 0.3))
    process.kill()
    errors = process.communicate()[1]
    if process.returncode > 0:
        raise Unreadable(errors.decode())


def killed_run(path, choices, kills, seed):
    """A run that is killed `kills` times at random moments and resumed each time, until it is finished.

    Args:
        path: the run directory.
        choices: the configuration, a dictionary.
        kills: how often.
        seed: of the moments.

    Returns:
        The `RunDirectory`.

    Raises:
        Unreadable: a resumed process ended with an error.
    """
    luck, run = random.Random(seed), RunDirectory(path)
    process = start(*words({**choices, "run_dir": path}))
    for _ in range(kills):
        kill_at_random(process, run, luck)
        again = ["--resume", path] if run.config.exists() else words({**choices, "run_dir": path})
        process = start(*again)
    errors = process.communicate(timeout=600)[1]
    if process.returncode != 0:
        raise Unreadable(errors.decode())
    return run


def values(run):
    """Everything that the last checkpoint of a run holds, as NumPy arrays by name."""
    last = list(run.list_checkpoints().values())[-1]
    with np.load(last / "state.npz") as stored:
        state = dict(stored)
    for path in last.glob("*.weights.h5"):
        with h5py.File(path) as file:
            file.visititems(
                lambda name, item, file_name=path.name: (
                    state.update({f"{file_name}/{name}": item[()]})
                    if isinstance(item, h5py.Dataset)
                    else None
                )
            )
    if len(state) <= 40:
        raise ValueError(f"{last} holds only {sorted(state)}")
    return state


def arrays(run):
    """As `values`, but the bytes."""
    return {name: value.tobytes() for name, value in values(run).items()}


def without_times(rows):
    times = "seconds", "device_seconds", "images_per_second"
    return [{key: value for key, value in row.items() if key not in times} for row in rows]


def differences(run, other):
    """What differs between two runs but for times: weights, optimisers, random state, log, scores, grids, GIF.

    Args:
        run, other: a `RunDirectory` each.

    Returns:
        A list of names.
    """
    mine, theirs = arrays(run), arrays(other)
    found = [name for name in sorted(mine | theirs) if mine.get(name) != theirs.get(name)]
    if without_times(read_json_lines(run.log)) != without_times(read_json_lines(other.log)):
        found.append("log.jsonl")
    if read_json_lines(run.evaluations) != read_json_lines(other.evaluations):
        found.append("evaluations.jsonl")
    grids, other_grids = ({path.name: path.read_bytes() for path in r.samples.iterdir()} for r in (run, other))
    found += [name for name in sorted(grids | other_grids) if grids.get(name) != other_grids.get(name)]
    if (run.path / "training.gif").read_bytes() != (other.path / "training.gif").read_bytes():
        found.append("training.gif")
    return found
