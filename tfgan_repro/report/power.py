"""What so many seeds can see: the power of the verdicts, with the scatter that recorded runs have."""

from collections.abc import Mapping, Sequence

from tfgan_repro.errors import UserError
from tfgan_repro.report.inference import LEVEL, pooled_deviation, power
from tfgan_repro.report.runs import Run
from tfgan_repro.report.scores import curve_spreads

FACTORS = (1.5, 2.0)
SEEDS = (2, 3, 4, 5, 6, 8, 10)
# A claim by itself, and the first of five that share trainings under Holm's method.
FAMILIES = (1, 5)


def deviation_of(groups: Mapping[str, Sequence[Run]]) -> tuple[float, int]:
    """The scatter of final scores over seeds.

    Args:
        groups: runs as `group_runs` makes them.

    Returns:
        The pooled standard deviation of the natural logarithms, and how many trainings of several seeds are behind it.

    Raises:
        UserError: no training has several scored seeds.
    """
    trainings = {}
    for runs in groups.values():
        spreads = curve_spreads(runs)
        if spreads and spreads["final"] and len(spreads["final"].values) > 1:
            # Once, in however many experiments it counts.
            trainings[frozenset(run.training for run in runs)] = spreads["final"].values
    if not trainings:
        raise UserError("no training here has finished and scored runs of several seeds to measure the scatter of")
    return pooled_deviation(list(trainings.values())), len(trainings)


def power_table(deviation: float) -> str:
    """The power of a comparison by seeds a side, as a Markdown table.

    Args:
        deviation: of the natural logarithms of the scores over seeds.
    """
    head = [f"{factor:g} times, {words}" for words in ("alone", f"first of {FAMILIES[1]}") for factor in FACTORS]
    lines = ["| seeds a side | " + " | ".join(head) + " |", "|---" * (len(head) + 1) + "|"]
    for seeds in SEEDS:
        values = [power(seeds, factor, deviation, LEVEL / family) for family in FAMILIES for factor in FACTORS]
        lines.append(f"| {seeds} | " + " | ".join(f"{value:.0%}" for value in values) + " |")
    return "\n".join(lines)
