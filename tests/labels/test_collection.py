"""Folders with their features."""

import numpy as np
import pytest
from labelled_pictures import write_pictures
from PIL import Image

from tfgan_repro.errors import UserError
from tfgan_repro.labels.collection import check_present, load_collection, relative_files
from tfgan_repro.metrics.folder import ImageFolder


class MeanColour:
    """In an extractor's place: three features, the mean colour."""

    dimension, has_logits, name = 3, False, "mean"
    protocol = {"extractor": "mean"}

    def outputs(self, images, progress=None):
        for batch in images.batches(4):
            yield {"features": np.stack([picture.mean(axis=(0, 1)) for picture in batch]).astype(np.float32)}


class Broken(MeanColour):
    protocol = {"extractor": "broken"}

    def outputs(self, images, progress=None):
        yield {"features": np.full((len(images), 3), np.nan, np.float32)}


@pytest.mark.parametrize("damage", [False, True])
def test_features_belong_to_their_files(tmp_path, damage):
    truth = write_pictures(tmp_path / "pictures", count=3)
    if damage:
        (tmp_path / "pictures" / "blue" / "0.png").write_bytes(b"no picture")
        (tmp_path / "pictures" / "red" / "5.jpg").touch()
    for _ in range(2):  # extracted, then from the cache
        collection = load_collection(ImageFolder(tmp_path / "pictures", "skip"), MeanColour())
        assert collection.files == sorted(truth)
        channels = collection.features.argmax(axis=1)
        assert ["red green blue".split()[channel] for channel in channels] == [truth[file] for file in sorted(truth)]


def test_rows_of_labels(tmp_path):
    truth = write_pictures(tmp_path, count=2)
    collection = load_collection(ImageFolder(tmp_path), MeanColour())
    chosen = dict(list(truth.items())[::-1][:3])
    rows, classes = collection.rows_of(chosen)
    assert [collection.files[row] for row in rows] == sorted(chosen)
    assert classes == [truth[file] for file in sorted(chosen)]
    with pytest.raises(UserError, match="2 of 3 labelled files are not in"):
        collection.rows_of({"x.png": "a", "y.png": "a", collection.files[0]: "b"})


def test_labels_of_absent_files_are_named(tmp_path):
    write_pictures(tmp_path, count=1)
    labels = {f"{index}.png": "a" for index in range(9)}
    with pytest.raises(UserError, match=r"9 of 9 .* 0\.png, 1\.png, 2\.png and 6 more"):
        check_present(labels, relative_files(ImageFolder(tmp_path)), tmp_path)


def test_bad_pictures_and_bad_features_are_refused(tmp_path):
    write_pictures(tmp_path, count=1)
    with pytest.raises(UserError, match="NaN"):
        load_collection(ImageFolder(tmp_path), Broken())
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:20])
    with pytest.raises(UserError, match=r"a\.png cannot be decoded"):
        load_collection(ImageFolder(tmp_path), MeanColour())
