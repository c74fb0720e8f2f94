import numpy as np
import pytest

from tfgan_repro.data import is_at_hand, load_pictures, tfds_source
from tfgan_repro.data.export import export
from tfgan_repro.data.loading import load
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.tfds_source import open_builder
from tfgan_repro.errors import UserError


def test_the_real_cifar10(cifar10_dir):
    test = load_pictures("cifar10", "test", str(cifar10_dir))
    assert test.images.shape == (10_000, 32, 32, 3) and test.images.dtype == np.uint8
    assert test.class_names[0] == "airplane"
    np.testing.assert_array_equal(np.bincount(test.labels), [1000] * 10)


def test_the_environment_names_the_directory(cifar10_dir, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(cifar10_dir))
    assert len(load_pictures("cifar10", "test")) == 10_000


def test_where_tensorflow_is_not_installed_an_exported_set_is_that_set(cifar10_dir, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(tfds_source, "is_installed", lambda: False)
        message = f"export cifar10 cifar10.npz; then bring the file here as {tmp_path}/cifar10"
        with pytest.raises(UserError, match=message):
            load_pictures("cifar10", data_dir=str(tmp_path))
        assert not is_at_hand("cifar10", str(tmp_path))
    export("cifar10", tmp_path / "cifar10.npz", ("train", "test"), str(cifar10_dir))
    fingerprint = load_pictures("cifar10", "test", str(cifar10_dir)).fingerprint()
    monkeypatch.setattr(tfds_source, "is_installed", lambda: False)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    exported = load_pictures("cifar10", "test")
    assert (exported.name, exported.fingerprint()) == ("cifar10", fingerprint) and is_at_hand("cifar10")


def test_no_network_is_one_line_with_the_ways_out(tmp_path, monkeypatch):
    import tensorflow_datasets as tfds

    def refuse(*args, **kwargs):
        raise ConnectionError("Failed to resolve host")

    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", refuse)
    with pytest.raises(UserError) as error:
        load_pictures("cifar10", data_dir=str(tmp_path))
    message = str(error.value)
    assert "\n" not in message and "--data-dir" in message and "--dataset shapes" in message


def stored(name, images, labels, data_dir):
    """A set of TFDS of both splits, on disk."""
    import tensorflow as tf
    import tensorflow_datasets as tfds

    features = {
        "image": tfds.features.Image(shape=images.shape[1:], dtype=images.dtype),
        "label": tfds.features.ClassLabel(num_classes=2),
    }
    examples = tf.data.Dataset.from_tensor_slices({"image": images, "label": labels})
    tfds.dataset_builders.store_as_tfds_dataset(
        name=name,
        version="1.0.0",
        features=tfds.features.FeaturesDict(features),
        split_datasets={"train": examples, "test": examples},
        data_dir=data_dir,
    )
    return open_builder(name, tfds.builder(name, data_dir=data_dir), None)


@pytest.mark.parametrize(("kind", "channels", "level"), [(np.uint16, 1, 100 * 257), (np.uint8, 4, 100)])
def test_pictures_of_another_kind_become_8_bits_of_grey_or_colours(tmp_path, monkeypatch, kind, channels, level):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    images = np.full((8, 6, 6, channels), level, kind)
    images[..., 3:] = 255
    pictures = load(stored("own_kind", images, np.arange(8) % 2, tmp_path), "train", Preparation())
    assert pictures.images.dtype == np.uint8 and pictures.images.shape == (8, 6, 6, min(channels, 3))
    assert (pictures.images == 100).all()


def test_a_split_without_labels_has_none(tmp_path):
    images = np.zeros((8, 6, 6, 3), np.uint8)
    pictures = load(stored("unlabelled", images, np.full(8, -1), tmp_path), "test", Preparation())
    assert pictures.labels is None and pictures.classes == {} and len(pictures) == 8


def test_pictures_without_a_label_are_counted(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(tfds_source, "MOST_AT_ONCE", 0)
    images = np.random.default_rng(0).integers(0, 256, (8, 6, 6, 3), np.uint8)
    labels = np.array([0, 1] * 3 + [-1] * 2)
    pictures = load(stored("partly_labelled", images, labels, tmp_path), "train", Preparation())
    assert len(pictures) == 6 and "left out 4 (has no label: 4)" in str(pictures.description)
