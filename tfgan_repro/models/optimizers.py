"""The optimisers that can be named, and a GAN's two of them seen as one."""

from typing import Any

import keras

from tfgan_repro.choices import TINY
from tfgan_repro.errors import UserError
from tfgan_repro.models import OPTIMIZERS
from tfgan_repro.models.options import TrainingChoices
from tfgan_repro.models.schedules import schedules_of


@keras.saving.register_keras_serializable("tfgan_repro")
class ScheduledAdam(keras.optimizers.Adam):
    """Keras' Adam, whose `beta_2` is a variable like its learning rate, so that a schedule can change it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.beta_2: Any = keras.Variable(
            self.beta_2, trainable=False, dtype="float32", aggregation="only_first_replica", name="beta_2"
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "beta_2": float(self.beta_2)}


def adam(rate: float, choices: TrainingChoices) -> keras.optimizers.Optimizer:
    kind = ScheduledAdam if "beta_2" in schedules_of(choices) else keras.optimizers.Adam
    return kind(rate, choices.beta_1, choices.beta_2)


def sgd(rate: float, choices: TrainingChoices) -> keras.optimizers.Optimizer:
    return keras.optimizers.SGD(rate, choices.momentum)


def rmsprop(rate: float, choices: TrainingChoices) -> keras.optimizers.Optimizer:
    return keras.optimizers.RMSprop(rate, momentum=choices.momentum)


def make_optimizers(
    generator: Any, discriminator: Any, choices: TrainingChoices
) -> tuple[keras.optimizers.Optimizer, keras.optimizers.Optimizer]:
    """The optimisers of both networks.

    Args:
        generator: an optimiser, the name of one in `tfgan_repro.models.OPTIMIZERS`, or None for the one of `choices`.
        discriminator: likewise.
        choices: whose learning rates and momenta those get that are only named.

    Raises:
        UserError: an unknown name, something else, one optimiser for both, or one that scales losses or averages
            weights itself.
    """
    rates = choices.generator_learning_rate, choices.discriminator_learning_rate
    made = []
    for wanted, rate in zip((generator, discriminator), rates):
        wanted = choices.optimizer if wanted is None else wanted
        if isinstance(wanted, str):
            wanted = OPTIMIZERS.load(wanted)(rate, choices)
        if not isinstance(wanted, keras.optimizers.Optimizer):
            known = " or ".join(OPTIMIZERS)
            raise UserError(f"{wanted!r} is not an optimizer: give a keras.optimizers.Optimizer or {known}")
        if isinstance(wanted, keras.optimizers.LossScaleOptimizer):
            raise UserError("no loss is scaled here: give the optimizer that the LossScaleOptimizer holds")
        if wanted.loss_scale_factor:
            raise UserError("no loss is scaled here, and loss_scale_factor would divide its gradients: leave it out")
        if wanted.use_ema:
            raise UserError("an optimizer with use_ema keeps an average that nobody looks at: use ema_half_life")
        made.append(wanted)
    if made[0] is made[1]:
        raise UserError("one optimizer cannot serve both networks: its moments belong to one of them; give two")
    return made[0], made[1]


def rate_of(optimizer: Any) -> float | None:
    """The learning rate that an optimiser of the user's own brings; None for a name, a schedule, and 0."""
    if not isinstance(optimizer, keras.optimizers.Optimizer) or not isinstance(
        optimizer.learning_rate, keras.Variable
    ):
        return None
    return number_of(optimizer.learning_rate) or None


def number_of(value: Any) -> float:
    """A scalar as a number, a variable on several devices too."""
    return float(keras.ops.convert_to_numpy(value))


def twin(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """Another optimiser like one, with moments of its own, whose learning rate is that one's, also when it changes."""
    shared = {"learning_rate": lambda: optimizer.learning_rate}
    return type(optimizer).from_config({**optimizer.get_config(), "name": f"{optimizer.name}_twin", **shared})


class OptimizerPair(keras.optimizers.Optimizer):
    """A GAN's two optimisers as the one that Keras and its callbacks look for in `model.optimizer`.

    Its learning rate is the generator's; setting it changes the discriminator's by the same factor, so that
    `LearningRateScheduler`, `ReduceLROnPlateau` and assignments by hand keep the ratio of the two.

    Args:
        generator: the generator's optimiser.
        discriminator: the discriminator's.
        *twins: those whose learning rates are these two's.
    """

    both: tuple[keras.optimizers.Optimizer, ...] = ()
    twins: tuple[keras.optimizers.Optimizer, ...] = ()

    def __init__(
        self,
        generator: keras.optimizers.Optimizer,
        discriminator: keras.optimizers.Optimizer,
        *twins: keras.optimizers.Optimizer,
    ) -> None:
        super().__init__(learning_rate=0.0, name="generator_and_discriminator")
        self.both, self.twins = (generator, discriminator), twins
        # The ratio of their rates; kept, because a warm-up may begin at 0.
        rates = [number_of(optimizer.learning_rate) for optimizer in self.both]
        self.ratio = rates[1] / max(rates[0], TINY)
        self.built = True

    @property
    def variables(self) -> list[keras.Variable]:
        """Those of all."""
        return [variable for optimizer in (*self.both, *self.twins) for variable in optimizer.variables]

    @property
    def learning_rate(self) -> Any:
        """The generator's learning rate."""
        return self.both[0].learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: Any) -> None:
        generator, discriminator = self.both
        for player, optimizer in zip(("generator", "discriminator"), self.both):
            if isinstance(optimizer.get_config()["learning_rate"], dict):
                raise UserError(
                    f"the {player}'s learning rate follows a schedule of its optimizer and cannot be set: give the "
                    "optimizer a number, or leave out the callback that sets the rate"
                )
        before = [number_of(optimizer.learning_rate) for optimizer in self.both]
        if before[0] > 0:
            self.ratio = before[1] / before[0]
        generator.learning_rate = rate
        discriminator.learning_rate = self.ratio * float(rate)

    @property
    def iterations(self) -> Any:
        """The generator's updates, which Keras' TensorBoard counts and times steps by."""
        return self.both[0].iterations if self.both else super().iterations

    def build(self, variables: list[keras.Variable]) -> None:
        """Nothing: both are built by `GAN.compile`."""

    def save_own_variables(self, store: Any) -> None:
        """Nothing: all are saved for themselves."""

    def load_own_variables(self, store: Any) -> None:
        """See `save_own_variables`."""
