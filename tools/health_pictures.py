"""Draw what each sign of docs/health.md looks like, from small runs on `shapes` that are made to show it.

    python tools/health_pictures.py --output docs/pictures             # all, 20 minutes on two processor cores
    python tools/health_pictures.py --output docs/pictures frozen      # some
    python tools/health_pictures.py --commands                         # what each run is trained with

A picture shows 25 of the run's last samples and a curve of its log; where the sign was on, the curve lies on grey.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tfgan_repro.files import atomic_path, read_json_lines
from tfgan_repro.report.grids import MARGIN, read_png, unrepeated
from tfgan_repro.report.plots import BLUE, GREY
from tfgan_repro.scaling import farthest_apart
from tfgan_repro.training.health import SIGNS, Interval

SIDE, PALETTE = 5, 64  # images a side of the grid; colours of the PNG


class Case(NamedTuple):
    """A run that shows a sign.

    Attributes:
        words: the options of `train.py` beside `COMMON`.
        quantity: the key of the log, or "value" for that of the evaluations, that tells it.
        title: what the quantity is called.
        logarithmic: whether its axis is.
        kept: a run in `results/` that is drawn instead of one made anew.
    """

    words: str
    quantity: str
    title: str
    logarithmic: bool = False
    kept: str = ""


COMMON = "--dataset shapes --width 0.25 --batch-size 16 --log-every 20 --checkpoint-every 10000 --precision float32"
# Fifty discriminator updates a step on few small images.
FIFTY = "--discriminator-steps 50 --batch-size 8 --image-size 16 --width 0.125 --log-every 5 --steps 100"
SCORED = "--extractor embedded --fid-every 100 --fid-samples 100 --log-every 100"
CASES = {
    "healthy": Case(
        f"--steps 1500 --generator-learning-rate 1e-3 {SCORED}", "value", "FD-embedded", True
    ),
    "non-finite": Case(
        "--steps 100 --model wgan-gp --optimizer sgd --beta-1 0.5 --discriminator-learning-rate 0.02 --log-every 2",
        "d_loss", "discriminator's loss",
    ),
    "vanishing-gradient": Case(f"{FIFTY} --loss saturating", "g_gradient_norm", "generator's gradient norm", True),
    "mode-collapse": Case(
        "--steps 300 --latent-dim 1 --generator-learning-rate 1e-3",
        "diversity", "diversity (1: as real images)",
    ),
    "overpowered": Case(FIFTY, "d_fake", "D(fake)", True),
    "useless": Case("--steps 300 --discriminator-learning-rate 1e-9", "d_accuracy", "share told apart rightly"),
    # It takes thousands of steps: drawn from the kept run, whose log is older than the sign.
    "unbounded": Case("", "distance", "D(real) - D(fake)", kept="cifar10-sagan"),
    "frozen": Case("--steps 200 --generator-learning-rate 1e-12", "g_loss", "generator's loss"),
    "no-progress": Case(f"--steps 1000 --generator-learning-rate 1e-7 {SCORED}", "value", "FD-embedded"),
    "oscillation": Case(
        "--steps 1000 --generator-learning-rate 0.1 --discriminator-learning-rate 0.1 --batch-size 8 --image-size 16 "
        f"--width 0.125 {SCORED}",
        "value", "FD-embedded",
    ),
}


def words(name):
    """The options of `train.py` for a case; what is said later wins."""
    return f"{COMMON} {CASES[name].words}".split()


def corner(grid, size):
    """The first `SIDE` x `SIDE` images of a sample grid."""
    length = SIDE * (size + MARGIN) + MARGIN
    return unrepeated(grid)[0][:length, :length]


def judged_anew(run, name):
    """The log of a kept run with a critic's estimate, and with a sign where it lasts."""
    log, streak = read_json_lines(run / "log.jsonl"), 0
    shape = json.loads((run / "config.json").read_text())["image_shape"]
    for row in log:
        interval = Interval(row["step"], 0, row, probabilities=False, farthest=farthest_apart(shape))
        streak = streak + 1 if SIGNS[name].measure(interval) else 0
        row["distance"] = row["d_real"] - row["d_fake"]
        row["health"] = [name] if streak >= SIGNS[name].patience else []
    return log


def draw(run, name, path):
    """Draw a finished run's samples and curve."""
    case = CASES[name]
    log = judged_anew(run, name) if case.kept else read_json_lines(run / "log.jsonl")
    rows = read_json_lines(run / "evaluations.jsonl") if case.quantity == "value" else log
    steps = [row["step"] for row in rows]
    values = [np.nan if row[case.quantity] is None else row[case.quantity] for row in rows]
    figure = Figure(figsize=(5.6, 2.1), dpi=100, layout="constrained")
    picture, axes = figure.subplots(1, 2, width_ratios=(1, 1.6))
    size = 16 if "--image-size 16" in case.words else 32
    picture.imshow(corner(read_png(sorted((run / "samples").glob("*.png"))[-1]), size), interpolation="nearest")
    picture.axis("off")
    before = 0
    for row in log:
        if name in row["health"]:
            axes.axvspan(before, row["step"], color=GREY, alpha=0.25, linewidth=0)
        before = row["step"]
    axes.plot(steps, values, color=BLUE, marker="o", markersize=2)
    axes.set_title(case.title, fontsize=9)
    axes.set_xlim(0, log[-1]["step"])
    axes.tick_params(labelsize=8)
    if case.logarithmic:
        axes.set_yscale("log")
    content = io.BytesIO()
    figure.savefig(content, format="png")
    with atomic_path(path) as temporary:
        Image.open(content).convert("RGB").quantize(PALETTE).save(temporary, "PNG", optimize=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("signs", nargs="*", metavar="SIGN", help=f"of {', '.join(CASES)} (all)")
    parser.add_argument("--output", metavar="DIR", type=Path, help="where the pictures go")
    parser.add_argument("--commands", action="store_true", help="print the commands and stop")
    options = parser.parse_args()
    if not options.commands and options.output is None:
        parser.error("say where the pictures go with --output, or ask for --commands")
    for name in options.signs or CASES:
        kept = CASES[name].kept
        if options.commands:
            made_by = f"drawn from results/{kept}" if kept else f"python train.py {' '.join(words(name))}"
            print(f"{name}: {made_by}")
            continue
        if kept:
            draw(ROOT / "results" / kept, name, options.output / f"{name}.png")
            print(f"{name}: drawn from results/{kept}", flush=True)
            continue
        with tempfile.TemporaryDirectory() as folder:
            run = Path(folder) / "run"
            program = [sys.executable, str(ROOT / "train.py"), *words(name), "--run-dir", str(run)]
            subprocess.run(program, check=True, stdout=subprocess.DEVNULL)
            seen = sorted({flag for row in read_json_lines(run / "log.jsonl") for flag in row["health"]})
            draw(run, name, options.output / f"{name}.png")
        print(f"{name}: {', '.join(seen) or 'no sign'}", flush=True)


if __name__ == "__main__":
    main()
