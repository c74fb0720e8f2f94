"""Work that several workers share."""

import os
import signal
import threading

import pytest

from tfgan_repro.backends.processor import core_count
from tfgan_repro.data.parallel import CHUNK, in_order, processes, threads
from tfgan_repro.errors import UserError


def doubled(numbers):
    return [2 * number for number in numbers]


def die(numbers):
    os.kill(os.getpid(), signal.SIGKILL)


def test_results_come_in_the_order_of_the_items():
    count = 5 * CHUNK + 3
    assert list(in_order(doubled, range(count), threads)) == [(number, 2 * number) for number in range(count)]


def test_no_more_is_read_than_the_workers_need():
    read = 0

    def items():
        nonlocal read
        for read in range(10**6):
            yield read

    results = in_order(doubled, items(), threads)
    next(results)
    assert read <= (3 * core_count() + 2) * CHUNK
    results.close()
    assert threading.active_count() < 10


def test_a_worker_that_was_killed_is_told():
    with pytest.raises(UserError, match="a worker process was killed"):
        list(in_order(die, range(3), processes))
