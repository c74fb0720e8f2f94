"""Which of Keras' backends computes: the one place that asks. What differs lies in modules named after a backend."""

import importlib

BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX"}


def backend_module(place):
    """Import the module that does something on the backend in use.

    Args:
        place: the module's name, with `{}` where the backend's stands, e.g. "tfgan_repro.models.{}_step".
    """
    import keras

    return importlib.import_module(place.format(keras.config.backend()))
