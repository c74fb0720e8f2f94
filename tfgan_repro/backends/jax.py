"""What JAX has a way of its own for, besides the training: what computes, and Keras variables in pure functions."""

import logging
import re
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import jax
import keras

from tfgan_repro.backends.processor import processor
from tfgan_repro.errors import UserError, first_line
from tfgan_repro.types import Network, Tensor

# The variables of the innermost `pure`.
carried: list[Sequence[keras.Variable]] = []
_calls: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()


def be_quiet() -> None:
    """Say nothing that tells a user nothing."""
    logging.getLogger("jax").setLevel(logging.ERROR)
    # But why a GPU or TPU that is there is not used.
    logging.getLogger("jax._src.xla_bridge").setLevel(logging.WARNING)


def has_accelerator() -> bool:
    """Whether anything but the processor computes."""
    return jax.default_backend() != "cpu"


def device() -> dict[str, Any]:
    """What computes: its `kind` ("cpu", "gpu", "tpu"), its model's `name`, and the `count` of devices, or of cores.

    Raises:
        UserError: nothing does, for a driver or `JAX_PLATFORMS`.
    """
    try:
        devices = jax.local_devices()
    except (RuntimeError, AssertionError) as error:  # JAX asserts that CUDA, asked for, has found a GPU
        asked = f" with JAX_PLATFORMS={jax.config.jax_platforms}" if jax.config.jax_platforms else ""
        reason = first_line(error) if str(error) else "no such device is here"
        raise UserError(f"JAX finds nothing to compute on{asked}: {reason}") from error
    if devices[0].platform == "cpu":
        return processor()
    return {"kind": devices[0].platform, "name": devices[0].device_kind, "count": len(devices)}


def device_memory() -> int:
    """See `tensorflow.device_memory`."""
    return max((device.memory_stats() or {}).get("peak_bytes_in_use", 0) for device in jax.local_devices())


def replicas() -> int:
    """See `tensorflow.replicas`: several devices compute one program, for which they are one."""
    return 1


def prefers_bfloat16() -> bool:
    """Whether the device has units for bfloat16; XLA does not use those of a processor."""
    device = jax.local_devices()[0]
    # Of NVIDIA's a number, as "9.0"; of AMD's a name, as "gfx942".
    number = re.match(r"\d+", str(getattr(device, "compute_capability", "")))
    return device.platform == "tpu" or (number is not None and int(number[0]) >= 8)


def multiplies_small_grids_faster() -> bool:
    """Whether `tfgan_repro.backends.small_grids` pays in bfloat16: not with XLA's convolutions."""
    return False


def normalize(images: Tensor, scale: Tensor, shift: Tensor, epsilon: float) -> tuple[Tensor, Tensor, Tensor]:
    """See `tensorflow.normalize`; XLA makes one program of the pieces."""
    values = keras.ops.cast(images, "float32")
    mean, variance = keras.ops.moments(values, axes=[0, 1, 2])
    outputs = keras.ops.batch_normalization(values, mean, variance, -1, shift, scale, epsilon)
    return keras.ops.cast(outputs, images.dtype), mean, variance


def grouped_convolution(images: Tensor, kernel: Tensor, strides: tuple[int, int]) -> Tensor:
    """See `tensorflow.grouped_convolution`."""
    return keras.ops.conv(images, kernel, strides, "same")


def make_deterministic() -> None:
    """Nothing to be done: XLA's programs for processors are deterministic, and for GPUs that would cost speed."""


def multiply_exactly() -> None:
    """Keep an accelerator from rounding the factors of float32 products."""
    jax.config.update("jax_default_matmul_precision", "highest")


def compiled_on_images(function: Callable, network: Network, dtype: str) -> Callable:
    """Compile a function of images `[batch, height, width, channels]` of a dtype, in which a network is called.

    Returns:
        A function to a dictionary of tensors; each size of a batch is compiled anew. An accelerator rounds no factors
        of its float32 products, which a GPU would to 10 bits and a TPU to 7.
    """

    def exact(images: Tensor) -> dict[str, Tensor]:
        with jax.default_matmul_precision("highest"):
            return function(images)

    return with_variables_of(network, exact)


def inference(network: Network) -> Callable:
    """A network's call with standing batch statistics, compiled once."""
    if network not in _calls:
        reference: Any = weakref.ref(network)
        _calls[network] = with_variables_of(network, lambda inputs: reference()(inputs, training=False))
    return _calls[network]


def with_variables_of(network: Network, function: Callable) -> Callable:
    """Compile a function that reads a network's variables, which change, and would be constants otherwise."""
    variables = list(network.variables)

    @jax.jit
    def compiled(values: list[Tensor], inputs: Tensor) -> Tensor:
        with keras.StatelessScope(list(zip(variables, values, strict=True))):
            return function(inputs)

    return lambda inputs: compiled([variable.value for variable in variables], inputs)


def read(variables: Sequence[keras.Variable]) -> list[Tensor]:
    """The values of variables, within the scope that is open."""
    return [variable.value for variable in variables]


def assign(variables: Sequence[keras.Variable], values: Sequence[Tensor]) -> None:
    """Give variables values, within the scope that is open."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def variables_by_kind(model: keras.Model) -> dict[str, list[keras.Variable]]:
    """The variables that a compiled model's training changes, in the kinds that Keras' loop on JAX knows."""
    return {
        "trainable": model.trainable_variables,
        "non_trainable": model.non_trainable_variables,
        "optimizer": model.optimizer.variables,
        "metrics": model.metrics_variables,
    }


def pure(function: Callable, variables: Sequence[keras.Variable]) -> Callable[..., tuple[Any, list[Tensor]]]:
    """A function that reads and assigns variables, as one of their values that returns its result and the new ones.

    Within it no variable changes (`keras.StatelessScope`), so that JAX can compile and differentiate it.
    """

    def call(values: Sequence[Tensor], *arguments: Any) -> tuple[Any, list[Tensor]]:
        carried.append(variables)
        try:
            with keras.StatelessScope(list(zip(variables, values, strict=True))) as scope:
                result = function(*arguments)
            return result, [scope.get_current_value(variable) for variable in variables]
        finally:
            carried.pop()

    return call
