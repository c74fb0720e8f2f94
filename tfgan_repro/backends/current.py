"""The backend in use, for what a training step is written in; see either module for the functions."""

from typing import TYPE_CHECKING

from tfgan_repro.backends import BACKENDS, backend_name
from tfgan_repro.errors import UserError

if backend_name() not in BACKENDS:
    raise UserError(f"KERAS_BACKEND={backend_name()}: GANs are trained on {' or '.join(BACKENDS)}")

# Type checkers and readers follow the first; both have the same functions.
if TYPE_CHECKING or backend_name() == "tensorflow":
    from tfgan_repro.backends.tensorflow_training import (
        JIT_COMPILE,
        Training,
        descend,
        forward,
        image_gradient,
        on_all_replicas,
        repeat,
        replicas,
        share,
        slope_of,
        spread,
        weight_gradients,
        without_effects,
    )
else:
    from tfgan_repro.backends.jax_training import (
        JIT_COMPILE,
        Training,
        descend,
        forward,
        image_gradient,
        on_all_replicas,
        repeat,
        replicas,
        share,
        slope_of,
        spread,
        weight_gradients,
        without_effects,
    )

__all__ = [
    "JIT_COMPILE",
    "Training",
    "descend",
    "forward",
    "image_gradient",
    "on_all_replicas",
    "repeat",
    "replicas",
    "share",
    "slope_of",
    "spread",
    "weight_gradients",
    "without_effects",
]
