"""Features of folders, and colours as features."""

import numpy as np
import pytest
from labelled_pictures import write_pictures
from PIL import Image

from tfgan_repro.errors import UserError
from tfgan_repro.labels.features import ColourHistogram, check_present, colour_shares, extract_features
from tfgan_repro.metrics.folder import ImageFolder
from tfgan_repro.metrics.images import ImageArray


class MeanColour:
    """In an extractor's place: three features, the mean colour."""

    dimension, has_logits, name = 3, False, "mean"
    protocol = {"extractor": "mean"}
    cache_key = property(lambda self: self.protocol)

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
        pictures = extract_features(ImageFolder(tmp_path / "pictures", "skip"), MeanColour())
        assert pictures.files == sorted(truth)
        channels = pictures.features.argmax(axis=1)
        assert ["red green blue".split()[channel] for channel in channels] == [truth[file] for file in sorted(truth)]


def test_rows_of_labels(tmp_path):
    truth = write_pictures(tmp_path, count=2)
    pictures = extract_features(ImageFolder(tmp_path), MeanColour())
    chosen = dict(list(truth.items())[::-1][:3])
    rows, classes = pictures.rows_of(chosen)
    assert [pictures.files[row] for row in rows] == sorted(chosen)
    assert classes == [truth[file] for file in sorted(chosen)]
    with pytest.raises(UserError, match="2 of 3 labelled files are not in"):
        pictures.rows_of({"x.png": "a", "y.png": "a", pictures.files[0]: "b"})


def test_labels_of_absent_files_are_named(tmp_path):
    files = write_pictures(tmp_path, count=1)
    labels = {f"{index}.png": "a" for index in range(9)}
    with pytest.raises(UserError, match=r"9 of 9 .* 0\.png, 1\.png, 2\.png and 6 more"):
        check_present(labels, files, tmp_path)


def test_bad_pictures_and_bad_features_are_refused(tmp_path):
    write_pictures(tmp_path, count=1)
    with pytest.raises(UserError, match="NaN"):
        extract_features(ImageFolder(tmp_path), Broken())
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:20])
    with pytest.raises(UserError, match=r"a\.png cannot be decoded"):
        extract_features(ImageFolder(tmp_path), MeanColour())


def test_a_plain_picture_has_one_colour():
    colours = [(250, 10, 10), (10, 250, 10), (10, 10, 250), (0, 0, 0), (128, 128, 128), (255, 255, 255), (90, 4, 4)]
    shares = np.stack([colour_shares(np.full((30, 40, 3), colour, np.uint8)) for colour in colours])
    assert (shares.max(axis=1) == 1).all() and (shares.sum(axis=1) == 1).all()
    assert len(set(shares.argmax(axis=1))) == len(colours)


def test_shares_do_not_depend_on_where_the_colours_are_or_on_the_size():
    picture = np.zeros((96, 48, 3), np.uint8)
    picture[:24] = (255, 0, 0)
    shares = colour_shares(picture)
    assert sorted(shares[shares > 0]) == [0.25, 0.75]
    np.testing.assert_array_equal(colour_shares(picture[::-1]), shares)
    np.testing.assert_array_equal(colour_shares(picture.repeat(2, axis=0).repeat(2, axis=1)), shares)


def test_it_is_used_like_an_extractor():
    images = ImageArray(np.random.default_rng(0).integers(0, 256, (300, 8, 8, 3), dtype=np.uint8))
    extractor, done = ColourHistogram(), []
    outputs = list(extractor.outputs(images, done.append))
    assert [len(output["features"]) for output in outputs] == [256, 44] and done == [256, 300]
    assert outputs[0]["features"].shape[1] == extractor.dimension == extractor.protocol["features"]
    np.testing.assert_array_equal(outputs[1]["features"][3], colour_shares(images.images[259]))


def test_grey_images_are_pictures_too():
    (output,) = ColourHistogram().outputs(ImageArray(np.full((1, 5, 5, 1), 128, np.uint8)))
    np.testing.assert_array_equal(output["features"][0], colour_shares(np.full((5, 5, 3), 128, np.uint8)))


def test_choices_that_it_does_not_have_are_refused():
    with pytest.raises(UserError, match="--features 2048: the colours extractor has 72"):
        ColourHistogram(2048)
    with pytest.raises(UserError, match="has box"):
        ColourHistogram(resize="clean")
