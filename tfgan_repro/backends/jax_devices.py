"""Devices on JAX: those of this machine share each minibatch, without being told."""

from tfgan_repro.errors import UserError
from tfgan_repro.backends.jax_training import shares
from tfgan_repro.backends.devices import Devices


def find(strategy: str, batch_size: int) -> Devices:
    """See `tfgan_repro.backends.devices.find_devices`."""
    if strategy not in ("auto", "none"):
        raise UserError(
            f"--strategy {strategy} is TensorFlow's; JAX shares each minibatch among the devices of this machine by "
            "itself: use --strategy auto, or KERAS_BACKEND=tensorflow"
        )
    devices = Devices()
    devices.replicas = shares(batch_size)
    return devices
