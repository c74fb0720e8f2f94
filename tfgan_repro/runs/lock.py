"""One process at a time in a run directory."""

import contextlib
from collections.abc import Iterator

from filelock import FileLock, Timeout

from tfgan_repro.errors import UserError
from tfgan_repro.runs.directory import RunDirectory


@contextlib.contextmanager
def locked(run: RunDirectory) -> Iterator[None]:
    """Hold a run directory for as long as the block lasts.

    The operating system gives the lock back when its process dies, however it dies, so that none is ever stale. A
    directory that had no file for the lock has none either after an error: whoever is refused leaves nothing behind.

    Args:
        run: a `RunDirectory`.

    Raises:
        UserError: another process holds it.
    """
    new = not run.lock.exists()
    try:
        with FileLock(run.lock, timeout=0):
            try:
                yield
            except UserError:
                if new:
                    run.lock.unlink(missing_ok=True)
                raise
    except Timeout:
        raise UserError(f"{run.path} is in use by another process") from None
