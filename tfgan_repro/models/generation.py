"""Images from a trained generator."""

from typing import Any

import keras
import numpy as np

from tfgan_repro.backends import backend_module
from tfgan_repro.errors import UserError, memory_told
from tfgan_repro.files import arrays_hash
from tfgan_repro.models.networks import batch_normalizations, class_count_of, latent_shape_of, takes_labels
from tfgan_repro.scaling import unscale
from tfgan_repro.types import Network

BATCH_SIZE = 250
STATISTICS_BATCHES, STATISTICS_SEED = 4, 4
GRID_IMAGES = 64
# A grid of a conditional generator: a row a class, the same latents in each.
GRID_COLUMNS, GRID_CLASSES = 8, 16


class BrokenImages(UserError):
    """A generator has made images that are no numbers."""


def fixed_latents(count: int, shape: int | tuple[int, ...], seed: int) -> np.ndarray:
    """Standard normal latents, the same for a seed whatever the batch size and the device.

    Args:
        count: how many.
        shape: of one, or its length.
        seed: of them.

    Returns:
        float32 `[count, *shape]`.
    """
    shape = shape if isinstance(shape, tuple) else (shape,)
    return np.random.default_rng(seed).standard_normal((count, *shape), np.float32)


def equal_classes(generator: Network, num_classes: int | None = None) -> dict[str, int]:
    """The classes that a generator knows, for as many images of each; none of an unconditional one.

    Args:
        num_classes: how many, where that is known; None for what its layers tell.

    Raises:
        UserError: no layer tells.
    """
    if not takes_labels(generator):
        return {}
    count = num_classes or class_count_of(generator)
    if count is None:
        raise UserError("the generator does not tell how many classes it knows: give classes={'cat': 1, 'dog': 1}, ...")
    return {str(label): 1 for label in range(count)}


def fixed_labels(count: int, classes: dict[str, int], seed: int) -> np.ndarray:
    """Labels as frequent as the training images' classes, in an order that a seed decides.

    Args:
        count: how many.
        classes: the training images of each class, by its name.
        seed: of the order.

    Returns:
        int32 `[count]`; the number of each label is its expected number, rounded up or down.
    """
    shares = np.array(list(classes.values())) / sum(classes.values())
    # The places where the sum of the shares passes a half, one and a half, ...
    labels = np.searchsorted(np.cumsum(shares), (np.arange(count) + 0.5) / count).clip(max=len(shares) - 1)
    return np.random.default_rng(seed).permutation(labels).astype(np.int32)


def generate_images(
    generator: Network,
    count: int,
    seed: int,
    labels: np.ndarray | None = None,
    broken_as_black: bool = False,
) -> np.ndarray:
    """Generate images with standing batch statistics.

    Args:
        generator: a Keras model from latents, or from latents and labels, to images in [-1, 1].
        count: how many images.
        seed: of the latents.
        labels: int `[count]`, for a conditional generator.
        broken_as_black: show NaN as black, for pictures that people look at; nothing may be measured on such images.

    Returns:
        uint8 `[count, height, width, channels]`.

    Raises:
        BrokenImages: NaN or infinity in some.
    """
    latents = fixed_latents(count, latent_shape_of(generator), seed)
    return images_of(generator, latents, labels, broken_as_black=broken_as_black)


def images_of(
    generator: Network,
    latents: np.ndarray,
    labels: np.ndarray | None = None,
    batch_size: int = BATCH_SIZE,
    broken_as_black: bool = False,
) -> np.ndarray:
    """Images of given latents `[count, latent_dim]`, so many at once; the rest as in `generate_images`."""
    count, pieces, broken = len(latents), [], 0
    call = backend_module().inference(generator)
    for start in range(0, count, batch_size):
        part = slice(start, start + batch_size)
        with memory_told(f"{batch_size} generated images at once"):
            images = call(latents[part] if labels is None else [latents[part], labels[part]])
            images = keras.ops.convert_to_numpy(images)
        broken += sum(not np.isfinite(image).all() for image in images)
        pieces.append(unscale(images))
    if broken and not broken_as_black:
        raise BrokenImages(f"{broken} of {count} generated images hold NaN or infinity")
    return np.concatenate(pieces)


def labelled_images(
    generator: Network, count: int, seed: int, classes: dict[str, int]
) -> tuple[np.ndarray, np.ndarray | None]:
    """Images whose classes are as frequent as in the training set, with their labels.

    Args:
        generator: as in `generate_images`.
        count: how many images.
        seed: of the latents and the order of the labels.
        classes: as in `fixed_labels`; not used by an unconditional generator.

    Returns:
        uint8 `[count, height, width, channels]`, and int32 `[count]` or None.

    Raises:
        BrokenImages: NaN or infinity in some.
    """
    labels = fixed_labels(count, classes, seed) if takes_labels(generator) else None
    return generate_images(generator, count, seed, labels), labels


def sampling_generator(gan: Any, classes: dict[str, int]) -> Network:
    """The generator that pictures and scores of a training are made with.

    Where it is the average of the weights, its batch statistics are computed anew, unless they are those of these
    weights: while the weights still move a lot, the averages of the statistics are far from the statistics of the
    averages, and pictures turn grey.

    Args:
        classes: as in `fixed_labels`.

    Returns:
        A Keras model, as in `generate_images`.
    """
    network = gan.sampling_generator
    if gan.average:
        weights = (variable for variable in network.weights if "moving_" not in variable.name)
        of = arrays_hash(map(keras.ops.convert_to_numpy, weights)), *classes.values()
        if gan.average.statistics_of != of:
            recompute_statistics(network, STATISTICS_SEED, classes, STATISTICS_BATCHES, BATCH_SIZE)
            gan.average.statistics_of = of
    return network


def images_by_class(
    generator: Network, columns: int, seed: int, num_classes: int, broken_as_black: bool = False
) -> np.ndarray:
    """A row of images a class, the same latents in each row; `broken_as_black` as in `generate_images`.

    Returns:
        uint8 `[num_classes * columns, height, width, channels]`.
    """
    latents = fixed_latents(columns, latent_shape_of(generator), seed)
    labels = np.repeat(np.arange(num_classes, dtype=np.int32), columns)
    return images_of(generator, np.concatenate([latents] * num_classes), labels, broken_as_black=broken_as_black)


def grid_images(generator: Network, seed: int, classes: dict[str, int]) -> tuple[np.ndarray, int | None]:
    """The images of a sample grid and the number of its columns: a row a class where the generator is conditional.

    Images that are no numbers are black.
    """
    if takes_labels(generator):
        rows = min(len(classes), GRID_CLASSES)
        return images_by_class(generator, GRID_COLUMNS, seed, rows, broken_as_black=True), GRID_COLUMNS
    return generate_images(generator, GRID_IMAGES, seed, broken_as_black=True), None


def recompute_statistics(generator: Network, seed: int, classes: dict[str, int], batches: int, batch_size: int) -> None:
    """Set the batch statistics of a generator to those of new images (standing statistics, Brock et al. 2019).

    Args:
        generator: as in `generate_images`; changed.
        seed: of the latents.
        classes: as in `fixed_labels`.
        batches: how many.
        batch_size: images each.
    """
    norms = batch_normalizations(generator)
    before = [(layer.momentum, layer.trainable) for layer in norms]
    latents = fixed_latents(batches * batch_size, latent_shape_of(generator), seed)
    labels = fixed_labels(len(latents), classes, seed) if takes_labels(generator) else None
    others = [variable for variable in generator.non_trainable_variables if "moving_" not in variable.name]
    kept = [keras.ops.copy(variable) for variable in others]
    for number in range(batches):
        for layer in norms:
            # The mean of all batches so far.
            layer.momentum, layer.trainable = number / (number + 1), True
        part = slice(number * batch_size, (number + 1) * batch_size)
        generator(latents[part] if labels is None else [latents[part], labels[part]], training=True)
    for layer, (momentum, trainable) in zip(norms, before):
        layer.momentum, layer.trainable = momentum, trainable
    for variable, value in zip(others, kept):
        variable.assign(value)
