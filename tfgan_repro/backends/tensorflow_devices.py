"""Devices on TensorFlow: a `tf.distribute` strategy as a run needs it, and how each is found."""

import contextlib
import functools
import json
import os
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_repro.backends import STRATEGIES
from tfgan_repro.backends.devices import Devices, Share
from tfgan_repro.errors import UserError, first_line, shortened
from tfgan_repro.types import Batches, Tensor

# What TensorFlow raises where another process has died, in this one or in one that waits for it.
GONE = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError, tf.errors.DeadlineExceededError)
EXAMPLE = '{"cluster": {"worker": ["HOST0:PORT", "HOST1:PORT"]}, "task": {"type": "worker", "index": 0}}'


class Replicas(Devices):
    """Devices that one of TensorFlow's strategies keeps together.

    Args:
        name: of the strategy.
        distribution: the `tf.distribute.Strategy`.
        processes: how many there are.
        process: the number of this one; the first is the chief.
    """

    def __init__(self, name: str, distribution: tf.distribute.Strategy, processes: int = 1, process: int = 0) -> None:
        self.strategy, self.distribution, self.processes = name, distribution, processes
        self.replicas, self.is_chief = distribution.num_replicas_in_sync, process == 0
        # Traced once, and not at each step.
        self.sums = tf.function(self.sum_of)

    def scope(self) -> contextlib.AbstractContextManager:
        return self.distribution.scope()

    def batches(self, make: Callable[[Share | None], Batches], minibatches: int) -> Batches:
        def of_pipeline(context: tf.distribute.InputContext) -> Batches:
            # Replicas are numbered one process after the other, and each process has as many.
            count = self.replicas // context.num_input_pipelines
            return make(Share(minibatches, self.replicas, context.input_pipeline_id * count, count))

        return self.distribution.distribute_datasets_from_function(of_pipeline)

    def any(self, flag: bool) -> bool:
        if self.processes == 1:
            return flag
        (flags,) = self.sums([tf.constant(float(flag))], chief_only=False)
        return bool(flags > 0)

    def follow_chief(self, choices: Mapping[str, Any], variables: Sequence[keras.Variable]) -> None:
        if self.processes == 1:
            return
        digest = zlib.crc32(json.dumps(choices, sort_keys=True).encode())
        (expected,) = self.sums([tf.constant(digest, tf.int64)], chief_only=True)
        if digest != int(expected):
            raise UserError("the first process trains with other choices; give all processes the same command line")
        values = [tf.convert_to_tensor(variable) for variable in variables]
        for variable, value in zip(variables, self.sums(values, chief_only=True)):
            variable.assign(value)

    def sum_of(self, values: list[Tensor], chief_only: bool) -> list[Tensor]:
        """Sums of tensors over the replicas of all processes, or the values of the first replica."""

        def contribution(context: tf.distribute.ReplicaContext, value: Tensor) -> Tensor:
            first = tf.equal(context.replica_id_in_sync_group, 0)
            return tf.where(first, value, tf.zeros_like(value)) if chief_only else tf.identity(value)

        def of_replica(values: list[Tensor]) -> list[Tensor]:
            context = tf.distribute.get_replica_context()
            # One by one, because those of different types cannot be packed together.
            return [context.all_reduce(tf.distribute.ReduceOp.SUM, contribution(context, value)) for value in values]

        sums = self.distribution.run(of_replica, args=(values,))
        return [self.distribution.experimental_local_results(value)[0] for value in sums]

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        try:
            yield
        except GONE as error:
            reason = shortened(first_line(error))
            raise UserError(
                f"another process has died ({reason}); start all of them again with --resume and the run directory, "
                "which goes on from the last checkpoint"
            ) from error


def find(strategy: str, batch_size: int) -> Devices:
    """See `tfgan_repro.backends.devices.find_devices`."""
    devices = STRATEGIES.load(strategy)(batch_size)
    if batch_size % devices.replicas:
        raise UserError(
            f"--batch-size {batch_size} cannot be shared equally among {devices.replicas} replicas (--strategy "
            f"{devices.strategy}); choose a multiple of {devices.replicas}"
        )
    return devices


def automatic(batch_size: int) -> Devices:
    """What the surroundings suggest: several machines, a TPU, or as many local GPUs as divide a minibatch."""
    if (found := cluster()) and found[0] > 1:
        return multiworker(batch_size)
    if os.environ.get("TPU_NAME"):
        return tpu(batch_size)
    gpus = tf.config.list_physical_devices("GPU")
    count = max((number for number in range(1, len(gpus) + 1) if batch_size % number == 0), default=1)
    return mirrored(batch_size, count) if count > 1 else Devices()


def one_device(batch_size: int) -> Devices:
    """Whatever there is, on one device."""
    return Devices()


def mirrored(batch_size: int, count: int | None = None) -> Replicas:
    """All local GPUs, or so many of them; where there is none, all logical devices of the processor."""
    kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    names = tuple(device.name for device in tf.config.list_logical_devices(kind))[:count]
    if len(names) < 2:
        raise UserError(f"--strategy mirrored needs two devices or more; here is one {kind}: use --strategy none")
    return Replicas("mirrored", only(tf.distribute.MirroredStrategy, names))


@functools.cache
def only(kind: Callable, *arguments: Any) -> tf.distribute.Strategy:
    """A strategy, the same each time: two in a process would take each other's messages for their own."""
    return kind(*arguments)


def multiworker(batch_size: int) -> Replicas:
    """All GPUs of all machines that `TF_CONFIG` names, one process a machine (its processor where it has no GPU)."""
    found = cluster()
    if found is None:
        value = shortened(os.environ.get("TF_CONFIG", "not set"))
        raise UserError(f"--strategy multiworker needs TF_CONFIG, here {value}; in the first process e.g. {EXAMPLE}")
    try:
        distribution = only(tf.distribute.MultiWorkerMirroredStrategy)
    except tf.errors.OpError as error:
        raise UserError(f"--strategy multiworker: {shortened(first_line(error))}; see TF_CONFIG") from error
    return Replicas("multiworker", distribution, *found)


def cluster() -> tuple[int, int] | None:
    """The number of processes and of this one that `TF_CONFIG` tells; None where it tells none."""
    try:
        config = json.loads(os.environ.get("TF_CONFIG", ""))
        chiefs, workers = (list(config["cluster"].get(job, [])) for job in ("chief", "worker"))
        first = {"chief": 0, "worker": len(chiefs)}[config["task"]["type"]]
        number = first + int(config["task"]["index"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    count = len(chiefs) + len(workers)
    return (count, number) if 0 <= number < count else None


@functools.cache
def tpu_of(name: str) -> tf.distribute.Strategy:
    """The strategy of a TPU, which may be set up only once."""
    resolver = tf.distribute.cluster_resolver.TPUClusterResolver(tpu=name)
    if name != "local":
        tf.config.experimental_connect_to_cluster(resolver)
    tf.tpu.experimental.initialize_tpu_system(resolver)
    return tf.distribute.TPUStrategy(resolver)


def tpu(batch_size: int) -> Replicas:
    """The TPU that `TPU_NAME` names, or the one of this machine."""
    name = os.environ.get("TPU_NAME", "local")
    try:
        return Replicas("tpu", tpu_of(name))
    except (ValueError, OSError, tf.errors.OpError) as error:
        reason = shortened(first_line(error))
        raise UserError(f"--strategy tpu: no TPU {name!r} (TPU_NAME): {reason}") from error
