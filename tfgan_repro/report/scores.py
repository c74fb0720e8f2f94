"""Which scores of different runs may be compared, and what they come to over seeds."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tfgan_repro.metrics import printing
from tfgan_repro.models.options import is_used
from tfgan_repro.report.comparability import seeds_of
from tfgan_repro.report.runs import Run


# Two scores are comparable where all of this is equal.
PROTOCOL = (
    "metric",
    "extractor",
    "weights_sha256",
    "features",
    "resize",
    "precision",
    "generated_images",
    "real_images",
    "dataset",
    "split",
    "image_size",
    "standing_statistics",
)
# Distances between sets of images: less is better. The order is that of trust; those on any other features come last.
DISTANCES = (
    "FID", "FD-DINOv2", "FID-768", "FID-192", "FID-64", "FID-imagenet", "FD-digits", "FD-letters", "FD-embedded",
)  # fmt: skip


def protocol_of(row: dict[str, Any]) -> tuple:
    """What a score is comparable by, a tuple."""
    values = (row.get(key) for key in PROTOCOL)
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)


def protocol_words(row: dict[str, Any]) -> str:
    """The same for people, as far as it is known."""
    parts = [row.get("extractor"), row.get("features") and f"{row['features']} features"]
    parts.append(row.get("resize") and f"resize {row['resize']}")
    made_by = ", ".join(filter(None, parts))
    of = f" of {row['dataset']}" if row.get("dataset") else ""
    split = f"{row['split']} " if row.get("split") else ""
    sides = row.get("image_size")
    size = f" of {'x'.join(map(str, sides)) if isinstance(sides, list) else sides} pixels a side" if sides else ""
    standing = row.get("standing_statistics")
    return (
        f"{row['metric']}{f' ({made_by})' if made_by else ''}: {number_words(row.get('generated_images'))} generated "
        f"against {number_words(row.get('real_images'))} {split}images{of}{size}"
        f"{f', standing statistics of {standing}' if standing else ''}"
    )


def number_words(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def number(value: float | None) -> str:
    """A score with three decimals, or as many as show three digits of a small one."""
    return "–" if value is None else printing.number(value)


def is_distance(row: dict[str, Any]) -> bool:
    """Whether a score is a distance between images, a finite one."""
    metric = row["metric"]
    # Of an extractor of the user's own.
    own = metric.startswith("FD-") and not metric.startswith(("FD-infinity-", "FD-per-class-"))
    return (own or metric in DISTANCES) and row["value"] is not None and math.isfinite(row["value"])


def rank_of(metric: str) -> int:
    """The place of a distance in the order of trust, the most trusted first."""
    return DISTANCES.index(metric) if metric in DISTANCES else len(DISTANCES)


def judging(run: Run) -> list[dict[str, Any]]:
    """The scores that a run is judged by: where it keeps an average of the generator, none of the raw weights."""
    averaged = is_used("ema_half_life", run.choices["ema_half_life"], run.choices["schedule_to"])
    return [row for row in run.evaluations if not (averaged and row.get("generator_weights") == "raw")]


def by_protocol(run: Run) -> dict[tuple, list[dict[str, Any]]]:
    """A run's distances by their protocol: the scores made while it trained and those made afterwards."""
    found: dict = {}
    for row in judging(run):
        if row.get("step") is not None and is_distance(row):
            found.setdefault(protocol_of(row), []).append(row)
    return found


def curve(run: Run) -> list[dict[str, Any]]:
    """The distances of the training's own curve, in order."""
    return [row for row in run.curve if is_distance(row)]


def best(run: Run) -> dict[str, Any] | None:
    """The best score of the training's curve, or None."""
    return min(curve(run), key=lambda row: row["value"], default=None)


def final(run: Run) -> dict[str, Any] | None:
    """The score of the curve at the run's last step, or None."""
    return next((row for row in reversed(curve(run)) if row["step"] == run.done), None)


def precision_and_recall(run: Run) -> str | None:
    """How many of the images look real, and how much of the data they show, in words; None where that is not scored.

    A distance does not tell one from the other. The last scores of the run's last step count, on the most trusted
    features that there are.
    """
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in judging(run):
        kind, _, features = row["metric"].partition("-")
        if kind in ("precision", "recall") and row["value"] is not None and row.get("step") == run.done:
            found.setdefault(features, {})[kind] = row
    both = [(features, rows["precision"], rows["recall"]) for features, rows in found.items() if len(rows) == 2]
    if not both:
        return None
    order = {distance.partition("-")[2]: place for place, distance in enumerate(DISTANCES)}
    # Those of a user's own extractor come last.
    features, *rows = min(both, key=lambda entry: order.get(entry[0], len(order)))
    values = ", ".join(f"{row['value']:.2f}" for row in rows)
    real = ", ".join(f"{row['real_vs_real']:.2f}" for row in rows if row.get("real_vs_real") is not None)
    return f"{values} on {features or '2048'} features" + (f" (real {real})" if real else "")


@dataclass(frozen=True)
class Spread:
    """Values over seeds.

    Attributes:
        values: by seed, in order.
    """

    values: tuple

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values)

    @property
    def deviation(self) -> float | None:
        """The sample's standard deviation, or None of a single value."""
        return statistics.stdev(self.values) if len(self.values) > 1 else None

    @property
    def text(self) -> str:
        spread = "" if self.deviation is None else f" ± {number(self.deviation)}"
        return f"{number(self.mean)}{spread}"


def at_step(run: Run, protocol: tuple, step: int) -> dict[str, Any] | None:
    """The last score of a run under a protocol that was made at a step, or None."""
    rows = [row for key, rows in by_protocol(run).items() if protocol in (key, without_data_set(key)) for row in rows]
    return next((row for row in reversed(rows) if row["step"] == step), None)


def shared_protocol(runs: Sequence[Run], step: int, data_sets: bool = False) -> tuple | None:
    """The most trusted protocol by which every run has a score at a step.

    Args:
        runs: at least one.
        step: where.
        data_sets: whether the runs may be of different data sets.

    Returns:
        The protocol as in `protocol_of`, without the data set where it may differ; or None.
    """
    found = [
        {
            without_data_set(protocol) if data_sets else protocol
            for protocol in by_protocol(run)
            if at_step(run, protocol, step)
        }
        for run in runs
    ]
    shared = set.intersection(*found)
    # The better network first, then the more images, then the generator as it is.
    images, standing = PROTOCOL.index("generated_images"), PROTOCOL.index("standing_statistics")
    return min(
        shared,
        key=lambda key: (rank_of(key[0]), -(key[images] or 0), key[standing] is not None, str(key)),
        default=None,
    )


def without_data_set(protocol: tuple) -> tuple:
    """A protocol whose data set may be any."""
    place = PROTOCOL.index("dataset")
    return (*protocol[:place], None, *protocol[place + 1 :])


def final_words(spread: str | None, broken: int, count: int) -> str:
    """The final score over seeds, and how many of them ended without one, in words.

    Args:
        spread: the text of a `Spread`, or None where no seed has a final score.
        broken: seeds whose last images were no numbers.
        count: all seeds.
    """
    if not broken:
        return spread or "not finished"
    without = f"{broken} of {count} ended with images that are no numbers"
    return f"{spread}; {without}" if spread else without


def seeds_row(runs: Sequence[Run]) -> tuple[int, str, str, str]:
    """What a table says of the seeds of one group: how many are scored, the score's name, best and final in words."""
    runs = seeds_of(runs)
    spreads, broken = curve_spreads(runs), sum(run.broken for run in runs)
    if spreads is None:
        return len(runs), "not scored", "–", final_words(None, broken, len(runs)) if broken else "–"
    final = final_words(spreads["final"] and spreads["final"].text, broken, len(runs))
    return spreads["count"], spreads["row"]["metric"], spreads["best"].text, final


def curve_spreads(runs: Sequence[Run]) -> dict[str, Any] | None:
    """Best and final score of the curves of several seeds under one protocol.

    Args:
        runs: of one group.

    Returns:
        A dictionary of `row` (one that tells the protocol), `best` and `final` (each a `Spread`, or None), and
        `count`, the runs behind it; or None where no run has a score. Runs under another protocol than the first
        scored one are left out.
    """
    scored = [(run, row) for run in seeds_of(runs) if (row := best(run))]
    if not scored:
        return None
    first = scored[0][1]
    same = [(run, row) for run, row in scored if protocol_of(row) == protocol_of(first)]
    ends = [end["value"] for run, _ in same if run.finished and (end := final(run))]
    return {
        "row": first,
        "count": len(same),
        "best": Spread(tuple(row["value"] for _, row in same)),
        "final": Spread(tuple(ends)) if ends else None,
    }
