"""Reading `.npz` files that users name, and writing what need not fit into memory."""

import contextlib
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

from tfgan_repro.errors import UserError


def read_npz(path: Path | str) -> dict[str, np.ndarray]:
    """All arrays of an `.npz` file, each read once.

    Raises:
        UserError: absent or damaged.
    """
    with readable(path):
        stored = np.load(path, allow_pickle=False)
        if isinstance(stored, np.ndarray):
            raise ValueError("a single array, not an .npz file")
        with stored:
            return {name: stored[name] for name in stored.files}


@contextlib.contextmanager
def readable(path: Path | str) -> Iterator[None]:
    """Turns what a missing or damaged `.npz` file raises into a `UserError`."""
    try:
        yield
    except UserError:
        raise
    except FileNotFoundError:
        raise UserError(f"no such file: {path}") from None
    # Damage makes `zipfile` and NumPy raise anything: BadZipFile, zlib.error, ValueError, SyntaxError, ...
    except Exception as error:
        reason = " ".join(str(error).split())
        if "pickle" in reason:
            reason = "it holds pickled objects, which could run code"
        raise UserError(f"{path} cannot be read as .npz: {reason}") from error


def write_array(
    archive: zipfile.ZipFile, name: str, shape: tuple[int, ...], dtype: DTypeLike, blocks: Iterable[np.ndarray]
) -> None:
    """Write an array into an open `.npz` block by block, so that it need not fit into memory."""
    with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
        header = {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for block in blocks:
            file.write(np.ascontiguousarray(block, dtype).tobytes())
