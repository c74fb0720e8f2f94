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
from typing import Any

from tfgan_repro.errors import UserError


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


def make_place(path: Path | str) -> None:
    """Make the folder that a file will be written to, unless it is there.

    Raises:
        UserError: it cannot be made, or there is a folder of the file's own name.
    """
    path = Path(path)
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


def current_umask() -> int:
    # The only portable way to read it is to set it.
    mask = os.umask(0)
    os.umask(mask)
    return mask


def file_hash(path: Path | str) -> str:
    """The SHA-256 of a file's bytes, 64 digits."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


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
