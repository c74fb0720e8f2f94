"""How fast pictures are prepared and read, and how much memory a set that is larger than it takes.

  python benchmarks/pictures.py prepare FOLDER           images a second, threads against worker processes
  python benchmarks/pictures.py stream [--pictures N]    a set of N pictures under a limit of the address space
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def status(key):
    """A line of this process's status, in MB: VmSize (address space), VmHWM (most memory ever), ..."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) // 1024 for line in file if line.startswith(key))


def prepare(folder):
    """Decode, crop and resize a folder of pictures to 64x64."""
    from tfgan_repro.data import open_pictures
    from tfgan_repro.backends.processor import core_count
    from tfgan_repro.data.parallel import processes, threads
    from tfgan_repro.data.preparation import Preparation
    from tfgan_repro.data.reading import read_collection

    preparation = Preparation(image_size=64, colours="rgb", duplicates="exact")
    collection = open_pictures(f"folder:{folder}", None, preparation)
    for executor in (threads, processes):
        start = time.monotonic()
        summary = read_collection(collection, preparation, lambda *picture: None, executor)
        rate = sum(summary.kept.values()) / (time.monotonic() - start)
        print(f"{executor.__name__}: {rate:,.0f} images/s with {core_count()} workers")


def stream(count, side, extra):
    """Make a folder of pictures, then train on it in a process whose address space is limited."""
    with tempfile.TemporaryDirectory() as folder:
        pictures = Path(folder) / "pictures"
        random = np.random.default_rng(0)
        for index in range(count):
            path = pictures / f"{index // 1000:04d}" / f"{index:07d}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            cells = random.integers(0, 256, (4, 4, 3), dtype=np.uint8)
            Image.fromarray(cells).resize((side, side)).save(path, quality=80)
        environment = {**os.environ, "XDG_CACHE_HOME": folder, "TF_CPP_MIN_LOG_LEVEL": "3", "MALLOC_ARENA_MAX": "2"}
        words = [sys.executable, __file__, "read", str(pictures), str(side), str(extra)]
        for _ in ("prepared", "found prepared"):
            subprocess.run(words, env=environment, check=True)


def read(folder, side, extra):
    """What `stream` runs: 200 batches, and 10 from the middle of another epoch, which must be the same again."""
    import itertools

    import tensorflow as tf

    from tfgan_repro.data import load_pictures
    from tfgan_repro.data.pipeline import training_batches

    next(iter(tf.data.Dataset.range(8).map(lambda number: number, num_parallel_calls=tf.data.AUTOTUNE)))
    size = status("VmSize")
    resource.setrlimit(resource.RLIMIT_AS, ((size + extra) << 20,) * 2)
    start = time.monotonic()
    pictures = load_pictures(f"folder:{folder}", "train", None, side)
    loading = time.monotonic() - start
    start = time.monotonic()
    batches = list(itertools.islice((batch.numpy().sum() for batch in training_batches(pictures, 64)), 200))
    rate = 200 * 64 / (time.monotonic() - start)
    again = [batch.numpy().sum() for batch in itertools.islice(training_batches(pictures, 64, start=190), 10)]
    assert again == batches[190:]
    print(
        f"{len(pictures):,} training pictures of {side}x{side} ({len(pictures) * side * side * 3 >> 20:,} MB) in "
        f"{loading:.0f} s, then {rate:,.0f} images/s; address space {size:,} MB before, limited to {extra:,} MB more; "
        f"most memory {status('VmHWM'):,} MB"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("prepare").add_argument("folder")
    command = commands.add_parser("stream")
    command.add_argument("--pictures", type=int, default=200_000)
    command.add_argument("--side", type=int, default=64)
    command.add_argument("--extra", type=int, default=800, help="MB of address space beyond TensorFlow's own (800)")
    command = commands.add_parser("read")
    command.add_argument("folder")
    command.add_argument("side", type=int)
    command.add_argument("extra", type=int)
    options = parser.parse_args()
    if options.command == "prepare":
        prepare(options.folder)
    elif options.command == "stream":
        stream(options.pictures, options.side, options.extra)
    else:
        read(options.folder, options.side, options.extra)


if __name__ == "__main__":
    main()
