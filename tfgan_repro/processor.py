"""What the processor can do."""

import os


def cpu_has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 in hardware (AVX512-BF16 or AMX), as Linux tells it."""
    if not os.path.exists("/proc/cpuinfo"):
        return False
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        flags = next((line for line in file if line.startswith("flags")), "").split()
    return bool({"avx512_bf16", "amx_bf16"} & set(flags))
