"""Which of Keras' backends computes: the one place that asks. What differs lies in modules named after a backend."""

import importlib

from tfgan_repro.errors import UserError

BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX"}


def backend_module(place):
    """Import the module that does something on the backend in use.

    Args:
        place: the module's name, with `{}` where the backend's stands, e.g. "tfgan_repro.models.{}_step".
    """
    import keras

    return importlib.import_module(place.format(keras.config.backend()))


def require_tensorflow(what):
    """Refuse what only TensorFlow can do.

    Args:
        what: the choice, for the message.

    Raises:
        UserError: another backend is in use.
    """
    import keras

    if keras.config.backend() != "tensorflow":
        raise UserError(f"{what} is TensorFlow's work: say KERAS_BACKEND=tensorflow, for a run of either backend")
