"""What a generator's images lack, where their recall is low: other places, or room around them.

    python benchmarks/variety.py results/cifar10-conditional results/cifar10-unconditional

Compares the features of 1,000 images of each run, and of 1,000 training images, with those of 1,000 test images of
CIFAR-10 (768 features of the 2015 network, whose weights must be at hand). Prints a Markdown table: the part of the
Frechet distance that is the distance of the means; the variance over that of the test images, in all and along their
principal components from the strongest on; recall as it is, and after moving and stretching the features so that the
mean and the variance along each component are those of the test images.
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from tfgan_repro.data import load_pictures
from tfgan_repro.metrics import feature_distance, precision_and_recall
from tfgan_repro.metrics.extractor_choice import find_extractor
from tfgan_repro.models.generation import labelled_images
from tfgan_repro.runs.loading import load_checkpoint

SEED, BANDS = 2, (0, 20, 80, 300, 768)


def row(name, features, real):
    """A row of the table: what features `[count, dimension]` lack beside those of real images."""
    mean, wanted = features.mean(0), real.mean(0)
    variances, axes = np.linalg.eigh(np.cov(real.T))
    variances, axes = variances[::-1], axes[:, ::-1]
    along = (features - mean) @ axes
    found = along.var(0, ddof=1)
    shares = [found[low:high].sum() / variances[low:high].sum() for low, high in zip(BANDS, BANDS[1:])]
    stretched = along * np.sqrt(variances.clip(1e-9) / found.clip(1e-9)) @ axes.T + wanted
    distances = np.sum((mean - wanted) ** 2), feature_distance(features, real)
    recalls = [precision_and_recall(each, real)[1] for each in (features, features - mean + wanted, stretched)]
    cells = [*distances, found.sum() / variances.sum(), *shares, *recalls]
    return f"| {name} | {' | '.join(f'{cell:.2f}' for cell in cells)} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="RUN", help="runs on CIFAR-10")
    parser.add_argument("--images", type=int, default=1000, metavar="N", help="of each (1000)")
    options = parser.parse_args()
    extractor, luck = find_extractor("2015", features=BANDS[-1]), np.random.default_rng(SEED)
    sides = {}
    for split in ("test", "train"):
        images = load_pictures("cifar10", split).images
        sides[split] = images[np.sort(luck.permutation(len(images))[: options.images])]
    for path in options.runs:
        checkpoint = load_checkpoint(path)
        sides[path], _ = labelled_images(checkpoint.generator, options.images, SEED, checkpoint.classes)
    features = {name: extractor(images).astype("float64") for name, images in sides.items()}
    bands = " | ".join(f"components {low + 1} to {high}" for low, high in zip(BANDS, BANDS[1:]))
    print(f"| images | of the means | distance | variance | {bands} | recall | moved | moved and stretched |")
    print(f"|---|{'---|' * (len(BANDS) + 5)}")
    for name, found in features.items():
        if name != "test":
            print(row(name, found, features["test"]), flush=True)


if __name__ == "__main__":
    main()
