"""Files that are complete or absent, never half-written, and what they are told from others by."""

import contextlib
import errno
import hashlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfgan_repro.errors import UserError

if TYPE_CHECKING:
    import numpy as np


@contextlib.contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """A temporary path beside `path`, with the same suffix, that replaces it when the block ends without an error.

    The bytes reach the disk before the name does, so that not even a power cut leaves half a file.
    """
    path = Path(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    try:
        yield Path(name)
        with open(name, "rb") as file:
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~current_umask())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def make_place(path: Path | str, suffix: str = "") -> None:
    """Make the folder that a file will be written to, unless it is there.

    Args:
        path: the file.
        suffix: what its name must end in, in small letters.

    Raises:
        UserError: it ends in something else, the folder cannot be made, or one of the file's own name is there.
    """
    path = Path(path)
    if not path.name.lower().endswith(suffix):
        raise UserError(f"{path}: the name must end in {suffix}")
    if path.is_dir():
        raise UserError(f"{path} is a folder; name a file")
    make_folder(path.parent)


def make_folder(path: Path | str) -> None:
    """Make a folder, and those above it, unless it is there.

    Raises:
        UserError: that cannot be done, for instance because a file has the name.
    """
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{path}: no folder can be made there: {os.strerror(error.errno or 0)}") from error


def check_folder(path: Path | str) -> None:
    """Raise a `UserError` where a path is no folder."""
    if not os.path.isdir(path):  # unlike `Path.is_dir`, of any name
        raise UserError(f"{path} is a file, and no folder" if os.path.exists(path) else f"no such folder: {path}")


def check_outside(path: Path | str, folder: Path | str) -> None:
    """Raise a `UserError` where what is to be written lies in a folder of pictures."""
    if Path(path).resolve().is_relative_to(Path(folder).resolve()):
        raise UserError(f"{path}: must be outside {folder}, whose pictures it would join")


def current_umask() -> int:
    # The only portable way to read it is to set it.
    mask = os.umask(0)
    os.umask(mask)
    return mask


def file_hash(path: Path | str) -> str:
    """The SHA-256 of a file's bytes, 64 digits."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def arrays_hash(arrays: Iterable["np.ndarray"]) -> str:
    """The SHA-256 of the bytes of arrays in their order, 64 digits."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(array.tobytes())
    return digest.hexdigest()


def cache_directory() -> Path:
    """Where what can be made again is kept: `$XDG_CACHE_HOME/tfgan_repro`, by default `~/.cache/tfgan_repro`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tfgan_repro"


def write_json(path: Path | str, value: Any) -> None:
    """Write a value as indented JSON, atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def json_line(value: Any) -> str:
    """A value as a line of JSON, which knows no NaN and no infinity: they become null."""
    return json.dumps(nulled(value), allow_nan=False) + "\n"


def nulled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: nulled(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [nulled(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_json_lines(path: Path | str, values: Iterable[Any]) -> None:
    """Write values as lines of JSON, atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text("".join(map(json_line, values)), encoding="utf-8")


def append_json_line(path: Path | str, value: Any) -> None:
    """Append a value as one line of JSON; where the disk is full, the file stays as it was.

    A last line without its end goes: a killed process was writing it, and `read_json_lines` knows none of it.
    """
    line = json_line(value).encode()
    with open(path, "a+b", buffering=0) as file:
        size = file.tell()
        file.seek(max(0, size - 1))
        if file.read(1) not in (b"", b"\n"):
            size = Path(path).read_bytes().rfind(b"\n") + 1
            file.truncate(size)
        try:
            if file.write(line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        except OSError:
            file.truncate(size)
            raise


def read_json_lines(path: Path | str) -> list[Any]:
    """The values of a file of JSON lines, in order; an absent file has none.

    A last line without its end is left out: a killed process was writing it.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


@contextlib.contextmanager
def filled_folder(path: Path | str) -> Iterator[Path]:
    """A hidden folder within `path`, whose files become those of `path` when the block ends without an error.

    `path` is made if it is absent, and removed again after an error; otherwise it should be empty. The folder itself is
    never replaced, because it may be a mount or the one that the process is in.
    """
    path = Path(path)
    made = not path.exists()
    if made:
        path.mkdir()
    hidden = Path(tempfile.mkdtemp(dir=path, prefix=".filling-"))
    try:
        yield hidden
        for file in sorted(hidden.iterdir()):
            os.rename(file, path / file.name)
        hidden.rmdir()
    except BaseException:
        shutil.rmtree(path if made else hidden, ignore_errors=True)
        raise
