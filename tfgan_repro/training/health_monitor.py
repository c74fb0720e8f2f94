"""Watches a training's health, says what it sees, and acts on failures."""

import sys
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from tfgan_repro.files import read_json_lines
from tfgan_repro.runs.directory import curve_of
from tfgan_repro.runs.checkpoints import all_finite
from tfgan_repro.training.diversity import GENERATED_IMAGES, DiversityMeter
from tfgan_repro.models.generation import BrokenImages, labelled_images
from tfgan_repro.training.health import GRACE_STEPS, SIGNS, Diversity, Health, Interval, not_finite, spaced
from tfgan_repro.training.steps import Sitting, StepCallback
from tfgan_repro.types import Network

MOST_ROLLBACKS = 3
# Of each variable, to see whether the generator moves.
SAMPLED_WEIGHTS = 16


class HealthMonitor(StepCallback):
    """Judges each interval of the log, and the numbers of each step as soon as they are there.

    A sign is said on standard error when it begins and when it ends. On a failure (see `SIGNS`), training stops after
    the step unless the choice is "warn". It comes before the `TrainingLog`, which asks it at the end of each interval.

    Args:
        sitting: the `Sitting`, with the run directory.
        meter: a `DiversityMeter`.
        on_failure: a name in `tfgan_repro.config.ON_FAILURE`.
        seed: of the latents whose images are measured.
        state: what `state` gave when the run was interrupted, or None.

    Attributes:
        rollbacks: what was done so far, a list of dictionaries.
        failure: why training stops, a dictionary of `step`, `sign` and `reason`, or None.
    """

    def __init__(
        self, sitting: Sitting, meter: DiversityMeter, on_failure: str, seed: int, state: dict[str, Any] | None = None
    ) -> None:
        super().__init__(sitting)
        self.meter, self.on_failure, self.seed = meter, on_failure, seed
        state = state or {"health": None, "weights": None, "rollbacks": [], "unlogged": []}
        self.health = Health(state["health"])
        self.weights = state["weights"]
        self.rollbacks, self.unlogged = state["rollbacks"], state["unlogged"]
        self.failure: dict[str, Any] | None = None

    @property
    def state(self) -> dict[str, Any]:
        """What the monitor must know to go on, JSON."""
        return {
            "health": self.health.state,
            "weights": self.weights,
            "rollbacks": self.rollbacks,
            "unlogged": self.unlogged,
        }

    @property
    def rolls_back(self) -> bool:
        """Whether training stopped only to go on from an earlier checkpoint."""
        return self.failure is not None and self.on_failure == "rollback" and len(self.rollbacks) < MOST_ROLLBACKS

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self.weights is None:
            self.weights = weight_sample(self.model.generator)

    def on_step(self, step: int, logs: dict[str, Any]) -> None:
        bad = not_finite(logs)
        if bad:
            reason = f"{bad} not a finite number"
            if self.health.alarm("non-finite"):
                self.warn(step, "non-finite", reason)
            self.fail(step, "non-finite", reason)

    def judge(self, step: int, start: int, means: dict[str, float], scheduled: bool) -> dict[str, Any]:
        """Judge an interval of the log.

        Args:
            step: the step it ends with.
            start: the step it began after.
            means: the means of the steps' metrics; NaN where one was not finite.
            scheduled: False where it ends early with the run, which a longer run would not know.

        Returns:
            What the log says of it: `health`, the signs that are on; `diversity`, generated over real; and `rollbacks`
            after some.
        """
        gan, run = self.model, self.sitting.run
        finite = all_finite(gan.generator) and all_finite(gan.discriminator)
        broken, diversity = "" if finite else "weights that are not finite numbers", None
        if finite:
            try:
                diversity = self.measure_diversity(start)
            except BrokenImages as error:
                broken = str(error)
        # Only finite numbers can go into the state, and show anything.
        weights = weight_sample(gan.generator) if finite else self.weights
        interval = Interval(
            step,
            start,
            means,
            broken=broken,
            diversity=diversity,
            change=relative_change(self.weights, weights) / (step - start) if finite else None,
            largest_norm=self.health.largest_norm,
            scores=spaced((row["step"], row["value"]) for row in curve_of(read_json_lines(run.evaluations))),
            probabilities=gan.adversarial_loss.probability is not None,
        )
        health = self.health if scheduled else Health(self.health.state)
        begun, ended = health.judge(interval)
        for name, reason in begun.items():
            self.warn(step, name, reason)
        for name in ended:
            print(f"step {step}: no longer: {SIGNS[name].text}", file=sys.stderr)
        for name in health.flags:
            if SIGNS[name].failure:
                self.fail(step, name, health.reasons[name])
        fields = {"health": health.flags, "diversity": interval.diversity and interval.diversity.spread}
        if self.unlogged:
            fields["rollbacks"] = self.unlogged
        if scheduled:
            self.weights, self.unlogged = weights, []
        return fields

    def measure_diversity(self, start: int) -> Diversity:
        """The `Diversity` of the generator's images; not of its average's, which is untrained for long."""
        classes = self.meter.pictures.classes
        images, _ = labelled_images(self.model.generator, GENERATED_IMAGES, self.seed, classes)
        return self.meter.measure(images, classes=start >= GRACE_STEPS)

    def warn(self, step: int, name: str, reason: str) -> None:
        print(f"warning: step {step}: {SIGNS[name].text}: {reason}", file=sys.stderr)

    def fail(self, step: int, name: str, reason: str) -> None:
        if self.on_failure != "warn" and self.failure is None:
            self.failure = {"step": step, "sign": name, "reason": reason}
            self.model.stop_training = True


def weight_sample(network: Network) -> list[float]:
    """A few of the weights that training changes, at the same places each time, as a list of floats."""
    flat = [np.ravel(keras.ops.convert_to_numpy(variable)) for variable in network.trainable_variables]
    return [float(value) for values in flat for value in values[:: max(1, len(values) // SAMPLED_WEIGHTS)]]


def relative_change(before: Sequence[float] | np.ndarray, after: Sequence[float] | np.ndarray) -> float:
    """The distance of two lists of weights as a share of their size; 0 for none."""
    before, after = np.asarray(before), np.asarray(after)
    return float(np.linalg.norm(after - before) / max(float(np.linalg.norm(after)), 1e-12))
