import gzip
import struct

import numpy as np
import pytest

from tfgan_repro.data import load_pictures
from tfgan_repro.errors import UserError

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (60, 8, 8, 3), dtype=np.uint8)
LABELS = RANDOM.integers(0, 3, 60)


def idx(path, array, compress):
    content = bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()
    path.write_bytes(gzip.compress(content) if compress else content)


@pytest.mark.parametrize("compress", [True, False])
def test_idx_files(tmp_path, compress, capsys):
    end = ".gz" if compress else ""
    for split, part in (("train", slice(40)), ("t10k", slice(40, 60))):
        idx(tmp_path / f"{split}-images-idx3-ubyte{end}", IMAGES[part, ..., 0], compress)
        idx(tmp_path / f"{split}-labels-idx1-ubyte{end}", LABELS[part].astype(np.uint8), compress)
    train, test = (load_pictures(f"idx:{tmp_path}", split) for split in ("train", "test"))
    np.testing.assert_array_equal(train.images, IMAGES[:40, ..., :1])
    np.testing.assert_array_equal(test.labels, LABELS[40:])
    (tmp_path / f"t10k-labels-idx1-ubyte{end}").unlink()
    assert load_pictures(f"idx:{tmp_path}").labels is None
    assert "only one split has labels; they are not used" in capsys.readouterr().err


def test_idx_labels_need_not_begin_at_0(tmp_path):
    """Those of EMNIST's letters begin at 1; the folder beside the file is how Kaggle packs MNIST."""
    idx(tmp_path / "train-images.idx3-ubyte", IMAGES[..., 0], False)
    idx(tmp_path / "train-labels.idx1-ubyte", (LABELS + 1).astype(np.uint8), False)
    (tmp_path / "train-images-idx3-ubyte").mkdir()
    assert load_pictures(f"idx:{tmp_path}").class_names == ("1", "2", "3")


def test_a_folder_in_the_place_of_idx_labels_is_named(tmp_path):
    idx(tmp_path / "train-images-idx3-ubyte", IMAGES[..., 0], False)
    (tmp_path / "train-labels-idx1-ubyte").mkdir()
    with pytest.raises(UserError, match="train-labels-idx1-ubyte cannot be read as IDX"):
        load_pictures(f"idx:{tmp_path}")


def test_damaged_idx_files_are_named(tmp_path):
    file = tmp_path / "train-images-idx3-ubyte.gz"
    with pytest.raises(UserError, match="holds no IDX file of training images"):
        load_pictures(f"idx:{tmp_path}")
    idx(file, IMAGES[..., 0], True)
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(UserError, match="train-images-idx3-ubyte.gz cannot be read as IDX"):
        load_pictures(f"idx:{tmp_path}")
    file.write_bytes(gzip.compress(b"nothing of the kind"))
    with pytest.raises(UserError, match="it does not begin like an array of bytes"):
        load_pictures(f"idx:{tmp_path}")


def test_the_real_mnist(mnist_dir):
    test = load_pictures(f"idx:{mnist_dir}", "test")
    assert test.images.shape == (10_000, 28, 28, 1)
    assert np.bincount(test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
