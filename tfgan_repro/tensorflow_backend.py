"""What TensorFlow has a way of its own for, besides the training."""

import functools
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tfgan_repro.processor import cpu_has_bfloat16, processor
from tfgan_repro.types import Network


def be_quiet() -> None:
    """Say nothing that tells a user nothing."""
    import absl.logging

    absl.logging.set_verbosity(absl.logging.ERROR)
    tf.get_logger().setLevel("ERROR")


def has_accelerator() -> bool:
    """Whether anything but the processor computes."""
    return bool(tf.config.list_physical_devices("GPU"))


def device() -> dict[str, Any]:
    """What computes: its `kind` ("cpu" or "gpu"), its model's `name`, and the `count` of devices, or of cores."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return processor()
    details = tf.config.experimental.get_device_details(gpus[0])
    return {"kind": "gpu", "name": details.get("device_name", "unknown"), "count": len(gpus)}


def prefers_bfloat16() -> bool:
    """Whether the device has units for bfloat16."""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        return tf.config.experimental.get_device_details(gpus[0]).get("compute_capability", (0, 0)) >= (8, 0)
    return cpu_has_bfloat16()


def multiplies_small_grids_faster() -> bool:
    """Whether `tfgan_repro.layers.small_grids` pays in bfloat16: on a processor."""
    return not has_accelerator()


def make_deterministic() -> None:
    """Let the same seed give the same weights, bit by bit, where that is free."""
    if not has_accelerator():
        tf.config.experimental.enable_op_determinism()


def multiply_exactly() -> None:
    """Keep a GPU from rounding the factors of float32 products to 10 bits."""
    tf.config.experimental.enable_tensor_float_32_execution(False)


def compiled_on_images(function: Callable, network: Network, dtype: str) -> Callable:
    """Compile a function of images `[batch, height, width, channels]` of a dtype, in which a network is called.

    Returns:
        A function to a dictionary of tensors; it takes batches of any size.
    """
    return tf.function(function, input_signature=[tf.TensorSpec((None, None, None, None), dtype)])


def inference(network: Network) -> Callable:
    """A network's call with standing batch statistics."""
    return functools.partial(network, training=False)
