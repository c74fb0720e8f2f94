"""What Keras expects of a model beside its training step: data of every kind, saving and loading."""

import contextlib
import os
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
from keras import ops

from tfgan_repro.backends.current import backend
from tfgan_repro.choices import as_whole
from tfgan_repro.errors import UserError
from tfgan_repro.files import make_place
from tfgan_repro.models.average import MovingAverage
from tfgan_repro.models.minibatches import EpochMeans, HeldOutMeans, as_generator, check_end, grouped, with_whole_steps
from tfgan_repro.models.networks import as_list, random_states_of
from tfgan_repro.models.options import TrainingChoices
from tfgan_repro.models.user_data import check_batch, images_and_labels, look_at, refuse_weights
from tfgan_repro.types import Network, Tensor


# The least that each number may be which Keras takes beside the data.
LEAST = {
    "batch_size": 1,
    "epochs": 0,
    "initial_epoch": 0,
    "steps": 1,
    "steps_per_epoch": 1,
    "validation_batch_size": 1,
    "validation_steps": 1,
}
# What `keras.Model.evaluate` takes after images and labels, in its order.
EVALUATION = "batch_size", "verbose", "sample_weight", "steps", "callbacks", "return_dict"


class KerasContract(backend.Training):
    """The part of a `GAN` that makes an ordinary Keras model of it."""

    generator: Network
    discriminator: Network
    refreshed_generator: Callable[[], Network]
    latent_shape: tuple[int, ...]
    seed: int
    seed_generator: keras.random.SeedGenerator
    images: Tensor | None
    average: MovingAverage | None
    techniques: TrainingChoices
    own_parts: dict[str, Any]

    def keep_average(self, start: int | None) -> None:
        """Average the generator's weights from a step on, or go on with the average that there is; not at all for None.
        """
        running = self.average and self.average.network
        self.forget_layer("average_generator")
        self.average = None if start is None else MovingAverage(self.generator, start, running)
        self.average_generator = self.average and self.average.network  # tracked by Keras: saved with the model

    def forget_layer(self, name: str) -> None:
        """Let Keras forget the layer under a name before another takes its place; both would stand in `layers`."""
        # There is no public way.
        self._tracker.untrack(getattr(self, name, None))

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        *,
        stacked: bool = False,
        **options: Any,
    ) -> keras.callbacks.History:
        """Train on real images; arguments are those of `keras.Model.fit`.

        Args:
            x: images `[batch, height, width, channels]` in whatever Keras takes: a `tf.data.Dataset`, a
                `keras.utils.PyDataset`, a generator or an array, with labels beside them for a conditional model. uint8
                in [0, 255] is scaled, floats are in [-1, 1]. With several discriminator steps a step takes as many
                batches. Or what `tfgan_repro.training_batches` gives.
            y: labels int `[batch]` beside an array of images.
            batch_size: of an array's minibatches (32), like the next three as in `keras.Model.fit`.
            epochs: see above.
            verbose: see above.
            callbacks: see above.
            stacked: whether a batch of `x` holds all minibatches of a step one after the other, and has been looked at.

        Returns:
            A `keras.callbacks.History` with the mean of each epoch's losses.

        Raises:
            UserError: the first batch is not what the networks are made for, or there is too little for one step.
        """
        self.require_compiled()
        refuse_weights(options.get("sample_weight"), options.get("class_weight"))
        for player, network in (("generator", self.generator), ("discriminator", self.discriminator)):
            if not network.trainable_variables:
                warnings.warn(f"the {player} has no trainable weights: it stays as it is", stacklevel=2)
        options = with_whole_numbers({**options, "batch_size": batch_size, "epochs": epochs, "verbose": verbose})
        if not 0 <= options.get("validation_split", 0) < 1:
            raise UserError(f"validation_split {options['validation_split']}: must be from 0 on and below 1")
        rounds = self.techniques.discriminator_steps
        # The pipeline's batches on JAX have a loop of their own, which has an epoch's means itself.
        on_device = hasattr(x, "lie_on")
        if on_device and not stacked:
            x = with_whole_steps(self, x, rounds)
        elif not stacked:
            x, y, batch, options = looked_through(self, x, y, rounds, options, "steps_per_epoch")
            x, y, options = grouped(x, y, batch, rounds, options)
        if options.get("validation_data") is not None:
            held_out = options["validation_data"]
            images, labels, *weights = (*held_out, None) if isinstance(held_out, tuple) else (held_out, None)
            refuse_weights(*weights)
            images, labels, _, options = looked_through(self, images, labels, 1, options, "validation_steps")
            options["validation_data"] = images if labels is None else (images, labels)
        callbacks = as_list(callbacks if callbacks is not None else [])
        check_callbacks(callbacks)
        if not on_device:
            callbacks = [EpochMeans(), HeldOutMeans(), *callbacks]
        return super().fit(x, y, callbacks=callbacks, **options)

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Make one step, for a loop of your own.

        Args:
            x: images as in `fit`: the minibatches of all the step's discriminator updates, one after the other.
            y: labels int `[len(x)]`, or None.
            sample_weight: None, like `class_weight`.
            class_weight: see above.
            return_dict: return the losses by name, and not as a list.

        Raises:
            UserError: the batch is not what the networks are made for, or cannot be shared among the updates.
        """
        refuse_weights(sample_weight, class_weight)
        self.require_compiled()
        x, y = images_and_labels(x, y)
        rounds = self.techniques.discriminator_steps
        check_batch(self, (x, y))
        if len(x) % rounds:
            raise UserError(f"{len(x)} images cannot be shared among {rounds} discriminator steps")
        return super().train_on_batch(x, y, return_dict=return_dict)

    def evaluate(self, x: Any = None, y: Any = None, *arguments: Any, **options: Any) -> Any:
        """The means over all batches of the losses on held-out images; arguments are those of `keras.Model.evaluate`.

        Returns:
            The losses by name with `return_dict=True`, otherwise a list in the order of their names.
        """
        self.require_compiled()
        options = with_whole_numbers({**dict(zip(EVALUATION, arguments)), **options})
        refuse_weights(options.pop("sample_weight", None))
        # What `fit` asks for after an epoch it has looked at before.
        if not options.get("_use_cached_eval_dataset"):
            x, y, _, options = looked_through(self, x, y, 1, options, "steps")
        # Keras gives those of the last batch.
        callbacks, in_dictionary = options.pop("callbacks", None), options.pop("return_dict", False)
        if not isinstance(callbacks, keras.callbacks.CallbackList):  # that is what `fit` gives
            callbacks = [HeldOutMeans(), *as_list(callbacks or [])]
        losses = super().evaluate(x, y, callbacks=callbacks, return_dict=True, **options)
        for callback in getattr(callbacks, "callbacks", callbacks):
            losses |= callback.means if isinstance(callback, HeldOutMeans) else {}
        return losses if in_dictionary else [losses[name] for name in sorted(losses)]

    def test_on_batch(self, x: Any, y: Any = None, *arguments: Any, **options: Any) -> Any:
        """The losses on one batch of held-out images, as `keras.Model.test_on_batch` gives them."""
        self.require_compiled()
        x, y = images_and_labels(x, y)
        check_batch(self, (x, y))
        return super().test_on_batch(x, y, *arguments, **options)

    def require_compiled(self) -> None:
        """Raise a `UserError` where the model cannot compute a loss."""
        if not self.compiled:
            raise UserError("compile() chooses how the networks are trained and what their losses are; call it first")

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **options: Any) -> None:
        """Load what `save_weights` has written, both networks, the average and the training, as Keras does.

        A model that is not compiled takes the average of the weights as it is in the file.

        Raises:
            UserError: the file is of another model, which stays as it was, or keeps an average and the model does not.
        """
        averaged = has_average(filepath)
        if averaged and not self.compiled:
            self.keep_average(0)
        if not skip_mismatch and averaged not in (None, self.average is not None):
            raise UserError(
                f"{filepath} holds {'an' if averaged else 'no'} average of the generator's weights, and this model "
                f"keeps {'none' if averaged else 'one'}: compile it with ema_half_life{' above' if averaged else '='}0 "
                "to load them, and then as you like"
            )
        before = [(variable, ops.convert_to_numpy(variable)) for variable in self.variables]
        try:
            with warnings.catch_warnings():
                # Of layers that the file lacks, which the error counts as well.
                warnings.filterwarnings("ignore", "Skipping nested container", UserWarning)
                super().load_weights(filepath, skip_mismatch=skip_mismatch, **options)
        except (OSError, ValueError, KeyError) as error:
            for variable, value in before:
                variable.assign(value)
            lines = str(error).strip().splitlines()
            reason = next((line for line in lines if "expected" in line), lines[0])
            raise UserError(f"{filepath} does not hold the weights of such a model: {reason}") from error

    def get_config(self) -> dict[str, Any]:
        networks = {"generator": self.generator, "discriminator": self.discriminator}
        parts = {name: keras.saving.serialize_keras_object(network) for name, network in networks.items()}
        choices = {"latent_dim": self.latent_shape[-1], "seed": self.seed, "name": self.name}
        return {**parts, **choices, "average": self.average_config()}

    def average_config(self) -> int | None:
        """What a model that is loaded, compiled or not, must know of the average of its weights: where it starts."""
        return self.average.start if self.average else None

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "KerasContract":
        return cls.with_average(
            **{name: keras.saving.deserialize_keras_object(value) for name, value in config.items()}
        )

    @classmethod
    def with_average(cls, average: int | None = None, **arguments: Any) -> "KerasContract":
        """A model of these arguments that keeps an average as `average_config` says."""
        gan = cls(**arguments)
        gan.keep_average(average)
        return gan

    def save(self, filepath: Any, *arguments: Any, **options: Any) -> None:
        if str(filepath).endswith((".h5", ".hdf5")):
            raise UserError(f"{filepath}: a GAN cannot be loaded back from HDF5; save it as .keras")
        if options.get("zipped") is not False:
            make_local_place(filepath)
        super().save(filepath, *arguments, **options)

    def save_weights(self, filepath: Any, *arguments: Any, **options: Any) -> None:
        make_local_place(filepath)
        super().save_weights(filepath, *arguments, **options)

    def export(self, *arguments: Any, **options: Any) -> None:
        """Write the sampling generator for serving, as `keras.Model.export` does."""
        self.refreshed_generator().export(*arguments, **options)

    def save_own_variables(self, store: Any) -> None:
        super().save_own_variables(store)
        # Keras leaves random states out; with them a loaded model goes on as this one would.
        for name, state in self.random_states().items():
            store[name] = ops.convert_to_numpy(state)

    def load_own_variables(self, store: Any) -> None:
        own = {name: store[name] for name in store.keys()}
        for name, state in self.random_states().items():
            # Files of before the networks' own were kept have only the first.
            state.assign(own.pop(name, state))
        if self.images is None:
            own.pop("1", None)  # the count of images, of a model whose schedules are not compiled here
        super().load_own_variables(own)

    def random_states(self) -> dict[str, keras.Variable]:
        """The states of all random numbers by name: the model's own, and those of both networks' dropout."""
        states = {"random_state": self.seed_generator.state}
        for player in ("generator", "discriminator"):
            for number, state in enumerate(random_states_of(getattr(self, player))):
                states[f"random_state_{player}_{number}"] = state
        return states

    def get_compile_config(self) -> dict[str, Any] | None:
        """What `compile` was told, for a saved model; None, and a warning, where a part of the user's own is no layer,
        loss or optimiser of Keras, which alone can be saved: the loaded model must be compiled again.
        """
        if not self.compiled:
            return None
        objects = {
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
            **self.own_parts,
        }
        for name, value in self.own_parts.items():
            if not isinstance(value, keras.losses.Loss):
                warnings.warn(f"the {name} {value!r} cannot be saved: compile the loaded model again", stacklevel=2)
                return None
        saved = {name: keras.saving.serialize_keras_object(value) for name, value in objects.items()}
        ways: dict[str, Any] = {"run_eagerly": self.run_eagerly, "steps_per_execution": self.steps_per_execution}
        if self.jit_compile != backend.JIT_COMPILE:
            # Otherwise the default, which is another on another backend.
            ways["jit_compile"] = self.jit_compile
        return {**vars(self.techniques), **saved, **ways}

    def compile_from_config(self, config: dict[str, Any]) -> None:
        self.compile(**{name: keras.saving.deserialize_keras_object(value) for name, value in config.items()})


def with_whole_numbers(options: dict[str, Any]) -> dict[str, Any]:
    """What is given to Keras beside the data, with its numbers checked, as Keras does not, and without those not given.

    Raises:
        UserError: a number that is none, or too small.
    """
    optional = {*LEAST, "validation_split"}
    given = {name: value for name, value in options.items() if name not in optional or value is not None}
    return {name: as_whole(name, value, LEAST[name]) if name in LEAST else value for name, value in given.items()}


def make_local_place(path: Any) -> None:
    """Make the folder of a file that Keras is to write, as its `ModelCheckpoint` does; nothing for other places.

    Raises:
        UserError: it cannot be made, or there is a folder of the file's own name.
    """
    if isinstance(path, (str, os.PathLike)) and "://" not in str(path):
        make_place(Path(path))


def has_average(path: Any) -> bool | None:
    """Whether a file of a GAN, or of its weights, holds an average of the generator's; None where that cannot be told.
    """
    if not (str(path).endswith((".h5", ".keras")) and Path(path).is_file()):
        return None
    try:
        with contextlib.ExitStack() as stack:
            if str(path).endswith(".keras"):
                path = stack.enter_context(stack.enter_context(zipfile.ZipFile(path)).open("model.weights.h5"))
            file = stack.enter_context(h5py.File(path))
            return "average_generator" in file if "discriminator" in file else None
    except (OSError, KeyError, zipfile.BadZipFile):
        return None


def looked_through(
    gan: Any, x: Any, y: Any, count: int, options: dict[str, Any], steps: str
) -> tuple[Any, Any, Any, dict[str, Any]]:
    """Images and labels in a form that Keras takes, their first batch, which was looked at, and the options.

    Args:
        gan: the `GAN` that they are for.
        x: images, as `fit` takes them.
        y: labels, or None.
        count: batches that a step takes.
        options: of `keras.Model.fit` or `evaluate`.
        steps: the option that says how many batches to take.

    Raises:
        UserError: they are not what the networks expect, or too few, or never end.
    """
    x, y = images_and_labels(x, y)
    check_end(x, options, steps)
    x, options = as_generator(x, count, options, steps)
    x, batch = look_at(gan, x, y)
    return x, y, batch, options


def check_callbacks(callbacks: list[Any]) -> None:
    """Raise a `UserError` for what is no callback, or waits for a number that is not there yet, or guesses its sense.

    Keras would say so after the first epoch, or only warn, and keep nothing of a whole training.
    """
    judging = keras.callbacks.EarlyStopping, keras.callbacks.ReduceLROnPlateau, keras.callbacks.ModelCheckpoint
    for place, callback in enumerate(callbacks):
        if not isinstance(callback, (keras.callbacks.Callback, keras.callbacks.CallbackList)):
            raise UserError(f"{callback!r} is no callback: give objects of keras.callbacks.Callback")
        if isinstance(callback, keras.callbacks.TerminateOnNaN):
            raise UserError(
                "TerminateOnNaN watches loss, and a GAN has no such number: take "
                "tfgan_repro.callbacks.HealthMonitor(on_failure='stop')"
            )
        if not isinstance(callback, judging) or not getattr(callback, "save_best_only", True):
            continue
        name, watched = type(callback).__name__, callback.monitor
        advice = "name one that it has, such as g_loss or, after callbacks.FID, fid, and mode='min' or 'max'"
        if watched in ("loss", "val_loss", "accuracy", "val_accuracy"):
            raise UserError(f"{name} watches {watched}, and a GAN has no such number: {advice}")
        for other in callbacks[place + 1 :]:
            if watched in getattr(other, "adds_to_logs", ()):
                raise UserError(f"{name} watches {watched}, which {type(other).__name__} gives: list that before it")
        if getattr(callback, "mode", None) == "auto":
            raise UserError(f"{name} cannot know whether more or less of {watched} is better: give mode='min' or 'max'")
