"""Work on a long sequence by several workers, with the results in order and few of them in memory."""

import itertools
import signal
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

from tfgan_repro.backends.processor import core_count
from tfgan_repro.errors import UserError

Taken = TypeVar("Taken")
Made = TypeVar("Made")

CHUNK = 32  # items that a worker gets at a time


def threads() -> ThreadPoolExecutor:
    """Workers inside this process."""
    return ThreadPoolExecutor(core_count())


def processes() -> ProcessPoolExecutor:
    """Workers beside this process, started anew because a process that runs TensorFlow must not be forked."""
    return ProcessPoolExecutor(core_count(), get_context("spawn"), start_process)


def start_process() -> None:
    # Ctrl-C is for the parent to handle; and what Pillow has to say about odd files is in the report.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.filterwarnings("ignore", module="PIL")


def in_order(
    function: Callable[[list[Taken]], list[Made]], items: Iterable[Taken], executor: Callable[[], Executor]
) -> Iterator[tuple[Taken, Made]]:
    """Apply a function to lists of items in parallel.

    Args:
        function: takes a list of items and returns a list of results, one an item.
        items: an iterable, which is read only a little ahead of the results.
        executor: a function that makes a `concurrent.futures.Executor`: `threads` or `processes`.

    Yields:
        Pairs of an item and its result, in the order of the items.
    """
    waiting: deque = deque()
    pool = executor()
    try:
        iterator = iter(items)
        while chunk := list(itertools.islice(iterator, CHUNK)):
            waiting.append((chunk, pool.submit(function, chunk)))
            if len(waiting) > 3 * core_count():
                done, result = waiting.popleft()
                yield from zip(done, result.result())
        while waiting:
            done, result = waiting.popleft()
            yield from zip(done, result.result())
    except BrokenExecutor as error:
        raise UserError("a worker process was killed, perhaps because memory ran out; nothing was written") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
