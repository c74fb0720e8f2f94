"""The precision and the seeds of this process, set before the first network is built, and kept for a user."""

import contextlib
import random
from collections.abc import Iterator

import keras
import numpy as np

from tfgan_repro.backends import backend_module

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}


def resolve_precision(precision: str) -> str:
    """Turn "auto" into the faster precision that the device has units for.

    Args:
        precision: "auto", "float32" or "bfloat16".

    Returns:
        "float32" or "bfloat16".
    """
    if precision != "auto":
        return precision
    return "bfloat16" if backend_module().prefers_bfloat16() else "float32"


def configure(precision: str, seed: int) -> None:
    """Set the process up for a reproducible run: precision, seeds, deterministic kernels.

    Args:
        precision: "float32" or "bfloat16"; bfloat16 keeps variables, losses and logits in float32.
        seed: of every generator of random numbers.
    """
    keras.utils.set_random_seed(seed)
    keras.mixed_precision.set_global_policy(POLICIES[precision])
    # Free on a CPU; on a GPU it would cost speed.
    backend_module().make_deterministic()


@contextlib.contextmanager
def settings_kept() -> Iterator[None]:
    """After the block Keras' precision and Python's and NumPy's random states are what they were before it.

    For what is called from a user's own program, whose precision and seeds are not ours; also a decorator.
    """
    policy, states = keras.mixed_precision.dtype_policy(), (random.getstate(), np.random.get_state())
    try:
        yield
    finally:
        keras.mixed_precision.set_dtype_policy(policy)
        random.setstate(states[0])
        np.random.set_state(states[1])
