"""A few of many pictures, each as likely as any other."""

import numpy as np
from PIL import Image

SEED = 0


class Sample:
    """Keeps a random sample of pictures that come one after the other (Vitter's algorithm R).

    Args:
        size: of the sample.
    """

    def __init__(self, size: int) -> None:
        self.size, self.seen = size, 0
        self.kept: list[np.ndarray] = []
        self.random = np.random.default_rng(SEED)

    def add(self, pixels: np.ndarray) -> None:
        """Show it a picture, uint8 `[height, width, 1 or 3]`."""
        self.seen += 1
        place = len(self.kept) if len(self.kept) < self.size else int(self.random.integers(self.seen))
        if place == len(self.kept):
            self.kept.append(pixels)
        elif place < self.size:
            self.kept[place] = pixels

    def images(self, largest: int) -> np.ndarray:
        """The sample as uint8 `[count, height, width, channels]`, scaled down to at most so many pixels a side."""
        return np.stack([reduced(pixels, largest) for pixels in self.kept])


def reduced(pixels: np.ndarray, largest: int) -> np.ndarray:
    if max(pixels.shape[:2]) <= largest:
        return pixels
    image = Image.fromarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels)
    image.thumbnail((largest, largest))
    return np.asarray(image).reshape(image.height, image.width, pixels.shape[2])
