"""Where a training shows itself besides its own files: TensorBoard, and Weights & Biases where that is asked for."""

import contextlib

from tfgan_repro.training.board import Board
from tfgan_repro.training.wandb_board import WandbBoard


@contextlib.contextmanager
def open_boards(run, config):
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

    def __init__(self, boards):
        self.boards = boards

    def scalars(self, step, values):
        for board in self.boards:
            board.scalars(step, values)

    def picture(self, step, name, picture):
        for board in self.boards:
            board.picture(step, name, picture)

    def histogram(self, step, name, counts, edges):
        for board in self.boards:
            board.histogram(step, name, counts, edges)

    def text(self, step, name, text):
        for board in self.boards:
            board.text(step, name, text)

    def network(self, name, network):
        for board in self.boards:
            board.network(name, network)

    def hyperparameters(self, values):
        for board in self.boards:
            board.hyperparameters(values)

    def close(self):
        for board in self.boards:
            board.close()
