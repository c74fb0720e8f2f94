"""Training on all JAX devices of this machine: one compiled program that makes many steps a call."""

import contextlib
import itertools
import time
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import keras
import numpy as np
from jax import numpy as jnp
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from tfgan_repro.backends.devices import Devices
from tfgan_repro.backends.jax import assign, pure, read, variables_by_kind
from tfgan_repro.errors import UserError
from tfgan_repro.types import Metrics, Tensor

MOST_STEPS = 1000  # a call of the program
# How long a call may take, so that a signal, the time limit and the progress do not wait.
CALL_SECONDS = 1.0

# How the minibatches of the program that is being traced lie on several devices.
_layout: list[NamedSharding] = []


def find(strategy: str, batch_size: int) -> Devices:
    """See `tfgan_repro.backends.devices.find_devices`; they share each minibatch without being told."""
    if strategy not in ("auto", "none"):
        raise UserError(
            f"--strategy {strategy} is TensorFlow's; JAX shares each minibatch among the devices of this machine by "
            "itself: use --strategy auto, or KERAS_BACKEND=tensorflow"
        )
    devices = Devices()
    devices.replicas = shares(batch_size)
    return devices


def shares(count: int) -> int:
    """How many devices share a minibatch of so many images: the most that divide it."""
    return max(number for number in range(1, jax.local_device_count() + 1) if count % number == 0)


def spread(values: Tensor) -> Tensor:
    """A tensor whose first axis is the minibatch, laid out over the devices of the program."""
    return jax.lax.with_sharding_constraint(values, _layout[-1]) if _layout else values


def fit_on_device(
    model: Any,
    batches: Any,
    epochs: int = 1,
    steps_per_epoch: int | None = None,
    initial_epoch: int = 0,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: Any = 0,
    shuffle: bool = False,
    validation_data: Any = None,
    validation_steps: int | None = None,
    validation_batch_size: int | None = None,
    **others: Any,
) -> keras.callbacks.History:
    """Train on batches that are drawn within a compiled program, which makes many steps a call.

    Between two steps at which a callback wants to see the networks (its `next_due`), nothing is copied from the device.
    The `on_train_batch_end` of a callback with `next_due` comes after each call of the program, with the number of the
    last step and logs of one value a step; any other callback is told of each step, as it is by Keras.

    Args:
        model: the compiled `GAN`.
        batches: a `DeviceBatches`.
        epochs: as in `keras.Model.fit`, like the next two.
        steps_per_epoch: generator updates an epoch; None for as many as the set has batches.
        initial_epoch: see above.
        callbacks: Keras callbacks.
        verbose: for `keras.Model.fit`, like `shuffle`; the batches are shuffled, and nothing is printed.
        shuffle: see above.
        validation_data: held-out images, or a pair of images and labels, whose losses each epoch ends with.
        validation_steps: as in `keras.Model.fit`, like the next.
        validation_batch_size: see above.
        **others: options of `keras.Model.fit` that have no meaning for such batches.

    Returns:
        A `keras.callbacks.History` with the mean of each epoch's values.

    Raises:
        UserError: there are others.
    """
    if others:
        raise UserError(f"{', '.join(others)}: has no meaning beside what training_batches() gives")
    history = keras.callbacks.History()
    # Last, as with Keras: it keeps what the others add to an epoch's logs.
    callbacks = [*callbacks, history]
    stepwise = [callback for callback in callbacks if needs_every_step(callback)]
    steps_per_epoch = steps_per_epoch or batches.per_epoch
    for callback in callbacks:
        callback.set_model(model)
        callback.set_params({"epochs": epochs, "steps": steps_per_epoch, "verbose": verbose})
    model.stop_training = False
    each(callbacks, "on_train_begin")
    initial_epoch = model._initial_epoch or initial_epoch  # from `BackupAndRestore`, as Keras' own loop takes it
    program, number = Program(model, batches), batches.start
    for epoch in range(initial_epoch, epochs):
        each(callbacks, "on_epoch_begin", epoch)
        begun, done = int(model.step), 0
        sums: dict[str, float] = {}
        model.reset_metrics()
        while done < steps_per_epoch and not model.stop_training:
            due = [callback.next_due(begun + done) - begun for callback in callbacks if hasattr(callback, "next_due")]
            due += [done + 1] if stepwise else []
            wanted = min([steps_per_epoch, batches.until(number) - number + done, *due]) - done
            each(stepwise, "on_train_batch_begin", done)
            logs = program.run(number, wanted)
            made = len(next(iter(logs.values())))
            number, done = number + made, done + made
            sums = {name: sums.get(name, 0.0) + np.sum(values, dtype=np.float64) for name, values in logs.items()}
            last = {name: float(values[-1]) for name, values in logs.items()}
            for callback in callbacks:
                callback.on_train_batch_end(done - 1, logs if hasattr(callback, "next_due") else last)
        means = {name: float(total / max(done, 1)) for name, total in sums.items()}
        # What metrics of a subclass report is a mean already.
        means |= {metric.name: float(metric.result()) for metric in model.metrics if metric.name in means}
        if validation_data is not None:
            held_out = validation_data if isinstance(validation_data, tuple) else (validation_data,)
            losses = model.evaluate(
                *held_out, batch_size=validation_batch_size, steps=validation_steps, verbose=0, return_dict=True
            )
            means |= {f"val_{name}": value for name, value in losses.items()}
        each(callbacks, "on_epoch_end", epoch, means)
        if model.stop_training:
            break
    each(callbacks, "on_train_end")
    return history


def each(callbacks: Sequence[keras.callbacks.Callback], event: str, *arguments: Any) -> None:
    """Tell all callbacks of an event."""
    for callback in callbacks:
        getattr(callback, event)(*arguments)


def needs_every_step(callback: keras.callbacks.Callback) -> bool:
    """Whether a callback does something before or after steps and does not say after which."""
    events = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
    own = (getattr(getattr(callback, event), "__func__", None) for event in events)
    silent = all(mine is getattr(keras.callbacks.Callback, event) for event, mine in zip(events, own))
    return not silent and not hasattr(callback, "next_due")


class Program:
    """Training steps in one compiled program, on all devices that a minibatch can be shared among.

    The variables lie whole on each device. So does a resident set; each device draws its part of a minibatch.
    """

    def __init__(self, model: Any, batches: Any) -> None:
        self.model, self.batches = model, batches
        self.variables = [*itertools.chain(*variables_by_kind(model).values())]
        # Variables may share a buffer (an average begins as its generator), and none can be donated twice.
        assign(self.variables, [jnp.array(value, copy=True) for value in read(self.variables)])
        number = shares(batches.batch_size // model.techniques.discriminator_steps)
        mesh = Mesh(np.array(jax.local_devices()[:number]), ("batch",))
        self.whole, self.parts = (NamedSharding(mesh, PartitionSpec(*axes)) for axes in ((), ("batch",)))
        self.shared = number > 1
        batches.lie_on(self.whole)
        self.names = list(jax.eval_shape(self.one_step, read(self.variables), batches.load(batches.start), 0)[0])
        self.compiled = jax.jit(self.many_steps, donate_argnums=0, out_shardings=self.whole)
        # What a step takes; the first call makes one, and takes the time of the compilation besides.
        self.seconds = CALL_SECONDS

    def one_step(
        self, values: list[Tensor], loaded: tuple[Tensor, ...], number: Tensor
    ) -> tuple[Metrics, list[Tensor]]:
        """The metrics of a step, and the values of the variables after it."""
        with self.layout():
            return pure(self.model.train_step, self.variables)(values, self.batches.draw(loaded, number))

    @contextlib.contextmanager
    def layout(self) -> Iterator[None]:
        """Within the block minibatches are spread over the devices."""
        _layout.extend([self.parts] if self.shared else [])
        try:
            yield
        finally:
            _layout.clear()

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
