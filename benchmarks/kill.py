"""Kill real trainings at random moments, resume them, and compare with one that nobody interrupted.

    python benchmarks/kill.py               # 200 kills, in runs of ten
    python benchmarks/kill.py --kills 20

Prints what differs and which run directories could not be read; exits with 1 unless both are none.
"""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from killing import SCORED, SIZE, Unreadable, differences, killed_run, start, words

from tfgan_repro.runs.directory import RunDirectory

KILLS_A_RUN = 10


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, metavar="N", help="how many in all (200)")
    parser.add_argument("--steps", type=int, default=300, metavar="N", help="of each run (300)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the moments (0)")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="runs at a time (2)")
    options = parser.parse_args()
    choices = {**SIZE, **SCORED, "steps": options.steps, "dataset": "shapes"}
    counts = [min(KILLS_A_RUN, options.kills - done) for done in range(0, options.kills, KILLS_A_RUN)]
    with tempfile.TemporaryDirectory() as folder:
        whole = RunDirectory(Path(folder) / "whole")
        process = start(*words({**choices, "run_dir": whole.path}))
        errors = process.communicate()[1]
        if process.returncode != 0:
            sys.exit(errors.decode())

        def judge(number):
            """Kill one run and compare it; its differences, or None where it could not be read."""
            try:
                run = killed_run(Path(folder) / f"{number:03d}", choices, counts[number], options.seed + number)
            except Unreadable as error:
                print(f"run {number}: cannot be read: {error}", flush=True)
                return None
            found = differences(run, whole)
            print(f"run {number}: {counts[number]} kills, {', '.join(found) or 'no difference'}", flush=True)
            return found

        with ThreadPoolExecutor(options.jobs) as pool:
            results = list(pool.map(judge, range(len(counts))))
    unreadable = results.count(None)
    different = sum(len(found) for found in results if found)
    print(f"{sum(counts)} kills: {different} differences, {unreadable} unreadable run directories")
    sys.exit(1 if different or unreadable else 0)


if __name__ == "__main__":
    main()
