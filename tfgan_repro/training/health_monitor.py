"""Watches a training's health, says what it sees, and acts on failures."""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfgan_repro.config import ON_FAILURE
from tfgan_repro.data.pictures import PictureSet, as_pictures
from tfgan_repro.models.generation import BrokenImages, equal_classes, labelled_images
from tfgan_repro.runs.checkpoints import all_finite
from tfgan_repro.scaling import farthest_apart
from tfgan_repro.training.diversity import GENERATED_IMAGES, DiversityMeter
from tfgan_repro.training.health import GRACE_STEPS, SIGNS, Diversity, Health, Interval, not_finite, spaced
from tfgan_repro.training.steps import Means, StepCallback, checked_classes
from tfgan_repro.types import Network

MOST_ROLLBACKS = 3
# Of each variable, to see whether the generator moves.
SAMPLED_WEIGHTS = 16
LATENTS_SEED = 4


@dataclass(frozen=True)
class Failure:
    """Why a training stops.

    Attributes:
        step: generator updates made.
        sign: a name in `SIGNS`.
        reason: what was seen, in words.
    """

    step: int
    sign: str
    reason: str


class HealthMonitor(StepCallback):
    """Watches a training for signs of trouble: NaN at every step, everything else once an interval.

    A sign is reported on standard error when it begins and when it ends. On a failure (see `SIGNS`), training stops
    after the step unless `on_failure` is "warn".

    Args:
        real_images: training images to compare the diversity of generated ones with: a `DiversityMeter`, the training
            `Pictures`, or uint8 `[count, height, width, channels]`. None: diversity is not measured.
        every: steps an interval.
        on_failure: "warn"; "stop"; or "rollback", which stops as well, so that the caller can return to an earlier
            state, as a run does.
        scores: a function that returns the scores so far, pairs of step and Frechet distance, oldest first; None for no
            scores.
        state: the `state` at which an interrupted training stopped, or None.
        classes: for a conditional GAN, a dictionary from class names to the number of training images; None for those
            of `real_images`, or equally many of each class.

    Attributes:
        findings: the result of the last interval: `health`, the signs that are on; `diversity`, that of generated
            images over that of real ones; and `rollbacks`, if there were any.
        rollbacks: the rollbacks so far, a list of dictionaries.
        failure: the `Failure` for which training stops, or None.
    """

    def __init__(
        self,
        real_images: DiversityMeter | PictureSet | np.ndarray | None = None,
        every: int = 100,
        on_failure: str = "warn",
        scores: Callable[[], Iterable[tuple[int, float]]] | None = None,
        state: dict[str, Any] | None = None,
        classes: dict[str, int] | None = None,
    ) -> None:
        super().__init__(every)
        ON_FAILURE.check(on_failure)
        if real_images is None or hasattr(real_images, "measure"):
            self.meter: Any = real_images
        else:
            self.meter = DiversityMeter(as_pictures(real_images))
        self.on_failure, self.scores, self.classes = on_failure, scores or (lambda: ()), checked_classes(classes)
        state = state or {"health": None, "weights": None, "rollbacks": [], "unlogged": []}
        self.health, self.means = Health(state["health"]), Means(state.get("means"))
        self.weights = state["weights"]
        self.rollbacks, self.unlogged = state["rollbacks"], state["unlogged"]
        self.findings: dict[str, Any] = {"health": [], "diversity": None}
        self.failure: Failure | None = None

    @property
    def state(self) -> dict[str, Any]:
        """What the monitor must know to go on, JSON."""
        return {
            "health": self.health.state,
            "means": self.means.state,
            "weights": self.weights,
            "rollbacks": self.rollbacks,
            "unlogged": self.unlogged,
        }

    @property
    def rolls_back(self) -> bool:
        """Whether training stopped only to go on from an earlier checkpoint."""
        return self.failure is not None and self.on_failure == "rollback" and len(self.rollbacks) < MOST_ROLLBACKS

    def scalars(self) -> dict[str, float]:
        """The findings as numbers by name, for boards."""
        diversity = self.findings["diversity"]
        signs = {f"health/{name}": float(name in self.findings["health"]) for name in SIGNS}
        return {**({} if diversity is None else {"diversity": diversity}), **signs}

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        self.before, self.failure = self.step, None
        if self.weights is None:
            self.weights = weight_sample(self.model.generator)

    def on_step(self, step: int, logs: dict[str, Any]) -> None:
        self.means.add(logs, step - self.before)
        self.before = step
        if reason := not_finite(logs):
            if self.health.alarm("non-finite"):
                self.warn(step, "non-finite", reason)
            self.fail(step, "non-finite", reason)

    def is_urgent(self) -> bool:
        return self.failure is not None

    def on_due(self, step: int) -> None:
        start = step - self.means.count
        # Not so where a training ends within an interval, which a longer one would not know.
        scheduled = self.schedule(start) <= step
        finite = all_finite(self.model.generator) and all_finite(self.model.discriminator)
        # Only finite numbers can go into the state, and show anything.
        weights = weight_sample(self.model.generator) if finite else None
        health = self.health if scheduled else Health(self.health.state)
        interval = self.interval(step, start, weights)
        begun, ended = health.judge(interval)
        for name, reason in begun.items():
            self.warn(step, name, reason)
        for name in ended:
            print(f"step {step}: no longer: {SIGNS[name].text}", file=sys.stderr)
        for name in health.flags:
            if SIGNS[name].failure:
                self.fail(step, name, health.reasons[name])
        self.findings = {"health": health.flags, "diversity": interval.diversity and interval.diversity.spread}
        if self.unlogged:
            self.findings["rollbacks"] = self.unlogged
        if scheduled:
            self.weights, self.unlogged, self.means = weights or self.weights, [], Means()

    def interval(self, step: int, start: int, weights: list[float] | None) -> Interval:
        """What there is to be judged at the end of an interval.

        Args:
            step: generator updates made.
            start: those made before the interval.
            weights: a sample of the generator's; None where the networks' weights are not all finite numbers.
        """
        broken, diversity, change = "", None, None
        if weights is None:
            broken = "weights that are not finite numbers"
        else:
            change = relative_change(self.weights, weights) / (step - start)
            try:
                diversity = self.measure_diversity(start)
            except BrokenImages as error:
                broken = str(error)
        loss = self.model.adversarial_loss
        return Interval(
            step,
            start,
            self.means.means(),
            broken=broken,
            diversity=diversity,
            change=change,
            largest_norm=self.health.largest_norm,
            scores=spaced(self.scores()),
            probabilities=loss.probability is not None,
            relativistic=loss.relativistic,
            farthest=farthest_apart(self.model.image_shape) if loss.is_distance else None,
        )

    def measure_diversity(self, start: int) -> Diversity | None:
        """The `Diversity` of the generator's images; not of its average's, which is untrained for long."""
        if self.meter is None:
            return None
        generator = self.model.generator
        classes = self.classes or self.meter.pictures.classes or equal_classes(generator)
        images, _ = labelled_images(generator, GENERATED_IMAGES, LATENTS_SEED, classes)
        return self.meter.measure(images, classes=start >= GRACE_STEPS)

    def warn(self, step: int, name: str, reason: str) -> None:
        print(f"warning: step {step}: {SIGNS[name].text}: {reason}", file=sys.stderr)

    def fail(self, step: int, name: str, reason: str) -> None:
        if self.on_failure != "warn" and self.failure is None:
            self.failure = Failure(step, name, reason)
            self.model.stop_training = True

    def failure_text(self, failure: Failure, path: Path) -> str:
        """Why a run in a directory has stopped, and what may help, in one line."""
        tried = len(self.rollbacks)
        after = f" after {tried} rollbacks" if tried else ""
        return (
            f"stopped at step {failure.step}{after}: {SIGNS[failure.sign].text}: {failure.reason}; "
            f"{path} holds the run so far; smaller learning rates may help, or --on-failure "
            f"{'warn' if tried else 'rollback'} with --resume"
        )


def weight_sample(network: Network) -> list[float]:
    """A few of the weights that training changes, at the same places each time, as a list of floats."""
    flat = [np.ravel(keras.ops.convert_to_numpy(variable)) for variable in network.trainable_variables]
    return [float(value) for values in flat for value in values[:: max(1, len(values) // SAMPLED_WEIGHTS)]]


def relative_change(before: Sequence[float] | np.ndarray, after: Sequence[float] | np.ndarray) -> float:
    """The distance of two lists of weights as a share of their size; 0 for none."""
    before, after = np.asarray(before), np.asarray(after)
    return float(np.linalg.norm(after - before) / max(float(np.linalg.norm(after)), 1e-12))
