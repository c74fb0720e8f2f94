"""Which backend computes, and what is said where it cannot."""

import importlib.util
import os
import subprocess
import sys

import pytest
from conftest import PYTHON_PATH, ROOT

from tfgan_repro import cli
from tfgan_repro.errors import UserError


def test_an_unknown_backend_is_refused_in_one_line(command):
    done = command("train.py", "--dry-run", KERAS_BACKEND="torch")
    assert done.returncode == 2
    assert done.stderr == "error: KERAS_BACKEND=torch: must be tensorflow or jax\n"


@pytest.mark.parametrize(
    ("missing", "there", "message"),
    [
        ("jax", {"tensorflow"}, "JAX is not installed; choose another with KERAS_BACKEND=tensorflow, or install it"),
        ("tensorflow", {"jax"}, "TensorFlow is not installed; choose another with KERAS_BACKEND=jax, or install it"),
        ("tensorflow", set(), "TensorFlow is not installed; install it with: pip install tensorflow"),
    ],
)
def test_a_missing_backend_is_said_with_what_to_do(missing, there, message, monkeypatch):
    def import_module(name):
        raise ModuleNotFoundError(f"No module named {name!r}", name=missing)

    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setattr(cli.importlib, "import_module", import_module)
    monkeypatch.setattr(cli.importlib.util, "find_spec", lambda name: True if name in there else None)
    with pytest.raises(UserError, match=message):
        cli.import_backend()


def on_jax(*program, **environment):
    """A process of Python on JAX."""
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": PYTHON_PATH, **environment}
    return subprocess.run([sys.executable, *program], capture_output=True, text=True, env=environment, check=False)


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed")
@pytest.mark.parametrize("platform", ["cuda", "tpu"])
def test_a_device_that_jax_is_told_to_use_and_does_not_find_is_said_in_one_line(platform):
    if os.path.exists("/dev/nvidia0") or os.path.exists("/dev/accel0"):
        pytest.skip("there is one")
    done = on_jax(ROOT / "train.py", "--dry-run", JAX_PLATFORMS=platform)
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 2
    assert last.startswith(f"error: JAX finds nothing to compute on with JAX_PLATFORMS={platform}: ")


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed")
def test_jax_tells_why_a_gpu_that_is_there_is_not_used():
    program = """
from jax._src import hardware_utils
from tfgan_repro import cli

hardware_utils.has_visible_nvidia_gpu = lambda: True
cli.import_backend()
"""
    done = on_jax("-c", program, JAX_PLATFORMS="")
    assert "An NVIDIA GPU may be present on this machine" in done.stderr
