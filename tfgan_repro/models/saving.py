"""A GAN in files: both networks, the average of the weights, random states, and how it was compiled."""

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
from tfgan_repro.errors import UserError
from tfgan_repro.files import make_place
from tfgan_repro.models.average import MovingAverage
from tfgan_repro.models.networks import random_states_of
from tfgan_repro.models.options import TrainingChoices
from tfgan_repro.types import Network, Tensor

PLAYERS = "generator", "discriminator"


class Savable(backend.Training):
    """The part of a `GAN` that is saved and loaded as Keras does it, and goes on as if it had not been."""

    generator: Network
    discriminator: Network
    refreshed_generator: Callable[[], Network]
    latent_shape: tuple[int, ...]
    seed: int
    seed_generator: keras.random.SeedGenerator
    images: Tensor | None
    average: MovingAverage | None
    frozen_layers: list[int]
    techniques: TrainingChoices
    own_parts: dict[str, Any]

    def save(self, filepath: Any, *arguments: Any, **options: Any) -> None:
        if str(filepath).endswith((".h5", ".hdf5")):
            raise UserError(f"{filepath}: a GAN cannot be loaded back from HDF5; save it as .keras")
        if options.get("zipped") is not False:
            make_local_place(filepath)
        super().save(filepath, *arguments, **options)

    def save_weights(self, filepath: Any, *arguments: Any, **options: Any) -> None:
        make_local_place(filepath)
        super().save_weights(filepath, *arguments, **options)

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
        for player in PLAYERS:
            for number, state in enumerate(random_states_of(getattr(self, player))):
                states[f"random_state_{player}_{number}"] = state
        return states

    def get_config(self) -> dict[str, Any]:
        parts = {player: keras.saving.serialize_keras_object(getattr(self, player)) for player in PLAYERS}
        choices = {"latent_dim": self.latent_shape[-1], "seed": self.seed, "name": self.name}
        return {**parts, **choices, **self.state_config()}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Savable":
        return cls.in_state(**{name: keras.saving.deserialize_keras_object(value) for name, value in config.items()})

    def state_config(self) -> dict[str, Any]:
        """What a model that is loaded, compiled or not, must know beyond what it is made of.

        Returns:
            `average`, where that of its weights starts, or None; and `frozen`, the layers of each network that were
            frozen by hand, by number. Those that `compile` has frozen learn until it does so again.
        """
        by_choice = [self.discriminator.layers[place] for place in self.frozen_layers]
        within = {id(part) for layer in by_choice for part in layer._flatten_layers()}
        frozen = {
            player: [
                number
                for number, layer in enumerate(getattr(self, player)._flatten_layers())
                if not layer.trainable and id(layer) not in within
            ]
            for player in PLAYERS
        }
        return {"average": self.average.start if self.average else None, "frozen": frozen}

    @classmethod
    def in_state(
        cls, average: int | None = None, frozen: dict[str, list[int]] | None = None, **arguments: Any
    ) -> "Savable":
        """A model of these arguments in the state that `state_config` tells; files of before have no `frozen`."""
        gan = cls(**arguments)
        for player, numbers in (frozen or {}).items():
            # An outer layer comes before those within it, which it takes along.
            for number, layer in enumerate(getattr(gan, player)._flatten_layers()):
                if layer.trainable == (number in numbers):
                    layer.trainable = not layer.trainable
        gan.keep_average(average)
        return gan

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

    def get_compile_config(self) -> dict[str, Any] | None:
        """What `compile` was told, for a saved model.

        None, and a warning, where the loss or the penalty is an object that Keras cannot save: whoever loads the model
        compiles it again.
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

    def export(self, *arguments: Any, **options: Any) -> None:
        """Write the sampling generator for serving, as `keras.Model.export` does."""
        self.refreshed_generator().export(*arguments, **options)


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
