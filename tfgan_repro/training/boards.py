"""The boards on which a training is watched, and what it shows there beyond log, grids and scores."""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from tfgan_repro.backends import backend_module
from tfgan_repro.config import TrainConfig, fields_of_kind
from tfgan_repro.data.pictures import PictureSet
from tfgan_repro.models.generation import GRID_IMAGES
from tfgan_repro.report.grids import image_grid
from tfgan_repro.runs.directory import RunDirectory
from tfgan_repro.scaling import scale
from tfgan_repro.training.steps import StepCallback, next_grid
from tfgan_repro.training.tensorboard import TensorBoard
from tfgan_repro.training.wandb import WandbBoard

BINS = 30
GRADIENT_IMAGES = 32
# Of a variable: the shape of its distribution does not need the millions.
MOST_VALUES = 65_536


class Boards:
    """Several boards, told the same: the methods are those of `TensorBoard`.

    Args:
        boards: what has these methods.
    """

    def __init__(self, *boards: Any) -> None:
        self.boards = boards

    def __getattr__(self, name: str) -> Any:
        if not hasattr(TensorBoard, name):
            raise AttributeError(name)

        def tell(*arguments: Any) -> None:
            for board in self.boards:
                getattr(board, name)(*arguments)

        return tell


@contextlib.contextmanager
def open_boards(run: RunDirectory, config: TrainConfig) -> Iterator[Boards]:
    """The boards of a run: TensorBoard, and Weights & Biases where that is asked for; closed when the block ends.

    Raises:
        UserError: Weights & Biases cannot be begun; nothing is written then.
    """
    others = [WandbBoard(run)] if config.wandb else []
    boards = Boards(TensorBoard(run.tensorboard), *others)
    try:
        yield boards
    finally:
        boards.close()


class Histograms(StepCallback):
    """Shows how both networks' weights and gradients are distributed, as often as grids come.

    Args:
        boards: the `Boards`.
        pictures: the training `PictureSet`, on the first of which gradients are computed.
    """

    def __init__(self, boards: Boards, pictures: PictureSet) -> None:
        super().__init__()
        self.boards, self.pictures = boards, pictures

    def schedule(self, step: int) -> int:
        return next_grid(step)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        if self.step == 0:
            self.on_due(0)

    def on_due(self, step: int) -> None:
        networks = {"generator": self.model.generator, "discriminator": self.model.discriminator}
        # An untrained network's gradients say nothing.
        gradients = self.model.gradients(*self.minibatch()) if step else ((), ())
        for (player, network), of_network in zip(networks.items(), gradients):
            for weight in network.trainable_variables:
                self.histogram(step, f"weights/{player}/{weight.path}", weight)
            for weight, gradient in zip(network.trainable_variables, of_network):
                self.histogram(step, f"gradients/{player}/{weight.path}", gradient)

    def minibatch(self) -> tuple[np.ndarray, np.ndarray | None]:
        """The first training images, and their labels where the `GAN` is conditional, as a step is given them."""
        rows = np.arange(min(GRADIENT_IMAGES, len(self.pictures)))
        labels = np.asarray(self.pictures.labels)[rows].astype(np.int32) if self.model.conditional else None
        return np.asarray(scale(self.pictures.read(rows))), labels

    def histogram(self, step: int, name: str, variable: Any) -> None:
        values = np.ravel(keras.ops.convert_to_numpy(variable))
        values = values[:: -(-len(values) // MOST_VALUES)].astype(np.float64)
        values = values[np.isfinite(values)]
        # A network of NaN has no distribution; the health monitor says so.
        if len(values):
            self.boards.histogram(step, name, *np.histogram(values, BINS))


class Description(StepCallback):
    """Shows the choices of a run, and in its first session real images, its networks and what a step of them costs.

    Args:
        boards: the `Boards`.
        config: the operative `TrainConfig`.
        pictures: the training `PictureSet`.
    """

    def __init__(self, boards: Boards, config: TrainConfig, pictures: PictureSet) -> None:
        super().__init__()
        self.boards, self.config, self.pictures = boards, config, pictures

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        # In each session, because a resumed run may be longer.
        self.boards.hyperparameters(hyperparameters(self.config))
        self.cost_is_known = self.step > 0
        if self.step == 0:
            for network in (self.model.generator, self.model.discriminator):
                self.boards.network(network.name, network)
            first = self.pictures.read(np.arange(min(GRID_IMAGES, len(self.pictures))))
            self.boards.picture(0, "real images", image_grid(first))

    def on_step(self, step: int, logs: dict[str, Any]) -> None:
        # After the first, because the step has then been traced.
        if not self.cost_is_known:
            self.cost_is_known = True
            batch_shape = (self.config.images_per_step, *self.pictures.image_shape)
            self.boards.text(step, "cost", cost_text(self.model, batch_shape))


def hyperparameters(config: TrainConfig) -> dict[str, Any]:
    """The choices of a `TrainConfig` that runs are compared by, without those that are None."""
    left_out = fields_of_kind("place", "output")
    return {name: value for name, value in config.to_json().items() if name not in left_out and value is not None}


def cost_text(gan: keras.Model, batch_shape: tuple[int, ...]) -> str:
    """The networks' sizes and the operations of a step, in Markdown."""
    operations = backend_module("tfgan_repro.backends.{}_training").step_operations(gan, batch_shape)
    cost = "" if operations is None else f" and costs {operations / 1e9:.4g} GFLOP, forwards and backwards"
    rows = [
        f"| {network.name} | {len(network.layers)} | {network.count_params():,} |"
        for network in (gan.generator, gan.discriminator)
    ]
    return "\n".join(
        [
            f"A step sees {batch_shape[0]} real images{cost}.",
            "",
            "| network | layers | weights |",
            "|---|---|---|",
            *rows,
        ]
    )
