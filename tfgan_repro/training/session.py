"""One session of one run: from a configuration, or from a checkpoint, to a finished run directory."""

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from tfgan_repro.backends.precision import configure, resolve_precision, settings_kept
from tfgan_repro.backends.devices import Devices, find_devices
from tfgan_repro.choices import check_positive
from tfgan_repro.config import TrainConfig, fields_of_kind
from tfgan_repro.data import SOURCES
from tfgan_repro.data.pipeline import training_batches
from tfgan_repro.errors import UserError, memory_told
from tfgan_repro.experiments.selection import config_of
from tfgan_repro.experiments.settings import record_of
from tfgan_repro.runs.checkpoints import networks_of, remove_unfinished, restore_checkpoint, training_variables
from tfgan_repro.runs.directory import RunDirectory, check_free, locked, resuming
from tfgan_repro.runs.fine_tuning import Beginning, find_beginning
from tfgan_repro.runs.loading import build_gan, compile_gan
from tfgan_repro.training.boards import open_boards
from tfgan_repro.training.interruption import Interruption
from tfgan_repro.training.leaks import look_for_leaks
from tfgan_repro.training.material import Material
from tfgan_repro.training.progress import TrainingProgress, start_text
from tfgan_repro.training.recording import run_callbacks, write_final_pictures
from tfgan_repro.training.resume import Restart, check_unchanged, find_restart, resumed_config, rewind, set_aside
from tfgan_repro.training.rollback import roll_back
from tfgan_repro.training.steps import CannotWrite, StepCallback, WriteFailures, current_step
from tfgan_repro.training.wandb import check_wandb
from tfgan_repro.types import Batches

if TYPE_CHECKING:
    from tfgan_repro.models.gan import GAN

# Where scores of a finished run look for what they need; that may lie elsewhere by now.
PLACES = ("dataset", "data_dir", "inception_weights")


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
        config: a `TrainConfig`; None to give the choices as keywords.
        max_minutes: stop after so many minutes, with a checkpoint from which to resume; None for no limit.
        **choices: as the options of the command line: model, dataset, experiment, steps, batch_size, ...

    Returns:
        An `Outcome`; its `run.path` is the run directory.

    Raises:
        UserError: an unknown or contradictory choice, unusable pictures, or a run directory that exists; nothing is
            left half-written.
    """
    if config is not None and (choices or not isinstance(config, TrainConfig)):
        raise UserError('give a TrainConfig, or choices by their names: train(model="dcgan", dataset="shapes")')
    check_positive("max_minutes", max_minutes)
    return TrainingSession(config or config_of(choices), max_minutes).begin()


@settings_kept()
def resume(
    path: Path | str, choices: dict[str, Any], max_minutes: float | None = None, accept_changed_data: bool = False
) -> Outcome:
    """Go on with an interrupted run, so that what follows is what would have followed without the interruption.

    A finished run only gets its pictures anew.

    Args:
        path: the run directory.
        choices: choices of the configuration made anew, by field name: more `steps`, and what else may change.
        max_minutes: as in `train`.
        accept_changed_data: go on although the training pictures are no longer the same, if the networks still fit.

    Raises:
        UserError: anything that the user can fix; the run directory is then as it was.
    """
    check_positive("max_minutes", max_minutes)
    run, config = find_run(path, choices)
    return TrainingSession(config, max_minutes).go_on(run, accept_changed_data)


def find_run(path: Path | str, choices: dict[str, Any]) -> tuple[RunDirectory, TrainConfig]:
    """An interrupted run, and the configuration that it goes on with; arguments and errors as of `resume`."""
    run = RunDirectory.open(path)
    config = resumed_config(run.read_config()[0], choices)
    run.check_backend()
    try:
        SOURCES.check_place(config.dataset)
    except UserError as error:
        way_out = f"--dataset {SOURCES.split(config.dataset)[0]} says where the pictures are now"
        raise UserError(f"{error}; {way_out}") from error
    return run, config


class TrainingSession:
    """What one process does for a run.

    Args:
        config: a `TrainConfig`.
        max_minutes: stop after so many minutes with a checkpoint to go on from; None for no limit.
        devices: the `Devices`; None for those that the configuration asks for.

    Attributes:
        config: from `prepare` on the operative configuration.
        material: the `Material`, from `find_pictures` on.
        gan: the compiled `GAN`, from `prepare` on.
        run: the `RunDirectory`, held by this process.
        beginning: what `config.json` says of the run whose networks it began with, or None.
    """

    material: Material
    gan: "GAN"
    run: RunDirectory
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
            self.look_ahead()
            self.get_ready()
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
                restart = self.look_ahead(run, accept_changed_data)
                self.get_ready()
                self.follow_chief()
                if restart.step == self.config.steps:
                    return self.complete(restart)
                return self.train(restart)

    def look_ahead(self, run: RunDirectory | None = None, accept_changed_data: bool = False) -> Restart:
        """Whatever can refuse to begin a run, or to go on with one, up to networks that can be trained; writes nothing.

        Args:
            run: the one to go on with; None for a new one.
            accept_changed_data: as in `resume`.

        Returns:
            The `Restart` that the networks are at.

        Raises:
            UserError: something that the user can fix.
        """
        restart = Restart()
        if run is None:
            check_free(self.config)
        else:
            restart = find_restart(run)
            if restart.step > self.config.steps:
                raise UserError(f"--steps {self.config.steps}: {run.path} has made {restart.step} already")
        # Before the data are loaded, which may take long.
        beginning = None if restart.checkpoint else find_beginning(self.config)
        self.find_pictures()
        if run is not None:
            # Before the networks are built: where they do not fit other pictures, their message says less.
            data = self.material.fingerprint
            restart.changes = check_unchanged(run, self.config, restart, data, accept_changed_data)
        self.prepare()
        if run is not None and restart.checkpoint:
            restore_checkpoint(restart.checkpoint, self.gan)
            self.beginning = run.read_facts().get("from")
        self.begin_with(beginning)
        self.material.find_real_images()
        return restart

    def begin_with(self, beginning: Beginning | None) -> None:
        """Give the networks the weights of another run's, if there is one."""
        if beginning:
            beginning.load(self.gan)
            self.beginning = beginning.facts

    def follow(self) -> Outcome:
        """Make the steps of a run with other images, beside the chief, whose weights these are; write nothing.

        Whatever the processes do together is called here in the chief's order.
        """
        self.find_pictures()
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

    def find_pictures(self) -> None:
        """Find the training pictures, and put into the configuration what is decided here.

        Raises:
            UserError: there are none, or they cannot be used.
        """
        if self.config.wandb:
            check_wandb()
        self.config = dataclasses.replace(
            self.config,
            **self.config.absolute_places,
            precision=resolve_precision(self.config.precision),
            strategy=self.devices.strategy,
        )
        self.material = Material(self.config)

    def prepare(self) -> None:
        """Build and compile the networks for the pictures: the last that can fail before anything is written.

        Raises:
            UserError: something does not fit.
        """
        pictures = self.material.pictures
        configure(self.config.precision, self.config.seed)
        self.config = self.config.of_images(len(pictures))
        with self.devices.scope():
            self.gan = build_gan(self.config, pictures.image_shape, len(pictures.classes))
            compile_gan(self.gan, self.config)

    def get_ready(self) -> None:
        """Say what is going to be trained, and find what scores need."""
        print(start_text(self.config, self.material.pictures), file=sys.stderr)
        self.material.prepare_scores()

    def described(self) -> tuple[TrainConfig, tuple[int, ...], dict[str, int], dict[str, Any]]:
        """What `config.json` says of the run."""
        facts: dict[str, Any] = {"replicas": self.devices.replicas, "data": self.material.fingerprint}
        if self.beginning:
            facts["from"] = self.beginning
        if self.config.experiment:
            facts["experiment"] = record_of(self.config)
        return self.config, self.material.pictures.image_shape, self.material.classes, facts

    def train(self, restart: Restart) -> Outcome:
        """Train until the run's end, a signal, the time limit or a failure, and make the pictures.

        Args:
            restart: the `Restart` that the networks are at.

        Raises:
            UserError: the run has failed, and `--on-failure` says that it stops.
        """
        config, run, states, goes_on = self.config, self.run, restart.manifest, True
        with open_boards(run, config) as boards, Interruption(self.max_minutes, self.devices) as interruption:
            # Nothing is refused from here on: the run directory may be written.
            if restart.damaged or restart.changes:
                folder = set_aside(run, config, restart)
                print(f"warning: what was made after step {restart.step} is kept in {folder}", file=sys.stderr)
            run.write_config(*self.described())
            rewind(run, config, restart.step)
            while goes_on:
                monitor, checkpoints, others = run_callbacks(run, config, self.material, boards, states)
                progress = TrainingProgress(config.images_per_step, run.tensorboard)
                try:
                    self.fit([monitor, *others, interruption, checkpoints, progress])
                except CannotWrite as error:
                    raise UserError(
                        f"{error}; make room, then go on from the last good checkpoint with {resuming(run.path)}"
                    ) from error
                finally:
                    progress.close()
                step = checkpoints.written
                if monitor.failure and monitor.rolls_back:
                    states = roll_back(run, config, self.gan, monitor, monitor.failure)
                    step = current_step(self.gan)
                goes_on = interruption.may_go_on(monitor.rolls_back)
                if goes_on:
                    self.follow_chief()
        self.finish(step)
        if monitor.failure and not monitor.rolls_back:
            raise UserError(monitor.failure_text(monitor.failure, self.run.path))
        return Outcome(run, step, config.steps, interruption.exit_code)

    def complete(self, restart: Restart) -> Outcome:
        """Give a run that has made all of its steps its pictures: it may have been killed before they were made."""
        run = self.run
        remove_unfinished(run)
        if run.read_config()[0].steps != restart.step:
            # It was to make more, and is finished now.
            run.write_config(*self.described())
        elif not restart.changes:
            run.write_choices({name: getattr(self.config, name) for name in PLACES})
        self.finish(restart.step)
        return Outcome(run, restart.step, restart.step)

    def finish(self, step: int) -> None:
        """Make the pictures of a run as far as it has come; after its last step, look for leaks before."""
        if step == self.config.steps:
            look_for_leaks(self.run, step, self.gan, self.material.meter, self.config.augmentation)
        write_final_pictures(self.run, self.gan, self.material.classes)

    def follow_chief(self) -> None:
        """Go on from the chief's weights, optimisers and random state, where there are several processes."""
        # Where things lie may differ from machine to machine.
        places = fields_of_kind("place")
        choices = {name: value for name, value in self.config.to_json().items() if name not in places}
        networks = networks_of(self.gan).values()
        variables = [variable for network in networks for variable in network.variables]
        self.devices.follow_chief(choices, [*variables, *training_variables(self.gan).values()])

    def batches(self) -> Batches:
        """The training batches from where the `GAN` is on, shared among the devices."""
        config, pictures, done = self.config, self.material.pictures, current_step(self.gan)
        labels, size, dequantize = self.gan.conditional, config.images_per_step, config.dequantize
        return self.devices.batches(
            lambda share: training_batches(pictures, size, config.seed, config.flip, done, labels, dequantize, share),
            config.discriminator_steps,
        )

    def fit(self, callbacks: list[keras.callbacks.Callback], steps: int | None = None) -> None:
        """Make so many steps, or those that are left."""
        failures = WriteFailures()
        for callback in callbacks:
            if isinstance(callback, StepCallback):
                callback.failures, callback.goes_on_later = failures, True
        what = f"--batch-size {self.config.batch_size} and --width {self.config.width:g}"
        try:
            with memory_told(what, "choose less of either, or a smaller --image-size"):
                self.gan.fit(
                    self.batches(),
                    stacked=True,
                    steps_per_epoch=steps or self.config.steps - current_step(self.gan),
                    callbacks=callbacks,
                    shuffle=False,  # the pipeline has
                    verbose=0,
                )
        except Exception as error:
            if failure := self.material.pictures.failure:
                raise failure from error
            raise
