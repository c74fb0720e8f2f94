"""Batches on JAX: pixels lie on the device as uint8; what becomes of them is compiled into the training's program."""

import jax
import numpy as np
from jax import numpy as jnp

from tfgan_repro.data.scaling import HALF_RANGE, LEVEL

# Bytes of pixels up to which a whole set lies on the device; larger ones are brought there in pieces.
RESIDENT = 4 * 2**30
PIECE = 2**28
BLOCK = 1000


def training_batches(pictures, batch_size, seed, flip, start, labels, dequantize):
    """See `tfgan_repro.data.pipeline.training_batches`."""
    resident = len(pictures) * int(np.prod(pictures.image_shape)) <= RESIDENT
    return (ResidentBatches if resident else StreamedBatches)(
        pictures, batch_size, seed, flip, start, labels, dequantize
    )


class DeviceBatches:
    """The batches of a set, to be drawn within a compiled program.

    `load` brings what the next batches are made from to the device, `draw` is called within the program.

    Args:
        As `tfgan_repro.data.pipeline.training_batches` takes them.

    Attributes:
        start: the number of the first batch.
    """

    def __init__(self, pictures, batch_size, seed, flip, start, labels, dequantize):
        self.pictures, self.batch_size, self.start = pictures, batch_size, start
        self.flip, self.labels, self.dequantize = flip, labels, dequantize
        self.key = jax.random.key(seed)
        self.per_epoch = len(pictures) // batch_size
        self.epoch, self.order = None, None

    def order_of(self, epoch):
        """The epoch's permutation of the set, int32 `[len(pictures)]`."""
        if epoch != self.epoch:
            self.order = jax.random.permutation(jax.random.fold_in(self.key, epoch), len(self.pictures))
            self.epoch = epoch
        return self.order

    def lie_on(self, sharding):
        """Lay what stays on the device out as a `jax.sharding.Sharding` says, once."""

    def until(self, number):
        """The number of the batch up to which what `load(number)` returns suffices."""
        return (number // self.per_epoch + 1) * self.per_epoch

    def treated(self, pixels, number):
        """Pixels of a batch as they are trained on: float32 in [-1, 1], flipped and with noise where that is chosen."""
        # Random numbers of the batch alone, whichever batches came before it; one key a purpose.
        for_flips, for_noise = jax.random.split(jax.random.fold_in(jax.random.fold_in(self.key, number), 1))
        if self.flip:
            coins = jax.random.bernoulli(for_flips, shape=(self.batch_size, 1, 1, 1))
            pixels = jnp.where(coins, pixels[:, :, ::-1], pixels)
        images = pixels.astype(jnp.float32) / HALF_RANGE - 1.0
        return images + jax.random.uniform(for_noise, images.shape, maxval=LEVEL) if self.dequantize else images


class ResidentBatches(DeviceBatches):
    """Batches of a set that lies on the device as a whole."""

    def __init__(self, pictures, *choices):
        super().__init__(pictures, *choices)
        count = len(pictures)
        blocks = (pictures.read(np.arange(first, min(first + BLOCK, count))) for first in range(0, count, BLOCK))
        self.images = jnp.asarray(np.concatenate(list(blocks)))
        self.classes = jnp.asarray(pictures.labels, jnp.int32) if self.labels else None

    def lie_on(self, sharding):
        self.images, self.classes = jax.device_put((self.images, self.classes), sharding)

    def load(self, number):
        """What `draw` makes the batches from one on out of, up to `until` of it."""
        return self.images, self.classes, self.order_of(number // self.per_epoch)

    def draw(self, loaded, number):
        """A batch: images, and labels or None."""
        images, classes, order = loaded
        first = (number % self.per_epoch) * self.batch_size
        places = jax.lax.dynamic_slice_in_dim(order, first, self.batch_size)
        return self.treated(images[places], number), None if classes is None else classes[places]


class StreamedBatches(DeviceBatches):
    """Batches of a set that is too large for the device: a piece of an epoch after the other is brought there."""

    def __init__(self, pictures, *choices):
        super().__init__(pictures, *choices)
        self.batches = max(1, min(self.per_epoch, PIECE // (self.batch_size * int(np.prod(pictures.image_shape)))))
        self.first, self.loaded = None, None

    def until(self, number):
        return min(super().until(number), number - self.place(number) % self.batches + self.batches)

    def place(self, number):
        return number % self.per_epoch

    def load(self, number):
        """As `ResidentBatches.load`."""
        first = number - self.place(number) % self.batches
        if first != self.first:
            order = np.asarray(self.order_of(number // self.per_epoch))
            # Always of one shape; what lies beyond the epoch's end is not drawn.
            wanted = np.arange(self.batches * self.batch_size) + self.place(first) * self.batch_size
            rows = order[np.minimum(wanted, len(order) - 1)]
            shape = self.batches, self.batch_size
            images = jnp.asarray(self.pictures.read(rows).reshape(*shape, *self.pictures.image_shape))
            classes = jnp.asarray(self.pictures.labels[rows].reshape(shape), jnp.int32) if self.labels else None
            self.first, self.loaded = first, (images, classes, jnp.asarray(first, jnp.int32))
        return self.loaded

    def draw(self, loaded, number):
        """As `ResidentBatches.draw`."""
        images, classes, first = loaded
        place = number - first
        return self.treated(images[place], number), None if classes is None else classes[place]
