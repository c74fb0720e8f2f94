"""Which backend computes, and what is said where it cannot."""

import pytest

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
