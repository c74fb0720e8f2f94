"""Train for half an hour and watch the process: resident memory and open files must not grow. Linux only: /proc.

    python benchmarks/soak.py               # 30 minutes
    python benchmarks/soak.py --minutes 2   # a look

Prints a line a minute and the verdict; exits with 1 where memory grows by more than 3 % after the first 5 minutes (the
first half of a shorter soak), or where more files are open at the end than at the start.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from killing import start, words

# Everything that happens beside the training happens often.
CHOICES = {
    "dataset": "shapes",
    "steps": 100_000_000,
    "batch_size": 32,
    "width": 0.25,
    "log_every": 20,
    "checkpoint_every": 100,
    "fid_every": 200,
    "fid_samples": 200,
    "extractor": "embedded",
}
WARM_UP_MINUTES = 5
MOST_GROWTH = 0.03
SAMPLE_SECONDS = 1


def resident_bytes(pid):
    """The memory of a process that is in RAM."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def last_step(run_dir):
    lines = (run_dir / "log.jsonl").read_text().splitlines()
    return lines[-1].split(",")[0].removeprefix('{"step": ')


def watch(process, run_dir, minutes):
    """Sample a training process once a second from its first log line on.

    Returns:
        Rows of minutes, resident bytes and open files.
    """
    while not (run_dir / "log.jsonl").exists():
        if process.poll() is not None:
            sys.exit(f"the training ended: {run_dir.with_name('errors').read_text()}")
        time.sleep(0.1)
    begin, rows, printed = time.monotonic(), [], -1
    print("minute   step   resident MB   open files")
    while (passed := (time.monotonic() - begin) / 60) < minutes:
        if process.poll() is not None:
            sys.exit(f"the training ended: {run_dir.with_name('errors').read_text()}")
        rows.append((passed, resident_bytes(process.pid), open_files(process.pid)))
        if int(passed) > printed:
            printed = int(passed)
            print(f"{printed:6d} {last_step(run_dir):>6} {rows[-1][1] / 1e6:13.1f} {rows[-1][2]:12d}", flush=True)
        time.sleep(SAMPLE_SECONDS)
    return rows


def usual(rows, column):
    """The median: a file that is being written, or its buffer, comes and goes."""
    return statistics.median(row[column] for row in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30, metavar="X", help="how long (30)")
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as folder:
        run_dir = Path(folder) / "run"
        # A pipe that nobody reads would fill up and stop the training.
        with open(run_dir.with_name("errors"), "w", encoding="utf-8") as errors:
            process = start(*words({**CHOICES, "run_dir": run_dir}), stdout=errors, stderr=errors)
        try:
            rows = watch(process, run_dir, minutes)
            steps = last_step(run_dir)
        finally:
            process.kill()
            process.wait()
    warm = min(WARM_UP_MINUTES, minutes / 2)
    later = [row for row in rows if row[0] >= warm]
    # A tenth of the time at either end.
    share = max(1, len(later) // 10)
    first, last = later[:share], later[-share:]
    growth = usual(last, 1) / usual(first, 1) - 1
    files = usual(first, 2), usual(last, 2)
    held = growth <= MOST_GROWTH and files[1] <= files[0]
    print(
        f"{steps} steps; from minute {warm:g} to {minutes:g}: resident memory {growth:+.2%} (at most "
        f"{MOST_GROWTH:.0%}), open files {files[0]:g} to {files[1]:g}: {'held' if held else 'NOT held'}"
    )
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
