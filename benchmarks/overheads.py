"""What a training costs besides its steps.

    python benchmarks/overheads.py --model dcgan --dataset cifar10
    python benchmarks/overheads.py --only pipeline waiting

    pipeline   images a second out of the cached pipeline, as fast as they can be taken
    waiting    the share of the time that steps wait for their batch
    around     the share of a whole training's time that is not its steps: each callback, and the loop itself
    start      seconds from the start of train.py to its first step, and of `train.py --help`
    memory     the peak resident set of a training and of an evaluation
"""

import argparse
import collections
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from turns import ROOT, python_path

sys.path.insert(0, str(ROOT))

WARM_UP = 5  # steps
# In between, because Linux has a process start with the peak of the one that started it.
PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=sys.stderr)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def prepared(options):
    """The configuration, the batches and the compiled networks of a training with its defaults."""
    from tfgan_repro.config import TrainConfig
    from tfgan_repro.backends.devices import Devices
    from tfgan_repro.training.session import TrainingSession

    config = TrainConfig.from_choices(
        recipe="report", model=options.model, dataset=options.dataset, steps=options.steps
    )
    session = TrainingSession(config, devices=Devices())
    session.find_pictures()
    session.prepare()
    return session.config, iter(session.batches()), session.gan


def measure_pipeline(options):
    config, batches, _ = prepared(options)
    for _ in range(WARM_UP):
        next(batches)
    start = time.perf_counter()
    for _ in range(options.steps):
        next(batches)
    images = options.steps * config.images_per_step
    print(f"pipeline: {images / (time.perf_counter() - start):,.0f} images/s of {options.dataset}")


def measure_waiting(options):
    import tensorflow as tf

    _, batches, gan = prepared(options)
    step = tf.function(gan.train_step)
    for _ in range(WARM_UP):
        step(next(batches))
    waited, start = 0.0, time.perf_counter()
    for _ in range(options.steps):
        before = time.perf_counter()
        batch = next(batches)
        waited += time.perf_counter() - before
        float(step(batch)["d_loss"])
    total = time.perf_counter() - start
    print(f"waiting: {100 * waited / total:.2f} % of {1000 * total / options.steps:.0f} ms a step")


def timed(spent, name, function):
    """The function, whose time is added to `spent[name]`."""

    def measured(*arguments, **keywords):
        start = time.perf_counter()
        try:
            return function(*arguments, **keywords)
        finally:
            spent[name(arguments)] += time.perf_counter() - start

    return measured


def measure_around(options):
    """Trains with everything that happens beside it, and looks at the clock around each part."""
    from tfgan_repro.config import TrainConfig
    from tfgan_repro.models.gan import GAN
    from tfgan_repro.training.session import TrainingSession, train
    from tfgan_repro.training.steps import StepCallback

    spent = collections.Counter()
    make, fit = GAN.make_train_function, TrainingSession.fit

    def make_train_function(gan, *arguments, **keywords):
        made = make(gan, *arguments, **keywords)
        gan.train_function = timed(spent, lambda _: "steps", gan.train_function)
        return made

    GAN.make_train_function = make_train_function
    StepCallback.on_train_batch_end = timed(
        spent, lambda arguments: type(arguments[0]).__name__, StepCallback.on_train_batch_end
    )
    TrainingSession.fit = timed(spent, lambda _: "fit", fit)
    with tempfile.TemporaryDirectory() as folder:
        choices = {"model": options.model, "dataset": options.dataset, "steps": options.steps}
        train(TrainConfig.from_choices(recipe="report", **choices, run_dir=f"{folder}/run"))
    whole, steps = spent.pop("fit"), spent.pop("steps")
    print(f"around: {100 * (1 - steps / whole):.1f} % of {whole:.0f} s for {options.steps} steps is not the steps:")
    spent["the loop"] = whole - steps - sum(spent.values())
    for name, seconds in spent.most_common():
        print(f"    {name:<20} {100 * seconds / whole:5.2f} %")


def train_words(options, folder, steps):
    words = [sys.executable, ROOT / "train.py", "--recipe", "report", "--model", options.model]
    words += ["--dataset", options.dataset]
    return [str(word) for word in (*words, "--steps", steps, "--run-dir", Path(folder) / "run")]


def measure_start(options):
    environment = {**os.environ, "PYTHONPATH": python_path()}
    help_times, first_steps = [], []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, ROOT / "train.py", "--help"], env=environment, stdout=subprocess.DEVNULL)
        help_times.append(time.perf_counter() - start)
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            process = subprocess.Popen(
                train_words(options, folder, 10_000), env=environment, stderr=subprocess.PIPE, text=True
            )
            next(line for line in process.stderr if line.startswith("step "))
            first_steps.append(time.perf_counter() - start)
            process.kill()
            process.communicate()
    print(f"start: --help {statistics.median(help_times):.2f} s, first step {statistics.median(first_steps):.1f} s")


def measure_memory(options):
    environment = {**os.environ, "PYTHONPATH": python_path()}
    with tempfile.TemporaryDirectory() as folder:
        evaluate = [sys.executable, ROOT / "evaluate.py", "--checkpoint", f"{folder}/run", "--fid-samples", "1000"]
        for what, words in (("training", train_words(options, folder, options.steps)), ("evaluation", evaluate)):
            peak = [sys.executable, "-c", PEAK, *map(str, words)]
            kilobytes = int(subprocess.run(peak, env=environment, check=True, stdout=subprocess.PIPE).stdout)
            print(f"memory: {what} {kilobytes * 1024 / 1e9:.2f} GB at most")


MEASURED = {
    "pipeline": measure_pipeline,
    "waiting": measure_waiting,
    "around": measure_around,
    "start": measure_start,
    "memory": measure_memory,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="dcgan", help="(dcgan)")
    parser.add_argument("--dataset", default="cifar10", help="(cifar10)")
    parser.add_argument("--steps", type=int, default=300, help="of each measurement (300)")
    parser.add_argument("--only", nargs="+", choices=MEASURED, default=list(MEASURED))
    options = parser.parse_args()
    for name in options.only:
        MEASURED[name](options)


if __name__ == "__main__":
    main()
