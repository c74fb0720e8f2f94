"""Where a training shows itself besides its own files: TensorBoard, and Weights & Biases where that is asked for."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tfgan_repro.training.board import Board
from tfgan_repro.training.wandb_board import WandbBoard
from tfgan_repro.types import Network

if TYPE_CHECKING:
    import numpy as np

    from tfgan_repro.config import TrainConfig
    from tfgan_repro.runs.directory import RunDirectory


@contextlib.contextmanager
def open_boards(run: "RunDirectory", config: "TrainConfig") -> "Iterator[Boards]":
    """The boards of a run as one; closed when the block ends.

    Args:
        run: the `RunDirectory`.
        config: its `TrainConfig`.

    Raises:
        UserError: Weights & Biases cannot be begun.
    """
    boards = Boards([Board(run.tensorboard)])
    try:
        if config.wandb:
            boards.boards.append(WandbBoard(run))
        yield boards
    finally:
        boards.close()


class Boards:
    """Tells several boards the same; the methods are those of `Board`.

    Args:
        boards: a list of them.
    """

    def __init__(self, boards: list[Board | WandbBoard]) -> None:
        self.boards = boards

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        for board in self.boards:
            board.scalars(step, values)

    def picture(self, step: int, name: str, picture: "np.ndarray") -> None:
        for board in self.boards:
            board.picture(step, name, picture)

    def histogram(self, step: int, name: str, counts: "np.ndarray", edges: "np.ndarray") -> None:
        for board in self.boards:
            board.histogram(step, name, counts, edges)

    def text(self, step: int, name: str, text: str) -> None:
        for board in self.boards:
            board.text(step, name, text)

    def network(self, name: str, network: Network) -> None:
        for board in self.boards:
            board.network(name, network)

    def hyperparameters(self, values: Mapping[str, Any]) -> None:
        for board in self.boards:
            board.hyperparameters(values)

    def close(self) -> None:
        for board in self.boards:
            board.close()
