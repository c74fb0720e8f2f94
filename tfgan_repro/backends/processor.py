"""What processor there is, and what it can do, as Linux tells it."""

import os
import platform
from typing import Any


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
