"""One process at a time in a run directory."""

import contextlib
import fcntl
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tfgan_repro.errors import UserError

if TYPE_CHECKING:
    from tfgan_repro.runs.directory import RunDirectory


@contextlib.contextmanager
def locked(run: "RunDirectory") -> Iterator[None]:
    """Hold a run directory for as long as the block lasts.

    The operating system gives the lock back when its process dies, however it dies, so that none is ever stale.

    Args:
        run: a `RunDirectory`.

    Raises:
        UserError: another process holds it.
    """
    with open(run.lock, "a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"{run.path} is in use by another process") from None
        yield
