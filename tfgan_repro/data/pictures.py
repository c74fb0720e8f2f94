"""A set of pictures in memory, decoded once."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from tfgan_repro.data.cropping import cut, whole
from tfgan_repro.errors import UserError
from tfgan_repro.types import Tensor


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

    def __len__(self) -> int:
        return len(self.images)

    @property
    def image_shape(self) -> tuple[int, ...]:
        """`(height, width, channels)`."""
        return tuple(self.images.shape[1:])

    @property
    def classes(self) -> dict[str, int]:
        """How many images each class has; see `count_classes`."""
        return count_classes(self.labels, self.class_names)

    def read(self, rows: np.ndarray) -> np.ndarray:
        """The images of the given numbers, in their order."""
        return self.images[rows]

    def reader(self) -> Callable[[Tensor], Tensor]:
        """A function from int64 `[count]` to the images of those numbers, uint8, for a TensorFlow graph."""
        import tensorflow as tf

        # On the host and not a graph constant: a copy in the graph would be limited to 2 GB.
        with tf.device("CPU"):
            images = tf.constant(self.images)
        return lambda places: tf.gather(images, places)

    def resized(self, image_size: int) -> "Pictures":
        """The same pictures with `image_size` pixels a side, resized with antialiasing as `cropping.cut` does.

        Raises:
            UserError: they would not fit into this machine's memory.
        """
        if self.image_shape[:2] == (image_size, image_size):
            return self
        size, memory = len(self) * image_size**2 * self.image_shape[2], physical_memory()
        if size > memory:
            raise UserError(
                f"--image-size {image_size}: the {len(self):,} images of {self.name} would take {size / 1e9:.0f} GB; "
                f"this machine has {memory / 1e9:.0f} GB of memory"
            )
        images = np.empty((len(self), image_size, image_size, self.image_shape[2]), np.uint8)
        for old, new in zip(self.images, images):
            image = Image.fromarray(old.squeeze(2) if old.shape[2] == 1 else old)
            new[:] = np.asarray(cut(image, whole(image), image_size)).reshape(new.shape)
        return replace(self, images=images)


def count_classes(labels: np.ndarray | None, class_names: Sequence[str]) -> dict[str, int]:
    """How many images each class has, by its name in the order of the labels; empty without labels."""
    if labels is None:
        return {}
    return dict(zip(class_names, np.bincount(labels, minlength=len(class_names)).tolist(), strict=True))


def physical_memory() -> int:
    """This machine's memory in bytes."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
