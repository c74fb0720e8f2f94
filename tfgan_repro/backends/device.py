"""The processor, and settings made for the machine before the first network is built."""

import contextlib
import os
import platform
import random
from collections.abc import Iterator
from typing import Any

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
    return "bfloat16" if backend_module("tfgan_repro.backends.{}").prefers_bfloat16() else "float32"


def configure(precision: str, seed: int) -> None:
    """Set the process up for a reproducible run: precision, seeds, deterministic kernels.

    Args:
        precision: "float32" or "bfloat16"; bfloat16 keeps variables, losses and logits in float32.
        seed: of every generator of random numbers.
    """
    keras.utils.set_random_seed(seed)
    keras.mixed_precision.set_global_policy(POLICIES[precision])
    # Free on a CPU; on a GPU it would cost speed.
    backend_module("tfgan_repro.backends.{}").make_deterministic()


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


def cpu_has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 in hardware (AVX512-BF16 or AMX)."""
    return bool({"avx512_bf16", "amx_bf16"} & set(cpu_info("flags").split()))


def processor() -> dict[str, Any]:
    """The processor's model and how many of its cores this process may use, as `device` of a backend."""
    # The name of the architecture where the system tells no more.
    name = cpu_info("model name") or platform.processor() or platform.machine()
    affinity = getattr(os, "sched_getaffinity", None)
    return {"kind": "cpu", "name": name, "count": len(affinity(0)) if affinity else os.cpu_count()}


def cpu_info(key: str) -> str:
    """What `/proc/cpuinfo` says of the first core, or nothing."""
    if not os.path.exists("/proc/cpuinfo"):
        return ""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return next((line.partition(":")[2].strip() for line in file if line.partition(":")[0].strip() == key), "")
