"""The backend in use, for what a training step is written in; see either module for the functions."""

from typing import TYPE_CHECKING

from tfgan_repro.backends import BACKENDS, backend_name
from tfgan_repro.errors import UserError

if backend_name() not in BACKENDS:
    raise UserError(f"KERAS_BACKEND={backend_name()}: GANs are trained on {' or '.join(BACKENDS)}")

# Type checkers and readers follow the first; both have the same functions.
if TYPE_CHECKING or backend_name() == "tensorflow":
    from tfgan_repro.backends import tensorflow_training as backend
else:
    from tfgan_repro.backends import jax_training as backend

__all__ = ["backend"]
