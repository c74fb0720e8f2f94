"""What processor there is, and what it can do, as Linux tells it; asked before Keras is there, which takes seconds."""

import glob
import os
import platform
import sys
from typing import Any


def cpu_has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 in hardware (AVX512-BF16 or AMX)."""
    return bool({"avx512_bf16", "amx_bf16"} & set(cpu_info("flags").split()))


def has_only_a_processor() -> bool:
    """Whether no driver of a GPU or TPU is there, asked before a backend is loaded; False where that cannot be told."""
    drivers = ("/dev/nvidia[0-9]*", "/dev/kfd", "/dev/dxg", "/dev/accel*", "/dev/vfio/[0-9]*")
    return sys.platform == "linux" and not any(glob.glob(pattern) for pattern in drivers)


def processor() -> dict[str, Any]:
    """The processor's model and how many of its cores this process may use, as `device` of a backend."""
    # The name of the architecture where the system tells no more.
    name = cpu_info("model name") or platform.processor() or platform.machine()
    return {"kind": "cpu", "name": name, "count": core_count()}


def core_count() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_info(key: str) -> str:
    """What `/proc/cpuinfo` says of the first core, or nothing."""
    if not os.path.exists("/proc/cpuinfo"):
        return ""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return next((line.partition(":")[2].strip() for line in file if line.partition(":")[0].strip() == key), "")
