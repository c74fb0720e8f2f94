"""TensorBoard's event file; what it shows of a run is seen in test_boards.py."""

import sys

import numpy as np

from tfgan_repro.training.tensorboard import TensorBoard


def test_nothing_is_written_without_tensorboard(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard.compat", None)
    board = TensorBoard(tmp_path)
    board.scalars(1, {"loss": 1.0})
    board.picture(1, "samples", np.zeros((4, 4, 1), np.uint8))
    board.histogram(1, "weights", np.ones(2), np.arange(3))
    board.hyperparameters({"steps": 1})
    board.close()
    assert list(tmp_path.iterdir()) == []
