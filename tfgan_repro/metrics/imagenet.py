"""Keras' InceptionV3 with ImageNet weights: the features that report C scored with. Not the network of FID proper."""

from pathlib import Path

import keras

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.extractor import Extractor

IMAGE_SIZE = 299


class ImageNetExtractor(Extractor):
    """The 2048 averaged features of `keras.applications.InceptionV3` without its top.

    Args:
        weights: a Keras weights file without top; None lets Keras download its own.
        features: None or 2048.
        resize: how images come to 299 pixels; None for nearest neighbour, report C's.

    Raises:
        UserError: weights that cannot be had or are of another network, or another number of features.
    """

    def __init__(self, weights=None, features=None, resize=None):
        if features not in (None, 2048):
            raise UserError(f"--features {features}: the imagenet extractor has 2048")
        if weights is not None and not Path(weights).is_file():
            raise UserError(f"no Inception weights at {weights}")
        policy = keras.mixed_precision.dtype_policy()
        keras.mixed_precision.set_dtype_policy("float32")
        try:
            network = keras.applications.InceptionV3(
                include_top=False, weights=weights or "imagenet", pooling="avg", input_shape=(IMAGE_SIZE, IMAGE_SIZE, 3)
            )
        except Exception as error:  # Keras raises bare Exceptions for a failed download
            reason = f"{weights} does not fit it" if weights else "its weights could not be downloaded"
            raise UserError(
                f"Keras' InceptionV3 (without top) could not be loaded: {reason}; "
                "name a weights file with --inception-weights"
            ) from error
        finally:
            keras.mixed_precision.set_dtype_policy(policy)
        super().__init__(
            "imagenet",
            network,
            preprocess=keras.applications.inception_v3.preprocess_input,
            resize=resize or "nearest",
            distance_name="FID-imagenet",
        )
