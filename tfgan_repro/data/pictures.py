"""A set of pictures in memory, decoded once."""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from tfgan_repro.data.cropping import cut, whole


@dataclass(frozen=True)
class Pictures:
    """Decoded pictures of one size.

    Attributes:
        name: of the data set, for protocols and titles.
        split: "train" or "test".
        images: uint8 `[count, height, width, channels]`.
        labels: int32 `[count]`, or None for a set without labels.
        class_names: the names of the labels, empty without labels.
    """

    name: str
    split: str
    images: np.ndarray
    labels: np.ndarray | None = None
    class_names: tuple[str, ...] = ()

    def __len__(self):
        return len(self.images)

    @property
    def image_shape(self):
        """`(height, width, channels)`."""
        return tuple(self.images.shape[1:])

    @property
    def classes(self):
        """How many images each class has, by its name in the order of the labels; empty without labels."""
        if self.labels is None:
            return {}
        counts = np.bincount(self.labels, minlength=len(self.class_names))
        return dict(zip(self.class_names, counts.tolist(), strict=True))

    def resized(self, image_size):
        """The same pictures with `image_size` pixels a side, resized with antialiasing as `cropping.cut` does."""
        if self.image_shape[:2] == (image_size, image_size):
            return self
        images = np.empty((len(self), image_size, image_size, self.image_shape[2]), np.uint8)
        for old, new in zip(self.images, images):
            image = Image.fromarray(old.squeeze(2) if old.shape[2] == 1 else old)
            new[:] = np.asarray(cut(image, whole(image), image_size)).reshape(new.shape)
        return replace(self, images=images)
