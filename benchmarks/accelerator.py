"""Everything that is worth doing with an accelerator for a while, in one command, the most valuable first.

    KERAS_BACKEND=tensorflow python tests/models/backend_steps.py parity.npz      (on any machine with TensorFlow)
    python benchmarks/accelerator.py --out OUT --reference parity.npz --dataset npz:cifar10.npz \\
        --inception-weights WEIGHTS --minutes 25

On JAX, and without TensorFlow:

    parity      the training steps of tests/models, in full float32, against TensorFlow's
    benchmark   steps a second of both DCGANs, ours and, where PyTorch is installed, its own, eager and compiled
    score       seconds that 50,000 images take to be scored with the 2015 network
    runs        trainings in order of worth; each has a directory under OUT, and stops with a checkpoint when time is up

Each result is a line of OUT/accelerator.jsonl as soon as it is there. `--tiny` is a rehearsal on any machine.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from turns import ROOT, python_path

sys.path.insert(0, str(ROOT))

from tfgan_repro.files import read_json_lines

STAGES = ("parity", "benchmark", "score", "runs")
PAIRS = (("dcgan", 128), ("sndcgan", 64))
# By name, in order of worth. The seeds of the first two come last.
STEPS = ("--steps", 100_000)
RUNS = {
    "dcgan": ("--experiment", "cifar10-dcgan", *STEPS),
    "sagan": ("--experiment", "cifar10-sagan", *STEPS),
    "sndcgan": ("--model", "sndcgan", *STEPS),
    "sagan-resnet": ("--model", "sagan-resnet", *STEPS),
    "dcgan-64": ("--experiment", "cifar10-dcgan-64"),
    "wgan-gp-acgan": ("--experiment", "cifar10-wgan-gp-acgan"),
    **{
        f"{model}-seed{seed}": ("--experiment", f"cifar10-{model}", *STEPS, "--seed", seed)
        for model in ("dcgan", "sagan")
        for seed in (1, 2)
    },
}
TOLERANCE = 1e-5


def record(options, stage, **values):
    """Write a result down, and say it."""
    line = json.dumps({"stage": stage, "device": device_name(), **values})
    with open(options.out / "accelerator.jsonl", "a", encoding="utf-8") as file:
        file.write(line + "\n")
    print(line, flush=True)


def device_name():
    """What computes, asked of JAX in a process of its own: one that holds the memory would leave others none."""
    if not hasattr(device_name, "known"):
        program = "import jax; d = jax.devices(); print(len(d), d[0].device_kind)"
        device_name.known = python("-c", program).stdout.strip()
    return device_name.known


def python(*words, **environment):
    """Run Python on JAX in a process of its own, and return it with its output."""
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": python_path(), **environment}
    return subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True, env=environment)


def parity(options):
    path = options.out / "parity-jax.npz"
    cases = ["model dcgan"] if options.tiny else []
    done = python(ROOT / "tests/models/backend_steps.py", path, *cases, JAX_DEFAULT_MATMUL_PRECISION="highest")
    if done.returncode:
        return record(options, "parity", error=done.stderr[-2000:])
    with np.load(path) as ours, np.load(options.reference) as theirs:
        distances = {}
        for name in ours.files:
            case, kind, weight = name.split("|")
            if kind == "after":
                reference = theirs[name].astype(np.float64)
                distance = np.linalg.norm(ours[name] - reference) / np.linalg.norm(reference)
                distances.setdefault(case, {})[weight] = float(distance)
    path.unlink()
    for case, found in distances.items():
        weight = max(found, key=found.get)
        record(options, "parity", case=case, farthest=weight, distance=found[weight], agrees=found[weight] <= TOLERANCE)


def benchmark(options):
    """Steps a second in turns, see `train_step.py`."""
    found = options.out / "train_step.jsonl"
    contestants = ["jax", "jax float32"]
    if importlib.util.find_spec("torch"):
        contestants += ["torch eager bfloat16"] if options.tiny else ["torch eager bfloat16", "torch compile bfloat16"]
    for model, batch in PAIRS:
        batch, rounds, seconds = (4, 1, 1) if options.tiny else (batch, 3, 10)
        words = ["--models", model, "--batch-size", batch, "--rounds", rounds, "--seconds", seconds]
        words += ["--only", *contestants, "--torch-python", sys.executable, "--json", found]
        done = python(ROOT / "benchmarks/train_step.py", *words)
        last = read_json_lines(found)[-1] if done.returncode == 0 else {"model": model, "error": done.stderr[-500:]}
        record(options, "benchmark", **last)


def score(options):
    """Time the scoring of the first finished run."""
    run = next((options.out / name for name in RUNS if (options.out / name / "generator.weights.h5").exists()), None)
    if run is None:
        return record(options, "score", error="no run to score yet")
    count = 50 if options.tiny else 10_000 if "cifar10" in options.dataset else 1000
    words = ["--checkpoint", run, "--fid-samples", count, "--json"]
    words += ["--inception-weights", options.inception_weights] if options.inception_weights else []
    start = time.monotonic()
    done = python(ROOT / "evaluate.py", *words)
    found = json.loads(done.stdout.splitlines()[0]) if done.returncode == 0 else {"error": done.stderr[-1000:]}
    # Generated, real and baseline images each pass the extractor.
    record(options, "score", run=run.name, seconds=time.monotonic() - start, images=3 * count, **found)


def runs(options, end):
    tiny = ("--steps", 4, "--batch-size", 8, "--width", 0.0625, "--fid-every", 4, "--fid-samples", 50)
    tiny = tiny if options.tiny else ()
    weights = ("--inception-weights", options.inception_weights) if options.inception_weights else ()
    extractor, resize = ("2015", "tf1-bilinear") if weights else ("embedded", "antialias")
    scored = ("--fid-every", 2000, "--fid-samples", 1000, "--extractor", extractor, "--resize", resize)
    for name, choices in list(RUNS.items())[: 1 if options.tiny else None]:
        minutes = (end - time.monotonic()) / 60
        if minutes < 1 and not options.tiny:
            return
        path = options.out / name
        words = ("--resume", path)
        if not path.exists():
            words = (*choices, "--dataset", options.dataset, *scored, *weights, *tiny)
            words += ("--run-dir", path)
        start = time.monotonic()
        done = python(ROOT / "train.py", *words, "--max-minutes", max(minutes - 0.5, 0.5))
        rows = [row for row in read_json_lines(path / "evaluations.jsonl") if row["value"] is not None]
        best = min(rows, key=lambda row: row["value"], default={})
        said = {"error": done.stderr[-1000:]} if done.returncode else {}
        record(options, "runs", run=name, seconds=time.monotonic() - start, best=best, last=rows[-1:], **said)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="folder of the results")
    parser.add_argument("--reference", type=Path, help="what backend_steps.py has written on TensorFlow")
    parser.add_argument("--dataset", default="shapes", help="of the runs (shapes)")
    parser.add_argument("--inception-weights", help="for scores with the 2015 network")
    parser.add_argument("--stages", default=",".join(STAGES), help="with commas, in their order")
    parser.add_argument("--minutes", type=float, default=25, help="after which no run is started or goes on (25)")
    parser.add_argument("--tiny", action="store_true", help="a rehearsal with tiny numbers")
    options = parser.parse_args()
    end = time.monotonic() + 60 * options.minutes
    options.out.mkdir(parents=True, exist_ok=True)
    stages = {
        "parity": parity,
        "benchmark": benchmark,
        "runs": lambda options: runs(options, end),
        "score": score,
    }
    for name, stage in stages.items():
        if name in options.stages.split(",") and (name != "parity" or options.reference):
            stage(options)


if __name__ == "__main__":
    main()
