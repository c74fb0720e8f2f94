"""Keras' InceptionV3 with ImageNet weights: the features that report C scored with. Not the network of FID proper."""

from pathlib import Path

import keras

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.extractor import KerasExtractor
from tfgan_repro.metrics.networks import dtype_policy
from tfgan_repro.metrics.inception_weights import quiet_download

IMAGE_SIZE = 299


class ImageNetExtractor(KerasExtractor):
    """The 2048 averaged features of `keras.applications.InceptionV3` without its top.

    Args:
        weights: a Keras weights file without top; None lets Keras download its own.
        resize: how images come to 299 pixels; nearest neighbour is report C's.

    Raises:
        UserError: weights that cannot be had or are of another network.
    """

    feature_counts = (2048,)

    def __init__(self, weights: Path | str | None = None, resize: str = "nearest") -> None:
        if weights is not None and not Path(weights).is_file():
            raise UserError(f"no Inception weights at {weights}")
        try:
            with dtype_policy("float32"), quiet_download():
                network = keras.applications.InceptionV3(
                    include_top=False,
                    weights=weights or "imagenet",
                    pooling="avg",
                    input_shape=(IMAGE_SIZE, IMAGE_SIZE, 3),
                )
        except Exception as error:  # Keras raises bare Exceptions for a failed download
            reason = f"{weights} does not fit it" if weights else "its weights could not be downloaded"
            raise UserError(
                f"Keras' InceptionV3 (without top) could not be loaded: {reason}; "
                "name a weights file with --inception-weights, or choose --extractor embedded"
            ) from error
        super().__init__(network, resize=resize, mean=0.5, std=0.5, name="imagenet")
