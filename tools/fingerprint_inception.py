"""Write the fingerprint of the 2015 Inception-v3 from a copy of its weights.

    python tools/fingerprint_inception.py WEIGHTS --output tfgan_repro/metrics/inception_fingerprint.npz

WEIGHTS is any file that `--inception-weights` takes, taken on trust here.
"""

import argparse

import numpy as np

from tfgan_repro.metrics.inception_fingerprint import fingerprint
from tfgan_repro.metrics.inception_weights import read_weights

# What follows `mixed_7` is not in every copy of the weights.
AFTER = ("mixed_8", "mixed_9", "mixed_10", "logits")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", metavar="WEIGHTS")
    parser.add_argument("--output", required=True)
    options = parser.parse_args()
    weights = read_weights(options.weights)
    names = (name.removesuffix("/kernel") for name in weights if name.endswith("/kernel"))
    layers = sorted(name for name in names if not name.startswith(AFTER))
    numbers = [fingerprint(weights[f"{name}/kernel"], weights[f"{name}/bias"]) for name in layers]
    np.savez_compressed(options.output, layers=np.array(layers), numbers=np.stack(numbers).astype(np.float32))
    print(f"{options.output}: {len(layers)} convolutions")


if __name__ == "__main__":
    main()
