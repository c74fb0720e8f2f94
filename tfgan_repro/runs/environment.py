"""What a run depends on besides its configuration and its pictures."""

import contextlib
import importlib.metadata
import platform
import subprocess
from pathlib import Path
from typing import Any

import tfgan_repro
from tfgan_repro.backends import backend_module, backend_name

PACKAGES = ("tensorflow", "jax", "keras", "numpy", "tensorflow-datasets")


def environment() -> dict[str, Any]:
    """What a run depends on besides its configuration: package versions, the git commit, if any, and the device.

    Nothing in it names the machine itself.
    """
    versions = {"python": platform.python_version(), "tfgan-repro": tfgan_repro.__version__}
    for package in PACKAGES:
        # Either backend may be absent.
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[package] = importlib.metadata.version(package)
    device = backend_module().device()
    return {"backend": backend_name(), "versions": versions, "git_commit": git_commit(), "device": device}


def git_commit() -> str | None:
    """The commit of the checkout that this package lies in, or None; not of one around an installed package."""
    here = Path(__file__)
    # An error for a file of no commit.
    command = ["git", "-C", str(here.parent), "rev-parse", "HEAD", f"HEAD:./{here.name}"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.split()[0]
