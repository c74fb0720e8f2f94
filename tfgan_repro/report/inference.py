"""The statistics of the verdicts, in words and in code: when numbers over seeds decide a claim, and when they do not.

**What is repeated.** A training with its choices is the treatment, a seed is the unit of replication. A seed counts
once, however often it lies on the disk. One training says nothing of chance and decides nothing.

**The scale.** Distances and times are above zero and vary by factors, so all of them are judged on logarithms: means
are geometric, and a difference is a ratio. What is said of a ratio `a / b` holds in the same way of `b / a`. Logarithms
of the scores are taken to be about normal over seeds; with three seeds nobody can check that, and a verdict on three
seeds is to be read with this in mind.

**A claim is a region** of the ratio: "ends better" is ratios above 1, a number within a tolerance of 10 % is ratios
between 1 / 1.1 and 1.1, "nothing is gained" is any gain below 10 %. Student's t interval of the mean logarithm (Welch's
of the difference of two means; the variances are not taken to be equal) decides: wholly inside the region the claim is
reproduced, wholly outside it is not, and across a bound it is undecided. For two bounds this is the pair of one-sided
tests of equivalence. The p-value given is the smallest level at which the interval no longer lies across a bound.
Undecided is no evidence of absence: what so many seeds could have seen at all is what `power` tells.

**No variance.** Seeds whose values are all equal, but for rounding, are no independent trainings (the same files twice,
or scores that no seed touches); there is no interval, and the claim stays undecided.

**Yes or no.** Whether trainings fail is counted: two sides by Fisher's exact test, one side by the binomial test
against one half, with the Clopper-Pearson interval of the share.

**Several claims.** Claims whose trainings are partly the same are no independent tests; all that hang together by
shared trainings are one family, in which Holm's step-down method keeps the probability of any wrong verdict below the
level.

**What the interval is not.** It covers the chance in our seeds. A report's own number is a single training of its
author's, whose chance nobody knows; and the best of a curve falls with the number of scores looked at, so that minima
are compared only where equally many were.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

LEVEL = 0.05
# What a report's number may be missed by, as a factor; also the gain that counts as none.
TOLERANCE = 1.1
# A mean against a fixed bound needs an idea of its own variance; two means have each other's as well.
LEAST_SEEDS, LEAST_SEEDS_A_SIDE = 3, 2
# Values that differ by no larger share are equal: the same images scored on another machine differ by as much.
ROUNDING = 1e-6

# The same for readers of the page.
RULES = (
    "A seed counts once. Distances are judged on logarithms: means are geometric and differences are ratios, each with "
    f"its {1 - LEVEL:.0%} t interval over the seeds.",
    "Two trainings are compared only with equal data, equal steps (of curves of different lengths: at the end of the "
    "shorter one) and equal choices but for those that the claim is about, by scores of one protocol, to which the "
    "size of the images belongs. Choices that both share and that are not the experiment's are named. Runs with "
    "different choices are not pooled.",
    "A claim that one training is better than another is reproduced where the interval of the ratio (Welch's) lies "
    "wholly on the claimed side, not reproduced where it lies wholly on the other, and undecided where it does not; it "
    f"needs {LEAST_SEEDS_A_SIDE} seeds a side that differ.",
    f"A number of a report is reproduced where the interval lies within {TOLERANCE - 1:.0%} of it, better or worse "
    f"where it lies wholly outside, else undecided; it needs {LEAST_SEEDS} seeds under the report's protocol and "
    "choices, each with as many scores to take the lowest of as the report had.",
    f"What a training's own curve is to show needs {LEAST_SEEDS} seeds as well: improvement is a ratio below 1, "
    f"nothing gained is a gain that is below {TOLERANCE - 1:.0%} for certain.",
    "Images that are no numbers (NaN) have no distance: then it is counted in how many seeds a training ends so "
    "(Fisher's exact test); other yes-or-no claims are counted against one half.",
    "Claims that share trainings are a family, whose p-values are corrected by Holm's method.",
    "A claim that a report makes by eye is judged by a measured stand-in where there is one, which is said; its "
    "pictures are shown either way. Where a report compares without saying what came out ahead, or a deviation of ours "
    "decides it, what is measured is told, and nothing is tested.",
)


@dataclass(frozen=True)
class Evidence:
    """What the seeds say of a ratio and a claimed region of it.

    Attributes:
        ratio: the estimate, a geometric mean (a share for counts).
        low: the lower end of its interval.
        high: the upper end.
        p: the smallest level at which the interval decides.
        holds: what is decided then.
    """

    ratio: float
    low: float
    high: float
    p: float
    holds: bool


def compare_means(first: Sequence[float], second: Sequence[float], factor: float = 1.0) -> Evidence | None:
    """Whether the geometric mean of `first` is more than `factor` times that of `second`.

    Args:
        first: values above zero, one a seed.
        second: the same of the other side.
        factor: the bound on the ratio.

    Returns:
        The `Evidence` on the ratio of the first to the second; None where one side has no variance.

    Reference:
        Welch 1947, "The generalization of Student's problem when several different population variances are involved".
    """
    if not (vary(first) and vary(second)):
        return None
    sides = [[math.log(value) for value in values] for values in (first, second)]
    parts = [stats.tvar(values) / len(values) for values in sides]
    degrees = sum(parts) ** 2 / sum(part**2 / (len(values) - 1) for part, values in zip(parts, sides))
    difference = float(stats.tmean(sides[0]) - stats.tmean(sides[1]))
    return decide(difference, math.sqrt(sum(parts)), degrees, math.log(factor), math.inf)


def compare_to_bounds(ratios: Sequence[float], low: float = 0.0, high: float = math.inf) -> Evidence | None:
    """Whether the geometric mean of ratios, one a seed, lies between two bounds; None where they have no variance."""
    if not vary(ratios):
        return None
    logarithms = [math.log(ratio) for ratio in ratios]
    error = float(stats.sem(logarithms))
    lowest = math.log(low) if low else -math.inf
    return decide(float(stats.tmean(logarithms)), error, len(ratios) - 1, lowest, math.log(high))


def vary(values: Sequence[float]) -> bool:
    """Whether values differ by more than rounding."""
    return max(values) > (1 + ROUNDING) * min(values)


def decide(mean: float, error: float, degrees: float, low: float, high: float) -> Evidence:
    """The evidence of a normal mean on a region.

    Args:
        mean: the estimated logarithm.
        error: its standard error.
        degrees: of freedom.
        low: the region's lower bound, a logarithm.
        high: the upper one; each may be infinite.
    """
    half = error * float(stats.t.isf(LEVEL / 2, degrees))

    def distance(bound: float) -> float:
        """The level at which the interval just reaches a bound."""
        return float(2 * stats.t.sf(abs(mean - bound) / error, degrees))

    holds = low < mean < high
    # Inside, both bounds must lie beyond the interval; outside, the one that was passed must.
    p = max(distance(low), distance(high)) if holds else distance(low if mean <= low else high)
    return Evidence(math.exp(mean), math.exp(mean - half), math.exp(mean + half), p, holds)


def compare_failures(better: tuple[int, int], worse: tuple[int, int]) -> Evidence:
    """Whether the worse side fails more often.

    Args:
        better: failures and trainings of the side said to be better.
        worse: the same of the other.

    Returns:
        The `Evidence`, whose `ratio` is the difference of the shares and has no interval.
    """
    table = [[count, total - count] for count, total in (better, worse)]
    difference = worse[0] / worse[1] - better[0] / better[1]
    return Evidence(difference, math.nan, math.nan, float(stats.fisher_exact(table).pvalue), difference > 0)


def count_against_half(count: int, total: int) -> Evidence:
    """Whether more than half of the trainings show something, with the share's interval."""
    test = stats.binomtest(count, total)
    interval = test.proportion_ci(1 - LEVEL)
    return Evidence(count / total, interval.low, interval.high, float(test.pvalue), count > total / 2)


def holm(values: Sequence[float]) -> list[float]:
    """The p-values of a family, each corrected for all.

    Reference:
        Holm 1979, "A simple sequentially rejective multiple test procedure".
    """
    order = sorted(range(len(values)), key=values.__getitem__)
    corrected, least = [0.0] * len(values), 0.0
    for rank, place in enumerate(order):
        least = max(least, min(1.0, (len(values) - rank) * values[place]))
        corrected[place] = least
    return corrected


def power(seeds: int, factor: float, deviation: float, level: float = LEVEL) -> float:
    """The probability that so many seeds a side show a true ratio to be none of chance, by simulation.

    Args:
        seeds: on each side.
        factor: the true ratio of the two geometric means.
        deviation: the standard deviation of the scores' natural logarithms over seeds, the same on both sides.
        level: of the two-sided test; `LEVEL` divided by the size of a family for its first claim under Holm's method.

    Returns:
        The share of 20,000 simulated comparisons in which Welch's test decides; its standard error is below 0.004.
    """
    # Welch's test has fewer degrees of freedom than the t-test of equal variances, for which there is a formula.
    draws = np.random.default_rng(0).normal(scale=deviation, size=(2, 20_000, seeds))
    draws[1] += math.log(factor)
    return float((stats.ttest_ind(draws[0], draws[1], axis=1, equal_var=False).pvalue < level).mean())


def pooled_deviation(groups: Sequence[Sequence[float]]) -> float:
    """The standard deviation of the logarithms within groups of two values or more, pooled over the groups."""
    parts = [(len(values) - 1, stats.tvar([math.log(value) for value in values])) for values in groups]
    degrees = sum(count for count, _ in parts)
    return math.sqrt(sum(count * variance for count, variance in parts) / degrees)
