"""What Keras expects of a model beside its training step: that it is trained and judged on data of every kind."""

import warnings
from typing import Any

import keras

from tfgan_repro.choices import as_whole
from tfgan_repro.errors import UserError
from tfgan_repro.models.loss_means import EpochMeans, HeldOutMeans
from tfgan_repro.models.minibatches import as_generator, check_end, grouped, with_whole_steps
from tfgan_repro.models.networks import as_list
from tfgan_repro.models.saving import Savable
from tfgan_repro.models.user_data import check_batch, images_and_labels, look_at, refuse_weights

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


class KerasContract(Savable):
    """The part of a `GAN` that is trained and judged by Keras' own loops."""

    # The weights that could learn when `compile` was called, and that could at the last step, by identity.
    learnable: frozenset[int] = frozenset()
    learning: frozenset[int] = frozenset()

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
        """Raise a `UserError` where the model cannot compute a loss, or is to learn what it was not compiled for."""
        if not self.compiled:
            raise UserError("compile() chooses how the networks are trained and what their losses are; call it first")
        learning = frozenset(map(id, self.trainable_variables))
        if learning - self.learnable:
            raise UserError("layers are to learn that were frozen when compile() was called: call it again")
        if learning != self.learning:
            # Layers were frozen since, and Keras would go on with the steps that are compiled already.
            self.learning, self.train_function, self.test_function = learning, None, None


def with_whole_numbers(options: dict[str, Any]) -> dict[str, Any]:
    """What is given to Keras beside the data, with its numbers checked, as Keras does not, and without those not given.

    Raises:
        UserError: what should be a whole number is not, or is too small.
    """
    optional = {*LEAST, "validation_split"}
    given = {name: value for name, value in options.items() if name not in optional or value is not None}
    return {name: as_whole(name, value, LEAST[name]) if name in LEAST else value for name, value in given.items()}


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
