"""Values that go from a first to a last one while a training goes on, so that it can begin boldly and end carefully."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
from keras import ops

from tfgan_repro.choices import TINY
from tfgan_repro.errors import UserError
from tfgan_repro.models.options import SCHEDULED, TrainingChoices, field_of
from tfgan_repro.types import Tensor

RATES = ("generator_learning_rate", "discriminator_learning_rate")


class Schedule(NamedTuple):
    """The way of a value.

    Attributes:
        first: the value at the beginning.
        last: the value at the end of the way, and from there on.
        length: of the way, in units.
        unit: "images" or "steps".
        shape: a name in `tfgan_repro.models.options.SHAPES`: "linear", or half a period of a cosine.
    """

    first: float
    last: float
    length: int
    unit: str
    shape: str = "linear"

    def at(self, done: Tensor) -> Tensor:
        """The value after so many units, a float32 scalar."""
        share = ops.minimum(ops.cast(done, "float32") / self.length, 1.0)
        if self.shape == "cosine":
            share = (1.0 - ops.cos(math.pi * share)) / 2
        return self.first + share * (self.last - self.first)


def schedules_of(choices: TrainingChoices) -> dict[str, Schedule]:
    """The schedules among the choices of a training, by the name of the field whose value changes."""
    found = {}
    for name, last in SCHEDULED.pairs(choices.schedule_to).items():
        # One without a value is refused by a rule.
        first, last = getattr(choices, field_of(name)), last or 0.0
        found[field_of(name)] = Schedule(first, last, choices.schedule_images, "images", choices.schedule)
    falls = dict.fromkeys(RATES, choices.learning_rate_decay_steps)
    falls["instance_noise"] = choices.instance_noise_steps
    by_steps = {name: Schedule(getattr(choices, name), 0.0, steps, "steps") for name, steps in falls.items() if steps}
    return found | by_steps


class Schedules:
    """All values of a training that change, and how far it is.

    Args:
        choices: the `TrainingChoices`.
        step: counts generator updates.
        images: counts the real images that they saw; None where no schedule asks for it.
        optimizers: the generator's and the discriminator's.
        probability: of the augmentation; None where it has none.

    Raises:
        UserError: a learning rate or a second decay is to change, and that of an optimizer of the user's own cannot.
    """

    def __init__(
        self,
        choices: TrainingChoices,
        step: keras.Variable,
        images: keras.Variable | None,
        optimizers: Sequence[keras.optimizers.Optimizer],
        probability: keras.Variable | None = None,
    ) -> None:
        self.choices, self.counters = choices, {"steps": step, "images": images}
        self.by_name = schedules_of(choices)
        known = {name: [optimizer.learning_rate] for name, optimizer in zip(RATES, optimizers, strict=True)}
        known["beta_2"] = [getattr(optimizer, "beta_2", None) for optimizer in optimizers]
        known["augmentation_probability"] = [probability]
        self.variables = {name: variables for name, variables in known.items() if name in self.by_name}
        begun = int(ops.convert_to_numpy(step)) > 0
        for name, variables in self.variables.items():
            if not all(isinstance(variable, keras.Variable) for variable in variables):
                raise UserError(
                    f"{name} is to follow a schedule, and an optimizer of yours has a way of its own: compile with "
                    "learning_rate_decay_steps=0 and another schedule_to, or name the optimizer (adam)"
                )
            if name in RATES and begun:
                # Compiled in the middle of a training.
                variables[0].assign(self.now(name))

    def now(self, name: str) -> Any:
        """The value of a choice at this step; one without a schedule is what was chosen."""
        schedule = self.by_name.get(name)
        return schedule.at(self.counters[schedule.unit]) if schedule else getattr(self.choices, name)

    def advance(self, images: Tensor) -> None:
        """Count a step of so many real images, and give what lies in variables its next value.

        A learning rate changes by the factor that its schedule does, so that what a callback has made of it, or a
        return to an earlier state, stays.
        """
        before = {name: self.now(name) for name in RATES}
        for unit, count in (("steps", 1), ("images", images)):
            if self.counters[unit] is not None:
                self.counters[unit].assign_add(count)
        for name, variables in self.variables.items():
            value = self.now(name)
            for variable in variables:
                variable.assign(variable * (value / ops.maximum(before[name], TINY)) if name in RATES else value)
