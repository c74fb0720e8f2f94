"""How far three architectures come in the same processor time: `dcgan`, `r3gan` and `sagan-resnet`.

    python benchmarks/architectures.py "--dataset cifar10" --output architectures/cifar10
    python benchmarks/architectures.py "--dataset folder:portraits/ --crop face" --without-classes --output portraits/

Each is trained by its tuned recipe on one core, at a width that a core carries. Whenever a budget is used up (see
recipes.py), its start included, it is stopped, `evaluate.py` scores 1,000 of its images, with the 2015 network where
its weights are at hand, and it goes on. The table and the curves are written into the output folder; what is finished
there is not done again.
"""

import argparse
import json
import shlex
import sys
from pathlib import Path

from matplotlib.figure import Figure
from recipes import ENDLESS, run_for, score, table

ARCHITECTURES = {
    "dcgan": "--width 0.5",
    "r3gan": "",
    "sagan-resnet": "--width 0.25 --ema-half-life 10000",
}
CLASSES = {"dcgan": "--generator-conditioning batch-normalization --discriminator-conditioning classifier"}
WITHOUT_CLASSES = "--generator-conditioning none --discriminator-conditioning none"


def train_and_score(name, options):
    """A row a budget of one architecture."""
    conditioning = WITHOUT_CLASSES if options.without_classes else CLASSES.get(name, "")
    chosen = f"--model {name} {ARCHITECTURES[name]} {conditioning} --image-size 32 --flip {options.data}"
    run, before = options.output / name, 0.0
    for budget in sorted(options.core_minutes):
        kept = options.output / f"{name}-{budget:g}.json"
        if not kept.exists():
            begin = [*shlex.split(chosen), "--steps", str(ENDLESS), "--run-dir", str(run)]
            words = [sys.executable, "train.py", *(["--resume", str(run)] if before else begin)]
            used = run_for(words, options.core, 60 * (budget - before), kept.with_suffix(".log"))
            row = {"candidate": f"{name}, {budget:g}", "options": ARCHITECTURES[name], "seed": 0}
            row |= {"core_minutes": before + used / 60, **score(run, options.fid_samples)}
            kept.write_text(json.dumps(row))
        row = json.loads(kept.read_text())
        before = row["core_minutes"]
        print(json.dumps(row), flush=True)
        yield row


def plot(curves, path):
    """The distances against processor time."""
    figure = Figure(figsize=(5, 3.2), layout="constrained")
    axes = figure.add_subplot()
    for name, rows in curves.items():
        metric = next(key for key in rows[0] if key.startswith(("FID", "FD")))
        axes.plot([row["core_minutes"] for row in rows], [row[metric] for row in rows], marker="o", label=name)
    axes.set(xlabel="minutes of one core", ylabel=metric, xscale="log", ylim=(0, None))
    axes.legend()
    figure.savefig(path, dpi=150)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="options of train.py that say what is learnt")
    parser.add_argument("--without-classes", action="store_true", help="the pictures have no labels")
    parser.add_argument("--only", nargs="+", choices=ARCHITECTURES, default=list(ARCHITECTURES))
    parser.add_argument("--core-minutes", type=float, nargs="+", default=[5, 10, 20, 40])
    parser.add_argument("--fid-samples", type=int, default=1000)
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    options.output = options.output.resolve()
    options.output.mkdir(parents=True, exist_ok=True)
    curves = {name: list(train_and_score(name, options)) for name in options.only}
    text = table([row for rows in curves.values() for row in rows])
    (options.output / "table.md").write_text(text + "\n")
    plot(curves, options.output / "curves.png")
    print(f"\n{text}")


if __name__ == "__main__":
    main()
