"""What feeds training, whatever the source and the backend."""

from dataclasses import dataclass

import numpy as np

from tfgan_repro.backends import backend_module
from tfgan_repro.backends.devices import Share
from tfgan_repro.choices import as_whole
from tfgan_repro.data.pictures import PictureSet, as_pictures
from tfgan_repro.errors import UserError
from tfgan_repro.types import Batches


@dataclass(frozen=True)
class BatchOptions:
    """What the batches of a set are made like, on every backend; see `training_batches`."""

    batch_size: int
    seed: int = 0
    flip: bool = False
    start: int = 0
    labels: bool = False
    dequantize: bool = False
    share: Share | None = None


def training_batches(
    pictures: PictureSet | np.ndarray,
    batch_size: int,
    seed: int = 0,
    flip: bool = False,
    start: int = 0,
    labels: bool = False,
    dequantize: bool = False,
    share: Share | None = None,
) -> Batches:
    """Endless batches, reshuffled each epoch, for `GAN.fit` with `steps_per_epoch`.

    A batch depends only on the seed and its number: each epoch is a permutation of the whole set, derived from the
    seed and the number of the epoch, so that training can continue at any batch. The last, incomplete batch of an
    epoch is dropped. TensorFlow and JAX shuffle differently.

    Args:
        pictures: a `PictureSet`, or an array of images uint8 `[count, height, width, channels]`.
        batch_size: images a batch, at most `len(pictures)`.
        seed: of the order and of the flips.
        flip: mirror each image left to right with probability 1/2.
        start: the number of the first batch.
        labels: whether to return the labels as well.
        dequantize: add uniform noise in [0, 1/128), one grey level, so that the discriminator cannot recognise real
            images by their discrete values (Miyato et al. 2018).
        share: on TensorFlow, the `Share` of this process in each batch; None for whole batches.

    Returns:
        On TensorFlow a `tf.data.Dataset` of float32 `[batch_size, height, width, channels]` in [-1, 1], or of these and
        int32 `[batch_size]`; on JAX a `tfgan_repro.data.jax_pipeline.DeviceBatches` of the same. With a share, each
        batch comes as one part for each replica of the process in turn: together the same images as without.

    Raises:
        UserError: an array of another type or shape, a `batch_size`, `seed` or `start` that is no whole number, a batch
            larger than the set, or labels of a set without any.
    """
    pictures = as_pictures(pictures)
    batch_size, seed, start = as_whole("batch_size", batch_size, 1), as_whole("seed", seed), as_whole("start", start)
    if batch_size > len(pictures):
        raise UserError(f"batch_size {batch_size}: must be from 1 to {len(pictures)}, the number of pictures")
    if labels and pictures.labels is None:
        raise UserError(f"{pictures.name} has no labels")
    options = BatchOptions(batch_size, seed, flip, start, labels, dequantize, share)
    return backend_module("tfgan_repro.data.{}_pipeline").training_batches(pictures, options)
