"""A set that is larger than the memory it is given."""

import os
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT

from tfgan_repro.data import load_pictures, loading
from tfgan_repro.data.pictures import Pictures, RecordPictures
from tfgan_repro.data.preparation import Preparation

PROGRAM = """
import itertools, resource, sys
sys.path.insert(0, sys.argv[1])
import numpy as np
import tensorflow as tf
from tfgan_repro.data import load_pictures
from tfgan_repro.data.pipeline import training_batches

# Threads of TensorFlow's own reserve address space when they are first used.
next(iter(tf.data.Dataset.range(8).map(lambda number: number, num_parallel_calls=tf.data.AUTOTUNE)))
with open("/proc/self/status") as status:
    size = next(int(line.split()[1]) << 10 for line in status if line.startswith("VmSize"))
resource.setrlimit(resource.RLIMIT_AS, (size + (450 << 20),) * 2)
name = "npz:" + sys.argv[2]
try:
    with np.load(sys.argv[2]) as arrays:
        arrays["images"]
    sys.exit("the limit limits nothing")
except MemoryError:
    pass
pictures = load_pictures(name)
batches = [batch.numpy()[:, 0, 0, 0] for batch in itertools.islice(training_batches(pictures, 16), 30)]
again = [batch.numpy()[:, 0, 0, 0] for batch in itertools.islice(training_batches(pictures, 16, start=20), 10)]
np.testing.assert_array_equal(batches[20:], again)
with open("/proc/self/status") as status:
    most = next(int(line.split()[1]) >> 10 for line in status if line.startswith("VmHWM"))
print(len(pictures), len(load_pictures(name, "test")), most)
"""


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the address space is only known on Linux")
def test_training_on_more_pictures_than_the_address_space_holds(tmp_path):
    count = 10_000
    images = np.zeros((count, 128, 128, 3), np.uint8)
    images[:, 0, 0] = np.random.default_rng(0).integers(0, 256, (count, 3))
    np.savez_compressed(tmp_path / "large.npz", images=images)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, ROOT, tmp_path / "large.npz"],
        capture_output=True,
        text=True,
        check=False,
        # The C library reserves address space that it does not use, 64 MB a thread.
        env={**os.environ, "MALLOC_ARENA_MAX": "2"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    train, test, most = map(int, done.stdout.split())
    assert train + test == count and test > 500
    assert most < 1500  # MB
    assert "10,000 pictures are too many for memory" in done.stderr


def test_pictures_that_cannot_become_records_are_kept_in_memory(tmp_path, monkeypatch):
    """As on a machine without TensorFlow, where JAX trains."""
    monkeypatch.setattr(loading, "MEMORY_LIMIT", 1000)
    images = np.random.default_rng(0).integers(0, 256, (10, 32, 32, 3), dtype=np.uint8)
    np.savez(tmp_path / "pictures.npz", x_train=images[:7], x_test=images[7:])
    name = f"npz:{tmp_path}/pictures.npz"
    assert isinstance(load_pictures(name), RecordPictures)
    monkeypatch.setattr(loading, "can_be_written", lambda: False)
    assert isinstance(load_pictures(name, image_size=16), Pictures)


def test_the_size_that_a_preparation_says_is_kept_unless_another_is_given():
    preparation = Preparation(image_size=16)
    assert load_pictures("shapes", "test", preparation=preparation).image_shape == (16, 16, 3)
    assert load_pictures("shapes", "test", None, 8, preparation).image_shape == (8, 8, 3)
