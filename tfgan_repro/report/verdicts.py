"""Whether a report's claim holds: words that follow from the numbers by stated rules.

A claim is a `Number`, an `Order` or a `ByEye` of `tfgan_repro.experiments.experiment`; only their attributes are used.
"""

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scipy import stats

from tfgan_repro.report import scores

if TYPE_CHECKING:
    from tfgan_repro.experiments.experiment import ByEye, Experiment, Number, Order
    from tfgan_repro.report.runs import Run

TOLERANCE = 0.1
CONFIDENCE = 0.95
# What the page says of them.
RULES = (
    f"A number of a report counts as reproduced where the mean over our seeds lies within {TOLERANCE:.0%} of it, "
    "else as better (a smaller distance) or worse; it is not comparable where the score has another protocol or where "
    "a choice of the experiment was overridden.",
    "A claim that one training ends better than another counts as reproduced where the difference of the mean final "
    f"scores has a {CONFIDENCE:.0%} interval (Welch's, over seeds) wholly on the claimed side, as not reproduced where "
    "it lies wholly on the other, and as undecided where it holds zero or where one side has a single seed. It is not "
    "comparable where the two have no score by one protocol or their width or image size was overridden differently.",
    "A training whose last images are no numbers (NaN) has no distance: where all seeds of one side end so and none of "
    "the other's, that side is the worse one; where only some do, the claim is undecided.",
    "A claim that a report makes by eye has no number; its pictures are shown.",
)


@dataclass(frozen=True)
class Verdict:
    """One claim, judged.

    Attributes:
        claim: the report's words.
        word: "reproduced", "better", "worse", "not reproduced", "undecided", "not comparable", "by eye" or "not run".
        why: a sentence with the numbers.
    """

    claim: str
    word: str
    why: str


def judge(claim: "Number | Order | ByEye", groups: "Mapping[str, Sequence[Run]]", experiment: "Experiment") -> Verdict:
    """The verdict on one claim.

    Args:
        claim: a `Number`, `Order` or `ByEye`.
        groups: all runs by `experiment:variant`.
        experiment: the `Experiment` that the claim is of.

    Returns:
        A `Verdict`.
    """
    # Told apart by an attribute, which mypy does not follow.
    if hasattr(claim, "protocol"):
        return judge_number(claim, runs_of(experiment.name, groups))  # type: ignore[arg-type]
    if hasattr(claim, "better"):
        return judge_order(claim, groups)  # type: ignore[arg-type]
    if not runs_of(experiment.name, groups):
        return Verdict(claim.words, "not run", "no run of it is here")
    return Verdict(claim.words, "by eye", "the report gives no number; look at the pictures")


def runs_of(name: str, groups: "Mapping[str, Sequence[Run]]") -> "list[Run]":
    """The finished runs of an experiment, or of `experiment:variant`."""
    wanted = (lambda group: group == name) if ":" in name else (lambda group: group.partition(":")[0] == name)
    return [run for group, runs in groups.items() if wanted(group) for run in runs if run.finished]


def judge_number(claim: "Number", runs: "Sequence[Run]") -> Verdict:
    words = f"{claim.metric} {claim.value:g}: {claim.words}"
    if not runs:
        return Verdict(words, "not run", "no finished run of it is here")
    # Each run's best under the report's protocol, at whichever step.
    values = []
    for run in runs:
        rows = [row for rows in scores.by_protocol(run).values() for row in rows if fits(row, claim)]
        if rows:
            values.append(min(row["value"] for row in rows))
    if not values:
        best = scores.best(runs[0])
        instead = f"ours are {scores.protocol_words(best)}" if best else "our runs have no score"
        # An absolute path would tell of the machine that made the page.
        place = "RUN" if runs[0].path.is_absolute() else shlex.quote(runs[0].path.as_posix())
        command = claim.command.replace("RUN", place)
        why = f"no score of ours has the report's protocol; {instead}. Where there is a network: {command}"
        return Verdict(words, "not comparable", why)
    spread = scores.Spread(tuple(values))
    ours = f"ours is {spread.text} over {seeds(len(values))}"
    changed = overrides(runs)
    if changed:
        return Verdict(words, "not comparable", f"{ours}, with overrides: {changed}")
    ratio = spread.mean / claim.value
    if abs(ratio - 1) <= TOLERANCE:
        return Verdict(words, "reproduced", ours)
    word, more = ("better", "less") if ratio < 1 else ("worse", "more")
    return Verdict(words, word, f"{ours}, {abs(ratio - 1):.0%} {more}")


def fits(row: dict[str, Any], claim: "Number") -> bool:
    """Whether a score has the metric and the protocol of a report's number."""
    return row["metric"] == claim.metric and all(row.get(key) == value for key, value in claim.protocol.items())


def judge_order(claim: "Order", groups: "Mapping[str, Sequence[Run]]") -> Verdict:
    names = (claim.better, claim.worse)
    sides = [runs_of(name, groups) for name in names]
    missing = [name for name, runs in zip(names, sides) if not runs]
    if missing:
        return Verdict(claim.words, "not run", f"no finished run of {' and of '.join(missing)} is here")
    broken = [sum(run.broken for run in runs) for runs in sides]
    if any(broken):
        return judge_broken(claim, sides, broken)
    protocol = scores.shared_protocol(sides)
    if protocol is None:
        return Verdict(claim.words, "not comparable", "the runs have no final score by one protocol")
    different = differences(sides)
    if different:
        return Verdict(claim.words, "not comparable", different)
    better, worse = (scores.final_values(runs, protocol) for runs in sides)
    numbers = (
        f"{protocol[0]} at the end: {better.text} of {claim.better} ({seeds(len(better.values))}), "
        f"{worse.text} of {claim.worse} ({seeds(len(worse.values))})"
    )
    if min(len(better.values), len(worse.values)) < 2:
        return Verdict(claim.words, "undecided", f"{numbers}; one seed says nothing of chance")
    low, high = interval(worse, better, claim.factor)
    than = f"{claim.factor:g} times the former" if claim.factor != 1 else "the former"
    numbers += f"; the latter less {than}: {scores.number(low)} to {scores.number(high)}"
    if low > 0:
        return Verdict(claim.words, "reproduced", numbers)
    return Verdict(claim.words, "not reproduced" if high < 0 else "undecided", numbers)


def judge_broken(claim: "Order", sides: "Sequence[Sequence[Run]]", broken: Sequence[int]) -> Verdict:
    """The verdict on an `Order` where some runs, so many on each side, end with images that are no numbers."""
    names = (claim.better, claim.worse)
    numbers = " and ".join(
        f"{count} of {seeds(len(runs))} of {name}" for name, runs, count in zip(names, sides, broken)
    )
    why = f"the last images are no numbers in {numbers}"
    different = differences(sides)
    if different:
        return Verdict(claim.words, "not comparable", f"{why}; {different}")
    if min(map(len, sides)) < 2:
        return Verdict(claim.words, "undecided", f"{why}; one seed says nothing of chance")
    whole = [count == len(runs) for count, runs in zip(broken, sides)]
    if whole[1] and not broken[0]:
        return Verdict(claim.words, "reproduced", why)
    return Verdict(claim.words, "not reproduced" if whole[0] and not broken[1] else "undecided", why)


def interval(first: scores.Spread, second: scores.Spread, factor: float = 1.0) -> tuple[float, float]:
    """Welch's interval of the mean of one `Spread` less `factor` times that of another, each of two values or more."""
    # Two values or more have a deviation.
    parts = (
        first.deviation**2 / len(first.values),  # type: ignore[operator]
        (factor * second.deviation) ** 2 / len(second.values),  # type: ignore[operator]
    )
    difference, variance = first.mean - factor * second.mean, sum(parts)
    if not variance:
        return difference, difference
    degrees = variance**2 / sum(
        part**2 / (len(spread.values) - 1) for part, spread in zip(parts, (first, second))
    )
    half = stats.t.ppf((1 + CONFIDENCE) / 2, degrees) * math.sqrt(variance)
    return difference - half, difference + half


def differences(sides: "Sequence[Sequence[Run]]") -> str:
    """What forbids comparing two groups of runs, in words, or nothing: one was made smaller and the other was not."""
    for key in ("width", "image_size"):
        own = [{run.experiment["overrides"].get(key) for run in runs} for runs in sides]
        if own[0] != own[1]:
            values = (" and ".join(sorted(str(value or "as in the experiment") for value in side)) for side in own)
            return f"the {key.replace('_', ' ')} was overridden differently: {' against '.join(values)}"
    return ""


def overrides(runs: "Sequence[Run]") -> str:
    """All overrides of some runs, in words."""
    changed = {f"{name} {value}" for run in runs for name, value in run.experiment["overrides"].items()}
    return ", ".join(sorted(changed))


def seeds(count: int) -> str:
    return "one seed" if count == 1 else f"{count} seeds"
