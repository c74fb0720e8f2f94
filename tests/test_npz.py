"""Archives of arrays that users name, and those that are written block by block."""

import contextlib
import io
import zipfile

import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.npz import read_npz, write_array


def archive_of(blocks):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        write_array(archive, "numbers", (4, 2), np.int32, blocks)
    return file.getvalue()


def test_what_is_written_in_blocks_is_what_numpy_writes_at_once(tmp_path):
    numbers = np.arange(8).reshape(4, 2)
    path = tmp_path / "a.npz"
    path.write_bytes(archive_of([numbers[:3], numbers[3:]]))
    found = read_npz(path)
    assert found.keys() == {"numbers"} and found["numbers"].dtype == np.int32
    np.testing.assert_array_equal(found["numbers"], numbers)
    # Nor does it depend on the time.
    assert archive_of([numbers]) == archive_of([numbers[:1], numbers[1:]])


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "no such file"), (b"text", "cannot be read as .npz"), (b"PK\x03\x04half", "cannot be read as .npz")],
)
def test_other_files_are_refused_by_name(tmp_path, content, message):
    path = tmp_path / "a.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=message):
        read_npz(path)


def test_whatever_is_damaged_ends_in_one_line(tmp_path):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, numbers=np.arange(1000))
    content = path.read_bytes()
    for place in range(0, len(content), 7):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        with contextlib.suppress(UserError):
            read_npz(path)


def test_a_single_array_is_no_archive(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(3))
    with pytest.raises(UserError, match="a single array"):
        read_npz(tmp_path / "a.npy")
