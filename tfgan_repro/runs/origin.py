"""The run that a new one takes its networks from: what they are, and whether they fit. Light, for the command line."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfgan_repro.choices import option_name
from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError
from tfgan_repro.models.options import NetworkChoices, TrainingChoices
from tfgan_repro.runs.directory import RunDirectory

# What is taken over beside the choices of networks and training: how the pictures are trained on.
TAKEN_OVER = ("model", "recipe", "batch_size", "flip", "dequantize")
# Of the training, not taken over: they count the steps of the run that they were chosen for.
OF_ITS_OWN = ("learning_rate_decay_steps", "ema_start", "freeze_discriminator")
# Of the networks, what weights do not depend on.
FREE = ("dropout", "leaky_slope", "generator_activation", "batch_normalization")


@dataclass(frozen=True)
class Origin:
    """A run whose networks another one begins with.

    Attributes:
        path: as the user gave it: the run's directory, a checkpoint in it, or weights in either.
        run: the `RunDirectory`.
        config: its `TrainConfig`.
        image_shape: `(height, width, channels)` of its images.
        classes: the training images of each class, by its name.
    """

    path: Path
    run: RunDirectory
    config: TrainConfig
    image_shape: tuple[int, int, int]
    classes: dict[str, int]

    @property
    def choices(self) -> dict[str, Any]:
        """What a new run has of it, by field of `TrainConfig`, where nothing else is chosen."""
        fields = [*dataclasses.fields(NetworkChoices), *dataclasses.fields(TrainingChoices)]
        names = {*TAKEN_OVER, *(spec.name for spec in fields)} - set(OF_ITS_OWN)
        return {**{name: getattr(self.config, name) for name in names}, "image_size": self.image_shape[0]}

    def check(self, config: TrainConfig) -> None:
        """Raise a `UserError` where its weights cannot be those of a configuration's networks."""
        for name in ("model", *(spec.name for spec in dataclasses.fields(NetworkChoices) if spec.name not in FREE)):
            wanted, own = getattr(config, name), getattr(self.config, name)
            if wanted != own:
                raise UserError(
                    f"{option_name(name)} {wanted} does not fit --from {self.path}, whose networks have {own}; a run "
                    "that begins with trained networks keeps their shapes"
                )
        if config.image_size not in (None, self.image_shape[0]):
            raise UserError(
                f"--image-size {config.image_size} does not fit --from {self.path}, whose networks are made for "
                f"{self.image_shape[0]} pixels a side"
            )


def find_origin(path: Path | str) -> Origin:
    """The run that a path lies in.

    Args:
        path: as in `Origin`.

    Raises:
        UserError: there is nothing, or no run around it.
    """
    path = Path(path)
    if not path.exists():
        raise UserError(f"--from {path}: no such run")
    run = RunDirectory.around(path)
    if run is None:
        raise UserError(f"--from {path}: neither a run nor in one: no config.json lies with it")
    return Origin(path, run, *run.read_config())
