"""How many labels a classifier needs, chosen actively or at random, where the truth is known.

    python benchmarks/active_labels.py run FOLDER --attributes attributes.csv --output 2015.json \\
        --extractor 2015 --features 768 --precision bfloat16 --inception-weights FILE
    python benchmarks/active_labels.py run FOLDER --attributes attributes.csv --output embedded.json \\
        --extractor embedded
    python benchmarks/active_labels.py table 2015.json embedded.json
    python benchmarks/active_labels.py plot 2015.json --output docs/labels.png

`run` holds a thousand pictures of known class back (a quarter, where there are fewer than 4,000), labels the others in
rounds of 25, as `tfgan_repro.labels suggest` would have them labelled or at random, trains `tfgan_repro.labels train`'s
classifier on them and asks it for the pictures that were held back. `--strategies` compares other ways to choose:

    active   what the package does: a quarter at random, the others by the smallest margin between the first two classes
    badge    k-means++ on gradient embeddings (Ash et al. 2020, arXiv:1906.03671)
    cluster  cluster-margin: the unsurest of each cluster of the ten times as many unsurest (arXiv:2107.14263)
    spread   k-means++ weighted by uncertainty, away from what is labelled
"""

import argparse
import json
import os
import sys
from collections import Counter
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from scipy.cluster.vq import kmeans2
from sklearn.metrics import accuracy_score, balanced_accuracy_score

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tfgan_repro.labels.classifier import Scaling
from tfgan_repro.labels.label_files import Labels, read_all_labels
from tfgan_repro.labels.suggestion import DEFAULT_HEAD, RANDOM_PART, choose_rows
from tfgan_repro.labels.training import train_classifier

TASKS = {
    "sex": "Male",
    "smile": "Smiling",
    "glasses": "Eyeglasses",
    "hair": "Black_Hair,Blond_Hair,Brown_Hair,Gray_Hair",
}
ROUND, COUNTS, HELD_OUT, CONFIDENCE = 25, (25, 50, 100, 200, 400), 1000, 0.9


def at_random(features, free, labelled, classes, judged, count, random_state):
    return random_state.choice(free, count, replace=False), ["random"] * count


def margins(probabilities):
    ordered = np.sort(probabilities, axis=1)
    return ordered[:, -1] - ordered[:, -2]


def seeding(nearest, distances_to, weights, count, random_state):
    """k-means++: rows in proportion to weight times squared distance to what is chosen."""
    chosen = []
    while len(chosen) < count:
        scores = nearest * weights
        scores[chosen] = 0
        chosen.append(random_state.choice(len(nearest), p=scores / scores.sum()))
        nearest = np.minimum(nearest, distances_to(chosen[-1]))
    return chosen


def typical_first(strategy):
    """Every strategy begins and draws a quarter at random as the package does; only the others are its choice."""

    def begin(features, free, labelled, classes, judged, count, random_state):
        names, targets = np.unique(classes, return_inverse=True)
        if len(names) < 2:
            return choose_rows(features, free, labelled, classes, judged, count, random_state)
        drawn = random_state.choice(free, count // RANDOM_PART, replace=False)
        rest = np.setdiff1d(free, drawn)
        probabilities = DEFAULT_HEAD.fit(features[labelled], targets).predict_proba(features[rest])
        chosen = strategy(features, rest, labelled, probabilities, count - len(drawn), random_state)
        return np.concatenate([drawn, rest[chosen]]), ["random"] * len(drawn) + ["unsure"] * len(chosen)

    return begin


@typical_first
def badge(features, free, labelled, probabilities, count, random_state):
    pool, errors = features[free], probabilities.copy()
    errors[np.arange(len(free)), errors.argmax(axis=1)] -= 1
    # The gradient is the outer product of both, and so is the scalar product of two gradients.
    squares = (errors**2).sum(axis=1) * (pool**2).sum(axis=1)

    def distances(row):
        return np.maximum(squares + squares[row] - 2 * (errors @ errors[row]) * (pool @ pool[row]), 0)

    return seeding(squares, distances, 1.0, count, random_state)


@typical_first
def cluster(features, free, labelled, probabilities, count, random_state):
    margin = margins(probabilities)
    candidates = np.argsort(margin)[: 10 * count]
    _, member = kmeans2(features[free[candidates]], count, minit="++", rng=random_state)
    groups = sorted((list(candidates[member == index]) for index in range(count)), key=len)
    chosen = []
    while len(chosen) < count:
        chosen += [group.pop(0) for group in groups if group][: count - len(chosen)]
    return chosen


@typical_first
def spread(features, free, labelled, probabilities, count, random_state):
    pool = features[free]
    squares = (pool**2).sum(axis=1)

    def distances(row):
        return np.maximum(squares + row @ row - 2 * pool @ row, 0)

    nearest = np.min([distances(row) for row in features[labelled]], axis=0)
    return seeding(nearest, lambda row: distances(pool[row]), 1 - margins(probabilities), count, random_state)


STRATEGIES = {"active": choose_rows, "random": at_random, "badge": badge, "cluster": cluster, "spread": spread}


def learning_curve(pictures, truth, strategy, seed, head):
    """What a classifier is worth on pictures held back, for each number of labels: a list of dictionaries."""
    random_state = np.random.default_rng(seed)
    files = random_state.permutation(sorted(truth))
    held_count = HELD_OUT if len(files) >= 4 * HELD_OUT else len(files) // 4
    row = {file: index for index, file in enumerate(pictures.files)}
    held, pool = (np.array([row[file] for file in part]) for part in (files[:held_count], files[held_count:]))
    of_row = [truth.get(file) for file in pictures.files]
    features = Scaling.of(pictures.features)(pictures.features)[pool]
    labelled, drawn, points = np.array([], int), np.array([], bool), []
    while len(labelled) < max(COUNTS):
        classes = [of_row[pool[index]] for index in labelled]
        free = np.setdiff1d(np.arange(len(pool)), labelled)
        chosen, reasons = STRATEGIES[strategy](features, free, labelled, classes, drawn, ROUND, random_state)
        labelled = np.concatenate([labelled, chosen])
        drawn = np.concatenate([drawn, np.array(reasons) == "random"])
        if len(labelled) in COUNTS:
            files = [pictures.files[pool[index]] for index in labelled]
            labels = Labels({file: truth[file] for file in files})
            labels.random = {file for file, random in zip(files, drawn) if random}
            quality = judged(pictures, labels, held, [of_row[row] for row in held], head)
            points.append({"labels": len(labelled), **quality})
    return points


def judged(pictures, labels, held, truth, head):
    """A classifier of some labels against the truth of the pictures held back."""
    # A class seen once or never cannot be learned; what is of it counts as wrong.
    counts = Counter(labels.classes.values())
    often = {name for name, count in counts.items() if count > 1}
    labels.classes = {file: name for file, name in labels.classes.items() if name in often}
    every = sorted(set(truth))
    targets = np.array([every.index(name) for name in truth])
    if len(often) < 2:
        said = np.full(len(held), every.index(*often))
        return {"accuracy": accuracy_score(targets, said), "balanced": balanced_accuracy_score(targets, said)}
    classifier = train_classifier(pictures, labels, {}, head=head)
    probabilities = classifier.probabilities(pictures.features[held])
    said = np.array([every.index(name) for name in classifier.classes])[probabilities.argmax(axis=1)]
    best = probabilities.max(axis=1)
    sure, right = best >= CONFIDENCE, said == targets
    return {
        "accuracy": accuracy_score(targets, said),
        "balanced": balanced_accuracy_score(targets, said),
        "cross_validated": classifier.quality["accuracy"],
        "promised": float(best.mean()),
        "coverage": float(sure.mean()),
        "expected_error": float(np.mean(1 - best[sure])) if sure.any() else None,
        "error": float(np.mean(~right[sure])) if sure.any() else None,
    }


def load(options):
    """The pictures with their features, and what they were made with."""
    from tfgan_repro import cli

    cli.import_backend()
    from tfgan_repro.labels.commands import Source

    names = ("folder", "inception_weights", "extractor", "features", "precision")
    return Source(**{name: getattr(options, name) for name in names}).load(Labels())


def run(options):
    pictures, extractor = load(options)
    result = {"protocol": extractor.protocol, "head": options.head, "seeds": options.seeds, "curves": []}
    for task in options.tasks:
        truth = read_all_labels([options.attributes], TASKS[task]).classes
        for strategy in options.strategies:
            for seed in range(options.seeds):
                points = learning_curve(pictures, truth, strategy, seed, options.head)
                result["curves"].append({"task": task, "strategy": strategy, "seed": seed, "points": points})
                # After every curve, so that an interrupted run has not been for nothing.
                Path(options.output).write_text(json.dumps(result))
            print(*lines([result], task, strategy), sep="\n", flush=True)


def mean_points(result, task, strategy):
    """For each number of labels a dictionary of means over the seeds, and of the accuracy's deviation."""
    curves = [curve["points"] for curve in result["curves"] if (curve["task"], curve["strategy"]) == (task, strategy)]
    means = []
    for points in zip(*curves):
        known = {key: [point[key] for point in points if point.get(key) is not None] for key in points[0]}
        mean = {key: float(np.mean(values)) for key, values in known.items() if values}
        means.append({**mean, "deviation": float(np.std([point["accuracy"] for point in points]))})
    return means


def names_of(results, key):
    return list(dict.fromkeys(curve[key] for result in results for curve in result["curves"]))


def lines(results, task, strategy):
    """Rows of a Markdown table: accuracy and balanced accuracy in per cent for each number of labels."""
    for result in results:
        points = mean_points(result, task, strategy)
        if points:
            cells = [f"{100 * point['accuracy']:.1f} / {100 * point['balanced']:.1f}" for point in points]
            yield f"| {result['protocol']['extractor']} | {task} | {strategy} | {' | '.join(cells)} |"


def table(options):
    results = [json.loads(Path(path).read_text()) for path in options.results]
    print(f"| features | task | choice | {' | '.join(map(str, COUNTS))} |\n|{'---|' * (3 + len(COUNTS))}")
    for result in results:
        for task in names_of([result], "task"):
            for strategy in names_of([result], "strategy"):
                print(*lines([result], task, strategy), sep="\n")
    print("\n| features | task | choice | labels | right | cross-validated | promised | sure | expected | wrong |")
    print(f"|{'---|' * 10}")
    keys = ("accuracy", "cross_validated", "promised", "coverage", "expected_error", "error")
    for result in results:
        for task in names_of([result], "task"):
            for strategy in names_of([result], "strategy"):
                for point in mean_points(result, task, strategy)[-2:]:
                    cells = " | ".join(f"{100 * point[key]:.1f}" if key in point else "" for key in keys)
                    name = result["protocol"]["extractor"]
                    print(f"| {name} | {task} | {strategy} | {point['labels']:.0f} | {cells} |")


def plot(options):
    from matplotlib.figure import Figure

    from tfgan_repro.report.plots import BLUE, GREY, write_figure

    results = [json.loads(Path(path).read_text()) for path in options.results]
    tasks = names_of(results, "task")
    figure = Figure(figsize=(9, 2.2 + 2.2 * len(results)), dpi=90, layout="constrained")
    grid = figure.subplots(len(results), len(tasks), squeeze=False, sharex=True)
    for result, line in zip(results, grid):
        for task, axes in zip(tasks, line):
            for strategy, colour, style in (("random", GREY, "--"), ("active", BLUE, "-")):
                points = mean_points(result, task, strategy)
                means, deviations = (np.array([p[key] for p in points]) for key in ("accuracy", "deviation"))
                counts = [point["labels"] for point in points]
                axes.plot(counts, means, color=colour, linestyle=style, marker="o", markersize=3, label=strategy)
                axes.fill_between(counts, means - deviations, means + deviations, color=colour, alpha=0.15)
                if strategy == "random":
                    axes.axhline(means[-1], color=GREY, linewidth=0.5)
            axes.set_title(f"{task} ({result['protocol']['extractor']})", fontsize=9)
            axes.set_xscale("log")
            axes.set_xticks(COUNTS, COUNTS)
            axes.minorticks_off()
            axes.tick_params(labelsize=8)
        line[0].set_ylabel("accuracy, held-out pictures", fontsize=8)
    grid[0][0].legend(fontsize=8)
    figure.supxlabel("labels", fontsize=9)
    write_figure(figure, Path(options.output))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("run")
    command.set_defaults(act=run)
    command.add_argument("folder")
    command.add_argument("--attributes", required=True, metavar="CSV", help="the truth, columns of 0 and 1")
    command.add_argument("--output", required=True, metavar="JSON")
    command.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    command.add_argument("--strategies", nargs="+", choices=STRATEGIES, default=["random", "active"])
    command.add_argument("--seeds", type=int, default=5)
    command.add_argument("--head", default="logistic", help="logistic or network")
    command.add_argument("--extractor", default="auto")
    command.add_argument("--inception-weights", metavar="FILE")
    command.add_argument("--features", type=int)
    command.add_argument("--precision", default="float32")
    for name, act in (("table", table), ("plot", plot)):
        command = commands.add_parser(name)
        command.set_defaults(act=act)
        command.add_argument("results", nargs="+", metavar="JSON")
        if act is plot:
            command.add_argument("--output", required=True, metavar="PNG")
    options = parser.parse_args()
    options.act(options)


if __name__ == "__main__":
    main()
