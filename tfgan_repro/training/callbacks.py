"""Callbacks that are told where to write: log, sample grids, scores, checkpoints; and the pictures at the end.

They serve `gan.fit(..., callbacks=[SampleGrid("samples/")])` as they serve a run, which is composed of them;
`tfgan_repro.training.health_monitor.HealthMonitor` is another.
"""

import contextlib
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfgan_repro.backends import backend_module
from tfgan_repro.choices import as_whole
from tfgan_repro.data.pictures import Pictures, PictureSet, as_pictures
from tfgan_repro.errors import UserError
from tfgan_repro.files import append_json_line, make_folder, make_place, read_json_lines
from tfgan_repro.metrics.extractor_choice import find_extractor
from tfgan_repro.metrics.score import Reference
from tfgan_repro.models.generation import (
    BrokenImages,
    equal_classes,
    grid_images,
    labelled_images,
    sampling_generator,
)
from tfgan_repro.report.animation import training_frames, write_training_gif
from tfgan_repro.report.grids import image_grid, write_png
from tfgan_repro.scaling import scale
from tfgan_repro.training.boards import Boards
from tfgan_repro.training.health_monitor import HealthMonitor
from tfgan_repro.training.steps import NEVER, Means, StepCallback, checked_classes, next_grid
from tfgan_repro.types import Network

# Seeds of what is drawn beside the training, the same for every run, so that runs can be compared.
GRID_SEED, SCORE_SEED = 1, 2
# How many images are the best, as in report B, and of how many: its batch.
BEST, CANDIDATES = 12, 128


class TrainingLog(StepCallback):
    """Adds the means of each interval to a file, as a line of JSON.

    Args:
        path: the file, `log.jsonl` in a run.
        every: steps an interval.
        images_per_step: real images that a step sees, for the rate; None leaves it out.
        monitor: a `HealthMonitor` with the same interval, whose findings stand in each line; None for none.
        boards: `Boards` that show the same; None for none.
        state: what `state` was when the training was interrupted, or None.
    """

    def __init__(
        self,
        path: Path | str,
        every: int = 100,
        images_per_step: int | None = None,
        monitor: HealthMonitor | None = None,
        boards: Boards | None = None,
        state: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(every)
        self.path, self.images_per_step, self.monitor, self.boards = Path(path), images_per_step, monitor, boards
        # Times are kept as durations, so that a clock set back or a pause between two sessions does not matter.
        state = state or {"seconds": 0.0, "interval_seconds": 0.0, "sums": {}, "count": 0}
        self.seconds, self.interval_seconds = state["seconds"], state["interval_seconds"]
        # A run may go on with other cores or accelerators than it began with.
        self.devices = backend_module().device()["count"]
        self.device_seconds = state.get("device_seconds", self.seconds * self.devices)
        self.means = Means({"sums": state["sums"], "count": state["count"]})

    @property
    def state(self) -> dict[str, Any]:
        """What the log must know to go on, JSON."""
        durations = {"seconds": self.seconds, "device_seconds": self.device_seconds}
        return {**durations, "interval_seconds": self.interval_seconds, **self.means.state}

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        make_place(self.path)
        self.before, self.last = self.step, time.monotonic()

    def on_step(self, step: int, logs: dict[str, Any]) -> None:
        now = time.monotonic()
        passed = now - self.last
        self.seconds += passed
        self.device_seconds += passed * self.devices
        self.interval_seconds += passed
        self.means.add(logs, step - self.before)
        self.before, self.last = step, now

    def is_urgent(self) -> bool:
        # The line that says why the training stops.
        return self.monitor is not None and self.monitor.failure is not None

    def on_due(self, step: int) -> None:
        rate = {}
        if self.images_per_step:
            images = self.means.count * self.images_per_step
            rate["images_per_second"] = round(images / max(self.interval_seconds, 1e-9), 1)
        durations = {"seconds": round(self.seconds, 3), "device_seconds": round(self.device_seconds, 3)}
        values = {**durations, **rate, **self.means.means()}
        findings = self.monitor.findings if self.monitor else {}
        append_json_line(self.path, {"step": step, **values, **findings})
        if self.boards:
            self.boards.scalars(step, {**values, **(self.monitor.scalars() if self.monitor else {})})
        if self.schedule(step - self.means.count) <= step:
            # Not after the last step of a run that ends within an interval: a longer run would go on with it.
            self.interval_seconds, self.means = 0.0, Means()


class SampleGrid(StepCallback):
    """Writes grids of images generated from fixed latents.

    Args:
        folder: where to write them, as `step_<8 digits>.png`; created if missing.
        every: steps between grids; None for a schedule that is dense at first, when images change fastest.
        seed: of the latents.
        classes: for a conditional GAN, a dictionary from class names to the number of training images; None for
            equally many of each class.
        boards: `Boards` that show the grids as well; None for none.
        also: further steps after which to write a grid, with a whole batch of images as `batch_<8 digits>.png` and the
            best of them as `best_<8 digits>.png`.
    """

    def __init__(
        self,
        folder: Path | str,
        every: int | None = None,
        seed: int = GRID_SEED,
        classes: dict[str, int] | None = None,
        boards: Boards | None = None,
        also: Sequence[int] = (),
    ) -> None:
        super().__init__(every or 0)
        self.rarer, self.also = every is None, tuple(as_whole("also", step) for step in also)
        self.folder, self.seed, self.boards = Path(folder), as_whole("seed", seed), boards
        self.classes = checked_classes(classes)

    def schedule(self, step: int) -> int:
        usual = next_grid(step) if self.rarer else super().schedule(step)
        return min([usual, *(wanted for wanted in self.also if wanted > step)])

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        channels = self.model.image_shape[-1]
        if channels not in (1, 3):
            raise UserError(f"a grid shows images of 1 or 3 channels, and these have {channels}")
        make_folder(self.folder)
        if self.step == 0:
            self.on_due(0)

    def on_due(self, step: int) -> None:
        generator, classes = generator_and_classes(self.model, self.classes)
        grid = image_grid(*grid_images(generator, self.seed, classes))
        write_png(self.folder / f"step_{step:08d}.png", grid)
        if step in self.also:
            # Of images that are no numbers none is the best.
            with contextlib.suppress(BrokenImages):
                for name, images in zip(("best", "batch"), best_images(self.model, generator, classes)):
                    write_png(self.folder / f"{name}_{step:08d}.png", image_grid(images))
        if self.boards:
            self.boards.picture(step, "samples", grid)


def best_images(gan: keras.Model, generator: Network, classes: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """The images of a batch that the discriminator finds most real, the most real first, and the whole batch.

    Report B shows the twelve best images and does not say of how many, nor who chose; its code draws batches of 128.
    This ranking is the one that a training has at hand; discriminators are fooled by some images that people are not.

    Args:
        gan: the `GAN`.
        generator: what the images are made with.
        classes: as in `SampleGrid`.

    Returns:
        uint8 `[BEST, height, width, channels]` and `[CANDIDATES, height, width, channels]`.
    """
    images, labels = labelled_images(generator, CANDIDATES, GRID_SEED, classes)
    shown = None if labels is None else keras.ops.convert_to_tensor(labels)
    logits, _ = gan.discriminate(scale(images), shown, training=False)
    return images[np.argsort(-np.ravel(keras.ops.convert_to_numpy(logits)), kind="stable")[:BEST]], images


def generator_and_classes(gan: keras.Model, classes: dict[str, int] | None) -> tuple[Network, dict[str, int]]:
    """The generator that a GAN makes pictures with, and the classes that it is asked for; None is as many of each."""
    classes = equal_classes(gan.generator) if classes is None else classes
    return sampling_generator(gan, classes), classes


class TrainingGif(StepCallback):
    """Makes an animation of sample grids when a training ends, after the `SampleGrid` that writes them.

    Args:
        path: of the GIF.
        samples: the folder of the grids.
    """

    def __init__(self, path: Path | str, samples: Path | str) -> None:
        super().__init__()
        self.path, self.samples = Path(path), Path(samples)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        make_place(self.path)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        write_training_gif(self.path, training_frames(self.samples))


class FID(StepCallback):
    """Scores generated images with a Frechet distance every so many epochs or steps.

    Images that are NaN or infinite get no score, but a row with the reason and without a value; Keras' logs have an
    infinite one then.

    Args:
        real_images: to compare with: uint8 `[count, height, width, channels]`, `Pictures`, or a `Reference`. Unless it
            is a `Reference`, generated images are compared with one half, and the other half is scored in their place
            to show what a perfect generator would get.
        every: epochs or steps between scores; 0 to score only at the end.
        unit: "epochs" or "steps", the unit of `every`.
        count: how many images to generate for a score.
        path: a file to which each score is appended as a line of JSON with its protocol; None for none.
        extractor: the feature extractor, a name or a `KerasExtractor`, if `real_images` is no `Reference`.
        classes: as in `SampleGrid`.
        boards: `Boards` that show the same; None for none.

    Attributes:
        scores: the scores so far, a list of dictionaries. At the end of an epoch the value is in Keras' logs as well.
    """

    adds_to_logs = ("fid",)

    def __init__(
        self,
        real_images: np.ndarray | PictureSet | Reference,
        every: int = 1,
        unit: str = "epochs",
        count: int = 1000,
        path: Path | str | None = None,
        extractor: Any = "auto",
        classes: dict[str, int] | None = None,
        boards: Boards | None = None,
    ) -> None:
        if unit not in ("epochs", "steps"):
            raise UserError(f"unit {unit!r}: must be 'epochs' or 'steps'")
        every, count = as_whole("every", every), as_whole("count", count, 2)
        super().__init__(every if unit == "steps" else 0)
        self.classes = checked_classes(classes)
        self.epochs = every if unit == "epochs" else 0
        if path:
            make_place(path)
        self.reference = as_reference(real_images, count, extractor)
        self.count, self.path, self.boards = count, path and Path(path), boards
        self.scores: list[dict[str, Any]] = read_json_lines(path) if path else []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.epochs and (epoch + 1) % self.epochs == 0:
            self.on_due(self.step)
            self.acted = self.step
            if logs is not None:
                value = self.scores[-1]["value"]
                # NaN would stay the best for Keras' callbacks, and without a value they keep the broken model.
                logs["fid"] = math.inf if value is None else value

    def next_due(self, step: int) -> int:
        return NEVER if self.epochs else super().next_due(step)

    def on_due(self, step: int) -> None:
        generator, classes = generator_and_classes(self.model, self.classes)
        try:
            images, _ = labelled_images(generator, self.count, self.reference.seed, classes)
            score = self.reference.score(images)
        except UserError as error:
            score = self.reference.without_score(self.count, str(error))
            print(f"warning: step {step}: no score: {error}", file=sys.stderr)
        weights = "ema" if self.model.average else "raw"
        self.scores.append({"step": step, **score, "generator_weights": weights, "during_training": True})
        if self.path:
            append_json_line(self.path, self.scores[-1])
        if self.boards and score["value"] is not None:
            self.boards.scalars(step, {score["metric"]: score["value"]})


def as_reference(real_images: np.ndarray | PictureSet | Reference, count: int, extractor: Any) -> Reference:
    """A `Reference` of real images, unless they are one already: a half of them against the other."""
    if isinstance(real_images, Reference):
        return real_images
    pictures = as_pictures(real_images)
    if len(pictures) < 4:
        raise UserError(f"a half of the real images is compared with the other: give at least 4, not {len(pictures)}")
    halves = [Pictures(pictures.name, pictures.split, pictures.read(np.arange(k, len(pictures), 2))) for k in (0, 1)]
    count = min(count, len(halves[1]))
    return Reference(find_extractor(extractor), halves[0], count, baseline=halves[1], seed=SCORE_SEED)
