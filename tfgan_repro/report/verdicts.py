"""Whether a report's claim holds: words that follow from the numbers by the rules of `tfgan_repro.report.inference`."""

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product
from typing import Any

from scipy import stats

from tfgan_repro.experiments.experiment import (
    Absent,
    BestStep,
    ByEye,
    Claim,
    Compared,
    Distance,
    Experiment,
    Gain,
    Level,
    Number,
    Order,
    Settles,
)
from tfgan_repro.report import comparability, inference, measures, scores
from tfgan_repro.report.inference import LEAST_SEEDS, LEAST_SEEDS_A_SIDE, LEVEL, TOLERANCE, Evidence
from tfgan_repro.report.measures import Missing
from tfgan_repro.report.runs import Run

Groups = Mapping[str, Sequence[Run]]
ONE_SEED = "one seed says nothing of chance"


@dataclass(frozen=True)
class Verdict:
    """One claim, judged.

    Attributes:
        claim: the report's words.
        word: "reproduced", "better", "worse", "not reproduced", "undecided", "not comparable", "measured" (where the
            report says nothing to be tested), "by eye" or "not run".
        why: a sentence with the numbers.
    """

    claim: str
    word: str
    why: str


@dataclass(frozen=True)
class Finding:
    """What the runs say of one claim, before it is seen beside the others.

    Attributes:
        claim: the report's words.
        why: a sentence with the numbers.
        word: the verdict where there is no test.
        evidence: the test, or None.
        holds: the word where the test finds the claim to hold.
        fails: the word where it does not.
        trainings: the runs behind the test, see `Run.training`.
    """

    claim: str
    why: str
    word: str = "undecided"
    evidence: Evidence | None = None
    holds: str = "reproduced"
    fails: str = "not reproduced"
    trainings: frozenset = frozenset()


def judge(experiments: Mapping[str, Experiment], groups: Groups) -> dict[str, list[Verdict]]:
    """The verdicts on all claims.

    Args:
        experiments: by name.
        groups: all runs, as `group_runs` makes them.

    Returns:
        For each experiment the `Verdict` on each of its claims, in order.
    """
    found = [
        (name, find(claim, experiment, groups))
        for name, experiment in experiments.items()
        for claim in experiment.claims
    ]
    verdicts = decide_all([finding for _, finding in found])
    return {name: [verdict for (own, _), verdict in zip(found, verdicts) if own == name] for name in experiments}


def decide_all(findings: Sequence[Finding]) -> list[Verdict]:
    """The verdicts on findings, in their order, each by a p-value that is corrected for those that share trainings."""
    corrected = [(1.0, 1)] * len(findings)
    for family in families(findings):
        values = inference.holm([findings[place].evidence.p for place in family])  # type: ignore[union-attr]
        for place, value in zip(family, values):
            corrected[place] = value, len(family)
    return [decide(finding, p, size) for finding, (p, size) in zip(findings, corrected)]


def families(findings: Sequence[Finding]) -> list[list[int]]:
    """The places of findings that are tested, together where they share trainings, directly or through others."""
    found: list[list[int]] = []
    for place, finding in enumerate(findings):
        if finding.evidence:
            related = [each for each in found if any(findings[other].trainings & finding.trainings for other in each)]
            found = [each for each in found if each not in related] + [[*chain(*related), place]]
    return found


def decide(finding: Finding, p: float, size: int) -> Verdict:
    """The verdict on a finding by its p-value, corrected for the size of its family."""
    if finding.evidence is None:
        return Verdict(finding.claim, finding.word, finding.why)
    why = f"{finding.why}; p = {finding.evidence.p:.2g}"
    if size > 1:
        why += f", {p:.2g} by Holm's method over {size} claims that share trainings"
    if p >= LEVEL:
        return Verdict(finding.claim, "undecided", why)
    return Verdict(finding.claim, finding.holds if finding.evidence.holds else finding.fails, why)


def find(claim: Claim, experiment: Experiment, groups: Groups) -> Finding:
    """What the runs say of one claim."""
    if isinstance(claim, Order):
        return find_order(claim, groups)
    if isinstance(claim, Compared):
        return find_compared(claim, groups)
    parts = comparability.members(experiment.name, groups)
    if not parts:
        return Finding(words_of(claim), "no finished run of it is here", "not run")
    if isinstance(claim, ByEye):
        return Finding(claim.words, claim.seen, "by eye")
    # Runs with different choices are not pooled: those nearest to the experiment speak, the most seeds, the longest.
    runs = max(parts, key=lambda part: (-len(comparability.overrides(part)), len(part), min(run.done for run in part)))
    others = f", one of {len(parts)} settings of it" if len(parts) > 1 else ""
    if isinstance(claim, Number):
        finding = find_number(claim, runs)
    elif isinstance(claim, Absent):
        finding = find_absent(claim, runs)
    else:
        finding = find_own(claim, runs)
    changed = comparability.overrides_words(runs)
    notes = [f"trained with {changed}" if changed else "", unbounded_words(runs)]
    return dataclasses.replace(finding, why="; ".join(filter(None, (finding.why + others, *notes))))


def words_of(claim: Claim) -> str:
    return f"{claim.metric} {claim.value:g}: {claim.words}" if isinstance(claim, Number) else claim.words


def find_number(claim: Number, runs: Sequence[Run]) -> Finding:
    words = words_of(claim)
    values, why = measured(measures.lowest, runs, claim)
    if not values:
        best = scores.best(runs[0])
        instead = f"ours are {scores.protocol_words(best)}" if best else "our runs have no score"
        why = f"{why}; {instead}. Where there is a network: {measures.command(claim.command, runs[0])}"
        return Finding(words, why, "not comparable")
    ours = f"ours is {geometric(values)}"
    if comparability.overrides(runs):
        return Finding(words, ours, "not comparable")
    if len(values) < LEAST_SEEDS:
        return Finding(words, f"{ours}; an interval needs {LEAST_SEEDS}")
    evidence = inference.compare_to_bounds([value / claim.value for value in values], 1 / TOLERANCE, TOLERANCE)
    if evidence is None:
        return Finding(words, f"{ours}, which have no variance")
    return Finding(
        words,
        f"{ours}, {interval_words(evidence)} times the report's",
        evidence=evidence,
        fails="better" if evidence.ratio < 1 else "worse",
        trainings=trainings_of(runs),
    )


# How each claim about a training of its own is measured, the region of the ratio that it stands for, and in words.
OWN: dict[type, tuple[Callable, Callable, Callable]] = {
    Gain: (
        measures.gain,
        lambda claim: (0.0, 1.0) if claim.improves else (1 / TOLERANCE, math.inf),
        lambda claim: f"the score after {claim.end:,} images over that after {claim.start:,}",
    ),
    BestStep: (
        measures.best_step,
        lambda claim: (1 / claim.tolerance, claim.tolerance),
        lambda claim: f"the step of the best score over {claim.step:,}, to be within a factor of {claim.tolerance:g}",
    ),
    Settles: (
        measures.settling,
        lambda claim: (0.0, 1.0),
        lambda claim: f"the {claim.by} of {claim.loss} in the last fifth of the log over that in the first",
    ),
    Distance: (
        measures.distance,
        lambda claim: (0.0, claim.factor) if claim.close else (claim.factor, math.inf),
        lambda claim: "measured instead of seen, the distance over that of real images, which is to be "
        f"{'below' if claim.close else 'above'} {claim.factor:g}",
    ),
    Level: (
        measures.level,
        lambda claim: (1.0, math.inf),
        lambda claim: f"measured instead of seen, {claim.metric} over {claim.share:.0%} of real images' own",
    ),
}


def find_own(claim: Any, runs: Sequence[Run]) -> Finding:
    """What the seeds of one training say of a ratio within each of them."""
    measure, region, what = OWN[type(claim)]
    values, why = measured(measure, runs, claim)
    if not values:
        return Finding(claim.words, why, "not comparable")
    numbers = f"{what(claim)}: {geometric(values)}"
    if len(values) < LEAST_SEEDS:
        needed = ONE_SEED if len(values) == 1 else f"an interval needs {LEAST_SEEDS}"
        return Finding(claim.words, f"{numbers}; {needed}")
    evidence = inference.compare_to_bounds(values, *region(claim))
    if evidence is None:
        return Finding(claim.words, f"{numbers}, which have no variance")
    return Finding(
        claim.words,
        f"{numbers}, 95 % interval {scores.number(evidence.low)} to {scores.number(evidence.high)}",
        evidence=evidence,
        trainings=trainings_of(runs),
    )


def find_absent(claim: Absent, runs: Sequence[Run]) -> Finding:
    """What the logs of one training's seeds say of a sign of trouble."""
    # The shortest first: it is named where it is too short.
    ends, why = measured(measures.ends_without, sorted(runs, key=lambda run: run.done), claim)
    if not ends:
        return Finding(claim.words, why, "not comparable")
    free = int(sum(ends))
    why = f"{free} of {seeds(len(runs))} end without {claim.sign}"
    if len(runs) == 1:
        return Finding(claim.words, f"{why}; {ONE_SEED}")
    evidence = inference.count_against_half(free, len(runs))
    share = f"the share of such trainings is {evidence.low:.2f} to {evidence.high:.2f}"
    return Finding(claim.words, f"{why}; {share}", evidence=evidence, trainings=trainings_of(runs))


def find_order(claim: Order, groups: Groups) -> Finding:
    names = (claim.better, claim.worse)
    missing = [name for name in names if not comparability.members(name, groups)]
    if missing:
        return Finding(claim.words, f"no finished run of {' and of '.join(missing)} is here", "not run")
    alike, hindrance = trained_alike(claim, names, groups)
    if not alike:
        return Finding(claim.words, hindrance, "not comparable")
    return with_notes(compare(claim, alike[0]), alike)


def find_compared(claim: Compared, groups: Groups) -> Finding:
    """What was measured of trainings whose order is not tested; those that were run count."""
    names = [name for name in claim.trainings if comparability.members(name, groups)]
    if len(names) < 2:
        return Finding(claim.words, f"fewer than two of {', '.join(claim.trainings)} are here", "not run")
    alike, hindrance = trained_alike(claim, names, groups)
    if not alike:
        return Finding(claim.words, hindrance, "not comparable")
    try:
        values, what = measures.order_values(claim, alike[0], last_common(alike[0]))
    except Missing as missing:
        return Finding(claim.words, str(missing), "not comparable")
    ranking = sorted(zip(values, names), key=lambda side: stats.gmean(side[0]))
    told = ", ".join(f"{geometric(side)} of {name}" for side, name in ranking)
    finding = Finding(claim.words, f"{what}: {told}; no order is tested", "measured")
    return with_notes(finding, alike)


def trained_alike(claim: Order | Compared, names: Sequence[str], groups: Groups) -> tuple[list[tuple], str]:
    """The settings in which all of some trainings were trained alike, and what hinders where there are none.

    Of several settings the one with the most seeds comes first, the longest of those.
    """
    sides = [comparability.members(name, groups) for name in names]
    settings = sorted(product(*sides), key=lambda each: (min(map(len, each)), last_common(each)), reverse=True)
    hindrances = [
        next(filter(None, (comparability.differences(claim, setting[0], other) for other in setting[1:])), "")
        for setting in settings
    ]
    return [setting for setting, words in zip(settings, hindrances) if not words], hindrances[0]


def with_notes(finding: Finding, alike: Sequence[tuple]) -> Finding:
    """A finding with what must be known of the trainings that it compares."""
    shared = comparability.shared_overrides(*alike[0])
    whose = "both" if len(alike[0]) == 2 else "all"
    notes = [f"{whose} with {shared}" if shared else "", f"one of {len(alike)} settings" if len(alike) > 1 else ""]
    notes += [unbounded_words(side) for side in alike[0]]
    return dataclasses.replace(finding, why="; ".join(filter(None, (finding.why, *notes))))


def unbounded_words(runs: Sequence[Run]) -> str:
    """That a critic has no bounds, which its loss supposes: a fact about the training that is behind a verdict."""
    count = sum(run.is_unbounded for run in runs)
    if not count:
        return ""
    share = "its only seed" if len(runs) == 1 else f"{count} of {seeds(len(runs))}"
    return f"the critic of {runs[0].group} has no bounds in {share}, so that its loss is no distance"


def last_common(sides: Sequence[Sequence[Run]]) -> int:
    """The last step that all runs of all sides have made."""
    return min(run.done for side in sides for run in side)


def compare(claim: Order, pair: Sequence[Sequence[Run]]) -> Finding:
    """What two comparable trainings say of an `Order`."""
    trainings = frozenset().union(*(trainings_of(side) for side in pair))
    step = last_common(pair)
    few = min(map(len, pair)) < LEAST_SEEDS_A_SIDE
    broken = [sum(any(row["step"] == step for row in run.unscored) for run in side) for side in pair]
    if any(broken):
        counts = " and ".join(
            f"{count} of {seeds(len(side))} of {name}"
            for name, side, count in zip((claim.better, claim.worse), pair, broken)
        )
        why = f"the images at step {step:,} are no numbers in {counts}"
        if few:
            return Finding(claim.words, f"{why}; {ONE_SEED}")
        evidence = inference.compare_failures(*((count, len(side)) for count, side in zip(broken, pair)))
        return Finding(claim.words, why, evidence=evidence, trainings=trainings)
    try:
        (better, worse), what = measures.order_values(claim, pair, step)
    except Missing as missing:
        return Finding(claim.words, str(missing), "not comparable")
    numbers = f"{what}: {geometric(better)} of {claim.better}, {geometric(worse)} of {claim.worse}"
    if few:
        return Finding(claim.words, f"{numbers}; {ONE_SEED}")
    ratio = inference.compare_means(worse, better, claim.factor)
    if ratio is None:
        return Finding(claim.words, f"{numbers}; seeds without variance are no independent trainings")
    bound = f", claimed is more than {claim.factor:g}" if claim.factor != 1 else ""
    return Finding(
        claim.words,
        f"{numbers}; the latter is {interval_words(ratio)} times the former{bound}",
        evidence=ratio,
        trainings=trainings,
    )


def measured(measure: Callable, runs: Sequence[Run], claim: Any) -> tuple[list[float], str]:
    """A measure of each run; none, and the reason, where one of them has none."""
    try:
        return [measure(run, claim) for run in runs], ""
    except Missing as missing:
        return [], str(missing)


def trainings_of(runs: Sequence[Run]) -> frozenset:
    return frozenset(run.training for run in runs)


def geometric(values: Sequence[float]) -> str:
    """A geometric mean over seeds in words."""
    return f"{scores.number(float(stats.gmean(values)))} ({seeds(len(values))})"


def interval_words(evidence: Evidence) -> str:
    return f"{evidence.ratio:.3g} ({evidence.low:.3g} to {evidence.high:.3g})"


def seeds(count: int) -> str:
    return "one seed" if count == 1 else f"{count} seeds"
