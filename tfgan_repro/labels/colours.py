"""Colours as features: for labels such as hair colour in drawings, which networks trained on objects hardly see."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.images import as_image_set
from tfgan_repro.types import ImageSet, Progress

SIZE = 48  # pixels a side; colours need no more
HUES, SATURATIONS, VALUES = 8, 3, 3
BATCH = 256


class ColourHistogram:
    """Which share of a picture has which of 72 colours (hue, saturation, value); used like an `Extractor`.

    Args:
        features: None or 72.
        resize: None or "box".

    Raises:
        UserError: another number of features.
    """

    name, dimension, has_logits = "colours", HUES * SATURATIONS * VALUES, False

    def __init__(self, features: int | None = None, resize: str | None = None) -> None:
        if features not in (None, self.dimension):
            raise UserError(f"--features {features}: the colours extractor has {self.dimension}")
        if resize not in (None, "box"):
            raise UserError(f"resize {resize}: the colours extractor has box")

    @property
    def protocol(self) -> dict[str, Any]:
        """What tells its features from others', with the keys of `Extractor.protocol`."""
        return {
            "extractor": self.name,
            "bins": [HUES, SATURATIONS, VALUES],
            "features": self.dimension,
            "resize": "box",
            "precision": "float32",
        }

    def outputs(self, images: ImageSet, progress: Progress | None = None) -> Iterator[dict[str, np.ndarray]]:
        """Yields a dictionary of `features`, float32 `[batch, 72]`, batch by batch; see `Extractor.outputs`."""
        done = 0
        for batch in as_image_set(images).batches(BATCH):
            yield {"features": np.stack([histogram(pixels) for pixels in batch])}
            done += len(batch)
            if progress:
                progress(done)
        if not done:
            raise UserError(f"{images.name} holds no image that could be read")


def histogram(pixels: np.ndarray) -> np.ndarray:
    """The shares float32 `[72]`, of sum 1, of the colours in uint8 `[height, width, 1 or 3]`."""
    pixels = np.broadcast_to(pixels, (*pixels.shape[:2], 3))  # a grey image has equal colours
    small = Image.fromarray(np.ascontiguousarray(pixels)).resize((SIZE, SIZE), Image.Resampling.BOX)
    hue, saturation, value = np.moveaxis(np.asarray(small.convert("HSV"), int), -1, 0)
    colour = (hue * HUES // 256 * SATURATIONS + saturation * SATURATIONS // 256) * VALUES + value * VALUES // 256
    return (np.bincount(colour.ravel(), minlength=HUES * SATURATIONS * VALUES) / colour.size).astype(np.float32)
