"""One session of one run: from a configuration, or from a checkpoint, to a finished run directory."""

import dataclasses
import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from tfgan_repro.backends.device import configure, resolve_precision, settings_kept
from tfgan_repro.backends.devices import Devices, Share, find_devices
from tfgan_repro.choices import numbers_of
from tfgan_repro.config import TrainConfig, fields_of_kind
from tfgan_repro.data import SOURCES, load_pictures
from tfgan_repro.data.pipeline import training_batches
from tfgan_repro.errors import UserError
from tfgan_repro.experiments.selection import config_of
from tfgan_repro.experiments.settings import record_of
from tfgan_repro.files import read_json_lines
from tfgan_repro.metrics.extractor import find_extractor
from tfgan_repro.metrics.score import Reference
from tfgan_repro.runs.loading import build_gan, compile_gan
from tfgan_repro.runs.checkpoints import networks_of, remove_unfinished, training_variables
from tfgan_repro.runs.directory import RunDirectory, check_free, curve_of, locked
from tfgan_repro.runs.fine_tuning import begin_with, checkpoint_of
from tfgan_repro.runs.origin import Origin, find_origin
from tfgan_repro.scaling import scale
from tfgan_repro.training.boards import Boards, Description, Histograms, open_boards
from tfgan_repro.training.callbacks import (
    FID,
    SCORE_SEED,
    Checkpoints,
    SampleGrid,
    TrainingLog,
    write_final_pictures,
)
from tfgan_repro.training.diversity import DiversityMeter
from tfgan_repro.training.health_monitor import HealthMonitor
from tfgan_repro.training.interruption import Interruption
from tfgan_repro.training.leaks import look_for_leaks
from tfgan_repro.training.progress import TrainingProgress, start_text
from tfgan_repro.training.resume import (
    Restart,
    check_unchanged,
    facts_at,
    find_restart,
    resumed_config,
    rewind,
    roll_back,
    set_aside,
)
from tfgan_repro.training.steps import CannotWrite, StepCallback, WriteFailures, current_step
from tfgan_repro.training.wandb import check_wandb
from tfgan_repro.types import Batches

if TYPE_CHECKING:
    from tfgan_repro.data.pictures import PictureSet
    from tfgan_repro.models.gan import GAN

HISTOGRAM_IMAGES = 32


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a session ended.

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


@settings_kept()
def train(config: TrainConfig | None = None, max_minutes: float | None = None, **choices: Any) -> Outcome:
    """Train a GAN and leave a finished run directory behind.

        train(model="dcgan", dataset="cifar10", steps=50_000)

    Args:
        config: a `TrainConfig`; or None, and choices.
        max_minutes: stop after so many minutes with a checkpoint to go on from; None for no limit.
        **choices: as the options of the command line: model, dataset, experiment, steps, batch_size, ...

    Returns:
        An `Outcome`; its `run.path` is the run directory.

    Raises:
        UserError: anything that the user can fix; nothing is left half-written.
    """
    return TrainingSession(config or config_of(choices), max_minutes).begin()


@settings_kept()
def resume(
    path: Path | str, choices: dict[str, Any], max_minutes: float | None = None, accept_changed_data: bool = False
) -> Outcome:
    """Go on with an interrupted run, so that what follows is what would have followed without the interruption.

    A finished run only gets its pictures anew.

    Args:
        path: the run directory.
        choices: choices of the configuration made anew, by field name; only more `steps` are allowed.
        max_minutes: as in `train`.
        accept_changed_data: go on although the training pictures are no longer the same, if the networks still fit.

    Returns:
        An `Outcome`.

    Raises:
        UserError: anything that the user can fix; the run directory is then as it was.
    """
    run = RunDirectory.open(path)
    config = resumed_config(run.read_config()[0], choices)
    run.check_backend()
    return TrainingSession(config, max_minutes).go_on(run, accept_changed_data)


class TrainingSession:
    """What one process does for a run.

    Args:
        config: a `TrainConfig`.
        max_minutes: stop after so many minutes with a checkpoint to go on from; None for no limit.
        devices: the `Devices`; None for those that the configuration asks for.

    Attributes:
        config: from `prepare` on the operative configuration.
        pictures: the training `Pictures`.
        gan: the compiled `GAN`.
        reference: what scores compare with, or None.
        run: the `RunDirectory`, held by this process.
        beginning: what `config.json` says of the run whose networks it began with, or None.
    """

    pictures: "PictureSet"
    gan: "GAN"
    run: RunDirectory
    reference: Reference | None = None
    beginning: dict[str, Any] | None = None

    def __init__(
        self, config: TrainConfig, max_minutes: float | None = None, devices: Devices | None = None
    ) -> None:
        self.config, self.max_minutes = config, max_minutes
        self.devices = devices or find_devices(config.strategy, config.batch_size)

    def begin(self) -> Outcome:
        """Train a new run."""
        with self.devices.together():
            if not self.devices.is_chief:
                return self.follow()
            # Early, so that nobody waits for the data to be told.
            check_free(self.config)
            origin = self.origin()
            self.prepare()
            if origin:
                self.beginning = begin_with(self.gan, origin)
            print(start_text(self.config, self.pictures), file=sys.stderr)
            self.prepare_scores()
            self.follow_chief()
            self.run = RunDirectory.create(*self.described())
            with locked(self.run):
                return self.train(Restart())

    def go_on(self, run: RunDirectory, accept_changed_data: bool = False) -> Outcome:
        """Go on with a run; nothing is written before it is certain that it can go on."""
        with self.devices.together():
            if not self.devices.is_chief:
                return self.follow()
            with locked(run):
                self.run = run
                restart = find_restart(run)
                if restart.step > self.config.steps:
                    raise UserError(f"--steps {self.config.steps}: {run.path} has made {restart.step} already")
                # Before networks are built, which might not fit other pictures, for a reason that says less.
                self.find_pictures()
                restart.changes = check_unchanged(run, self.config, restart, self.data, accept_changed_data)
                self.prepare()
                print(start_text(self.config, self.pictures), file=sys.stderr)
                self.prepare_scores()
                restart.load(self.gan)
                self.beginning = run.read_facts().get("from")
                if not restart.manifest and (origin := self.origin()):
                    self.beginning = begin_with(self.gan, origin)
                self.follow_chief()
                if restart.step == self.config.steps:
                    remove_unfinished(run)
                    # Finished, but perhaps killed before its pictures were made.
                    write_final_pictures(run, self.gan, self.pictures.classes)
                    return Outcome(run, restart.step, restart.step)
                return self.train(restart)

    def origin(self) -> Origin | None:
        """The run whose networks this one begins with, if any, which fit and are there."""
        if self.config.from_ is None:
            return None
        origin = find_origin(self.config.from_)
        origin.check(self.config)
        checkpoint_of(origin)
        return origin

    def follow(self) -> Outcome:
        """Make the steps of a run with other images, beside the chief, whose weights these are; write nothing.

        Whatever the processes do together is called here in the chief's order.
        """
        self.prepare()
        with Interruption(self.max_minutes, self.devices) as interruption:
            goes_on = True
            while goes_on:
                self.follow_chief()
                if current_step(self.gan) == self.config.steps:
                    break
                self.fit([interruption])
                goes_on = interruption.may_go_on(False)
        return Outcome(None, current_step(self.gan), self.config.steps, interruption.exit_code)

    def find_pictures(self) -> "TrainingSession":
        """Find the training pictures, and say of the configuration what is decided here.

        Returns:
            The session itself.

        Raises:
            UserError: there are none, or they cannot be used.
        """
        if self.config.wandb:
            check_wandb()
        self.config = config = dataclasses.replace(
            self.config,
            dataset=SOURCES.absolute(self.config.dataset),
            from_=self.config.from_ and str(Path(self.config.from_).absolute()),
            precision=resolve_precision(self.config.precision),
            strategy=self.devices.strategy,
        )
        self.pictures = load_pictures(
            config.dataset, "train", config.data_dir, config.image_size, config.preparation
        )
        return self

    def prepare(self) -> "TrainingSession":
        """Find the pictures, and build and compile the networks: what can fail before anything is written.

        Returns:
            The session itself.

        Raises:
            UserError: something does not fit.
        """
        config = self.config if "pictures" in vars(self) else self.find_pictures().config
        configure(config.precision, config.seed)
        pictures = self.pictures
        config = config.of_images(len(pictures))
        images_per_step = config.batch_size * config.discriminator_steps
        if images_per_step > len(pictures):
            raise UserError(
                f"--batch-size {config.batch_size} times --discriminator-steps {config.discriminator_steps} is "
                f"{images_per_step} images a step; {config.dataset} has only {len(pictures)}"
            )
        with self.devices.scope():
            gan = build_gan(config, pictures.image_shape, len(pictures.classes))
            compile_gan(gan, config)
        self.config, self.gan = config, gan
        self.images_per_step = images_per_step
        return self

    def prepare_scores(self) -> None:
        """Find the real images that scores compare with, the test split, and what diversity is measured against."""
        config = self.config
        if config.fid_every:
            extractor = find_extractor(config.extractor, config.inception_weights, config.features, config.resize)
            test = load_pictures(config.dataset, "test", config.data_dir, config.image_size, config.preparation)
            self.reference = Reference(
                extractor, test, config.fid_samples, baseline=self.pictures, seed=SCORE_SEED
            )
        self.meter = DiversityMeter(self.pictures)

    @functools.cached_property
    def data(self) -> dict[str, Any]:
        """The fingerprint of the training pictures."""
        return self.pictures.fingerprint()

    def described(self) -> tuple[TrainConfig, tuple[int, ...], dict[str, int], dict[str, Any]]:
        """What `config.json` says of the run."""
        facts: dict[str, Any] = {"replicas": self.devices.replicas, "data": self.data}
        if self.beginning:
            facts["from"] = self.beginning
        if self.config.experiment:
            facts["experiment"] = record_of(self.config)
        return self.config, self.pictures.image_shape, self.pictures.classes, facts

    def train(self, restart: Restart) -> Outcome:
        """Train until the run's end, a signal, the time limit or a failure, and make the pictures.

        Args:
            restart: the `Restart` that the networks are at.

        Returns:
            An `Outcome`.

        Raises:
            UserError: the run has failed, and `--on-failure` says that it stops.
        """
        config, run, states, goes_on = self.config, self.run, restart.manifest, True
        with open_boards(run, config) as boards, Interruption(self.max_minutes, self.devices) as interruption:
            # Nothing can refuse any more, so that the run directory may be written.
            if restart.damaged or restart.changes:
                folder = set_aside(run, config, restart)
                print(f"warning: what was made after step {restart.step} is kept in {folder}", file=sys.stderr)
            run.write_config(*self.described())
            rewind(run, config, restart.step)
            while goes_on:
                monitor, checkpoints, others = self.callbacks(boards, states)
                progress = TrainingProgress(self.images_per_step, run.tensorboard)
                try:
                    self.fit([monitor, *others, interruption, checkpoints, progress])
                except CannotWrite as error:
                    raise UserError(
                        f"{error}; make room, then go on from the last good checkpoint with --resume {run.path}"
                    ) from error
                finally:
                    progress.close()
                step = checkpoints.written
                if monitor.rolls_back:
                    states = roll_back(run, config, self.gan, monitor)
                    step = current_step(self.gan)
                goes_on = interruption.may_go_on(monitor.rolls_back)
                if goes_on:
                    self.follow_chief()
        if step == config.steps:
            look_for_leaks(run, step, self.gan, self.meter, config.augmentation)
        write_final_pictures(run, self.gan, self.pictures.classes)
        if monitor.failure and not monitor.rolls_back:
            raise UserError(monitor.failure_text(self.run.path))
        return Outcome(run, step, config.steps, interruption.exit_code)

    def callbacks(
        self, boards: Boards, states: dict[str, Any]
    ) -> tuple[HealthMonitor, Checkpoints, list[keras.callbacks.Callback]]:
        """What watches the training and writes the run directory: the monitor, which comes first, and the checkpoints,
        which come after the others.
        """
        config, run, classes = self.config, self.run, self.pictures.classes

        def scores() -> list[tuple[int, float]]:
            return [(row["step"], row["value"]) for row in curve_of(read_json_lines(run.evaluations))]

        health = states.get("health")
        if health and "means" not in health:
            # A checkpoint of an earlier version has them only once.
            health = {**health, "means": {name: states["log"][name] for name in ("sums", "count")}}
        monitor = HealthMonitor(self.meter, config.log_every, config.on_failure, scores, health)
        log = TrainingLog(run.log, config.log_every, self.images_per_step, monitor, boards, states.get("log"))
        others = [
            log,
            SampleGrid(run.samples, classes=classes, boards=boards, also=numbers_of(config.sample_steps)),
            Histograms(boards, *self.histogram_minibatch()),
            Description(boards, config, (self.images_per_step, *self.pictures.image_shape)),
        ]
        if self.reference:
            others.append(
                FID(
                    self.reference,
                    config.fid_every,
                    unit="steps",
                    count=config.fid_samples,
                    path=run.evaluations,
                    classes=classes,
                    boards=boards,
                )
            )
        facts = functools.partial(facts_at, run, config, self.data)
        return monitor, Checkpoints(run, config.checkpoint_every, facts, log, monitor, classes), others

    def follow_chief(self) -> None:
        """Go on from the chief's weights, optimisers and random state, where there are several processes."""
        # Where things lie may differ from machine to machine.
        places = fields_of_kind("place")
        choices = {name: value for name, value in self.config.to_json().items() if name not in places}
        networks = networks_of(self.gan).values()
        variables = [variable for network in networks for variable in network.variables]
        self.devices.follow_chief(choices, [*variables, *training_variables(self.gan).values()])

    def histogram_minibatch(self) -> tuple[np.ndarray, np.ndarray | None]:
        """The first training images, and their labels where the `GAN` is conditional, as a step is given them."""
        rows = np.arange(min(HISTOGRAM_IMAGES, len(self.pictures)))
        labels = np.asarray(self.pictures.labels)[rows].astype(np.int32) if self.gan.conditional else None
        return np.asarray(scale(self.pictures.read(rows))), labels

    def fit(self, callbacks: list[keras.callbacks.Callback], steps: int | None = None) -> None:
        """Make so many steps, or those that are left."""
        done, failures = current_step(self.gan), WriteFailures()
        for callback in callbacks:
            if isinstance(callback, StepCallback):
                callback.failures = failures
        self.gan.fit(
            batches_for(self.devices, self.config, self.pictures, self.gan, done),
            stacked=True,
            steps_per_epoch=steps or self.config.steps - done,
            callbacks=callbacks,
            shuffle=False,  # the pipeline has
            verbose=0,
        )


def batches_for(devices: Devices, config: TrainConfig, pictures: "PictureSet", gan: "GAN", done: int) -> Batches:
    """The training batches of a run after so many steps, shared among its devices.

    Args:
        devices: the run's `Devices`.
        config: its operative `TrainConfig`.
        pictures: the training `PictureSet`.
        gan: the `GAN`.
        done: steps already made.
    """
    size = config.batch_size * config.discriminator_steps

    def make(share: Share | None) -> Batches:
        labels, dequantize = gan.conditional, config.dequantize
        return training_batches(pictures, size, config.seed, config.flip, done, labels, dequantize, share)

    return devices.batches(make, config.discriminator_steps)
