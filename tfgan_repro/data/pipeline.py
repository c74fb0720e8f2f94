"""What feeds training, whatever the source and the backend."""

from dataclasses import dataclass

import numpy as np

from tfgan_repro.backends import backend_module
from tfgan_repro.backends.devices import Share
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
    """Endless batches, reshuffled each epoch, for `GAN.fit`.

    A batch depends on nothing but the seed and its number: each epoch is a permutation of the whole set made from the
    seed and the epoch's number, so that a run can go on at any batch at once. An epoch's last incomplete batch is
    dropped. Each backend has an order of its own.

    Args:
        pictures: a `PictureSet`, or an array of images uint8 `[count, height, width, channels]`; scaled batch by batch.
        batch_size: images a batch, at most `len(pictures)`.
        seed: of the order and of the flips.
        flip: mirror every image left to right with probability 1/2.
        start: the number of the first batch.
        labels: give each image's label as well.
        dequantize: add noise uniform in [0, 1/128), a pixel's level, so that pixel values are no lattice that a
            discriminator could tell real images by (Miyato et al. 2018).
        share: a `Share`, on TensorFlow; None for whole batches.

    Returns:
        On TensorFlow a `tf.data.Dataset` of float32 `[batch_size, height, width, channels]` in [-1, 1], or of these and
        int32 `[batch_size]`; on JAX a `tfgan_repro.data.jax_pipeline.DeviceBatches` of the same. With a share, each
        batch comes as one part for each replica of the process in turn: together the same images as without.

    Raises:
        UserError: another array, a batch size beyond the set, or labels of a set without.
    """
    pictures = as_pictures(pictures)
    if not 0 < batch_size <= len(pictures):
        raise UserError(f"batch_size {batch_size}: must be from 1 to {len(pictures)}, the number of pictures")
    if labels and pictures.labels is None:
        raise UserError(f"{pictures.name} has no labels")
    options = BatchOptions(batch_size, seed, flip, start, labels, dequantize, share)
    return backend_module("tfgan_repro.data.{}_pipeline").training_batches(pictures, options)
