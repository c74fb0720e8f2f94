"""Pictures that stay on disk and are read when they are asked for."""

import hashlib
import os
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from tfgan_repro.data.pictures import count_classes
from tfgan_repro.errors import UserError
from tfgan_repro.types import Tensor


class RecordPictures:
    """Prepared pictures in record files, in the place of a `Pictures`; also an image set for scores.

    Args:
        name: of the data set.
        split: "train" or "test".
        files: the record files.
        columns: a row a picture: the number of its file (`shard`), where in it its pixels begin (`offset`), and its
            `label`.
        image_shape: `(height, width, channels)`.
        class_names: of the labels, empty without labels.
    """

    def __init__(
        self,
        name: str,
        split: str,
        files: Sequence[Path],
        columns: dict[str, np.ndarray],
        image_shape: tuple[int, ...],
        class_names: tuple[str, ...] = (),
    ) -> None:
        self.name, self.split, self.image_shape, self.class_names = name, split, image_shape, class_names
        self.files, self.columns = files, columns
        self.labels = columns["label"] if class_names else None
        self.notes: dict = {}
        try:
            # Once open they can be read even if somebody removes them during a training.
            self.handles = [os.open(file, os.O_RDONLY) for file in files]
        except OSError as error:
            raise UserError(f"{error.filename} cannot be read: {error.strerror}") from error
        weakref.finalize(self, close, self.handles)

    def __len__(self) -> int:
        return len(self.columns["shard"])

    @property
    def classes(self) -> dict[str, int]:
        """How many images each class has; see `count_classes`."""
        return count_classes(self.labels, self.class_names)

    def read(self, rows: np.ndarray) -> np.ndarray:
        """The images of the given numbers, in their order; several threads may read at once.

        Args:
            rows: int `[count]`.

        Returns:
            uint8 `[count, height, width, channels]`.

        Raises:
            UserError: the disk does not give what it should.
        """
        images = np.empty((len(rows), *self.image_shape), np.uint8)
        for image, shard, offset in zip(images, self.columns["shard"][rows], self.columns["offset"][rows]):
            try:
                complete = os.preadv(self.handles[shard], [image], offset) == image.nbytes
            except OSError as error:
                raise UserError(f"{self.files[shard]} cannot be read: {error.strerror}") from error
            if not complete:
                raise UserError(f"{self.files[shard]} ends early; prepare the pictures again")
        return images

    def reader(self) -> Callable[[Tensor], Tensor]:
        """A function from int64 `[count]` to those images, uint8, for a TensorFlow graph."""
        import tensorflow as tf

        def read(places: Tensor) -> Tensor:
            images = tf.numpy_function(self.read, [places], tf.uint8, stateful=False)
            return tf.ensure_shape(images, (None, *self.image_shape))

        return read

    # What scores ask of an image set (tfgan_repro.metrics.images).

    def take(self, rows: np.ndarray) -> "RecordPictures":
        """The pictures of the given numbers, in their order."""
        columns = {name: column[rows] for name, column in self.columns.items()}
        return RecordPictures(self.name, self.split, self.files, columns, self.image_shape, self.class_names)

    def digest(self) -> str:
        """A hash of the content."""
        digest = hashlib.sha256(repr(self.image_shape).encode())
        for start in range(0, len(self), 1000):
            digest.update(self.read(np.arange(start, min(start + 1000, len(self)))).data)
        return digest.hexdigest()

    def batches(self, size: int) -> Iterator[np.ndarray]:
        """Yields uint8 `[at most size, height, width, channels]`."""
        for start in range(0, len(self), size):
            yield self.read(np.arange(start, min(start + size, len(self))))


def close(handles: list[int]) -> None:
    for handle in handles:
        os.close(handle)
