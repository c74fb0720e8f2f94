"""Reading `.npz` files that users name."""

import zipfile
from pathlib import Path

import numpy as np

from tfgan_repro.errors import UserError


def read_npz(path: Path | str) -> dict[str, np.ndarray]:
    """All arrays of an `.npz` file, each read once.

    Raises:
        UserError: absent or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            if not hasattr(stored, "files"):
                raise ValueError("a single array, not an .npz file")
            return {name: stored[name] for name in stored.files}
    except FileNotFoundError:
        raise UserError(f"no such file: {path}") from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        reason = " ".join(str(error).split())
        if "pickle" in reason:
            reason = "it holds pickled objects, which could run code"
        raise UserError(f"{path} cannot be read as .npz: {reason}") from error
