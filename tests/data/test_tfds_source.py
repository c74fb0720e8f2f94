import numpy as np
import pytest

from tfgan_repro.data import load_pictures
from tfgan_repro.errors import UserError


def test_the_real_cifar10(cifar10_dir):
    test = load_pictures("cifar10", "test", str(cifar10_dir))
    assert test.images.shape == (10_000, 32, 32, 3) and test.images.dtype == np.uint8
    assert test.class_names[0] == "airplane"
    np.testing.assert_array_equal(np.bincount(test.labels), [1000] * 10)


def test_the_environment_names_the_directory(cifar10_dir, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(cifar10_dir))
    assert len(load_pictures("cifar10", "test")) == 10_000


def test_no_network_is_one_line_with_the_ways_out(tmp_path, monkeypatch):
    import tensorflow_datasets as tfds

    def refuse(*args, **kwargs):
        raise ConnectionError("Failed to resolve host")

    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", refuse)
    with pytest.raises(UserError) as error:
        load_pictures("cifar10", data_dir=str(tmp_path))
    message = str(error.value)
    assert "\n" not in message and "--data-dir" in message and "--dataset shapes" in message
