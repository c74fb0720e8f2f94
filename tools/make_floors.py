"""Compute the scores of real images against real images that come with the package.

    python tools/make_floors.py --inception-weights FILE --output tfgan_repro/metrics/floors.json

The table in the package was made by this command, from TensorFlow Datasets' CIFAR-10 and MNIST and the embedded
letters: the protocol of `evaluate.py --checkpoint RUN` for their test images, with seed 2. Entries whose extractor
cannot be had are kept as they were.
"""

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tfgan_repro.data import load_pictures
from tfgan_repro.errors import UserError
from tfgan_repro.files import write_json
from tfgan_repro.metrics import Reference, find_extractor
from tfgan_repro.metrics.floors import SHIPPED, floor_key

SEED = 2
# Data set, extractor, features, images a side, metrics.
TABLE = (
    ("cifar10", "embedded", None, 1000, ("fid", "kid", "prdc")),
    ("cifar10", "embedded", None, 5000, ("fid", "prdc")),
    ("cifar10", "embedded", None, 10000, ("fid",)),
    ("mnist", "digits", None, 1000, ("fid", "kid", "prdc")),
    ("mnist", "digits", None, 10000, ("fid",)),
    ("letters", "letters", None, 1000, ("fid", "kid", "prdc")),
    ("cifar10", "2015", 768, 1000, ("fid", "kid", "prdc")),
)


def floors(dataset, name, features, count, metrics, weights):
    """The entries of one line of the table: key -> results and what they are of."""
    extractor = find_extractor(name, weights if name == "2015" else None, features)
    test, train = (load_pictures(dataset, split) for split in ("test", "train"))
    reference = Reference(extractor, test, count, train, SEED, metrics=metrics)
    entries = {}
    for metric, (results, _) in reference.floors.results(None).items():
        key = floor_key(metric, reference.floors.pair(metric, None).digests, extractor.protocol, SEED)
        what = {"dataset": dataset, "split": "test", "images": count, "seed": SEED, **extractor.protocol}
        entries[key] = {"results": results, **what}
        print({extractor.label(label): result["value"] for label, result in results.items()}, flush=True)
    return entries


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inception-weights", metavar="FILE")
    parser.add_argument("--output", type=Path, default=SHIPPED)
    options = parser.parse_args()
    known = json.loads(options.output.read_text()) if options.output.exists() else {}
    for line in TABLE:
        try:
            known |= floors(*line, options.inception_weights)
        except UserError as error:
            print(f"{line[0]}, {line[1]}: {error}")
        write_json(options.output, dict(sorted(known.items())))


if __name__ == "__main__":
    main()
