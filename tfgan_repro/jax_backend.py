"""What JAX has a way of its own for, besides the training."""

import logging
import weakref
from typing import Any

import jax
import keras

_calls: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()


def be_quiet():
    """Say nothing that tells a user nothing."""
    logging.getLogger("jax").setLevel(logging.ERROR)


def has_accelerator():
    """Whether anything but the processor computes."""
    return jax.default_backend() != "cpu"


def replicas():
    """See `tensorflow_backend.replicas`: several devices compute one program, for which they are one."""
    return 1


def replica():
    """See `tensorflow_backend.replica`."""
    return 0, 1


def prefers_bfloat16():
    """Whether the device has units for bfloat16; XLA does not use those of a processor."""
    device = jax.local_devices()[0]
    return device.platform == "tpu" or float(getattr(device, "compute_capability", 0)) >= 8.0


def make_deterministic():
    """Nothing to be done: XLA's programs for processors are deterministic, and so are most of those for GPUs."""


def multiply_exactly():
    """Keep an accelerator from rounding the factors of float32 products."""
    jax.config.update("jax_default_matmul_precision", "highest")


def compiled_on_images(function, network, dtype):
    """Compile a function of images `[batch, height, width, channels]` of a dtype, in which a network is called.

    Returns:
        A function to a dictionary of tensors; each size of a batch is compiled anew.
    """
    return with_variables_of(network, function)


def inference(network):
    """A network's call with standing batch statistics, compiled once."""
    if network not in _calls:
        reference: Any = weakref.ref(network)
        _calls[network] = with_variables_of(network, lambda inputs: reference()(inputs, training=False))
    return _calls[network]


def with_variables_of(network, function):
    """Compile a function that reads a network's variables, which change, and would be constants otherwise."""
    variables = list(network.variables)

    @jax.jit
    def compiled(values, inputs):
        with keras.StatelessScope(list(zip(variables, values, strict=True))):
            return function(inputs)

    return lambda inputs: compiled([variable.value for variable in variables], inputs)
