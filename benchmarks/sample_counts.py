"""What the number of images does to a Frechet distance: real against real images, and a run's against real ones.

    python benchmarks/sample_counts.py --checkpoint results/dcgan-cifar10 --plot docs/pictures/counts.png

Both sides of each distance are drawn anew without replacement, as often as `--draws` says: training and test images of
CIFAR-10, and images of the run's generator. Features are those of the embedded classifier. Prints a Markdown table of
means and standard deviations over the draws.
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from tfgan_repro.data import load_pictures
from tfgan_repro.metrics import EmbeddedExtractor, feature_distance
from tfgan_repro.report.plots import BLUE, ORANGE, new_axes, write_figure
from tfgan_repro.runs.loading import load_checkpoint
from tfgan_repro.models.generation import labelled_images

SEED = 2


def distances(features, real, counts, draws, luck):
    """Distances of random parts of two sets of features `[count, dimension]`: `[draws]` for each count."""
    found = []
    for count in counts:
        pairs = ([luck.permutation(len(side))[:count] for side in (features, real)] for _ in range(draws))
        found.append(np.array([feature_distance(features[rows], real[others]) for rows, others in pairs]))
    return found


def plot(path, counts, curves):
    figure, axes = new_axes("the same images, counted differently", "FD-embedded (mean and deviation over the draws)")
    for (name, values), colour, line in zip(curves.items(), (BLUE, ORANGE), ("-", "--"), strict=True):
        means, deviations = zip(*((each.mean(), each.std(ddof=1)) for each in values))
        axes.errorbar(counts, means, deviations, color=colour, linestyle=line, marker="o", markersize=3, label=name)
    axes.set(xscale="log", yscale="log", xlabel="images on either side", xticks=counts, xticklabels=map(str, counts))
    axes.minorticks_off()
    axes.legend()
    write_figure(figure, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", required=True, metavar="RUN", help="a run on CIFAR-10")
    parser.add_argument("--counts", type=int, nargs="+", default=[250, 500, 1000, 2000, 5000, 10_000], metavar="N")
    parser.add_argument("--draws", type=int, default=10, metavar="N", help="from two up (10)")
    parser.add_argument("--plot", metavar="FILE", help="draw the curves as well")
    options = parser.parse_args()
    extractor, most = EmbeddedExtractor(), max(options.counts)
    checkpoint = load_checkpoint(options.checkpoint)
    generated, _ = labelled_images(checkpoint.generator, most, SEED, checkpoint.classes)
    sides = {"training images": load_pictures("cifar10", "train").images, f"{checkpoint.run.path.name}": generated}
    real = extractor(load_pictures("cifar10", "test").images)
    curves = {}
    for name, images in sides.items():
        luck = np.random.default_rng(SEED)
        features = extractor(images[luck.permutation(len(images))[: 2 * most]])
        curves[name] = distances(features, real, options.counts, options.draws, luck)
    print(f"| images on either side | {' | '.join(curves)} |\n|---|---|---|")
    for count, row in zip(options.counts, zip(*curves.values())):
        print(f"| {count:,} | {' | '.join(f'{each.mean():.4f} ± {each.std(ddof=1):.4f}' for each in row)} |")
    if options.plot:
        plot(options.plot, options.counts, curves)


if __name__ == "__main__":
    main()
