"""What ten minutes on an accelerator can prove, in one command, the most valuable first.

    KERAS_BACKEND=tensorflow python tests/models/backend_steps.py parity.npz CASE ...   (on any machine with TensorFlow)
    python benchmarks/accelerator.py --out OUT --reference parity.npz --dataset npz:cifar10.npz \\
        --inception-weights WEIGHTS --minutes 9.5

On JAX, and without TensorFlow:

    parity      three training steps of some models in full float32 against TensorFlow's, see tests/models
    benchmark   steps a second, ours and, where PyTorch is installed, its own, eager and compiled; the share of the time
                that is spent in kernels; and what two trainings at once make together
    runs        report C's DCGAN, then the tuned conditional one, then R3GAN where there is one; two at once where that
                is faster
    extractor   images a second through the 2015 network

Each result is a line of OUT/accelerator.jsonl as soon as it is there, and after each stage all of it, the runs without
their checkpoints, is packed into OUT/accelerator.tar.gz. With the same `--work` another command with `--stages runs`
goes on with the runs, so that a machine that is lost takes only a few minutes with it. `--tiny` is a rehearsal on any
machine.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from turns import ROOT, python_path

sys.path.insert(0, str(ROOT))

from tfgan_repro.files import atomic_path, read_json_lines
from tfgan_repro.models import MODELS

STAGES = ("parity", "benchmark", "runs", "extractor")
PAIRS = (("dcgan", 128), ("sngan-resnet", 64))
TORCH = ("torch eager bfloat16", "torch compile bfloat16")
# In order of worth, with the steps after which the next one has its turn, and their share of the time that is left.
RUNS = {
    "report-c-dcgan": (("--experiment", "cifar10-dcgan"), 30_000, 0.5),
    "conditional": (
        ("--model", "dcgan", "--generator-conditioning", "batch-normalization", "--flip")
        + ("--discriminator-conditioning", "projection", "--ema-half-life", 20_000),
        60_000,
        0.6,
    ),
    "r3gan": (("--model", "r3gan", "--flip"), 60_000, 1.0),
}
WHOLE = 100_000  # steps of report C, for whatever time is left over
TOLERANCE = 1e-5
EXTRACTOR_SECONDS = 45  # kept for the last stage, with its compilation
LEFT_OUT = ("checkpoints", "tensorboard")  # of a run, in the archive


def record(options, stage, **values):
    """Write a result down, and say it."""
    line = json.dumps({"stage": stage, "device": device_name(), "at": round(time.monotonic() - START, 1), **values})
    with open(options.out / "accelerator.jsonl", "a", encoding="utf-8") as file:
        file.write(line + "\n")
    print(line, flush=True)


def device_name():
    """What computes, asked of JAX in a process of its own: one that holds the memory would leave others none."""
    if not hasattr(device_name, "known"):
        program = "import jax; d = jax.devices(); print(len(d), d[0].device_kind)"
        device_name.known = python("-c", program).stdout.strip()
    return device_name.known


def start(*words, **environment):
    """Start Python on JAX in a process of its own; its output goes to two files, so that no pipe fills up."""
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": python_path(), **environment}
    outputs = [tempfile.TemporaryFile("w+") for _ in range(2)]
    process = subprocess.Popen(
        [sys.executable, *map(str, words)], stdout=outputs[0], stderr=outputs[1], text=True, env=environment
    )
    return process, outputs


def finished(process, outputs):
    """Wait for such a process; its code and what it has said."""
    code = process.wait()
    texts = []
    for output in outputs:
        output.seek(0)
        texts.append(output.read())
    return subprocess.CompletedProcess(process.args, code, *texts)


def python(*words, **environment):
    return finished(*start(*words, **environment))


def parity(options, end):
    import numpy as np

    path = options.work / "parity-jax.npz"
    with np.load(options.reference) as theirs:
        cases = sorted({name.split("|")[0] for name in theirs.files})[: 1 if options.tiny else None]
        done = python(ROOT / "tests/models/backend_steps.py", path, *cases, JAX_DEFAULT_MATMUL_PRECISION="highest")
        if done.returncode:
            return record(options, "parity", error=done.stderr[-2000:])
        distances = {}
        with np.load(path) as ours:
            for name in ours.files:
                case, kind, weight = name.split("|")
                if kind == "after":
                    reference = theirs[name].astype(np.float64)
                    distance = np.linalg.norm(ours[name] - reference) / np.linalg.norm(reference)
                    distances.setdefault(case, {})[weight] = float(distance)
    for case, found in distances.items():
        weight = max(found, key=found.get)
        record(options, "parity", case=case, farthest=weight, distance=found[weight], agrees=found[weight] <= TOLERANCE)


def benchmark(options, end):
    """Steps a second in turns, see `train_step.py`, and the share of kernels."""
    found = options.work / "train_step.jsonl"
    contestants = ["jax", *(TORCH[: 1 if options.tiny else None] if importlib.util.find_spec("torch") else ())]
    for model, batch in PAIRS[: 1 if options.tiny else None]:
        batch, rounds, seconds = (4, 1, 1) if options.tiny else (batch, 2, 4)
        words = ["--models", model, "--batch-size", batch, "--rounds", rounds, "--seconds", seconds]
        words += ["--only", *contestants, "--torch-python", sys.executable, "--json", found]
        done = python(ROOT / "benchmarks/train_step.py", *words)
        last = read_json_lines(found)[-1] if done.returncode == 0 else {"model": model, "error": done.stderr[-500:]}
        record(options, "benchmark", **last)
        words = [ROOT / "benchmarks/own_steps.py", model, "--batch-size", batch]
        done = python(*words, "--seconds", seconds, "--trace", options.work / f"trace-{model}")
        said = {"share": float(done.stdout)} if done.returncode == 0 else {"error": done.stderr[-500:]}
        record(options, "kernels", model=model, batch=batch, **said)
    if not options.tiny:
        together(options, last.get("steps_per_second", {}).get("jax"), words)


def together(options, alone, words):
    """What two trainings at once make together, as a multiple of one."""
    command = [sys.executable, *map(str, words), "--seconds", "4"]
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": python_path(), **HALF_OF_THE_MEMORY}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    both = [subprocess.Popen(command, env=environment, **pipes) for _ in range(2)]
    rates = []
    if all(each.stdout.readline().strip() == "ready" for each in both):
        for each in both:
            each.stdin.write("go\n")
            each.stdin.flush()
        rates = [float(each.stdout.readline()) for each in both]
    for each in both:
        each.stdin.close()
        each.wait()
    options.share = bool(rates and alone) and sum(rates) > 1.2 * alone
    record(options, "together", alone=alone, both=rates, pays=options.share)


HALF_OF_THE_MEMORY = {"XLA_PYTHON_CLIENT_MEM_FRACTION": "0.45"}


def begin(options, name, steps, minutes):
    """Start a training, or one that goes on."""
    path, (choices, *_) = options.work / name, RUNS[name]
    weights = ("--inception-weights", options.inception_weights) if options.inception_weights else ()
    extractor, resize = ("2015", "tf1-bilinear") if weights else ("embedded", "antialias")
    words = ("--resume", path)
    if path.exists():
        # An earlier command may have gone on with it for longer.
        steps = max(steps, json.loads((path / "config.json").read_text(encoding="utf-8"))["config"]["steps"])
    else:
        words = (*choices, "--dataset", options.dataset, "--fid-every", 2500, "--fid-samples", 1000, *weights)
        words += ("--extractor", extractor, "--resize", resize, "--run-dir", path)
    words += ("--steps", steps)
    if options.tiny and not path.exists():
        words += ("--steps", 4, "--batch-size", 8, "--width", 0.0625, "--fid-every", 4, "--fid-samples", 50)
    memory = HALF_OF_THE_MEMORY if options.share else {}
    return start(ROOT / "train.py", *words, "--max-minutes", round(max(minutes, 0.1), 3), **memory)


def end_of(options, name, running, since):
    """Wait for a training, and record what it has reached."""
    done = finished(*running)
    path = options.work / name
    rows = [row for row in read_json_lines(path / "evaluations.jsonl") if row["value"] is not None]
    log = read_json_lines(path / "log.jsonl")
    said = {"error": done.stderr[-1000:]} if done.returncode else {}
    record(
        options,
        "runs",
        run=name,
        seconds=round(time.monotonic() - since, 1),
        step=log[-1]["step"] if log else 0,
        best=min(rows, key=lambda row: row["value"], default={}),
        last=rows[-1:],
        curve=[(row["step"], round(row["value"], 4)) for row in rows],
        **said,
    )


def runs(options, end):
    names = [name for name in RUNS if RUNS[name][0][1] in MODELS or RUNS[name][0][0] == "--experiment"]
    if options.share:
        while names and (minutes := (end - time.monotonic()) / 60) > 0.5:
            pair, names = names[:2], names[2:]
            minutes *= 0.6 if names else 1.0
            since = time.monotonic()
            # Alone for the rest of the time: nothing follows.
            begun = {name: begin(options, name, WHOLE, minutes) for name in pair}
            for name, running in begun.items():
                end_of(options, name, running, since)
        return
    for name in names:
        minutes = (end - time.monotonic()) / 60 * (1.0 if name == names[-1] else RUNS[name][2])
        if minutes > 0.5 or options.tiny:
            since = time.monotonic()
            end_of(options, name, begin(options, name, 4 if options.tiny else RUNS[name][1], minutes), since)
            pack(options)
    minutes = (end - time.monotonic()) / 60
    if minutes > 0.75 and not options.tiny:
        # More of report C's 100,000 iterations.
        since = time.monotonic()
        end_of(options, names[0], begin(options, names[0], WHOLE, minutes), since)


def extractor(options, end):
    """Images a second through the 2015 network, in a process of its own."""
    for precision in ("bfloat16", "float32"):
        count = 64 if options.tiny else 10_000
        words = ["--images", options.inception_weights, precision, count]
        done = python(ROOT / "benchmarks/accelerator.py", *words)
        said = json.loads(done.stdout) if done.returncode == 0 else {"error": done.stderr[-1000:]}
        record(options, "extractor", precision=precision, images=count, **said)


def time_images(weights, precision, count):
    """Print what `extractor` records: the rate after a first batch, which is compiled."""
    import numpy as np

    from tfgan_repro.metrics.extractor_choice import find_extractor
    from tfgan_repro.metrics.features import extract
    from tfgan_repro.metrics.images import as_image_set

    images = np.random.default_rng(0).integers(0, 256, (int(count), 32, 32, 3), dtype=np.uint8)
    network = find_extractor("2015", weights, resize="tf1-bilinear", precision=precision)
    begin = time.monotonic()
    extract(as_image_set(images[: len(images) // 2]), network)
    first, begin = time.monotonic() - begin, time.monotonic()
    extract(as_image_set(images), network)
    seconds = time.monotonic() - begin
    print(json.dumps({"images_per_second": len(images) / seconds, "seconds": seconds, "first_half_seconds": first}))


def pack(options):
    """All results in one archive, which is whole at any time."""
    with atomic_path(options.out / "accelerator.tar.gz") as path, tarfile.open(path, "w:gz") as archive:
        archive.add(options.out / "accelerator.jsonl", "accelerator.jsonl")
        for name in RUNS:
            for file in sorted((options.work / name).rglob("*")):
                inside = file.relative_to(options.work)
                if file.is_file() and not any(part in LEFT_OUT or part.startswith(".") for part in inside.parts):
                    archive.add(file, inside)
    print(f"packed: {(options.out / 'accelerator.tar.gz').stat().st_size / 2**20:.1f} MiB", flush=True)


START = time.monotonic()


def main():
    if sys.argv[1:2] == ["--images"]:
        return time_images(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of the results")
    parser.add_argument("--work", type=Path, help="folder of the runs (one that is made in the system's)")
    parser.add_argument("--reference", type=Path, help="what backend_steps.py has written on TensorFlow")
    parser.add_argument("--dataset", default="shapes", help="of the runs (shapes)")
    parser.add_argument("--inception-weights", help="for scores with the 2015 network")
    parser.add_argument("--stages", default=",".join(STAGES), help="with commas, in their order")
    parser.add_argument("--minutes", type=float, default=9.5, help="of all of it (9.5)")
    parser.add_argument("--tiny", action="store_true", help="a rehearsal with tiny numbers")
    options = parser.parse_args()
    options.work = options.work or Path(tempfile.mkdtemp(prefix="accelerator-"))
    # A training that is begun again does not wait for its compiler again.
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(options.work.absolute() / "compiled"))
    options.share = False
    end = START + 60 * options.minutes
    for folder in (options.out, options.work):
        folder.mkdir(parents=True, exist_ok=True)
    missing = {"parity": not options.reference, "extractor": not options.inception_weights}
    stages = {"parity": parity, "benchmark": benchmark, "runs": runs, "extractor": extractor}
    for name in options.stages.split(","):
        if not missing.get(name):
            kept = EXTRACTOR_SECONDS if name == "runs" and options.inception_weights else 5
            try:
                stages[name](options, end - kept)
            except Exception as error:  # the other stages are worth as much
                record(options, name, error=repr(error)[:500])
            pack(options)


if __name__ == "__main__":
    main()
