"""What is measured of a run for a claim: one number a seed, or the reason why there is none."""

import math
import shlex
from collections.abc import Sequence
from typing import Any

from scipy import stats

from tfgan_repro.experiments.experiment import (
    Absent,
    BestStep,
    Compared,
    Distance,
    Gain,
    Level,
    Number,
    Order,
    Settles,
)
from tfgan_repro.report import scores
from tfgan_repro.report.runs import Run

# Lines of the log at either end whose scatter is compared: a fifth of all, and enough to have one.
PART, LEAST_LINES = 0.2, 5
Values = list[list[float]]  # of the runs of each training that is compared


class Missing(Exception):
    """What a claim needs of a run is not there; the text says why."""


def command(words: str, run: Run) -> str:
    """A command for a run; an absolute path would tell of the machine that made the page."""
    return words.replace("RUN", "RUN" if run.path.is_absolute() else shlex.quote(run.path.as_posix()))


def require_steps(run: Run, steps: int, report: str) -> None:
    """Raise `Missing` where a training is shorter than what the report did, in words."""
    if run.done < steps:
        raise Missing(f"a run of ours ends at step {run.done:,}; the report {report}")


def require_log(run: Run) -> None:
    """Raise `Missing` where a run has no log, though it may be scored."""
    if not run.log:
        raise Missing("a run of ours has no log")


def images_a_step(run: Run) -> int:
    """Training images that a generator update sees, on the way of its discriminator updates."""
    return run.choices["batch_size"] * run.choices["discriminator_steps"]


def score_after(run: Run, images: int) -> dict[str, Any]:
    """The first score of the curve at or after so many training images.

    Raises:
        Missing: the training ends before.
    """
    rows = [row for row in scores.curve(run) if row["step"] * images_a_step(run) >= images]
    if not rows:
        seen = run.done * images_a_step(run)
        raise Missing(f"a run of ours sees {seen:,} images, with repetition; the claim is about {images:,}")
    return rows[0]


def lowest(run: Run, claim: Number) -> float:
    """The lowest score under a report's protocol, over the report's number."""
    rows = [
        row
        for rows in scores.by_protocol(run).values()
        for row in rows
        if row["metric"] == claim.metric and all(row.get(key) == value for key, value in claim.protocol.items())
    ]
    count = len({row["step"] for row in rows})
    if not count:
        raise Missing("no score of ours has the report's protocol")
    if count != claim.scores:
        raise Missing(f"a run of ours has {count} such scores to take the lowest of, the report has {claim.scores}")
    return min(row["value"] for row in rows)


def gain(run: Run, claim: Gain) -> float:
    """The score where a while ends over the score where it begins."""
    # The later one first: it says more of what is missing.
    end = score_after(run, claim.end)
    return end["value"] / score_after(run, claim.start)["value"]


def best_step(run: Run, claim: BestStep) -> float:
    """The step of the best score, over the report's."""
    require_steps(run, claim.until, f"looked until {claim.until:,}")
    best = scores.best(run)
    if best is None:
        raise Missing("a run of ours has no score")
    return best["step"] / claim.step


def ends_without(run: Run, claim: Absent) -> float:
    """1 where the training ends without a sign of trouble, 0 where with it."""
    require_steps(run, claim.until, f"looked until {claim.until:,}")
    require_log(run)
    return float(claim.sign not in (run.log[-1].get("health") or ()))


def settling(run: Run, claim: Settles) -> float:
    """The scatter or mean of a loss in the last fifth of the log, over that in the first."""
    values = [row[claim.loss] for row in run.log if isinstance(row.get(claim.loss), (int, float))]
    values = [value for value in values if math.isfinite(value)]
    count = int(PART * len(values))
    if count < LEAST_LINES:
        raise Missing(f"a run of ours has {len(values)} lines of the log, fewer than {LEAST_LINES / PART:.0f}")
    measure = stats.tstd if claim.by == "scatter" else stats.tmean
    early, late = (measure(part) for part in (values[:count], values[-count:]))
    if not min(early, late) > 0:
        raise Missing(f"the {claim.by} of a loss of ours is not above 0")
    return late / early


def distance(run: Run, claim: Distance) -> float:
    """The distance, over that between two sets of real images."""
    row = most_trusted(run) if claim.images is None else score_after(run, claim.images)
    if row is None or not row.get("real_vs_real"):
        raise Missing("a run of ours has no final score beside that of real images")
    return row["value"] / row["real_vs_real"]


def most_trusted(run: Run) -> dict[str, Any] | None:
    """Of the distances at the end of a run that which is best to be trusted, or None."""
    protocol = scores.shared_protocol([run], run.done)
    return scores.at_step(run, protocol, run.done) if protocol else None


def level(run: Run, claim: Level) -> float:
    """A score of the finished training, over the share of real images' own that it should reach."""
    require_steps(run, claim.since, f"saw it from {claim.since:,} on")
    rows = [row for row in scores.judging(run) if row["metric"] == claim.metric and row.get("step") == run.done]
    rows = [row for row in rows if row["value"] and row.get("real_vs_real")]
    if not rows:
        raise Missing(f"a run of ours has no {claim.metric} at its end: {command(claim.command, run)}")
    return rows[-1]["value"] / (claim.share * rows[-1]["real_vs_real"])


def order_values(claim: Order | Compared, sides: Sequence[Sequence[Run]], step: int) -> tuple[Values, str]:
    """The values of all sides of a comparison, and what they are, in words.

    Args:
        claim: the claim.
        sides: the runs of each training.
        step: the last step that all have made.

    Raises:
        Missing: they cannot be compared.
    """
    if claim.measure == "seconds":
        return image_times(sides), "milliseconds for a training image"
    runs = [run for side in sides for run in side]
    protocol = scores.shared_protocol(runs, step, claim.data_sets)
    if protocol is None:
        raise Missing(no_protocol(sides, step))
    if claim.measure == "minimum":
        return minima(sides, protocol, step)
    where = "at the end" if all(run.done == step for run in runs) else f"at step {step:,}, where the shorter one ends"
    at_end = [[row for run in side if (row := scores.at_step(run, protocol, step))] for side in sides]
    if claim.measure == "above-floor":
        return above_floor(at_end), f"{protocol[0]} {where} over that of real images"
    return [[row["value"] for row in side] for side in at_end], f"{protocol[0]} {where}"


def image_times(sides: Sequence[Sequence[Run]]) -> Values:
    """The milliseconds that each run takes for a training image."""
    runs = [run for side in sides for run in side]
    if len({(run.device, run.config.get("precision")) for run in runs}) > 1 or runs[0].device is None:
        raise Missing("the runs were not made on one kind of device in one precision")
    for run in runs:
        require_log(run)
    return [[1000 * run.seconds / (run.done * images_a_step(run)) for run in side] for side in sides]


def above_floor(sides: Sequence[Sequence[dict[str, Any]]]) -> Values:
    """Scores over those of real images."""
    if not all(row.get("real_vs_real") for side in sides for row in side):
        raise Missing("a score does not say how far real images are from one another")
    return [[row["value"] / row["real_vs_real"] for row in side] for side in sides]


def minima(sides: Sequence[Sequence[Run]], protocol: tuple, step: int) -> tuple[Values, str]:
    """The lowest score of each run until a step, and of how many it is the lowest, in words."""
    curves = [[curve_until(run, protocol, step) for run in side] for side in sides]
    steps = {tuple(sorted(curve)) for side in curves for curve in side}
    if len(steps) > 1:
        counts = " and ".join(str(count) for count in sorted({len(each) for each in steps}))
        raise Missing(f"minima of {counts} scores at different steps")
    count = len(next(iter(steps)))
    values = [[min(curve.values()) for curve in side] for side in curves]
    return values, f"the lowest {protocol[0]} of {count} {'score' if count == 1 else 'scores'}"


def curve_until(run: Run, protocol: tuple, step: int) -> dict[int, float]:
    """The scores of a run under a protocol by their step, until a step."""
    return {row["step"]: row["value"] for row in scores.by_protocol(run)[protocol] if row["step"] <= step}


def no_protocol(sides: Sequence[Sequence[Run]], step: int) -> str:
    """Why some sides have no score in common, in words."""
    rows = [row for side in sides for row in [scores.final(side[0])] if row]
    if len(rows) == 2:
        words = [scores.protocol_words(row) for row in rows]
        if words[0] != words[1]:
            return f"the scores have different protocols: {words[0]}, against {words[1]}"
    lengths = [sorted({run.done for run in side}) for side in sides]
    steps = " against ".join(" and ".join(f"{count:,}" for count in side) for side in lengths)
    return f"the runs have no score by one protocol at step {step:,} ({steps} steps)"
