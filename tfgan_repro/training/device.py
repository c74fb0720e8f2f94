"""What the machine can do, and the settings made for it before the first network is built."""

import os

import keras
import tensorflow as tf

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}


def resolve_precision(precision):
    """Turn "auto" into the faster precision that the device has units for.

    Args:
        precision: "auto", "float32" or "bfloat16".

    Returns:
        "float32" or "bfloat16".
    """
    if precision != "auto":
        return precision
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        capability = tf.config.experimental.get_device_details(gpus[0]).get("compute_capability", (0, 0))
        return "bfloat16" if capability >= (8, 0) else "float32"
    return "bfloat16" if cpu_has_bfloat16() else "float32"


def cpu_has_bfloat16():
    """Whether the processor multiplies bfloat16 in hardware (AVX512-BF16 or AMX), as Linux tells it."""
    if not os.path.exists("/proc/cpuinfo"):
        return False
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        flags = next((line for line in file if line.startswith("flags")), "").split()
    return bool({"avx512_bf16", "amx_bf16"} & set(flags))


def configure(precision, seed):
    """Set the process up for a reproducible run: precision, seeds, deterministic kernels.

    Args:
        precision: "float32" or "bfloat16"; bfloat16 keeps variables, losses and logits in float32.
        seed: of every generator of random numbers.
    """
    keras.utils.set_random_seed(seed)
    keras.mixed_precision.set_global_policy(POLICIES[precision])
    if not tf.config.list_physical_devices("GPU"):
        # Free on a CPU; on a GPU it would cost speed.
        tf.config.experimental.enable_op_determinism()
