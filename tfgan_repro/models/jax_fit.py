"""The loop around the training steps on JAX: one call of a compiled program makes many of them."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jax
import keras
import numpy as np
from jax import numpy as jnp
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from tfgan_repro.models.jax_step import assign, pure, read, train_step, variables_of
from tfgan_repro.types import Tensor

if TYPE_CHECKING:
    from tfgan_repro.data.jax_pipeline import ResidentBatches, StreamedBatches
    from tfgan_repro.models.gan import GAN

MOST_STEPS = 1000  # a call
# How long a call may take, so that a signal, the time limit and the progress do not wait.
CALL_SECONDS = 1.0


def fit(
    gan: "GAN",
    batches: "ResidentBatches | StreamedBatches",
    steps_per_epoch: int,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    shuffle: bool = False,
    verbose: int = 0,
) -> keras.callbacks.History:
    """Train a `GAN`.

    Between two steps at which a callback wants to see the networks (its `next_due`), nothing is copied from the device.
    A callback's `on_train_batch_end` comes after each call of the program, with the number of the last step and logs of
    one value a step; a Keras callback without `next_due` gets every step.

    Args:
        gan: the compiled `GAN`.
        batches: a `DeviceBatches`.
        steps_per_epoch: generator updates to be made.
        callbacks: Keras callbacks.
        shuffle: taken as `keras.Model.fit` takes it, like `verbose`; the batches are shuffled, nothing is printed.
        verbose: see above.

    Returns:
        A `keras.callbacks.History` with the mean of each of the last call's values.
    """
    history = keras.callbacks.History()
    callbacks = [history, *callbacks]
    for callback in callbacks:
        callback.set_model(gan)
    gan.stop_training = False
    each(callbacks, "on_train_begin")
    program = Program(gan, batches)
    begun, done, logs = int(gan.step), 0, {}
    while done < steps_per_epoch and not gan.stop_training:
        number = batches.start + done
        due = [callback.next_due(begun + done) - begun for callback in callbacks if hasattr(callback, "next_due")]
        due += [done + 1] if any(needs_every_step(callback) for callback in callbacks) else []
        wanted = min([steps_per_epoch, batches.until(number) - batches.start, *due]) - done
        logs = program.run(number, wanted)
        done += len(next(iter(logs.values())))
        each(callbacks, "on_train_batch_end", done - 1, logs)
    history.on_epoch_end(0, {name: float(np.mean(values)) for name, values in logs.items()})
    each(callbacks, "on_train_end")
    return history


def shares(count: int) -> int:
    """How many devices share a minibatch of so many images: the most that divide it."""
    return max(number for number in range(1, jax.local_device_count() + 1) if count % number == 0)


def each(callbacks: Sequence[keras.callbacks.Callback], event: str, *arguments: Any) -> None:
    """Tell all callbacks of an event."""
    for callback in callbacks:
        getattr(callback, event)(*arguments)


def needs_every_step(callback: keras.callbacks.Callback) -> bool:
    """Whether a callback does something after steps and does not say after which."""
    silent = type(callback).on_train_batch_end is keras.callbacks.Callback.on_train_batch_end
    return not silent and not hasattr(callback, "next_due")


class Program:
    """Training steps in one compiled program, on all devices that a minibatch can be shared among.

    The variables lie whole on each device. So does a resident set; each device draws its part of a minibatch.

    Args:
        gan: the compiled `GAN`.
        batches: a `DeviceBatches`.
    """

    def __init__(self, gan: "GAN", batches: "ResidentBatches | StreamedBatches") -> None:
        self.batches, self.variables = batches, variables_of(gan)
        # Variables may share a buffer (an average begins as its generator), and none can be donated twice.
        assign(self.variables, [jnp.array(value, copy=True) for value in read(self.variables)])
        count = batches.batch_size // gan.techniques.discriminator_steps
        number = shares(count)
        mesh = Mesh(np.array(jax.local_devices()[:number]), ("batch",))
        self.whole, parts = (NamedSharding(mesh, PartitionSpec(*axes)) for axes in ((), ("batch",)))
        batches.lie_on(self.whole)
        spread = (lambda images: jax.lax.with_sharding_constraint(images, parts)) if number > 1 else (lambda x: x)
        self.step = pure(lambda images, labels: train_step(gan, images, labels, spread), self.variables)
        self.names = list(jax.eval_shape(self.one_step, read(self.variables), batches.load(batches.start), 0)[0])
        self.compiled = jax.jit(self.many_steps, donate_argnums=0, out_shardings=self.whole)
        # What a step takes; the first call makes one, and takes the time of the compilation besides.
        self.seconds = CALL_SECONDS

    def one_step(
        self, values: list[Tensor], loaded: tuple[Tensor, ...], number: Tensor
    ) -> tuple[dict[str, Tensor], list[Tensor]]:
        """The metrics of a step, and the values of the variables after it."""
        return self.step(values, *self.batches.draw(loaded, number))

    def many_steps(
        self, values: list[Tensor], loaded: tuple[Tensor, ...], first: Tensor, count: Tensor
    ) -> tuple[list[Tensor], Tensor, Tensor]:
        """Make so many steps, or as many as it takes until a metric is no finite number.

        Returns:
            The values of the variables, the steps made, and their metrics float32 `[MOST_STEPS, len(self.names)]`.
        """

        def goes_on(carried: tuple[list[Tensor], Tensor, Tensor, Tensor]) -> Tensor:
            _, done, finite, _ = carried
            return (done < count) & finite

        def step(carried: tuple[list[Tensor], Tensor, Tensor, Tensor]) -> tuple[list[Tensor], Tensor, Tensor, Tensor]:
            values, done, _, table = carried
            metrics, values = self.one_step(values, loaded, first + done)
            row = jnp.stack([metrics[name].astype(jnp.float32) for name in self.names])
            return values, done + 1, jnp.all(jnp.isfinite(row)), table.at[done].set(row)

        table = jnp.zeros((MOST_STEPS, len(self.names)), jnp.float32)
        values, done, _, table = jax.lax.while_loop(goes_on, step, (values, 0, True, table))
        return values, done, table

    def run(self, number: int, wanted: int) -> dict[str, np.ndarray]:
        """Make steps from a batch's number on: as many as wanted, or fewer where these would take too long.

        Returns:
            Their metrics, NumPy arrays `[steps]` by name.
        """
        count = min(wanted, max(1, int(CALL_SECONDS / self.seconds)), MOST_STEPS)
        values, loaded = jax.device_put((read(self.variables), self.batches.load(number)), self.whole)
        start = time.monotonic()
        values, done, table = self.compiled(values, loaded, number, count)
        assign(self.variables, values)
        done = int(done)
        self.seconds = (time.monotonic() - start) / done
        return dict(zip(self.names, np.asarray(table)[:done].T))
