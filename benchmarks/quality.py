"""What quality a budget of processor time buys on CIFAR-10, without classes: ours against public recipes.

    python benchmarks/quality.py --output quality/
    python benchmarks/quality.py --core-minutes 15 --only ours tutorial --output quality/

Each training has one core and is over when its processor time is used up (see recipes.py); 1,000 of its images are then
scored against 1,000 of the test split, by `evaluate.py`, with the 2015 network where its weights are at hand and with
the embedded one. The table has what each distance is above its floor, real images against real ones, as a multiple of
ours. What is finished in the output folder is not done again. The others are in public_recipes.py; ours is the tuned
`dcgan`, half as wide, whose learning rates fall to 0 at the end of its budget, so that it trains once a budget.
"""

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path

from recipes import ENDLESS, ROOT, run_for

# What separate seconds of one core have done here: the decay must be told in steps, and may end a little early.
STEPS_A_CORE_MINUTE = 500
OTHERS = ("tutorial", "keras-dcgan", "keras-wgan-gp", "flavours", "collection")


def ours(output, minutes, core):
    """Train ours for one budget and write its images where the others write theirs."""
    run, images = output / f"run-{minutes:g}", output / f"{minutes:g}.npz"
    decay = int(STEPS_A_CORE_MINUTE * minutes)
    words = f"--model dcgan --dataset cifar10 --width 0.5 --flip --learning-rate-decay-steps {decay} --steps {decay}"
    command = [sys.executable, "train.py", *shlex.split(words), "--run-dir", str(run)]
    if not run.exists():
        run_for(command, core, 60 * minutes, output / f"{minutes:g}.log")
    made = ["-m", "tfgan_repro.generate", "--checkpoint", run, "--count", 2000, "--output", images]
    subprocess.run([sys.executable, *map(str, made)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def train(name, budgets, output, core):
    output.mkdir(parents=True, exist_ok=True)
    missing = [minutes for minutes in budgets if not (output / f"{minutes:g}.npz").exists()]
    if name == "ours":
        for minutes in missing:
            ours(output, minutes, core)
    elif missing:
        script = ROOT / "benchmarks/public_recipes.py"
        words = [name, "--core-minutes", *budgets, "--output", output]
        run_for([sys.executable, *map(str, [script, *words])], core, 60 * ENDLESS, output / "training.log")


def score(images, extractor):
    """Distance, its floor and coverage of an .npz of images, from beside it where they are there."""
    kept = images.with_name(f"{images.stem}-{extractor}.json")
    if not kept.exists():
        words = ["--real", "cifar10", "--fake", images, "--fid-samples", 1000, "--metrics", "fid,prdc"]
        program = [sys.executable, "evaluate.py", *map(str, words), "--extractor", extractor, "--json"]
        kept.write_text(subprocess.run(program, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    rows = [json.loads(line) for line in kept.read_text().splitlines()]
    distance = next(row for row in rows if row["metric"].startswith(("FID", "FD")))
    coverage = next(row for row in rows if row["metric"].startswith("coverage"))
    return distance["metric"], distance["value"], distance["real_vs_real"], coverage["value"]


def table(names, budgets, extractors, output):
    lines = []
    for minutes in budgets:
        for extractor in extractors:
            scores = {name: score(output / name / f"{minutes:g}.npz", extractor) for name in names}
            metric, _, floor, _ = scores[names[0]]
            own = scores["ours"][1] - floor if "ours" in scores else None
            lines += [f"\n{minutes:g} core-minutes, {metric}; real against real images {floor:.3f}\n"]
            lines += ["| recipe | distance | above the floor, ours = 1 | coverage |", "|---|---|---|---|"]
            for name, (_, value, _, coverage) in sorted(scores.items(), key=lambda item: item[1][1]):
                times = f"{(value - floor) / own:.1f}" if own else ""
                lines.append(f"| {name} | {value:.3f} | {times} | {coverage:.2f} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--core-minutes", type=float, nargs="+", default=[15, 60], help="the budgets (15 60)")
    parser.add_argument("--only", nargs="+", choices=("ours", *OTHERS), default=("ours", *OTHERS), metavar="NAME")
    parser.add_argument("--extractors", nargs="+", default=["2015", "embedded"], help="(2015 embedded)")
    parser.add_argument("--core", type=int, default=0, help="that trains (0)")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    output, budgets = options.output.resolve(), sorted(options.core_minutes)
    for name in options.only:
        train(name, budgets, output / name, options.core)
    text = table(options.only, budgets, options.extractors, output)
    (output / "table.md").write_text(text.lstrip() + "\n")
    print(text)


if __name__ == "__main__":
    main()
