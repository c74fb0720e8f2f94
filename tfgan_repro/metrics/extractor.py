"""What every feature extractor has in common."""

import hashlib

import keras
import numpy as np
import tensorflow as tf

from tfgan_repro.metrics import RESIZES


class Extractor:
    """Pixels in, features out.

    Args:
        name: the extractor's name in protocols.
        network: a Keras model from float32 `[batch, size, size, 3]` to features `[batch, dimension]`.
        preprocess: from float32 pixels in [0, 255] to what the network expects.
        resize: a name in `tfgan_repro.metrics.RESIZES`.
        distance_name: what the Frechet distance on these features is called.
        batch_size: images at once.
        precision: "float32" or "bfloat16", recorded in protocols.
    """

    def __init__(self, name, network, preprocess, resize, distance_name="FID", batch_size=50, precision="float32"):
        self.name = name
        self.distance_name = distance_name
        self.dimension = network.output_shape[-1]
        self.batch_size = batch_size
        self.resize = resize
        self.precision = precision
        self.weights_hash = hash_weights(network)
        size, resize_images = network.input_shape[1], RESIZES.load(resize)

        @tf.function(input_signature=[tf.TensorSpec((None, None, None, None), tf.uint8)])
        def extract(images):
            if tf.shape(images)[1] == size and tf.shape(images)[2] == size:
                resized = tf.cast(images, tf.float32)
            else:
                resized = resize_images(images, size)
            # A grey image has equal colours.
            resized = tf.broadcast_to(resized, (tf.shape(images)[0], size, size, 3))
            return tf.cast(network(preprocess(resized), training=False), tf.float32)

        self._extract = extract

    def batches(self, images, progress=None):
        """The features of images, batch by batch.

        Args:
            images: uint8 `[count, height, width, 1 or 3]`.
            progress: called with the number of images done so far.

        Yields:
            float32 `[batch, dimension]`.
        """
        for start in range(0, len(images), self.batch_size):
            yield self._extract(images[start : start + self.batch_size]).numpy()
            if progress:
                progress(min(start + self.batch_size, len(images)))

    def __call__(self, images, progress=None):
        """The features float32 `[count, dimension]` of images; arguments as in `batches`."""
        return np.concatenate(list(self.batches(images, progress)))

    @property
    def protocol(self):
        """What a score must say about how its features were made."""
        return {
            "extractor": self.name,
            "weights_sha256": self.weights_hash,
            "features": self.dimension,
            "resize": self.resize,
            "precision": self.precision,
        }


def hash_weights(network):
    """The SHA-256 of a Keras model's weights, shortened to 16 digits."""
    digest = hashlib.sha256()
    for weight in sorted(network.weights, key=lambda weight: weight.path):
        digest.update(keras.ops.convert_to_numpy(keras.ops.cast(weight, "float32")).tobytes())
    return digest.hexdigest()[:16]
