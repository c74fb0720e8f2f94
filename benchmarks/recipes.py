"""Search a recipe: candidates trained for equal core-minutes, one core each, two at a time; the best with more seeds.

    python benchmarks/recipes.py letters --core-minutes 3 --finalists 3 --seeds 3 --output recipes/letters
    python benchmarks/recipes.py cifar10-classes --core-minutes 11 --only "two rates" hinge --output recipes/cifar10
    python benchmarks/recipes.py letters --candidate "small steps=--generator-learning-rate 5e-5" --output recipes/own

A candidate is the task's own options and a change. Each training is told to stop when its processor time is used up,
whatever else the machine does, and scored by `evaluate.py`. What is finished in the output folder is not done again.
"""

import argparse
import json
import os
import queue
import shlex
import signal
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# So many steps are never reached; the processor time ends the training.
ENDLESS = 10_000_000
TICKS = os.sysconf("SC_CLK_TCK")
CLASSES = "--generator-conditioning batch-normalization --discriminator-conditioning projection"


@dataclass(frozen=True)
class Task:
    """A kind of data: options of train.py that all candidates share, the extractor that scores them, the model."""

    options: str
    extractor: str
    model: str = "dcgan"


TASKS = {
    "shapes": Task("--dataset shapes --width 0.5 --ema-half-life 5000", "embedded"),
    "letters": Task(f"--dataset letters --width 0.25 --ema-half-life 5000 {CLASSES}", "letters"),
    "digits": Task(f"--dataset mnist --width 0.25 --ema-half-life 5000 {CLASSES}", "digits"),
    "cifar10": Task("--dataset cifar10 --width 0.5 --flip", "embedded"),
    "cifar10-classes": Task(f"--dataset cifar10 --width 0.5 --flip {CLASSES}", "embedded"),
    "sagan": Task("--dataset cifar10 --width 0.5 --flip", "embedded", "sagan"),
    "faces": Task("--dataset folder:faces --image-size 64 --width 0.5 --batch-size 32 --flip", "embedded"),
}
# Each is one change of the tuned recipe of `dcgan`: both rates 4e-4, batch 64, betas 0.5 and 0.999.
CANDIDATES = {
    "tuned": "",
    "report": "--recipe report",
    "two rates": "--generator-learning-rate 1e-4",
    "rates 2e-4": "--generator-learning-rate 2e-4 --discriminator-learning-rate 2e-4",
    "rates 1e-3": "--generator-learning-rate 1e-3 --discriminator-learning-rate 1e-3",
    "beta_1 0": "--beta-1 0",
    "batch 32": "--batch-size 32",
    "batch 128": "--batch-size 128",
    "width 0.25": "--width 0.25",
    "width 0.5": "--width 0.5",
    "width 1": "--width 1",
    "average over 2,000": "--ema-half-life 2000",
    "average over 20,000": "--ema-half-life 20000",
    "no smoothing": "--label-smoothing 0",
    "no normalisation": "--discriminator-normalization none",
    "spectral": "--discriminator-normalization none --spectral-normalization discriminator",
    "layer": "--discriminator-normalization layer",
    "spectral hinge": "--discriminator-normalization none --spectral-normalization discriminator --loss hinge "
    "--label-smoothing 0",
    "hinge": "--loss hinge --label-smoothing 0",
    "R1": "--penalty r1:1",
    "noise": "--instance-noise 0.2",
    "spectral hinge noise": "--discriminator-normalization none --spectral-normalization discriminator --loss hinge "
    "--label-smoothing 0 --instance-noise 0.2",
    "augmentation": "--augmentation color,translation",
}


def processor_seconds(pid: int) -> float:
    """User and system time of a process and its threads; 0 for one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def run_for(words: list[str], core: int, seconds: float, log: Path) -> float:
    """Run a command on one core until it ends or so many processor seconds are used; returns these."""
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["taskset", "--cpu-list", str(core), *words],
            stdout=output, stderr=output, cwd=ROOT, env={**os.environ, **one_thread},
        )  # fmt: skip
        used, stopped = 0.0, False
        while process.poll() is None:
            used = max(used, processor_seconds(process.pid))
            if used >= seconds and not stopped:
                process.send_signal(signal.SIGINT)
                stopped = True
            time.sleep(0.2)
    if process.returncode not in (0, 130):
        sys.exit(f"{shlex.join(words)} failed, see {log}")
    return used


def score(run: Path, count: int, extractor: str = "auto") -> dict[str, float]:
    """The scores of a run by their names, and its step."""
    words = ["--checkpoint", run, "--metrics", "fid,prdc", "--extractor", extractor, "--fid-samples", count]
    program = [sys.executable, "evaluate.py", *map(str, words), "--json"]
    done = subprocess.run(program, cwd=ROOT, check=True, capture_output=True, text=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {row["metric"]: row["value"] for row in rows} | {"step": rows[0]["step"]}


def train_and_score(options: argparse.Namespace, candidate: str, seed: int, cores: queue.Queue) -> dict:
    """One training of a candidate and its scores, from the output folder where they are there."""
    task, changes = TASKS[options.task], options.candidates[candidate]
    # Not `with_suffix`, which would cut "width 0.25" and "width 0.5" at the point.
    name = f"{candidate.replace(' ', '-').replace(',', '')}-seed{seed}"
    folder, result, log = (options.output / f"{name}{suffix}" for suffix in ("", ".json", ".log"))
    if result.exists():
        return json.loads(result.read_text())
    words = shlex.split(f"train.py --model {task.model} {task.options} {changes} --steps {ENDLESS} --seed {seed}")
    core = cores.get()
    try:
        used = run_for([sys.executable, *words, "--run-dir", str(folder)], core, 60 * options.core_minutes, log)
        row = {"candidate": candidate, "options": changes, "seed": seed, "core_minutes": used / 60}
        row |= score(folder, options.fid_samples, task.extractor)
    finally:
        cores.put(core)
    result.write_text(json.dumps(row))
    print(table([row]).splitlines()[-1], flush=True)
    return row


def distance_of(row: dict) -> float:
    return next(value for name, value in row.items() if name.startswith(("FID", "FD")))


def table(rows: list[dict]) -> str:
    """A Markdown table with a line a candidate, the best first; means and standard deviations over its seeds."""
    shared = set.intersection(*map(set, rows)) - {"candidate", "options", "seed"}
    names = [name for name in rows[0] if name in shared]
    groups: dict[str, list[dict]] = {}
    for row in rows:
        groups.setdefault(row["candidate"], []).append(row)
    lines = ["| candidate | change | seeds | " + " | ".join(names) + " |", "|---" * (len(names) + 3) + "|"]
    for name, group in sorted(groups.items(), key=lambda item: statistics.mean(map(distance_of, item[1]))):
        cells = [spread([row[key] for row in group]) for key in names]
        lines.append(" | ".join([f"| {name}", f"`{group[0]['options'] or 'none'}`", str(len(group)), *cells]) + " |")
    return "\n".join(lines)


def spread(values: list[float]) -> str:
    text = f"{statistics.mean(values):,.4g}"
    return f"{text} ± {statistics.stdev(values):.2g}" if len(values) > 1 else text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--core-minutes", type=float, default=11.0, help="processor time of a training (11)")
    parser.add_argument("--only", nargs="+", choices=CANDIDATES, metavar="NAME", help=", ".join(CANDIDATES))
    parser.add_argument("--candidate", action="append", default=[], metavar="NAME=OPTIONS", help="another one")
    parser.add_argument("--finalists", type=int, default=3, help="the best that get more seeds (3)")
    parser.add_argument("--seeds", type=int, default=3, help="of a finalist (3)")
    parser.add_argument("--fid-samples", type=int, default=1000)
    parser.add_argument("--output", type=Path, required=True, help="the folder of the runs and the table")
    options = parser.parse_args()
    options.output = options.output.resolve()
    options.output.mkdir(parents=True, exist_ok=True)
    own = dict(text.split("=", 1) for text in options.candidate)
    options.candidates = {name: CANDIDATES[name] for name in options.only or ([] if own else CANDIDATES)} | own

    cores: queue.Queue = queue.Queue()
    for core in sorted(os.sched_getaffinity(0))[:2]:
        cores.put(core)
    with ThreadPoolExecutor(cores.qsize()) as pool:

        def results(names: list[str], seeds: range) -> list[dict]:
            jobs = [(name, seed) for name in names for seed in seeds]
            return list(pool.map(lambda job: train_and_score(options, *job, cores), jobs))

        rows = results(list(options.candidates), range(1))
        best = [row["candidate"] for row in sorted(rows, key=distance_of)][: options.finalists]
        rows += results(best, range(1, options.seeds))
    text = table(rows)
    (options.output / "table.md").write_text(text + "\n")
    print(f"\n{text}")


if __name__ == "__main__":
    main()
