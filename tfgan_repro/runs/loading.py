"""A run's networks: built from its configuration, or its generator loaded back for sampling, scores and reports."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np

from tfgan_repro.backends import backend_module
from tfgan_repro.backends.precision import configure, settings_kept
from tfgan_repro.choices import as_whole
from tfgan_repro.config import TrainConfig, choices_of
from tfgan_repro.errors import UserError, unknown_name
from tfgan_repro.files import read_json_lines
from tfgan_repro.models import MODELS
from tfgan_repro.models.generation import fixed_labels, generate_images
from tfgan_repro.models.networks import takes_labels
from tfgan_repro.models.options import NetworkChoices, TrainingChoices
from tfgan_repro.runs.checkpoints import TRAINED_GENERATOR, checkpoint_with, load_generator_weights, step_in
from tfgan_repro.runs.directory import RunDirectory

if TYPE_CHECKING:
    from tfgan_repro.models.gan import GAN


def build_gan(config: TrainConfig, image_shape: tuple[int, ...], num_classes: int) -> "GAN":
    """The untrained networks of a configuration.

    Args:
        config: a `TrainConfig`.
        image_shape: `(height, width, channels)`.
        num_classes: of the labels; 0 for a set without.

    Raises:
        UserError: the networks cannot make that image size, or they need labels and there are none.
    """
    return MODELS.load(config.model)(image_shape, num_classes, **choices_of(NetworkChoices, config), seed=config.seed)


def compile_gan(gan: "GAN", config: TrainConfig) -> None:
    """Give a `GAN` its optimisers, loss and techniques from a configuration."""
    gan.compile(**choices_of(TrainingChoices, config))


@dataclass(frozen=True)
class Checkpoint:
    """A generator with what is known of it.

    Attributes:
        generator: with its trained weights.
        config: the run's `TrainConfig`.
        classes: the training images of each class, by its name.
        run: the `RunDirectory`.
        step: generator updates made, or None where unknown.
        weights: "ema" or "raw".
    """

    generator: keras.Model
    config: TrainConfig
    classes: dict[str, int]
    run: RunDirectory
    step: int | None
    weights: str

    @property
    def conditional(self) -> bool:
        """Whether the generator takes labels."""
        return takes_labels(self.generator)

    @property
    def latent_dim(self) -> int:
        """The length of a latent."""
        return self.generator.inputs[0].shape[-1]

    @property
    def origin(self) -> str:
        """Where its images come from, in a few words."""
        return f"of {self.run.path}" + ("" if self.step is None else f" at step {self.step:,}")


@settings_kept()
def load_generator(checkpoint: Path | str) -> keras.Model:
    """Load a trained generator: a float32 Keras model from latents (and labels) to images in [-1, 1].

    Args:
        checkpoint: a run directory, one of its checkpoints, or a generator's weights file in either.

    Returns:
        The model, from latents `[count, latent_dim]` (and labels `[count]`, if the run was conditional) to images
        `[count, height, width, channels]`.

    Raises:
        UserError: no checkpoint, or weights of another network.
    """
    return load_checkpoint(checkpoint, exact=True).generator


@settings_kept()
def generate(
    checkpoint: Path | str, count: int, labels: Sequence[int | str] | np.ndarray | None = None, seed: int = 0
) -> np.ndarray:
    """Generate images with a trained generator.

    Args:
        checkpoint: as in `load_generator`.
        count: how many images.
        labels: numbers or names of classes, one per image; fewer are repeated in turn. None for all classes, as
            frequent as in the training set. Only for conditional runs.
        seed: of the latents.

    Returns:
        uint8 `[count, height, width, channels]`.

    Raises:
        UserError: as `load_generator`; a count below 1, an unknown class, or labels for an unconditional generator.
    """
    count, seed = as_whole("count", count, 1), as_whole("seed", seed)
    loaded = load_checkpoint(checkpoint, exact=True)
    return generate_images(loaded.generator, count, seed, labels_for(loaded, count, labels, seed))


def labels_for(
    checkpoint: Checkpoint, count: int, classes: Sequence[int | str] | np.ndarray | None, seed: int
) -> np.ndarray | None:
    """Labels for generated images.

    Args:
        checkpoint: a `Checkpoint`.
        count: how many.
        classes: numbers or names, taken in turn, or None for all classes, as frequent as in the training set.
        seed: of the order where `classes` is None.

    Returns:
        int32 `[count]`, or None for an unconditional generator.

    Raises:
        UserError: as `class_numbers`.
    """
    if classes is not None:
        return np.resize(np.array(class_numbers(checkpoint, classes), np.int32), count)
    return fixed_labels(count, checkpoint.classes, seed) if checkpoint.conditional else None


def class_numbers(checkpoint: Checkpoint, classes: Sequence[int | str] | np.ndarray) -> list[int]:
    """The numbers of classes given by name or number; where a name looks like a number, it is the name.

    Raises:
        UserError: no class, an unknown class, or an unconditional generator.
    """
    if not checkpoint.conditional:
        raise UserError(
            f"{checkpoint.run.path} ({checkpoint.config.model}) is not a conditional model: its images have no classes"
        )
    if isinstance(classes, (str, int, np.integer)):
        classes = [classes]
    if not len(classes):
        raise UserError("no class was named")
    return [class_number(str(name), list(checkpoint.classes)) for name in classes]


def class_number(name: str, known: Sequence[str]) -> int:
    if name in known:
        return known.index(name)
    if name.isdecimal():
        if int(name) < len(known):
            return int(name)
        raise UserError(f"class {name}: the classes are numbered from 0 to {len(known) - 1}")
    raise unknown_name("class", name, known)


def load_checkpoint(path: Path | str, exact: bool = False) -> Checkpoint:
    """Build a run's generator and load its weights.

    Args:
        path: as in `load_generator`.
        exact: compute in float32 whatever the run was trained in. In 8-bit mantissas images depend on the device, and
            by more than a grey level on the batch size; for the same reason a GPU may not round factors to 10 bits.

    Raises:
        UserError: no checkpoint, or weights of another network.
    """
    run, weights, step = find_checkpoint(path)
    config, image_shape, classes = run.read_config()
    if exact:
        backend_module().multiply_exactly()
    configure("float32" if exact else config.precision, config.seed)
    generator = build_gan(config, image_shape, len(classes)).generator
    load_generator_weights(generator, weights)
    averaged = config.uses("ema_half_life") and weights.name != TRAINED_GENERATOR
    return Checkpoint(generator, config, classes, run, step, "ema" if averaged else "raw")


def find_checkpoint(path: Path | str) -> tuple[RunDirectory, Path, int | None]:
    """Resolve what a user may call a checkpoint.

    Args:
        path: as in `load_generator`.

    Returns:
        The `RunDirectory`, the generator's weights file, and the step it was written at (None where unknown).

    Raises:
        UserError: the path is none of these.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise UserError(f"a {type(path).__name__} is no run: give the run's directory, or call generate() of the model")
    path = Path(path)
    run = RunDirectory.of_checkpoint(path)
    folder = path.parent if path.is_file() else path
    weights = path if path.is_file() else folder / run.generator_weights.name
    step = re.fullmatch(r"step_(\d+)", folder.name)
    if step and folder != run.path:  # a run may be called so
        return run, weights, int(step.group(1))
    return run, weights, step_of(run, weights)


def step_of(run: RunDirectory, weights: Path) -> int | None:
    """The step that a run's generator weights are of, or None where unknown.

    Those of earlier versions do not say it. It is the last in the log only in a healthy run that has ended: one that
    was killed has logged more than it has kept, and one whose weights have become NaN keeps the last that were not.
    """
    if (step := step_in(weights)) is not None:
        return step
    if not run.list_checkpoints() or not weights.is_file():
        log = read_json_lines(run.log)
        return log[-1]["step"] if log else None
    return checkpoint_with(run, weights)
