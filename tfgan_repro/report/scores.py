"""Which scores of different runs may be compared, and what they come to over seeds."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
)
# Distances between sets of images: less is better. The order is that of trust.
DISTANCES = ("FID", "FID-768", "FID-192", "FID-64", "FID-imagenet", "FD-digits", "FD-embedded")


def protocol_of(row: dict[str, Any]) -> tuple:
    """What a score is comparable by, a tuple."""
    return tuple(row.get(key) for key in PROTOCOL)


def protocol_words(row: dict[str, Any]) -> str:
    """The same for people."""
    words = f"{row['metric']} ({row.get('extractor')}, {row.get('features')} features"
    if row.get("resize"):
        words += f", resize {row['resize']}"
    split = f"{row['split']} " if row.get("split") else ""
    return (
        f"{words}): {number_words(row.get('generated_images'))} generated against "
        f"{number_words(row.get('real_images'))} {split}images of {row.get('dataset')}"
    )


def number_words(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def number(value: float | None) -> str:
    """A score with three decimals, or as many as show three digits of a small one."""
    if value is None:
        return "–"
    return f"{value:.3f}" if abs(value) >= 0.1 or value == 0 else f"{value:.3g}"


def is_distance(row: dict[str, Any]) -> bool:
    """Whether a score is a distance between images, a finite one."""
    return row["metric"] in DISTANCES and row["value"] is not None and math.isfinite(row["value"])


def by_protocol(run: "Run") -> dict[tuple, list[dict[str, Any]]]:
    """A run's distances by their protocol: the scores made while it trained and those made afterwards."""
    found: dict = {}
    for row in run.evaluations:
        if row.get("step") is not None and is_distance(row):
            found.setdefault(protocol_of(row), []).append(row)
    return found


def best(run: "Run") -> dict[str, Any] | None:
    """The best score of the training's curve, or None."""
    rows = [row for row in run.curve if is_distance(row)]
    return min(rows, key=lambda row: row["value"]) if rows else None


def final(run: "Run") -> dict[str, Any] | None:
    """The score of the curve at the run's last step, or None."""
    rows = [row for row in run.curve if is_distance(row) and row["step"] == run.done]
    return rows[-1] if rows else None


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


def shared_protocol(groups: "Iterable[Sequence[Run]]") -> tuple | None:
    """The most trusted protocol by which every run of every group has a score at its last step.

    Args:
        groups: lists of runs.

    Returns:
        The protocol as in `protocol_of`, or None.
    """
    runs = [run for group in groups for run in group]
    shared = set.intersection(
        *({protocol for protocol, rows in by_protocol(run).items() if at_end(run, rows)} for run in runs)
    ) if runs else set()
    # The better network first, then the more images.
    return min(shared, key=lambda key: (DISTANCES.index(key[0]), -(key[6] or 0), str(key)), default=None)


def at_end(run: "Run", rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The last of some scores that was made at the run's last step, or None."""
    return next((row for row in reversed(rows) if row["step"] == run.done), None)


def final_values(runs: "Sequence[Run]", protocol: tuple) -> Spread:
    """The scores at the last step under one protocol, a `Spread`."""
    # A protocol that all of them share has a score at each one's end.
    return Spread(tuple(at_end(run, by_protocol(run)[protocol])["value"] for run in runs))  # type: ignore[index]


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


def seeds_row(runs: "Sequence[Run]") -> tuple[int, str, str, str]:
    """What a table says of the seeds of one group: how many are scored, the score's name, best and final in words."""
    spreads, broken = curve_spreads(runs), sum(run.broken for run in runs)
    if spreads is None:
        return len(runs), "not scored", "–", final_words(None, broken, len(runs)) if broken else "–"
    final = final_words(spreads["final"] and spreads["final"].text, broken, len(runs))
    return spreads["count"], spreads["row"]["metric"], spreads["best"].text, final


def curve_spreads(runs: "Sequence[Run]") -> dict[str, Any] | None:
    """Best and final score of the curves of several seeds under one protocol.

    Args:
        runs: of one group.

    Returns:
        A dictionary of `row` (one that tells the protocol), `best` and `final` (each a `Spread`, or None), and
        `count`, the runs behind it; or None where no run has a score. Runs under another protocol than the first
        scored one are left out.
    """
    scored = [(run, row) for run in runs if (row := best(run))]
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
