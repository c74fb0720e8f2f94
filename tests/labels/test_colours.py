"""Colour histograms."""

import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.labels.colours import ColourHistogram, histogram
from tfgan_repro.metrics.images import ImageArray


def test_a_plain_picture_has_one_colour():
    colours = [(250, 10, 10), (10, 250, 10), (10, 10, 250), (0, 0, 0), (128, 128, 128), (255, 255, 255), (90, 4, 4)]
    shares = np.stack([histogram(np.full((30, 40, 3), colour, np.uint8)) for colour in colours])
    assert (shares.max(axis=1) == 1).all() and (shares.sum(axis=1) == 1).all()
    assert len(set(shares.argmax(axis=1))) == len(colours)


def test_shares_do_not_depend_on_where_the_colours_are_or_on_the_size():
    picture = np.zeros((96, 48, 3), np.uint8)
    picture[:24] = (255, 0, 0)
    shares = histogram(picture)
    assert sorted(shares[shares > 0]) == [0.25, 0.75]
    np.testing.assert_array_equal(histogram(picture[::-1]), shares)
    np.testing.assert_array_equal(histogram(picture.repeat(2, axis=0).repeat(2, axis=1)), shares)


def test_it_is_used_like_an_extractor():
    images = ImageArray(np.random.default_rng(0).integers(0, 256, (300, 8, 8, 3), dtype=np.uint8))
    extractor, done = ColourHistogram(), []
    outputs = list(extractor.outputs(images, done.append))
    assert [len(output["features"]) for output in outputs] == [256, 44] and done == [256, 300]
    assert outputs[0]["features"].shape[1] == extractor.dimension == extractor.protocol["features"]
    np.testing.assert_array_equal(outputs[1]["features"][3], histogram(images.images[259]))


def test_grey_images_are_pictures_too():
    (output,) = ColourHistogram().outputs(ImageArray(np.full((1, 5, 5, 1), 128, np.uint8)))
    np.testing.assert_array_equal(output["features"][0], histogram(np.full((5, 5, 3), 128, np.uint8)))


def test_choices_that_it_does_not_have_are_refused():
    with pytest.raises(UserError, match="--features 2048: the colours extractor has 72"):
        ColourHistogram(2048)
    with pytest.raises(UserError, match="has box"):
        ColourHistogram(resize="clean")
