"""The one tf.data pipeline that feeds training on TensorFlow, whatever the source."""

import math
import os

import numpy as np
import tensorflow as tf

from tfgan_repro.data.pictures import PictureSet
from tfgan_repro.data.pipeline import BatchOptions
from tfgan_repro.scaling import LEVEL, scale
from tfgan_repro.types import Tensor

# Batches made ahead, and the bytes they may take.
MOST_AHEAD = 8
BYTES_AHEAD = 2**26


def training_batches(pictures: PictureSet, options: BatchOptions) -> tf.data.Dataset:
    """See `tfgan_repro.data.pipeline.training_batches`; prefetched, on the first GPU where there is one."""
    batch_size, share = options.batch_size, options.share
    read = pictures.reader()
    with tf.device("CPU"):
        classes = tf.constant(pictures.labels) if options.labels else None
    count = len(pictures)
    batches_per_epoch = count // batch_size
    rows = np.arange(batch_size) if share is None else share.rows(batch_size).ravel()

    def own(numbers: Tensor) -> Tensor:
        """Those of this process's rows, of numbers drawn for the whole batch, whoever shares it."""
        return numbers if share is None else tf.gather(numbers, rows)

    def parted(tensor: Tensor) -> Tensor:
        """What was read, with one part for each of this process's replicas."""
        if share is None:
            return tensor
        return tf.reshape(tensor, (share.count, len(rows) // share.count, *tensor.shape[1:]))

    # There is nothing to convert; AutoGraph would take a second to find that.
    @tf.autograph.experimental.do_not_convert
    def batch(number: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        epoch, position = number // batches_per_epoch, number % batches_per_epoch
        places = position * batch_size + tf.constant(rows, tf.int64)
        places = tf.random.experimental.index_shuffle(
            places, tf.stack([tf.cast(options.seed, tf.int64), epoch]), tf.cast(count - 1, tf.int64)
        )
        chosen = read(places)
        # Random numbers of the batch alone, whichever batches came before it; one seed a purpose.
        for_flips, for_noise = tf.unstack(tf.random.split(tf.stack([tf.cast(options.seed, tf.int64), number])))
        if options.flip:
            coins = own(tf.random.stateless_uniform((batch_size,), for_flips)) < 0.5
            chosen = tf.where(coins[:, None, None, None], tf.reverse(chosen, axis=[2]), chosen)
        scaled = tf.ensure_shape(scale(chosen), (len(rows), *pictures.image_shape))
        if options.dequantize:
            shape = (batch_size, *pictures.image_shape)
            scaled += own(tf.random.stateless_uniform(shape, for_noise, maxval=LEVEL))
        return (parted(scaled), parted(tf.gather(classes, places))) if options.labels else parted(scaled)

    size = len(rows) * math.prod(pictures.image_shape) * tf.float32.size
    ahead = max(1, min(MOST_AHEAD, BYTES_AHEAD // size))
    # TensorFlow's own tuning of these numbers takes up to half of the machine's memory, and its thread can hold up the
    # end of a training for most of a minute.
    settings = tf.data.Options()
    settings.autotune.enabled = False
    dataset = tf.data.Dataset.range(options.start, np.iinfo(np.int64).max).with_options(settings)
    dataset = dataset.map(batch, num_parallel_calls=min(ahead, os.cpu_count() or 1), deterministic=True)
    if share is not None:
        # Only TensorFlow's strategies know which device is next.
        return dataset.unbatch().prefetch(ahead * share.count)
    if tf.config.list_physical_devices("GPU"):
        return dataset.apply(tf.data.experimental.prefetch_to_device("/GPU:0", buffer_size=ahead))
    return dataset.prefetch(ahead)
