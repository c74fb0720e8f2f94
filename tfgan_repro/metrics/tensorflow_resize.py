"""The resizes of `tfgan_repro.metrics.resize` on TensorFlow."""

import tensorflow as tf

from tfgan_repro.types import Tensor


def tf1_bilinear(images: Tensor, size: int) -> Tensor:
    return tf.raw_ops.ResizeBilinear(
        images=tf.cast(images, tf.float32), size=(size, size), align_corners=False, half_pixel_centers=False
    )


def nearest(images: Tensor, size: int) -> Tensor:
    return tf.image.resize(tf.cast(images, tf.float32), (size, size), method="nearest")


def antialias(images: Tensor, size: int) -> Tensor:
    return tf.image.resize(tf.cast(images, tf.float32), (size, size), antialias=True)
