"""Batches on JAX: pixels lie on the device as uint8; what becomes of them is compiled into the training's program."""

import abc
import itertools
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
from jax import numpy as jnp

from tfgan_repro.data.pictures import PictureSet
from tfgan_repro.data.pipeline import BatchOptions
from tfgan_repro.scaling import LEVEL, scale
from tfgan_repro.types import Tensor

# Bytes of pixels up to which a whole set lies on the device; larger ones are brought there in pieces.
RESIDENT = 4 * 2**30
PIECE = 2**28


def training_batches(pictures: PictureSet, options: BatchOptions) -> "ResidentBatches | StreamedBatches":
    """See `tfgan_repro.data.pipeline.training_batches`."""
    resident = len(pictures) * int(np.prod(pictures.image_shape)) <= RESIDENT
    return (ResidentBatches if resident else StreamedBatches)(pictures, options)


class DeviceBatches(abc.ABC):
    """The batches of a set, to be drawn within a compiled program, or one by one as those of an endless `tf.data` set.

    Args:
        pictures: a `PictureSet`.
        options: a `BatchOptions`, without a share.

    Attributes:
        start: the number of the first batch.
    """

    def __init__(self, pictures: PictureSet, options: BatchOptions) -> None:
        self.pictures, self.options = pictures, options
        self.batch_size, self.start, self.labels = options.batch_size, options.start, options.labels
        self.key = jax.random.key(options.seed)
        self.per_epoch = len(pictures) // options.batch_size
        self.epoch: int | None = None
        self.order: jax.Array | None = None

    def __iter__(self) -> Iterator[Any]:
        for number in itertools.count(self.start):
            images, labels = self.draw(self.load(number), number)
            yield images if labels is None else (images, labels)

    def cardinality(self) -> int:
        return -1

    @abc.abstractmethod
    def load(self, number: int) -> tuple:
        """Bring what `draw` makes the batches from one on out of, up to `until` of it, to the device."""

    @abc.abstractmethod
    def draw(self, loaded: tuple, number: Any) -> tuple[Tensor, Tensor | None]:
        """A batch: images, and labels or None; called within the program."""

    def order_of(self, epoch: int) -> jax.Array:
        """The epoch's permutation of the set, int32 `[len(pictures)]`."""
        if epoch != self.epoch:
            self.order = jax.random.permutation(jax.random.fold_in(self.key, epoch), len(self.pictures))
            self.epoch = epoch
        return self.order

    def lie_on(self, sharding: jax.sharding.Sharding) -> None:
        """Lay what stays on the device out as a `jax.sharding.Sharding` says, once."""

    def until(self, number: int) -> int:
        """The number of the batch up to which what `load(number)` returns suffices."""
        return (number // self.per_epoch + 1) * self.per_epoch

    def treated(self, pixels: Tensor, number: Tensor) -> Tensor:
        """Pixels of a batch as they are trained on: float32 in [-1, 1], flipped and with noise where that is chosen."""
        # Random numbers of the batch alone, whichever batches came before it; one key a purpose.
        for_flips, for_noise = jax.random.split(jax.random.fold_in(jax.random.fold_in(self.key, number), 1))
        if self.options.flip:
            coins = jax.random.bernoulli(for_flips, shape=(self.batch_size, 1, 1, 1))
            pixels = jnp.where(coins, pixels[:, :, ::-1], pixels)
        images = scale(pixels)
        return images + jax.random.uniform(for_noise, images.shape, maxval=LEVEL) if self.options.dequantize else images


class ResidentBatches(DeviceBatches):
    """Batches of a set that lies on the device as a whole."""

    def __init__(self, pictures: PictureSet, options: BatchOptions) -> None:
        super().__init__(pictures, options)
        self.images = jnp.asarray(pictures.read(np.arange(len(pictures))))
        self.classes = jnp.asarray(pictures.labels, jnp.int32) if self.labels else None

    def lie_on(self, sharding: jax.sharding.Sharding) -> None:
        self.images, self.classes = jax.device_put((self.images, self.classes), sharding)

    def load(self, number: int) -> tuple[jax.Array, jax.Array | None, jax.Array]:
        return self.images, self.classes, self.order_of(number // self.per_epoch)

    def draw(self, loaded: tuple[Tensor, Tensor | None, Tensor], number: Tensor) -> tuple[Tensor, Tensor | None]:
        images, classes, order = loaded
        first = (number % self.per_epoch) * self.batch_size
        places = jax.lax.dynamic_slice_in_dim(order, first, self.batch_size)
        return self.treated(images[places], number), None if classes is None else classes[places]


class StreamedBatches(DeviceBatches):
    """Batches of a set that is too large for the device: a piece of an epoch after the other is brought there."""

    def __init__(self, pictures: PictureSet, options: BatchOptions) -> None:
        super().__init__(pictures, options)
        self.batches = max(1, min(self.per_epoch, PIECE // (self.batch_size * int(np.prod(pictures.image_shape)))))
        self.first: int | None = None
        self.loaded: Any = None  # what `load` gave last

    def until(self, number: int) -> int:
        return min(super().until(number), number - self.place(number) % self.batches + self.batches)

    def place(self, number: int) -> int:
        return number % self.per_epoch

    def load(self, number: int) -> tuple[jax.Array, jax.Array | None, jax.Array]:
        first = number - self.place(number) % self.batches
        if first != self.first:
            order = np.asarray(self.order_of(number // self.per_epoch))
            # Always of one shape; what lies beyond the epoch's end is not drawn.
            wanted = np.arange(self.batches * self.batch_size) + self.place(first) * self.batch_size
            rows = order[np.minimum(wanted, len(order) - 1)]
            shape = self.batches, self.batch_size
            images = jnp.asarray(self.pictures.read(rows).reshape(*shape, *self.pictures.image_shape))
            classes = None
            if self.labels:
                # Only of a set that has labels are they asked for.
                classes = jnp.asarray(self.pictures.labels[rows].reshape(shape), jnp.int32)  # type: ignore[index]
            self.first, self.loaded = first, (images, classes, jnp.asarray(first, jnp.int32))
        return self.loaded

    def draw(self, loaded: tuple[Tensor, Tensor | None, Tensor], number: Tensor) -> tuple[Tensor, Tensor | None]:
        images, classes, first = loaded
        place = number - first
        return self.treated(images[place], number), None if classes is None else classes[place]
