"""Best and final scores over seeds as text for a terminal."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tfgan_repro.report.scores import seeds_row

if TYPE_CHECKING:
    from tfgan_repro.report.runs import Run

HEAD = ("training", "seeds", "score", "best", "final")


def groups_table(groups: "Mapping[str, Sequence[Run]]") -> str:
    """A line a group: how many seeds are scored, the score's name, the mean and spread of best and final.

    Args:
        groups: lists of runs by name, as `group_runs` makes them.
    """
    rows = [HEAD, *((name, *map(str, seeds_row(runs))) for name, runs in groups.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths)).rstrip() for row in rows)
