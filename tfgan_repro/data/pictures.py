"""Sets of prepared pictures, of one size: in memory, or on disk and read when they are asked for."""

import hashlib
import os
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tfgan_repro.data.crops import cut, whole
from tfgan_repro.data.description import DataDescription
from tfgan_repro.errors import UserError
from tfgan_repro.types import Tensor

BLOCK = 1000  # pictures read at a time
# Options of a preparation that the rest of a fingerprint says, or that the pictures kept do not depend on.
NOT_COMPARED = {"image_size", "on_bad_image"}


class PictureSet:
    """What every set of prepared pictures can do, wherever its pixels are.

    Attributes:
        name: of the data set, for protocols and titles.
        split: "train" or "test".
        image_shape: `(height, width, channels)`.
        labels: int32 `[count]`, or None for a set without labels.
        class_names: the names of the labels, empty without labels.
        understood: what the whole data set was understood as, or None.
        failure: why a `reader` has ended a TensorFlow graph, which raises an error of its own; None where none has.
    """

    name: str
    split: str
    labels: np.ndarray | None
    class_names: tuple[str, ...]
    understood: DataDescription | None
    failure: UserError | None = None

    def __len__(self) -> int:
        raise NotImplementedError

    @property
    def image_shape(self) -> tuple[int, ...]:
        raise NotImplementedError

    def read(self, rows: np.ndarray) -> np.ndarray:
        """The images of the given numbers, uint8 `[count, height, width, channels]`, in their order."""
        raise NotImplementedError

    def reader(self) -> Callable[[Tensor], Tensor]:
        """A function from int64 `[count]` to the images of those numbers, uint8, for a TensorFlow graph."""
        raise NotImplementedError

    def content(self) -> str:
        """A hash of all pixels and labels in their order, in hexadecimal."""
        return content_hash((picture_hash(image) for images in self.blocks() for image in images), self.labels)

    def spread_rows(self, count: int) -> np.ndarray:
        """The numbers of at most so many pictures, evenly spaced, so that sets sorted by class are covered."""
        return np.unique(np.linspace(0, len(self) - 1, count).astype(int))

    def blocks(self, size: int = BLOCK) -> Iterator[np.ndarray]:
        """Yields the images in order, uint8 `[at most size, height, width, channels]`."""
        for start in range(0, len(self), size):
            yield self.read(np.arange(start, min(start + size, len(self))))

    @property
    def classes(self) -> dict[str, int]:
        """How many images each class has, by its name in the order of the labels; empty without labels."""
        if self.labels is None:
            return {}
        counts = np.bincount(self.labels, minlength=len(self.class_names)).tolist()
        return dict(zip(self.class_names, counts, strict=True))

    @property
    def description(self) -> DataDescription:
        """What the data set was understood as; `str(pictures.description)` says it in two lines."""
        description = self.understood or DataDescription(self.name, {self.split: len(self)})
        return replace(description, image_shape=self.image_shape, classes=self.classes)

    def fingerprint(self) -> dict[str, Any]:
        """What tells these pictures from any others: for a run, to see when it is resumed that nothing has changed.

        Nothing in it depends on where the pictures lie or what their files are called. It costs a second for a set in
        memory; sets on disk know the hash of their content since they were written.

        Returns:
            A dictionary of JSON values: `image_shape`, `class_names` in the order of the labels, `count`,
            `class_counts`, `preparation` (the options that differ from the defaults) and `content`, a hash of all
            pixels and labels in their order. `tfgan_repro.data.description.fingerprint_differences` compares two.
        """
        preparation = self.understood.preparation if self.understood else {}
        return {
            "image_shape": list(self.image_shape),
            "class_names": list(self.class_names),
            "count": len(self),
            "class_counts": list(self.classes.values()),
            "preparation": {name: choice for name, choice in preparation.items() if name not in NOT_COMPARED},
            "content": self.content(),
        }


@dataclass(frozen=True)
class Pictures(PictureSet):
    """Pictures in memory.

    Attributes:
        images: uint8 `[count, height, width, channels]`; the others are those of any `PictureSet`.
    """

    name: str
    split: str
    images: np.ndarray
    labels: np.ndarray | None = None
    class_names: tuple[str, ...] = ()
    understood: DataDescription | None = None

    def __len__(self) -> int:
        return len(self.images)

    @property
    def image_shape(self) -> tuple[int, ...]:
        return tuple(self.images.shape[1:])

    def read(self, rows: np.ndarray) -> np.ndarray:
        return self.images[rows]

    def reader(self) -> Callable[[Tensor], Tensor]:
        import tensorflow as tf

        # On the host and not a graph constant: a copy in the graph would be limited to 2 GB.
        with tf.device("CPU"):
            images = tf.constant(self.images)
        return lambda places: tf.gather(images, places)

    def resized(self, image_size: int) -> "Pictures":
        """The same pictures with `image_size` pixels a side, resized with antialiasing as `crops.cut` does.

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
            new[:] = resized(old, image_size)
        return replace(self, images=images)


def resized(pixels: np.ndarray, image_size: int) -> np.ndarray:
    """An image uint8 `[height, width, 1 or 3]` with `image_size` pixels a side, as `crops.cut` resizes."""
    image = Image.fromarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels)
    return np.asarray(cut(image, whole(image), image_size)).reshape(image_size, image_size, pixels.shape[2])


class RecordPictures(PictureSet):
    """Prepared pictures in record files, in the place of a `Pictures`; also an image set for scores.

    Args:
        name: of the data set.
        split: "train" or "test".
        files: the record files.
        columns: a row a picture: the number of its file (`shard`), where in it its pixels begin (`offset`), and its
            `label`.
        image_shape: `(height, width, channels)`.
        class_names: of the labels, empty without labels.
        understood: what the whole data set was understood as, or None.
        known_content: what `content` returns, where it is known already.
    """

    def __init__(
        self,
        name: str,
        split: str,
        files: Sequence[Path],
        columns: dict[str, np.ndarray],
        image_shape: tuple[int, ...],
        class_names: tuple[str, ...] = (),
        understood: DataDescription | None = None,
        known_content: str | None = None,
    ) -> None:
        self.name, self.split, self.shape, self.class_names = name, split, image_shape, class_names
        self.understood, self.known_content = understood, known_content
        self.files, self.columns = files, columns
        self.labels = columns["label"] if class_names else None
        self.notes: dict = {}
        self.known_digest: str | None = None
        try:
            # Once open they can be read even if somebody removes them during a training.
            self.handles = [os.open(file, os.O_RDONLY) for file in files]
        except OSError as error:
            raise UserError(f"{error.filename} cannot be read: {error.strerror}") from error
        weakref.finalize(self, close, self.handles)

    def __len__(self) -> int:
        return len(self.columns["shard"])

    @property
    def image_shape(self) -> tuple[int, ...]:
        return self.shape

    def read(self, rows: np.ndarray) -> np.ndarray:
        """As of any set; several threads may read at once.

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

    def content(self) -> str:
        return self.known_content or super().content()

    def in_memory(self) -> Pictures:
        """The same pictures in memory."""
        images = self.read(np.arange(len(self)))
        return Pictures(self.name, self.split, images, self.labels, self.class_names, self.understood)

    def reader(self) -> Callable[[Tensor], Tensor]:
        import tensorflow as tf

        def read_or_tell(rows: np.ndarray) -> np.ndarray:
            try:
                return self.read(rows)
            except UserError as error:
                self.failure = error
                raise

        def read(places: Tensor) -> Tensor:
            images = tf.numpy_function(read_or_tell, [places], tf.uint8, stateful=False)
            return tf.ensure_shape(images, (None, *self.image_shape))

        return read

    # What scores ask of an image set (tfgan_repro.metrics.images).

    def take(self, rows: np.ndarray) -> "RecordPictures":
        """The pictures of the given numbers, in their order."""
        columns = {name: column[rows] for name, column in self.columns.items()}
        return RecordPictures(self.name, self.split, self.files, columns, self.image_shape, self.class_names)

    def digest(self) -> str:
        """A hash of the content; scores ask for it several times, and reading all pictures once is enough."""
        if self.known_digest is None:
            digest = hashlib.sha256(repr(self.image_shape).encode())
            for images in self.blocks():
                digest.update(images.data)
            self.known_digest = digest.hexdigest()
        return self.known_digest

    def batches(self, size: int) -> Iterator[np.ndarray]:
        """As `blocks`."""
        return self.blocks(size)


def picture_hash(image: np.ndarray) -> bytes:
    """16 bytes that stand for a picture's pixels."""
    return hashlib.sha256(np.ascontiguousarray(image).data).digest()[:16]


def content_hash(pictures: Iterable[bytes], labels: np.ndarray | None) -> str:
    """The hash of a set from the hashes of its pictures and their labels, in hexadecimal."""
    digest = hashlib.sha256()
    for picture in pictures:
        digest.update(picture)
    if labels is not None:
        digest.update(labels.astype("<i4").tobytes())
    return digest.hexdigest()


def close(handles: list[int]) -> None:
    for handle in handles:
        os.close(handle)


def as_pictures(images: np.ndarray | PictureSet) -> PictureSet:
    """Pictures as they are, or an array of images as pictures.

    Raises:
        UserError: an array of another type or shape.
    """
    if isinstance(images, PictureSet):
        return images
    try:
        images = np.asarray(images)
    except ValueError as error:
        raise UserError(f"a {type(images).__name__} of several shapes: expected one array of images") from error
    if images.dtype != np.uint8 or images.ndim != 4:
        raise UserError(
            f"images of type {images.dtype} and shape {images.shape}: expected uint8 [count, height, width, channels]"
        )
    return Pictures("images", "train", images)


def physical_memory() -> int:
    """This machine's memory in bytes."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
