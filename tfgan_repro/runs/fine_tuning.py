"""Networks that begin with the weights of another run's."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import ops

from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError, first_line
from tfgan_repro.runs.loading import build_gan
from tfgan_repro.runs.checkpoints import (
    DISCRIMINATOR,
    GENERATOR,
    TRAINED_GENERATOR,
    DamagedCheckpoint,
    checkpoint_with,
    load_weights,
    verify_checkpoint,
)
from tfgan_repro.runs.origin import Origin, find_origin
from tfgan_repro.types import Network

if TYPE_CHECKING:
    from tfgan_repro.models.gan import GAN


@dataclass(frozen=True)
class Beginning:
    """The checkpoint of another run that networks begin with.

    Attributes:
        origin: the other run.
        folder: of the checkpoint, whole when it was found.
        manifest: the checkpoint's.
    """

    origin: Origin
    folder: Path
    manifest: dict[str, Any]

    @property
    def facts(self) -> dict[str, Any]:
        """What `config.json` says of it."""
        run = str(self.origin.run.path.absolute())
        return {"run": run, "step": self.manifest["step"], "sha256": self.manifest["sha256"]}

    def load(self, gan: "GAN") -> None:
        """Give a `GAN` the weights: both networks, and the average of its generator where it has one.

        Where the number of classes is another, what each class has of its own begins as the mean of what the classes
        had.

        Args:
            gan: compiled and untrained.

        Raises:
            UserError: a weight does not fit.
        """
        origin, folder = self.origin, self.folder
        if tuple(gan.image_shape) != origin.image_shape:
            raise UserError(
                f"--from {origin.path}: its networks are made for images {origin.image_shape}, and these are "
                f"{tuple(gan.image_shape)}; --image-size, --colours rgb and --colours grey make others of them"
            )
        theirs = build_gan(origin.config, origin.image_shape, len(origin.classes))
        classes = len(origin.classes), gan.num_classes or 0
        try:
            trained = folder / TRAINED_GENERATOR
            load_weights(theirs.generator, trained if trained.is_file() else folder / GENERATOR)
            load_weights(theirs.discriminator, folder / DISCRIMINATOR)
            take_over(gan.generator, theirs.generator, classes)
            take_over(gan.discriminator, theirs.discriminator, classes)
            if gan.average:
                load_weights(theirs.generator, folder / GENERATOR)
                take_over(gan.average.network, theirs.generator, classes)
        except (OSError, ValueError, KeyError, UserWarning) as error:
            raise UserError(f"--from {folder}: its weights do not fit: {first_line(error)}") from error


def find_beginning(config: TrainConfig) -> Beginning | None:
    """The networks that a configuration begins with, if any, which fit and are there.

    Raises:
        UserError: they do not fit or are not there.
    """
    if config.from_ is None:
        return None
    origin = find_origin(config.from_)
    origin.check(config)
    return beginning_at(origin)


def beginning_at(origin: Origin) -> Beginning:
    """The checkpoint that has both networks of an origin: a run's newest, or that which weights were written with.

    Raises:
        UserError: there is none, or it is damaged.
    """
    path, checkpoints = origin.path, origin.run.list_checkpoints()
    found = list(checkpoints.values())[-1:]
    if path.is_file():
        step = checkpoint_with(origin.run, path)
        found = [] if step is None else [checkpoints[step]]
    elif path.absolute() != origin.run.path.absolute():
        found = [each for each in checkpoints.values() if each.absolute() == path.absolute()]
    if not found:
        raise UserError(
            f"--from {path}: no checkpoint of {origin.run.path} has a discriminator to it, without which no training "
            "goes on; a run keeps its checkpoints in checkpoints/"
        )
    try:
        return Beginning(origin, found[-1], verify_checkpoint(found[-1]))
    except DamagedCheckpoint as error:
        raise UserError(f"--from {found[-1]}: {error}") from error


def take_over(network: Network, source: Network, classes: tuple[int, int]) -> None:
    """Give a network the weights of another one, layer by layer.

    Args:
        network: changed.
        source: of the same layers.
        classes: the numbers of the source's classes and of the network's.

    Raises:
        ValueError: a layer or a weight is of another kind.
    """
    for layer in network.layers:
        weights = layer.weights and source.get_layer(layer.name).weights
        for mine, other in zip(layer.weights, weights, strict=True):
            mine.assign(of_classes(ops.convert_to_numpy(other), tuple(mine.shape), classes))


def of_classes(weight: np.ndarray, shape: tuple[int, ...], classes: tuple[int, int]) -> np.ndarray:
    """A weight as it is, or, where one of its axes counts other classes, with the mean of the classes for each."""
    if weight.shape == shape:
        return weight
    axes = [axis for axis, sides in enumerate(zip(weight.shape, shape)) if sides == classes]
    for axis in axes:
        if np.delete(weight.shape, axis).tolist() == np.delete(shape, axis).tolist():
            return np.broadcast_to(weight.mean(axis=axis, keepdims=True), shape)
    raise ValueError(f"a weight of shape {weight.shape} in the place of one of {shape}")
