"""What augmentation, and a trained run to begin with, are worth on few pictures, at equal core-minutes.

    python benchmarks/small_sets.py augmentation portraits/ --count 500 --core-minutes 3 --output small/
    python benchmarks/small_sets.py beginning anime/ --run small/augmentation-ADA-seed0 --core-minutes 1 --output new/

A number of pictures are trained on, 1,000 others are what the generated ones are compared with. Each training has one
core and is over when its processor time is used up (see recipes.py); then `evaluate.py` scores 1,000 images of it, with
the 2015 network where its weights are at hand. The table has means and standard deviations over the seeds. What is
finished in the output folder is not done again.
"""

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
from recipes import ENDLESS, ROOT, run_for, table

TASK = "--model dcgan --width 0.25 --batch-size 32 --flip --image-size 32 --test-percent 0 --ema-half-life 5000"
CANDIDATES = {
    "augmentation": {
        "none": "",
        "DiffAugment": "--augmentation color,translation,cutout",
        "ADA": "--augmentation ada --augmentation-target 0.6 --augmentation-ramp 50000",
    },
    "beginning": {"from scratch": "", "--from": "--from {run}", "--from, two layers": "--from {run} "
                  "--freeze-discriminator 2"},
}  # fmt: skip


def python(*words):
    """Run Python in the repository and return what it prints."""
    program = [sys.executable, *map(str, words)]
    return subprocess.run(program, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def share_out(pictures, output, count, unseen=1000):
    """Links to the pictures that are trained on and to those that are not, prepared alike: two prepared sets."""
    files = sorted(path for path in pictures.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"))
    order = np.random.default_rng(0).permutation(len(files))
    sets = {"unseen": order[:unseen], f"known-{count}": order[unseen : unseen + count]}
    for name, chosen in sets.items():
        folder, prepared = output / "pictures" / name, output / "prepared" / name
        if not prepared.exists():
            folder.mkdir(parents=True)
            for index in chosen:
                (folder / files[index].name).symlink_to(files[index].resolve())
            python("-m", "tfgan_repro.data", "prepare", folder, prepared, "--image-size", 32, "--test-percent", 0)
        yield prepared


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=CANDIDATES)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--run", type=Path, help="what `beginning` begins with, at the same sizes")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these candidates, by name")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--core-minutes", type=float, default=3)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    candidates = CANDIDATES[options.what]
    chosen = options.only or list(candidates)
    if unknown := ", ".join(name for name in chosen if name not in candidates):
        parser.error(f"--only takes names of {', '.join(candidates)}, not {unknown}")
    output = options.output.resolve()
    unseen, known = share_out(options.pictures, output, options.count)
    features = output / "unseen.npz"
    if not features.exists():
        words = ("--real", f"prepared:{unseen}", "--split", "train", "--fid-samples", 1000)
        python("evaluate.py", *words, "--save-stats", features, "--save-features")
    rows = []
    for seed in range(options.seeds):
        for name in chosen:
            changes = candidates[name]
            stem = f"{options.what}-{name.strip('-').replace(' ', '-').replace(',', '')}-seed{seed}"
            result, run = output / f"{stem}.json", output / stem
            if not result.exists():
                words = shlex.split(f"train.py {TASK} {changes.format(run=options.run)}")
                words += ["--steps", str(ENDLESS), "--seed", str(seed), "--dataset", f"prepared:{known}"]
                words += ["--run-dir", str(run), "--checkpoint-every", "500"]
                log = output / f"{stem}.log"
                used = run_for([sys.executable, *words], options.core, 60 * options.core_minutes, log)
                scored = python(
                    *("evaluate.py", "--real", features, "--fake", run, "--json"),
                    *("--fid-samples", 1000, "--metrics", "fid,prdc"),
                )
                scores = {row["metric"]: row["value"] for row in map(json.loads, scored.splitlines())}
                last = json.loads((run / "log.jsonl").read_text().splitlines()[-1])
                told = ("step", "augmentation_probability", "d_real", "d_fake")
                made = {key: last[key] for key in told if key in last}
                row = {"candidate": name, "options": changes, "seed": seed, "core_seconds": used, **made, **scores}
                result.write_text(json.dumps(row))
            rows.append(json.loads(result.read_text()))
            print(json.dumps(rows[-1]), flush=True)
    text = table(rows)
    (output / f"{options.what}.md").write_text(text + "\n")
    print(f"\n{text}")


if __name__ == "__main__":
    main()
