"""Statistics in files: `mu` and `sigma`, as pytorch-fid writes them, with their protocol where this package did."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.files import atomic_path
from tfgan_repro.metrics.statistics import Gaussian
from tfgan_repro.npz import read_npz

# What two sides of a score must have in common.
COMPARED = ("extractor", "weights_sha256", "features", "resize", "precision")


def write_statistics(path: Path | str, gaussian: Gaussian, protocol: dict[str, Any]) -> None:
    """Write statistics, atomically.

    Args:
        path: the `.npz` file.
        gaussian: a `Gaussian`.
        protocol: how its features were made, a dictionary that JSON can hold.

    Raises:
        UserError: the file cannot be written.
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise UserError(f"--save-stats {path}: the name must end in .npz")
    try:
        with atomic_path(path) as temporary:
            np.savez(
                temporary,
                mu=gaussian.mean,
                sigma=gaussian.covariance,
                count=np.array(gaussian.count, np.int64),
                protocol=np.array(json.dumps(protocol)),
            )
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}") from error


def read_statistics(path: Path | str) -> tuple[Gaussian, dict[str, Any] | None]:
    """Read statistics.

    Args:
        path: an `.npz` with `mu` and `sigma`.

    Returns:
        A `Gaussian`, and the protocol as a dictionary, or None for a file that holds none.

    Raises:
        UserError: absent, damaged, or no statistics.
    """
    stored = read_npz(path)
    if not {"mu", "sigma"} <= set(stored):
        raise UserError(f"{path} holds no statistics (mu, sigma), only {', '.join(sorted(stored)) or 'nothing'}")
    try:
        count = int(stored["count"]) if "count" in stored else None
        protocol = json.loads(str(stored["protocol"])) if "protocol" in stored else None
        if protocol is not None and not isinstance(protocol, dict):
            raise ValueError("its protocol is no JSON object")
        return Gaussian.of_moments(stored["mu"], stored["sigma"], count), protocol
    except (UserError, ValueError, TypeError) as error:
        raise UserError(f"{path}: {error}") from error


def check_protocols(
    name_1: str, protocol_1: dict[str, Any] | None, name_2: str, protocol_2: dict[str, Any] | None
) -> None:
    """Refuse to compare what was made in different ways; a protocol that is None is unknown and passes.

    Raises:
        UserError: the first difference, with both values.
    """
    if protocol_1 is None or protocol_2 is None:
        return
    for key in COMPARED:
        if protocol_1.get(key) != protocol_2.get(key):
            raise UserError(
                f"{name_1} and {name_2} were made by different protocols: {key} is {protocol_1.get(key)} and "
                f"{protocol_2.get(key)}"
            )
