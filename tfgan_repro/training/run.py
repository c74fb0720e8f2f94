"""One run, from a configuration to a finished run directory."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_repro.config import TrainConfig
from tfgan_repro.data import load_pictures
from tfgan_repro.errors import UserError
from tfgan_repro.metrics.extractors import find_extractor
from tfgan_repro.metrics.score import Reference
from tfgan_repro.scaling import scale
from tfgan_repro.report.animation import write_training_gif
from tfgan_repro.report.grids import write_png
from tfgan_repro.report.plots import write_loss_plot, write_score_plot
from tfgan_repro.training.boards import Boards, open_boards
from tfgan_repro.training.callbacks import Checkpoints, SampleGrids, Scores, TrainingLog
from tfgan_repro.training.description import Description
from tfgan_repro.backends.device import configure, resolve_precision
from tfgan_repro.backends.devices import Devices, batches_for, find_devices
from tfgan_repro.training.diversity import DiversityMeter
from tfgan_repro.training.follower import follow
from tfgan_repro.models.generation import generate_images, is_conditional, sampling_generator
from tfgan_repro.training.health import SIGNS
from tfgan_repro.training.health_monitor import HealthMonitor
from tfgan_repro.training.histograms import Histograms
from tfgan_repro.training.interruption import Interruption
from tfgan_repro.runs.building import build_gan, compile_gan
from tfgan_repro.runs.lock import locked
from tfgan_repro.training.progress import TrainingProgress
from tfgan_repro.training.resume import restore, resumed_config, rewind
from tfgan_repro.training.rollback import roll_back
from tfgan_repro.runs.directory import RunDirectory, check_free
from tfgan_repro.training.steps import Sitting
from tfgan_repro.training.wandb_board import check_wandb
from tfgan_repro.types import Batches

if TYPE_CHECKING:
    from tfgan_repro.data.pictures import Pictures, RecordPictures
    from tfgan_repro.models.gan import GAN

FINAL_IMAGES, HISTOGRAM_IMAGES = 10, 32
# Seeds of what is drawn beside the training, the same for every run, so that runs can be compared.
GRID_SEED, SCORE_SEED, FINAL_SEED, HEALTH_SEED = 1, 2, 3, 4


def prepare(
    config: TrainConfig, devices: Devices | None = None
) -> "tuple[TrainConfig, Pictures | RecordPictures, GAN]":
    """Everything that can fail before a run directory is made.

    Args:
        config: a `TrainConfig`.
        devices: the `Devices` that it found; None for one.

    Returns:
        The operative configuration, the training `Pictures` and the compiled `GAN`.

    Raises:
        UserError: something does not fit.
    """
    if config.wandb:
        check_wandb()
    devices = devices or Devices()
    config = dataclasses.replace(config, precision=resolve_precision(config.precision), strategy=devices.strategy)
    configure(config.precision, config.seed)
    pictures = load_pictures(config.dataset, "train", config.data_dir, config.image_size, config.preparation)
    config = config.of_images(len(pictures))
    images_per_step = config.batch_size * config.discriminator_steps
    if images_per_step > len(pictures):
        raise UserError(
            f"--batch-size {config.batch_size} times --discriminator-steps {config.discriminator_steps} is "
            f"{images_per_step} images a step; {config.dataset} has only {len(pictures)}"
        )
    with devices.scope():
        gan = build_gan(config, pictures.image_shape, len(pictures.classes))
        compile_gan(gan, config)
    return config, pictures, gan


def make_reference(config: TrainConfig, pictures: "Pictures | RecordPictures") -> Reference:
    """The real images that the configuration's scores compare with: the test split."""
    extractor = find_extractor(config.extractor, config.inception_weights, config.features, config.resize)
    test = load_pictures(config.dataset, "test", config.data_dir, config.image_size, config.preparation)
    return Reference(extractor, test, config.fid_samples, baseline=pictures, seed=SCORE_SEED)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a sitting ended.

    Attributes:
        run: the `RunDirectory`; None in a process beside the chief.
        step: generator updates made so far.
        total: generator updates of the whole run.
        exit_code: what the process should exit with: 0, or 130 or 143 after a signal.
    """

    run: RunDirectory | None
    step: int
    total: int
    exit_code: int = 0


def train(config: TrainConfig, max_minutes: float | None = None) -> Outcome:
    """Train a GAN and leave a finished run directory behind.

    Args:
        config: a `TrainConfig`.
        max_minutes: stop after so many minutes with a checkpoint to go on from; None for no limit.

    Returns:
        An `Outcome`.

    Raises:
        UserError: anything that the user can mend; nothing is left half-written.
    """
    devices = find_devices(config)
    with devices.together():
        if devices.is_chief:
            # Early, so that nobody waits for the data to be told.
            check_free(config)
        config, pictures, gan = prepare(config, devices)
        if not devices.is_chief:
            return Outcome(None, *follow(devices, config, pictures, gan, max_minutes))
        reference = make_reference(config, pictures) if config.fid_every else None
        run = RunDirectory.create(config, pictures.image_shape, pictures.classes, devices.replicas)
        with locked(run):
            return sit(run, devices, config, pictures, gan, reference, max_minutes)


def resume(path: Path | str, choices: dict[str, Any], max_minutes: float | None = None) -> Outcome:
    """Go on with an interrupted run, so that what follows is what would have followed without the interruption.

    A finished run only gets its pictures anew.

    Args:
        path: the run directory.
        choices: choices of the configuration made anew, by field name; only more `steps` are allowed.
        max_minutes: as in `train`.

    Returns:
        An `Outcome`.

    Raises:
        UserError: anything that the user can mend.
    """
    run = RunDirectory.open(path)
    config = resumed_config(run.read_config()[0], choices)
    run.check_backend()
    devices = find_devices(config)
    with devices.together():
        if not devices.is_chief:
            config, pictures, gan = prepare(config, devices)
            return Outcome(None, *follow(devices, config, pictures, gan, max_minutes))
        with locked(run):
            return go_on(run, devices, config, max_minutes)


def go_on(run: RunDirectory, devices: Devices, config: TrainConfig, max_minutes: float | None) -> Outcome:
    """`resume`, as the process that writes the run directory and holds it."""
    config, pictures, gan = prepare(config, devices)
    reference = make_reference(config, pictures) if config.fid_every else None
    step, states = restore(run, gan)
    if step > config.steps:
        raise UserError(f"--steps {config.steps}: {run.path} has made {step} already")
    if step == config.steps:
        # Finished, but perhaps killed before its pictures were made.
        devices.follow_chief(config, gan)
        draw(run, gan, pictures.classes)
        return Outcome(run, step, step)
    run.write_config(config, pictures.image_shape, pictures.classes, devices.replicas)
    rewind(run, config, step)
    return sit(run, devices, config, pictures, gan, reference, max_minutes, step, states)


def sit(
    run: RunDirectory,
    devices: Devices,
    config: TrainConfig,
    pictures: "Pictures | RecordPictures",
    gan: "GAN",
    reference: Reference | None,
    max_minutes: float | None = None,
    done: int = 0,
    states: dict[str, Any] | None = None,
) -> Outcome:
    """Train from a step until the run's end, a signal, the time limit or a failure, and make the pictures.

    Args:
        run: the `RunDirectory`, held by this process.
        devices: the run's `Devices`.
        config: the operative `TrainConfig`.
        pictures: the training `Pictures`.
        gan: the compiled `GAN`, as it is after `done` steps.
        reference: what scores compare with, or None.
        max_minutes: the time limit, or None.
        done: steps already made.
        states: the states of the callbacks after them, by name, or None.

    Returns:
        An `Outcome`.

    Raises:
        UserError: the run has failed, and `--on-failure` says that it stops.
    """
    sitting, meter = Sitting(run, done, config.steps), DiversityMeter(pictures)
    with open_boards(run, config) as board, Interruption(sitting, max_minutes, devices) as interruption:
        goes_on = True
        while goes_on:
            devices.follow_chief(config, gan)
            batches = batches_for(devices, config, pictures, gan, sitting.done)
            monitor, step = fit(
                sitting, config, batches, pictures, gan, reference, meter, board, interruption, states or {}
            )
            if monitor.rolls_back:
                step, states = roll_back(run, config, gan, monitor)
                sitting.done = step
            goes_on = interruption.goes_on(monitor.rolls_back)
    draw(run, gan, pictures.classes)
    if monitor.failure and not monitor.rolls_back:
        raise UserError(failure_text(run, monitor))
    return Outcome(run, step, config.steps, interruption.exit_code)


def fit(
    sitting: Sitting,
    config: TrainConfig,
    batches: Batches,
    pictures: "Pictures | RecordPictures",
    gan: "GAN",
    reference: Reference | None,
    meter: DiversityMeter,
    board: Boards,
    interruption: Interruption,
    states: dict[str, Any],
) -> tuple[HealthMonitor, int]:
    """Train from a sitting's step on, without the pictures.

    Returns:
        The `HealthMonitor`, and the step of the last checkpoint.
    """
    images_per_step = config.batch_size * config.discriminator_steps
    monitor = HealthMonitor(sitting, meter, config.on_failure, HEALTH_SEED, states.get("health"))
    log = TrainingLog(sitting, board, config.log_every, images_per_step, monitor, states.get("log"))
    progress = TrainingProgress(sitting, images_per_step)
    checkpoints = Checkpoints(sitting, config.checkpoint_every, log, monitor, pictures.classes)
    callbacks = [
        monitor,
        log,
        SampleGrids(sitting, board, GRID_SEED, pictures.classes),
        Histograms(sitting, board, *histogram_minibatch(pictures, gan)),
        Description(sitting, board, config, (images_per_step, *pictures.image_shape)),
    ]
    if reference:
        count = config.fid_samples
        callbacks.append(Scores(sitting, board, config.fid_every, reference, count, pictures.classes))
    try:
        gan.fit(
            batches,
            steps_per_epoch=config.steps - sitting.done,
            callbacks=[*callbacks, interruption, checkpoints, progress],
            shuffle=False,  # the pipeline has
            verbose=0,
        )
    finally:
        progress.close()
    return monitor, checkpoints.written


def histogram_minibatch(
    pictures: "Pictures | RecordPictures", gan: "GAN"
) -> tuple[np.ndarray, np.ndarray | None]:
    """The first training images, and their labels where the `GAN` is conditional, as a step is given them."""
    rows = np.arange(min(HISTOGRAM_IMAGES, len(pictures)))
    labels = np.asarray(pictures.labels)[rows].astype(np.int32) if gan.conditional else None
    return np.asarray(scale(pictures.read(rows))), labels


def failure_text(run: RunDirectory, monitor: HealthMonitor) -> str:
    """Why a run has stopped, and what may help, in one line."""
    failure: dict[str, Any] = monitor.failure  # type: ignore[assignment]  # there is one
    tried = len(monitor.rollbacks)
    after = f" after {tried} rollbacks" if tried else ""
    return (
        f"stopped at step {failure['step']}{after}: {SIGNS[failure['sign']].text}: {failure['reason']}; {run.path} "
        "holds the run so far; smaller learning rates may help, or --on-failure "
        f"{'warn' if tried else 'rollback'} with --resume"
    )


def draw(run: RunDirectory, gan: "GAN", classes: dict[str, int]) -> None:
    """Make the pictures of a run as far as it has come: GIF, plots, ten single images (of all classes in turn)."""
    write_training_gif(run.path)
    if run.log.exists():
        write_loss_plot(run.path)
    write_score_plot(run.path)
    generator, labels = sampling_generator(gan, classes), None
    if is_conditional(generator):
        labels = np.arange(FINAL_IMAGES, dtype=np.int32) % len(classes)
    images = generate_images(generator, FINAL_IMAGES, FINAL_SEED, labels, broken_as_black=True)
    for index, image in enumerate(images):
        write_png(run.final_images / f"{index:02d}.png", image)
