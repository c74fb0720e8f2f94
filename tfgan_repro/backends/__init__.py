"""Which of Keras' backends computes: the one place that asks. What differs lies in modules named after a backend."""

import importlib
from types import ModuleType

from tfgan_repro.errors import UserError
from tfgan_repro.registry import Names, Registry

BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX"}
PRECISIONS = Names("precision", "auto", "float32", "bfloat16")
# Each from the size of a minibatch to `Devices`; JAX has one way of its own, which is "auto".
STRATEGIES = Registry(
    "strategy",
    {
        "auto": "tfgan_repro.backends.tensorflow_devices:automatic",
        "none": "tfgan_repro.backends.tensorflow_devices:one_device",
        "mirrored": "tfgan_repro.backends.tensorflow_devices:mirrored",
        "multiworker": "tfgan_repro.backends.tensorflow_devices:multiworker",
        "tpu": "tfgan_repro.backends.tensorflow_devices:tpu",
    },
)


def backend_name() -> str:
    """Its name in Keras; imports Keras, which takes seconds."""
    import keras

    return keras.config.backend()


def backend_module(place: str = "tfgan_repro.backends.{}") -> ModuleType:
    """Import the module that does something on the backend in use.

    Args:
        place: the module's name, with `{}` where the backend's stands.
    """
    return importlib.import_module(place.format(backend_name()))


def require_tensorflow(what: str) -> None:
    """Refuse what only TensorFlow can do.

    Args:
        what: the choice, for the message.

    Raises:
        UserError: another backend is in use.
    """
    if backend_name() != "tensorflow":
        raise UserError(f"{what} needs TensorFlow: set KERAS_BACKEND=tensorflow (it reads runs of either backend)")
