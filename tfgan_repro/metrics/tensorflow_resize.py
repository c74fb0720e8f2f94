"""The resizes of `tfgan_repro.metrics.resize` on TensorFlow."""

import tensorflow as tf


def tf1_bilinear(images, size):
    return tf.raw_ops.ResizeBilinear(
        images=tf.cast(images, tf.float32), size=(size, size), align_corners=False, half_pixel_centers=False
    )


def nearest(images, size):
    return tf.image.resize(tf.cast(images, tf.float32), (size, size), method="nearest")


def antialias(images, size):
    return tf.image.resize(tf.cast(images, tf.float32), (size, size), antialias=True)
