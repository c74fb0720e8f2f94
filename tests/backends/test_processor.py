"""What the system tells of the processor."""

import builtins
import io
import os

import pytest

from tfgan_repro.backends import processor

FIRST = "processor\t: 0\nmodel name\t: Model 7\nflags\t\t: fpu avx512_bf16 sse\n\n"
CPU_INFO = FIRST + "processor\t: 1\nmodel name\t: other\n"


@pytest.fixture
def linux(monkeypatch):
    monkeypatch.setattr(os.path, "exists", lambda path: True)
    monkeypatch.setattr(builtins, "open", lambda *arguments, **options: io.StringIO(CPU_INFO))


def test_the_first_core_is_asked(linux):
    assert processor.cpu_info("model name") == "Model 7" and processor.cpu_info("none") == ""
    assert processor.cpu_has_bfloat16()


def test_only_the_cores_that_this_process_may_use_count():
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("the system does not bind processes to cores")
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert processor.core_count() == 1 == processor.processor()["count"]
    finally:
        os.sched_setaffinity(0, before)
