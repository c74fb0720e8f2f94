"""Resizes by name: a score depends on which one is used. Each takes pixels `[batch, height, width, channels]`."""

import tensorflow as tf


def tf1_bilinear(images, size):
    """The resize inside the 2015 Inception graph: bilinear, corners not aligned, no half-pixel centres, no antialias.

    Args:
        images: uint8 or float32 `[batch, height, width, channels]`.
        size: pixels a side.

    Returns:
        float32 `[batch, size, size, channels]`, not rounded, in the input's range.
    """
    return tf.raw_ops.ResizeBilinear(
        images=tf.cast(images, tf.float32), size=(size, size), align_corners=False, half_pixel_centers=False
    )


def nearest(images, size):
    """Nearest neighbour, as report C scaled its images up. Arguments and result as in `tf1_bilinear`."""
    return tf.image.resize(tf.cast(images, tf.float32), (size, size), method="nearest")


def antialias(images, size):
    """Bilinear with antialiasing, for scaling down. Arguments and result as in `tf1_bilinear`."""
    return tf.image.resize(tf.cast(images, tf.float32), (size, size), antialias=True)
