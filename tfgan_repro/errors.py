"""The one error that a user can fix, and the helpers that word it."""

import contextlib
import difflib
import importlib.util
from collections.abc import Iterable, Iterator
from typing import Any

LONGEST, MOST_NAMES = 80, 20


class UserError(Exception):
    """Something that the user can fix: an option, a path, a file, missing weights, a full disk.

    Its message is one line: what is wrong, with what value, and what to do. The command line prints it on standard
    error and exits with code 2; from Python it is an ordinary exception.
    """


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UserError:
    """A `UserError` for a name that is not in a registry, with the nearest names first.

    Args:
        kind: what the name stands for, e.g. "model".
        name: the name as given.
        known: the names that would have been understood.
    """
    known, name = sorted(known), shortened(name)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    more = f" and {len(known) - MOST_NAMES} more" if len(known) > MOST_NAMES else ""
    hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(known[:MOST_NAMES])}{more}"
    return UserError(f"unknown {kind} {name!r}; {hint}")


def encodable(name: str) -> str:
    """A file's name as text that can be encoded: bytes that are no UTF-8 are written as escapes."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def shortened(value: Any) -> str:
    """A value as text of at most 80 characters, for messages."""
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def first_line(error: Exception) -> str:
    """What an error of another package says, in one line; the name of its kind where it says nothing."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


@contextlib.contextmanager
def memory_told(what: str, advice: str = "end what else uses the device, or hide it") -> Iterator[None]:
    """Say in one line that a device has too little memory for what the block computes.

    Args:
        what: is computed, e.g. "--batch-size 64".
        advice: what to do.

    Raises:
        UserError: the backend ran out of memory.
    """
    try:
        yield
    except Exception as error:
        text = str(error)
        if type(error).__name__ != "ResourceExhaustedError" and not text.startswith("RESOURCE_EXHAUSTED"):
            raise
        # TensorFlow begins with the place.
        reason = next((line for line in text.splitlines() if "OOM" in line), first_line(error))
        raise UserError(f"out of memory with {what} ({shortened(reason)}): {advice}") from error


def require_package(module: str, package: str, needed_by: str, extra: str) -> None:
    """Refuse to begin what an absent package would end in a traceback.

    Args:
        module: as it is imported.
        package: as it is installed.
        needed_by: an option or a command, for the message.
        extra: of this package, that brings it.

    Raises:
        UserError: the package is not installed.
    """
    if importlib.util.find_spec(module) is None:
        raise UserError(f'{needed_by} needs the package {package}: pip install "tfgan-repro[{extra}]"')
