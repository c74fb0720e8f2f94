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

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tfgan_repro.files import read_json_lines

STAGES = ("parity", "benchmark", "score", "runs")
PAIRS = (("dcgan", 128), ("sndcgan", 64))
# By name, in order of worth. The seeds of the first two come last.
RUNS = {
    "dcgan": ("--experiment", "cifar10-dcgan"),
    "sagan": ("--experiment", "cifar10-sagan"),
    "sndcgan": ("--model", "sndcgan"),
    "sagan-resnet": ("--model", "sagan-resnet"),
    **{
        f"{model}-seed{seed}": ("--experiment", f"cifar10-{model}", "--seed", seed)
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
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": path_of_packages(), **environment}
    return subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True, env=environment)


def path_of_packages():
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))


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
    seconds = 2 if options.tiny else 15
    for model, batch in PAIRS:
        if options.tiny:
            batch = 4
        contestants = {
            precision: (__file__, "--time-steps", model, "--batch-size", batch, "--seconds", seconds, *said)
            for precision, said in (("bfloat16", ()), ("float32", ("--precision", "float32")))
        }
        if importlib.util.find_spec("torch"):
            script = ROOT / "benchmarks/torch_pairs.py"
            for mode in ("eager",) if options.tiny else ("eager", "compile"):
                contestants[f"torch {mode} bfloat16"] = (script, model, batch, mode, seconds)
        for name, words in contestants.items():
            done = python(*words)
            error = {"error": done.stderr[-500:]} if done.returncode else {}
            rate = {} if done.returncode else {"steps_per_second": float(done.stdout.split()[-1])}
            record(options, "benchmark", model=model, batch=batch, contestant=name, **rate, **error)


def time_steps(options):
    """Print the steps a second of a model on random pictures, without the first calls, which compile."""
    import keras

    from tfgan_repro.config import TrainConfig
    from tfgan_repro.data.pictures import Pictures
    from tfgan_repro.data.pipeline import training_batches
    from tfgan_repro.training.device import configure
    from tfgan_repro.training.run import build_gan, compile_gan

    class Clock(keras.callbacks.Callback):
        """Counts the steps after the third call, and stops when the time is up."""

        calls, start, last = 0, None, None

        def next_due(self, step):
            return 2**31 - 1

        def on_train_batch_end(self, batch, logs=None):
            self.calls, self.last = self.calls + 1, (batch, time.monotonic())
            if self.calls == 3:
                self.start = self.last
            elif self.calls > 3 and self.last[1] - self.start[1] > options.seconds:
                self.model.stop_training = True

    config = TrainConfig.from_choices(
        model=options.time_steps, batch_size=options.batch_size, precision=options.precision, width=options.width
    )
    configure(config.precision, 0)
    images = np.random.default_rng(0).integers(0, 256, (50_000, 32, 32, 3), dtype=np.uint8)
    gan = build_gan(config, (32, 32, 3), 0)
    compile_gan(gan, config)
    clock = Clock()
    gan.fit(
        training_batches(Pictures("random", "train", images), config.batch_size),
        steps_per_epoch=10**9,
        callbacks=[clock],
    )
    (first, begun), (last, ended) = clock.start, clock.last
    print((last - first) / (ended - begun))


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
            words = (*choices, "--steps", 100_000, "--dataset", options.dataset, *scored, *weights, *tiny)
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
    parser.add_argument("--time-steps", metavar="MODEL", help=argparse.SUPPRESS)
    parser.add_argument("--batch-size", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--precision", default="bfloat16", help=argparse.SUPPRESS)
    parser.add_argument("--width", type=float, default=1.0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.time_steps:
        return time_steps(options)
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
