"""The one tf.data pipeline that feeds training on TensorFlow, whatever the source."""

import numpy as np
import tensorflow as tf

from tfgan_repro.data.scaling import LEVEL, scale

# Bytes of batches made ahead; left alone, TensorFlow takes up to half of the machine's memory.
AHEAD = 2**27


def training_batches(pictures, batch_size, seed, flip, start, labels, dequantize):
    """See `tfgan_repro.data.pipeline.training_batches`; prefetched, on the first GPU where there is one."""
    read = pictures.reader()
    with tf.device("CPU"):
        classes = tf.constant(pictures.labels) if labels else None
    count = len(pictures)
    batches_per_epoch = count // batch_size

    def batch(number):
        epoch, position = number // batches_per_epoch, number % batches_per_epoch
        places = position * batch_size + tf.range(batch_size, dtype=tf.int64)
        places = tf.random.experimental.index_shuffle(
            places, tf.stack([tf.cast(seed, tf.int64), epoch]), tf.cast(count - 1, tf.int64)
        )
        chosen = read(places)
        # Random numbers of the batch alone, whichever batches came before it; one seed a purpose.
        for_flips, for_noise = tf.unstack(tf.random.split(tf.stack([tf.cast(seed, tf.int64), number])))
        if flip:
            coins = tf.random.stateless_uniform((batch_size,), for_flips) < 0.5
            chosen = tf.where(coins[:, None, None, None], tf.reverse(chosen, axis=[2]), chosen)
        scaled = tf.ensure_shape(scale(chosen), (batch_size, *pictures.image_shape))
        if dequantize:
            scaled += tf.random.stateless_uniform(scaled.shape, for_noise, maxval=LEVEL)
        return (scaled, tf.gather(classes, places)) if labels else scaled

    options = tf.data.Options()
    options.autotune.ram_budget = AHEAD
    dataset = tf.data.Dataset.range(start, np.iinfo(np.int64).max).with_options(options)
    dataset = dataset.map(batch, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    if tf.config.list_physical_devices("GPU"):
        return dataset.apply(tf.data.experimental.prefetch_to_device("/GPU:0"))
    return dataset.prefetch(tf.data.AUTOTUNE)
