import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tfgan_repro.metrics.resize import antialias, bicubic, clean, nearest, tf1_bilinear

RANDOM = np.random.default_rng(0)


def tf1_by_definition(image, size):
    """Bilinear from the upper left corners of pixels: source place = target place * scale."""

    def weights(length):
        places = np.arange(size) * (length / size)
        low = np.floor(places).astype(int)
        return low, np.minimum(low + 1, length - 1), places - low

    top, bottom, down = weights(image.shape[0])
    left, right, across = weights(image.shape[1])
    rows = image[top] * (1 - down)[:, None, None] + image[bottom] * down[:, None, None]
    return rows[:, left] * (1 - across)[None, :, None] + rows[:, right] * across[None, :, None]


@pytest.mark.parametrize("shape", [(32, 32, 3), (28, 40, 1), (400, 310, 3)])
def test_tf1_bilinear_is_the_graphs_own(shape):
    image = RANDOM.integers(0, 256, shape, dtype=np.uint8)
    # The kernel computes places in float32: of 400 pixels they are good to some 1e-5 of a pixel.
    expected = tf1_by_definition(image.astype(float), 299)
    np.testing.assert_allclose(tf1_bilinear(image[None], 299)[0], expected, atol=0.02)


def test_it_is_not_what_tensorflow_2_does():
    image = RANDOM.integers(0, 256, (1, 32, 32, 3), dtype=np.uint8)
    assert np.abs(tf1_bilinear(image, 299) - tf.image.resize(image, (299, 299))).max() > 10


def test_nearest_repeats_pixels():
    image = RANDOM.integers(0, 256, (2, 4, 4, 3), dtype=np.uint8)
    np.testing.assert_array_equal(nearest(image, 12), image.repeat(3, axis=1).repeat(3, axis=2))


def cubic(x):
    """Keys' kernel with a = -1/2, Pillow's bicubic."""
    x = np.abs(x)
    return np.where(x < 1, 1.5 * x**3 - 2.5 * x**2 + 1, np.where(x < 2, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2, 0))


def bicubic_by_definition(image, size):
    def matrix(length):
        scale = length / size
        centres = (np.arange(size) + 0.5) * scale
        # Scaled down, the kernel is stretched: that is the antialiasing.
        weights = cubic((np.arange(length)[None] + 0.5 - centres[:, None]) / max(scale, 1))
        return weights / weights.sum(axis=1, keepdims=True)

    rows = np.tensordot(matrix(image.shape[0]), image.astype(float), axes=1)
    resized = np.tensordot(rows, matrix(image.shape[1]), axes=(1, 1)).transpose(0, 2, 1)
    return np.clip(resized, 0, 255)


@pytest.mark.parametrize("shape", [(32, 32, 3), (20, 50, 1), (400, 320, 3)])
def test_clean_is_an_antialiased_bicubic_clipped_and_not_rounded(shape):
    image = RANDOM.choice(np.array([0, 90, 255], np.uint8), shape)
    resized = clean(image[None], 299)[0]
    assert resized.dtype == np.float32 and resized.min() == 0 and resized.max() == 255
    assert np.mean(resized != np.rint(resized)) > 0.3
    expected = bicubic_by_definition(image, 299)
    # Pillow leaves out what lies beyond the kernel's whole-pixel support.
    assert np.mean(np.abs(resized - expected)) < 0.05 and np.abs(resized - expected).max() < 2


@pytest.mark.parametrize("resize", [tf1_bilinear, nearest, antialias, clean, bicubic])
@pytest.mark.parametrize("channels", [1, 3])
def test_an_even_image_stays_what_it_is(resize, channels):
    image = np.full((2, 7, 9, channels), 200, np.uint8)
    resized = np.asarray(resize(image, 32))
    assert resized.shape == (2, 32, 32, channels) and resized.dtype == np.float32
    np.testing.assert_allclose(resized, 200, rtol=1e-6)


def test_bicubic_is_pillows_of_whole_levels():
    image = RANDOM.integers(0, 256, (50, 40, 3), dtype=np.uint8)
    resized = bicubic(image[None], 30)[0]
    expected = Image.fromarray(image).resize((30, 30), Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(resized, np.asarray(expected))
    assert np.abs(resized - clean(image[None], 30)[0]).mean() < 1
