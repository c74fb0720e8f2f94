"""What a training says of itself while it runs."""

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tfgan_repro.config import TrainConfig
from tfgan_repro.data.pictures import Pictures
from tfgan_repro.progress import ProgressLine
from tfgan_repro.training.progress import TrainingProgress, start_text


def test_the_start_tells_pictures_classes_length_and_precision():
    labels = np.array([0, 1, 1, 1], np.int32)
    pictures = Pictures("mine", "train", np.zeros((4, 8, 8, 3), np.uint8), labels, ("cats", "dogs"))
    config = TrainConfig(steps=10, batch_size=2, precision="float32")
    first, second, third = start_text(config, pictures).splitlines()
    assert "4 training pictures, 8x8 RGB" in first
    assert second == "2 classes: cats 1, dogs 3"
    assert third.startswith("10 steps of 2 images, 5 epochs; ") and third.endswith(", float32")


@pytest.mark.parametrize(("seconds", "told"), [(60.0, True), (0.001, False)])
def test_a_long_training_tells_its_length_once(seconds, told, monkeypatch):
    now, out = [0.0], io.StringIO()
    monkeypatch.setattr("tfgan_repro.training.progress.time.monotonic", lambda: now[0])
    progress = TrainingProgress(8, Path("my run/tensorboard"))
    progress.line, progress.previous, progress.rate = ProgressLine(100, "step", Console(file=out, width=80)), None, None
    for step in range(1, 15):
        now[0] += seconds
        progress.on_step(step, {"d_loss": 1.0, "g_loss": 1.0})
    assert out.getvalue().count("about 1:29:00 left; to watch it: tensorboard --logdir 'my run/tensorboard'") == told
