"""The devices and processes that a run is spread over, seen from the run."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_repro.backends import backend_module
from tfgan_repro.types import Batches

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Share:
    """What one process reads of each batch where several devices, of several processes perhaps, share it.

    Attributes:
        minibatches: of a batch, one after the other; each is shared out for itself.
        replicas: how many take part.
        first: the number of this process's first replica.
        count: how many this process has.
    """

    minibatches: int
    replicas: int
    first: int
    count: int

    def rows(self, batch_size: int) -> np.ndarray:
        """The rows of a batch for each replica of this process, int `[count, batch_size / replicas]`."""
        rows = np.arange(batch_size).reshape(self.minibatches, self.replicas, -1)
        return rows[:, self.first : self.first + self.count].swapaxes(0, 1).reshape(self.count, -1)


class Devices:
    """One process that computes as its backend does without being told; others override what differs.

    Attributes:
        strategy: the name in `tfgan_repro.backends.STRATEGIES`, resolved.
        replicas: how many devices share each minibatch.
        is_chief: whether this process writes the run directory; the others only take part in the steps.
    """

    strategy, replicas, is_chief = "none", 1, True

    def scope(self) -> contextlib.AbstractContextManager:
        """Where networks and optimisers must be made."""
        return contextlib.nullcontext()

    def batches(self, make: Callable[[Share | None], Batches], minibatches: int) -> Batches:
        """What `GAN.fit` trains on.

        Args:
            make: from a `Share`, or None, to batches.
            minibatches: of a batch.
        """
        return make(None)

    def any(self, flag: bool) -> bool:
        """Whether a flag is true in any process; all of them must ask."""
        return flag

    def follow_chief(self, choices: Mapping[str, Any], variables: "Sequence[keras.Variable]") -> None:
        """Let every process go on with the values that the chief's variables have; all of them must ask.

        Args:
            choices: of this process's run, JSON, by name; they must be the chief's.
            variables: weights, optimisers and random state, in the same order everywhere.

        Raises:
            UserError: this process has other choices than the chief.
        """

    def together(self) -> contextlib.AbstractContextManager:
        """A block in which the processes depend on one another.

        Raises:
            UserError: another process has died.
        """
        return contextlib.nullcontext()


def find_devices(strategy: str, batch_size: int) -> Devices:
    """The `Devices` of a strategy.

    Args:
        strategy: a name in `tfgan_repro.backends.STRATEGIES`.
        batch_size: images of a minibatch.

    Raises:
        UserError: they are not there, or a minibatch cannot be shared among them.
    """
    return backend_module("tfgan_repro.backends.{}_devices").find(strategy, batch_size)
