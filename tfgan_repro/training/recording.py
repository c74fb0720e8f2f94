"""What a run leaves behind: the callbacks that write its directory while it is trained, and its pictures at the end."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from tfgan_repro.choices import numbers_of
from tfgan_repro.config import TrainConfig
from tfgan_repro.files import read_json_lines
from tfgan_repro.models.generation import generate_images, sampling_generator
from tfgan_repro.models.networks import takes_labels
from tfgan_repro.report.animation import training_frames, write_training_gif
from tfgan_repro.report.grids import write_png
from tfgan_repro.report.plots import write_loss_plot, write_score_plot
from tfgan_repro.runs.checkpoints import write_checkpoint
from tfgan_repro.runs.curves import curve_of
from tfgan_repro.runs.directory import FINAL_IMAGES, RunDirectory
from tfgan_repro.training.boards import Boards, Description, Histograms
from tfgan_repro.training.callbacks import FID, SampleGrid, TrainingLog
from tfgan_repro.training.health_monitor import HealthMonitor
from tfgan_repro.training.material import Material
from tfgan_repro.training.resume import facts_at
from tfgan_repro.training.steps import StepCallback

if TYPE_CHECKING:
    from tfgan_repro.models.gan import GAN

FINAL_SEED = 3  # beside the seeds of the callbacks, so that runs can be compared


class Checkpoints(StepCallback):
    """Writes a run's checkpoint every so many steps, after the last, and when training stops before it.

    It comes after the callbacks whose state it keeps.

    Args:
        run: the `RunDirectory`.
        every: steps between checkpoints.
        facts: a function of the step to what a resumed run is compared with, JSON.
        log: the `TrainingLog`.
        monitor: the `HealthMonitor`.
        classes: the training images of each class, by its name.

    Attributes:
        written: the step of the last checkpoint.
    """

    def __init__(
        self,
        run: RunDirectory,
        every: int,
        facts: Callable[[int], dict[str, Any]],
        log: TrainingLog,
        monitor: HealthMonitor,
        classes: dict[str, int],
    ) -> None:
        super().__init__(every)
        self.run, self.facts, self.log, self.monitor, self.classes = run, facts, log, monitor, classes

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        self.written = self.step
        if self.step == 0 and self.monitor.on_failure == "rollback":
            # A run that fails before its first checkpoint has something to return to.
            self.on_due(0)

    def is_urgent(self) -> bool:
        return self.model.stop_training

    def on_due(self, step: int) -> None:
        if self.monitor.rolls_back:
            return
        sampling_generator(self.model, self.classes)  # brings its statistics up to date
        states = {"log": self.log.state, "health": self.monitor.state}
        write_checkpoint(self.run, self.model, step, {**self.facts(step), **states}, self.monitor.health.good_until)
        self.written = step


def run_callbacks(
    run: RunDirectory, config: TrainConfig, material: Material, boards: Boards, states: dict[str, Any]
) -> tuple[HealthMonitor, Checkpoints, list[keras.callbacks.Callback]]:
    """What watches the training and writes the run directory.

    Args:
        material: its `Material`, with what scores need.
        states: of the callbacks when it was interrupted, by name; empty at the start.

    Returns:
        The monitor, which comes first; the checkpoints, which come after the others; and the others.
    """

    def scores() -> list[tuple[int, float]]:
        return [(row["step"], row["value"]) for row in curve_of(read_json_lines(run.evaluations))]

    health, classes = states.get("health"), material.classes
    if health and "means" not in health:
        # A checkpoint of an earlier version has them only once.
        health = {**health, "means": {name: states["log"][name] for name in ("sums", "count")}}
    monitor = HealthMonitor(material.meter, config.log_every, config.on_failure, scores, health)
    log = TrainingLog(run.log, config.log_every, config.images_per_step, monitor, boards, states.get("log"))
    others = [
        log,
        SampleGrid(run.samples, classes=classes, boards=boards, also=numbers_of(config.sample_steps)),
        Histograms(boards, material.pictures),
        Description(boards, config, material.pictures),
    ]
    if material.reference:
        others.append(
            FID(
                material.reference,
                config.fid_every,
                unit="steps",
                count=config.fid_samples,
                path=run.evaluations,
                classes=classes,
                boards=boards,
            )
        )
    facts = functools.partial(facts_at, run, config, material.fingerprint)
    return monitor, Checkpoints(run, config.checkpoint_every, facts, log, monitor, classes), others


def write_final_pictures(run: RunDirectory, gan: "GAN", classes: dict[str, int]) -> None:
    """Make a run's pictures as far as it has come: GIF, plots, ten single images (of all classes in turn).

    Args:
        classes: the training images of each class, by its name.
    """
    write_training_gif(run.animation, training_frames(run.samples, run.evaluations))
    if run.log.exists():
        write_loss_plot(run.path)
    write_score_plot(run.path)
    generator, labels = sampling_generator(gan, classes), None
    if takes_labels(generator):
        labels = np.arange(FINAL_IMAGES, dtype=np.int32) % len(classes)
    images = generate_images(generator, FINAL_IMAGES, FINAL_SEED, labels, broken_as_black=True)
    for index, image in enumerate(images):
        write_png(run.final_images / f"{index:02d}.png", image)
