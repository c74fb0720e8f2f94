"""How weights and gradients are distributed, for those who watch a training."""

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from tfgan_repro.training.callbacks import has_grid, next_grid
from tfgan_repro.training.steps import Sitting, StepCallback

if TYPE_CHECKING:
    from tfgan_repro.training.board import Board
    from tfgan_repro.training.boards import Boards

BINS = 30
# Of a variable: the shape of its distribution does not need the millions.
MOST_VALUES = 65_536


class Histograms(StepCallback):
    """Writes histograms of both networks' weights and gradients whenever there is a grid.

    Args:
        sitting: the `Sitting`.
        board: the `Board`.
        real_images: the minibatch that the gradients are computed on, as `GAN.gradients` takes it.
        labels: its labels, or None.
    """

    def __init__(
        self, sitting: Sitting, board: "Board | Boards", real_images: np.ndarray, labels: np.ndarray | None
    ) -> None:
        super().__init__(sitting)
        self.board, self.real_images, self.labels = board, real_images, labels

    def next_due(self, step: int) -> int:
        return next_grid(step, self.sitting.total)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self.sitting.done == 0:
            self.write(0, gradients=False)

    def on_step(self, step: int, logs: dict[str, Any]) -> None:
        if self.sitting.is_due(step, 0) or has_grid(step):
            self.write(step, gradients=True)

    def write(self, step: int, gradients: bool) -> None:
        networks = {"generator": self.model.generator, "discriminator": self.model.discriminator}
        of_both = self.model.gradients(self.real_images, self.labels) if gradients else ((), ())
        for (player, network), of_network in zip(networks.items(), of_both):
            for weight in network.trainable_variables:
                self.histogram(step, f"weights/{player}/{weight.path}", weight)
            for weight, gradient in zip(network.trainable_variables, of_network):
                self.histogram(step, f"gradients/{player}/{weight.path}", gradient)

    def histogram(self, step: int, name: str, variable: keras.Variable) -> None:
        values = np.ravel(keras.ops.convert_to_numpy(variable))
        values = values[:: -(-len(values) // MOST_VALUES)].astype(np.float64)
        values = values[np.isfinite(values)]
        # A network of NaN has no distribution; the health monitor says so.
        if len(values):
            self.board.histogram(step, name, *np.histogram(values, BINS))
