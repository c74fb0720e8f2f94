"""A set of pictures in memory, decoded once."""

from dataclasses import dataclass, replace

import numpy as np


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
        """The same pictures with `image_size` pixels a side, resized with antialiasing (bilinear)."""
        if self.image_shape[:2] == (image_size, image_size):
            return self
        import tensorflow as tf

        def resize(images):
            resized = tf.image.resize(images, (image_size, image_size), antialias=True)
            return tf.cast(tf.round(resized), tf.uint8).numpy()

        # In pieces, because the float32 intermediates of a whole set would need four times its memory.
        pieces = [resize(self.images[start : start + 1000]) for start in range(0, len(self), 1000)]
        return replace(self, images=np.concatenate(pieces))
