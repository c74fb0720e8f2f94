import numpy as np

from tfgan_repro.scaling import scale, unscale


def test_every_pixel_value_comes_back():
    pixels = np.arange(256, dtype=np.uint8)
    scaled = scale(pixels).numpy()
    assert scaled.dtype == np.float32
    assert (scaled[0], scaled[-1]) == (-1.0, 1.0)
    np.testing.assert_array_equal(unscale(scaled), pixels)


def test_unscale_rounds_and_clips():
    np.testing.assert_array_equal(unscale(np.array([-1.5, 0.0, 0.999, 1.5])), [0, 128, 255, 255])
