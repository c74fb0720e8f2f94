"""What a run is, for the boards that show many: its choices, its networks, and what a step costs."""

from typing import TYPE_CHECKING, Any

from tfgan_repro.backends import backend_module
from tfgan_repro.config import fields_of_kind
from tfgan_repro.training.steps import Sitting, StepCallback

if TYPE_CHECKING:
    from tfgan_repro.config import TrainConfig
    from tfgan_repro.models.gan import GAN
    from tfgan_repro.training.board import Board
    from tfgan_repro.training.boards import Boards


def hyperparameters(config: "TrainConfig") -> dict[str, Any]:
    """The choices of a `TrainConfig` that runs are compared by, without those that are None."""
    left_out = fields_of_kind("place", "output")
    return {name: value for name, value in config.to_json().items() if name not in left_out and value is not None}


class Description(StepCallback):
    """Tells the board the choices of a run in each sitting, and its networks and their cost in the first.

    Args:
        sitting: the `Sitting`.
        board: the `Board`.
        config: the operative `TrainConfig`.
        batch_shape: of the real images that a step sees.
    """

    def __init__(
        self, sitting: Sitting, board: "Board | Boards", config: "TrainConfig", batch_shape: tuple[int, ...]
    ) -> None:
        super().__init__(sitting)
        self.board, self.config, self.batch_shape = board, config, batch_shape
        self.told = sitting.done > 0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        # In each, because a resumed run may be longer.
        self.board.hyperparameters(hyperparameters(self.config))
        if not self.told:
            for network in (self.model.generator, self.model.discriminator):
                self.board.network(network.name, network)

    def on_step(self, step: int, logs: dict[str, Any]) -> None:
        # After the first, because the step has then been traced.
        if not self.told:
            self.told = True
            self.board.text(step, "cost", cost_text(self.model, self.batch_shape))


def cost_text(gan: "GAN", batch_shape: tuple[int, ...]) -> str:
    """The networks' sizes and the operations of a step, in Markdown."""
    operations = backend_module("tfgan_repro.backends.{}_cost").step_operations(gan, batch_shape)
    rows = [
        f"| {network.name} | {len(network.layers)} | {network.count_params():,} |"
        for network in (gan.generator, gan.discriminator)
    ]
    return "\n".join(
        [
            f"A step sees {batch_shape[0]} real images and costs {operations / 1e9:.4g} GFLOP, forwards and backwards.",
            "",
            "| network | layers | weights |",
            "|---|---|---|",
            *rows,
        ]
    )
