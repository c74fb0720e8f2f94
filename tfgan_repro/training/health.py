"""The signs that a run goes wrong: what each is measured by, from which threshold on, and what is said of it.

Pure judgement of numbers, without training: an `Interval` of the log goes in, the names of the signs come out.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

# Interval means of the generator's gradient norm fall to 0.35 of the largest in healthy runs; to 0.01 within 60 steps
# under the saturating loss and fifty discriminator updates a step.
VANISHING_RATIO = 0.05
# Only where the discriminator is hardly ever wrong is a small gradient its doing, and not that of a good generator.
VANISHING_ACCURACY = 0.95
# Intervals that make up a generator's own history, and the fewest that are one.
HISTORY, SHORTEST_HISTORY = 50, 3

# Pairwise distances of generated against real images in embedded features. An untrained generator starts near 0.2, a
# trained one passes 0.5; below a tenth its images differ less than noise does.
LEAST_DIVERSITY = 0.1
# A quarter of images that are nearly one another's copies is a mode that keeps coming back.
MOST_DUPLICATES = 0.25
# Half of the classes: 64 real images of `shapes` show 6 to 10 of its ten, images of one class 1 to 5, of two 2 to 5.
LEAST_CLASSES = 0.5

# Lowest means of D(fake) in healthy runs: 0.003 (batches of 16 at a width of 0.25), 0.04 (report C's DCGAN); with fifty
# discriminator updates a step 0.0002.
OVERPOWERED_FAKE, OVERPOWERED_ACCURACY = 0.001, 0.999
# A coin is right half the time. Both answers may be far from 1/2, or from 0, and still tell nothing apart.
USELESS_ACCURACY, USELESS_DIFFERENCE = 0.55, 0.02
# Logits of a relativistic loss mean something only beside each other, and approach each other as the images do: what
# counts is their order. A hundred steps of 32 images tell 0.52 from a coin.
USELESS_ORDER = 0.52

# Change of the generator's weights a step, as a share of their norm: at this rate they need a hundred million steps to
# become others. A rate that falls to 0 in 100,000 steps comes to this only in the last ten.
FROZEN_CHANGE = 1e-8

# Scores in a window, and a line through their logarithms: below 1 % better over the whole window, and no new best in
# it, is no progress; a large scatter around the line is oscillation. Eight scores make a trend that one bad score
# cannot turn, and what is nearer than 100 steps to one is no other: the first steps swing in healthy runs as well.
SCORE_WINDOW, SCORE_GAP = 8, 100
LEAST_PROGRESS = 0.01
MOST_SCATTER = 0.25

# From about this probability on augmentations leak into generated images (Karras et al. 2020, section 2.2); one that
# adapts gets there where the discriminator knows the training images by heart all the same.
MOST_PROBABILITY = 0.8

# The first steps of every run look ill: untrained images are all alike, and a discriminator tells them at once.
GRACE_STEPS = 50


@dataclass(frozen=True)
class Diversity:
    """How different generated images are, measured against real ones; see `tfgan_repro.training.diversity`.

    Attributes:
        spread: mean pairwise distance of generated images over that of real ones; 1 is as diverse as reality.
        duplicates: share of generated images with a near copy among them.
        classes: share of the classes that generated images cover, or None where it cannot be told.
    """

    spread: float
    duplicates: float
    classes: float | None = None


@dataclass(frozen=True)
class Interval:
    """What is known at the end of an interval of the log.

    Attributes:
        step: the step it ends with.
        start: the step it began after.
        means: means of what `GAN.train_step` returns, by name.
        broken: what of the networks is no finite number, in words; empty where all is.
        diversity: a `Diversity`, or None where it cannot be measured.
        change: how far the generator's weights have moved a step, as a share of their norm; None where it is unknown.
        largest_norm: the largest of the generator's gradient norms in earlier intervals, or None for too few.
        scores: the Frechet distances so far, the oldest first (see `spaced`).
        relativistic: whether the discriminator's outputs are compared in pairs, so that only their order counts.
        probabilities: whether `d_real` and `d_fake` are probabilities, as the loss has it, and not raw outputs.
        farthest: how far apart two images can be at most; None where the discriminator estimates no distance.
    """

    step: int
    start: int
    means: dict
    broken: str = ""
    diversity: Diversity | None = None
    change: float | None = None
    largest_norm: float | None = None
    scores: tuple = ()
    probabilities: bool = True
    relativistic: bool = False
    farthest: float | None = None


def non_finite(interval: Interval) -> str | None:
    return not_finite(interval.means) or interval.broken or None


def not_finite(values: Mapping[str, Any]) -> str | None:
    """Which of the values (a number each, or an array) are NaN or infinite anywhere, in words; None where none is."""
    bad = sorted(name for name, value in values.items() if not np.all(np.isfinite(value)))
    return f"{', '.join(bad)} not a finite number" if bad else None


def vanishing_gradient(interval: Interval) -> str | None:
    norm, largest, accuracy = interval.means["g_gradient_norm"], interval.largest_norm, interval.means["d_accuracy"]
    if largest is None or accuracy < VANISHING_ACCURACY or norm >= VANISHING_RATIO * largest:
        return None
    return f"gradient norm {norm:.3g}, before up to {largest:.3g}, discriminator right on {accuracy:.1%}"


def mode_collapse(interval: Interval) -> str | None:
    diversity = interval.diversity
    if diversity is None:
        return None
    if diversity.spread < LEAST_DIVERSITY:
        return f"generated images differ {diversity.spread:.1%} as much as real ones"
    if diversity.duplicates > MOST_DUPLICATES:
        return f"{diversity.duplicates:.0%} of the generated images are near copies of others"
    if diversity.classes is not None and diversity.classes < LEAST_CLASSES:
        return f"generated images cover {diversity.classes:.0%} of the classes"
    return None


def overpowered(interval: Interval) -> str | None:
    """Said by D(fake), which only probabilities tell; a critic cannot be too good (Arjovsky et al. 2017)."""
    means = interval.means
    if (
        not interval.probabilities
        or means["d_fake"] >= OVERPOWERED_FAKE
        or means["d_accuracy"] < OVERPOWERED_ACCURACY
    ):
        return None
    return f"{answers(means)}; lower its learning rate or --discriminator-steps"


def useless(interval: Interval) -> str | None:
    means = interval.means
    if interval.relativistic:
        order = means["d_accuracy"]
        advice = "raise its learning rate or --discriminator-steps"
        return None if order >= USELESS_ORDER else f"{order:.1%} of real images above generated ones; {advice}"
    if means["d_accuracy"] >= USELESS_ACCURACY or means["d_real"] - means["d_fake"] >= USELESS_DIFFERENCE:
        return None
    return f"{answers(means)}; raise its learning rate or --discriminator-steps"


def unbounded(interval: Interval) -> str | None:
    """Said by the estimated distance, which only bounds make one (Arjovsky et al. 2017, theorem 3).

    A critic whose slope is at most 1 cannot tell two images apart by more than their distance, at most 2 for each
    value; for CIFAR-10 that is 111. In report B's run the estimate falls from 27 to 1.2; in report C's, whose batch
    normalisation has gains without bounds, it passes 111 at step 4,000 and goes on to 170.
    """
    estimate = interval.means["d_real"] - interval.means["d_fake"]
    if interval.farthest is None or estimate <= interval.farthest:
        return None
    return (
        f"D(real) - D(fake) is {estimate:.0f}, and no two images are more than {interval.farthest:.0f} apart; "
        "choose --discriminator-normalization none, or layer with --penalty gradient"
    )


def answers(means: dict[str, float]) -> str:
    return f"right on {means['d_accuracy']:.1%}, D(real) {means['d_real']:.3g}, D(fake) {means['d_fake']:.3g}"


def frozen(interval: Interval) -> str | None:
    if interval.change is None or interval.change >= FROZEN_CHANGE:
        return None
    return f"its weights change by {interval.change:.1g} of their size a step; raise its learning rate"


def spaced(curve: Iterable[tuple[int, float]]) -> tuple[float, ...]:
    """The scores of pairs of step and score, in order, without those that come too soon after another."""
    steps: list[int] = []
    scores: list[float] = []
    for step, score in curve:
        if not steps or step - steps[-1] >= SCORE_GAP:
            steps.append(step)
            scores.append(score)
    return tuple(scores)


def score_trend(scores: Sequence[float]) -> tuple[float, float] | None:
    """A line through the logarithms of the last `SCORE_WINDOW` scores.

    Returns:
        The fitted improvement over the window as a share (negative: worse) and the scatter around the line, the
        standard deviation of its residuals; None for fewer scores, or where a score is not above 0.
    """
    window = np.asarray(scores[-SCORE_WINDOW:], float)
    if len(window) < SCORE_WINDOW or not (np.isfinite(window) & (window > 0)).all():
        return None
    places, logarithms = np.arange(SCORE_WINDOW), np.log(window)
    slope, height = np.polyfit(places, logarithms, 1)
    residuals = logarithms - (slope * places + height)
    # Two parameters are fitted.
    scatter = math.sqrt(float(residuals @ residuals) / (SCORE_WINDOW - 2))
    return 1 - math.exp(slope * (SCORE_WINDOW - 1)), scatter


def no_progress(interval: Interval) -> str | None:
    trend = score_trend(interval.scores)
    if trend is None or trend[0] >= LEAST_PROGRESS or trend[1] > MOST_SCATTER:
        return None
    # The first window has only its own first score to be better than.
    before = interval.scores[:-SCORE_WINDOW] or interval.scores[:1]
    if min(interval.scores) < (1 - LEAST_PROGRESS) * min(before):
        return None
    return f"the last {SCORE_WINDOW} scores improve by {trend[0]:.1%}; the best is {min(interval.scores):.3f}"


def oscillation(interval: Interval) -> str | None:
    trend = score_trend(interval.scores)
    if trend is None or trend[1] <= MOST_SCATTER:
        return None
    return f"the last {SCORE_WINDOW} scores scatter {trend[1]:.0%} around their trend"


def augmentation_limit(interval: Interval) -> str | None:
    probability = interval.means.get("augmentation_probability", 0.0)
    if probability <= MOST_PROBABILITY:
        return None
    return (
        f"their probability is {probability:.2f}; above {MOST_PROBABILITY} they leak into generated images; "
        "more pictures, narrower networks (--width), or --from a run on similar ones"
    )


class Sign(NamedTuple):
    """A way for a run to go wrong.

    Attributes:
        text: what it is called on the terminal.
        measure: `(interval) -> str or None`, what is wrong, where it is.
        failure: whether `--on-failure` acts on it; else it is a warning only, because runs recover from it, or because
            it may be the natural end of one.
        patience: intervals in a row until it is said.
    """

    text: str
    measure: Callable
    failure: bool
    patience: int


SIGNS = {
    "non-finite": Sign("NaN or infinity", non_finite, failure=True, patience=1),
    "vanishing-gradient": Sign("the generator's gradient vanishes", vanishing_gradient, failure=True, patience=3),
    "mode-collapse": Sign("mode collapse", mode_collapse, failure=True, patience=3),
    "overpowered": Sign("the discriminator overpowers the generator", overpowered, failure=False, patience=3),
    "useless": Sign("the discriminator is useless", useless, failure=False, patience=3),
    "unbounded": Sign("the critic has no bounds", unbounded, failure=False, patience=3),
    "frozen": Sign("the generator stands still", frozen, failure=False, patience=3),
    "augmentation-limit": Sign("augmentations near their limit", augmentation_limit, failure=False, patience=3),
    "no-progress": Sign("no progress", no_progress, failure=False, patience=1),
    "oscillation": Sign("the score oscillates", oscillation, failure=False, patience=1),
}


def seen(interval: Interval) -> dict[str, str]:
    """The signs that one interval shows by itself: the reasons, by the sign's name."""
    reason = non_finite(interval)
    if reason:
        # Nothing else can be told from such numbers.
        return {"non-finite": reason}
    found = {name: sign.measure(interval) for name, sign in SIGNS.items()}
    return {name: reason for name, reason in found.items() if reason}


class Health:
    """Follows the signs from interval to interval: each must last before it is said.

    Args:
        state: what `state` was when the run was interrupted, or None.

    Attributes:
        reasons: what the last interval showed, in words, by the sign's name.
        state: plain JSON: `streaks` (intervals in a row that showed a sign, by name), `flags` (the signs that are on),
            `norms` (the generator's gradient norms) and `good_until` (the last step that no failure was seen at).
    """

    def __init__(self, state: dict[str, Any] | None = None) -> None:
        self.reasons: dict[str, str] = {}
        self.state = state or {"streaks": {}, "flags": [], "norms": [], "good_until": 0}

    @property
    def flags(self) -> list[str]:
        return list(self.state["flags"])

    @property
    def good_until(self) -> int:
        return self.state["good_until"]

    @property
    def largest_norm(self) -> float | None:
        """The largest of the generator's earlier gradient norms, or None where there are too few."""
        norms = self.state["norms"]
        return max(norms) if len(norms) >= SHORTEST_HISTORY else None

    def alarm(self, name: str) -> bool:
        """Turn a sign on within an interval; return whether it was off."""
        if name in self.state["flags"]:
            return False
        self.state = {**self.state, "flags": [sign for sign in SIGNS if sign == name or sign in self.state["flags"]]}
        return True

    def judge(self, interval: Interval) -> tuple[dict[str, str], list[str]]:
        """Judge the next interval.

        Returns:
            The signs that begin with it, as reasons by name, and the names of those that end with it.
        """
        state, self.reasons = self.state, seen(interval)
        young = interval.start < GRACE_STEPS
        streaks = {
            name: state["streaks"].get(name, 0) + 1 for name in self.reasons if name == "non-finite" or not young
        }
        flags = [name for name in SIGNS if streaks.get(name, 0) >= SIGNS[name].patience]
        begun = {name: self.reasons[name] for name in flags if name not in state["flags"]}
        ended = [name for name in state["flags"] if name not in flags]
        norms = state["norms"]
        if not {"non-finite", "vanishing-gradient"} & set(self.reasons):
            # What has vanished is no standard to measure by.
            norms = [*norms, interval.means["g_gradient_norm"]][-HISTORY:]
        # Also in the first steps: what turns out a failure began when it was first seen.
        good = not any(SIGNS[name].failure for name in self.reasons)
        good_until = interval.step if good else state["good_until"]
        self.state = {"streaks": streaks, "flags": flags, "norms": norms, "good_until": good_until}
        return begun, ended
