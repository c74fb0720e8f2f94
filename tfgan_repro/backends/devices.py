"""The devices and processes that a run is spread over, seen from the run."""

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from tfgan_repro.backends import backend_module
from tfgan_repro.data.pipeline import Share, training_batches
from tfgan_repro.types import Batches

if TYPE_CHECKING:
    from tfgan_repro.config import TrainConfig
    from tfgan_repro.data.pictures import PictureSet
    from tfgan_repro.models.gan import GAN


class Devices:
    """One process that computes as its backend does without being told; others override what differs.

    Attributes:
        strategy: the name in `tfgan_repro.config.STRATEGIES`, resolved.
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
            make: from a `tfgan_repro.data.pipeline.Share`, or None, to batches.
            minibatches: of a batch.
        """
        return make(None)

    def any(self, flag: bool) -> bool:
        """Whether a flag is true in any process; all of them must ask."""
        return flag

    def follow_chief(self, config: "TrainConfig", gan: "GAN") -> None:
        """Let every process go on from the chief's weights, optimisers and random state; all of them must ask.

        Raises:
            UserError: this process has another configuration than the chief.
        """

    def together(self) -> contextlib.AbstractContextManager:
        """A block in which the processes depend on one another.

        Raises:
            UserError: another process is gone.
        """
        return contextlib.nullcontext()


def find_devices(config: "TrainConfig") -> Devices:
    """The `Devices` that a `TrainConfig` asks for.

    Raises:
        UserError: they are not there, or its minibatches cannot be shared among them.
    """
    return backend_module("tfgan_repro.backends.{}_devices").find(config.strategy, config.batch_size)


def batches_for(
    devices: Devices, config: "TrainConfig", pictures: "PictureSet", gan: "GAN", done: int
) -> Batches:
    """The training batches of a run after so many steps, shared among its devices.

    Args:
        devices: the run's `Devices`.
        config: its operative `TrainConfig`.
        pictures: the training `Pictures`.
        gan: the `GAN`.
        done: steps already made.
    """
    size = config.batch_size * config.discriminator_steps

    def make(share: Share | None) -> Batches:
        labels, dequantize = gan.conditional, config.dequantize
        return training_batches(pictures, size, config.seed, config.flip, done, labels, dequantize, share)

    return devices.batches(make, config.discriminator_steps)
