"""Keras' InceptionV3 with ImageNet weights: the features that report C scored with. Not the network of FID proper."""

from pathlib import Path
from typing import Any

import keras

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.building import dtype_policy
from tfgan_repro.metrics.extractor import Extractor
from tfgan_repro.metrics.inception_weights import quiet_download
from tfgan_repro.types import Network

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

    def __init__(
        self, weights: Path | str | None = None, features: int | None = None, resize: str | None = None
    ) -> None:
        if features not in (None, 2048):
            raise UserError(f"--features {features}: the imagenet extractor has 2048")
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
        super().__init__(
            "imagenet",
            keras.Model(network.input, {"features": network.output}),
            preprocess=keras.applications.inception_v3.preprocess_input,
            resize=resize or "nearest",
        )

    @staticmethod
    def _in_order(network: Network) -> list[Any]:
        # Keras numbers its layers through the whole process, so their names are not always the same; their order is.
        return network.weights
