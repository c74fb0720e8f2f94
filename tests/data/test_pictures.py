import numpy as np

from tfgan_repro.data.pictures import Pictures


def test_resizing_is_antialiased_and_keeps_grey_grey():
    stripes = np.zeros((3, 32, 32, 1), np.uint8)
    stripes[:, :, ::2] = 255
    small = Pictures("stripes", "train", stripes, np.arange(3)).resized(8)
    assert small.image_shape == (8, 8, 1) and small.images.dtype == np.uint8
    # Without antialiasing, single stripes would be picked and the result black or white.
    assert np.abs(small.images[:, :, 1:-1].astype(int) - 127).max() < 24
    np.testing.assert_array_equal(small.labels, np.arange(3))


def test_the_right_size_is_left_alone():
    pictures = Pictures("any", "train", np.zeros((3, 32, 32, 3), np.uint8))
    assert pictures.resized(32) is pictures
