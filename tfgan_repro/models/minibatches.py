"""From the batches that Keras trains on to those of a step, which may hold several minibatches."""

import dataclasses
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.models.user_data import check_batch, is_array


def check_end(x: Any, options: dict[str, Any], steps: str) -> None:
    """Raise a `UserError` for an endless `tf.data.Dataset` whose steps no option tells: it would never be over."""
    if hasattr(x, "cardinality") and int(x.cardinality()) == -1 and options.get(steps) is None:
        raise UserError(f"these batches never end: say {steps}, how many of them to take")


def as_generator(x: Any, count: int, options: dict[str, Any], steps: str) -> tuple[Any, dict[str, Any]]:
    """What begins anew whenever it is asked, as PyTorch's loaders do, as a generator; anything else as it is.

    Args:
        x: anything that `keras.Model.fit` takes for it, like `options`.
        count: discriminator steps.
        options: see above.
        steps: the option that says how many batches to take.

    Raises:
        UserError: too few batches.
    """
    if is_array(x) or isinstance(x, (Iterator, keras.utils.PyDataset)) or hasattr(x, "element_spec"):
        return x, options
    if hasattr(x, "__len__"):
        if not len(x):
            raise UserError("the data set has no images")
        if steps not in options:
            check_count(len(x), count)
            options = {**options, steps: len(x) // count}
        x = itertools.chain.from_iterable(itertools.repeat(x))
    return iter(x), options


def check_count(batches: int, count: int) -> None:
    """Raise a `UserError` where a data set of so many batches has not enough for one step."""
    if batches < count:
        raise too_few(f"{batches} batches", count)


def too_few(batches: str, count: int) -> UserError:
    """The error about batches, in words, that are not enough for one step."""
    return UserError(f"{batches} are too few for {count} discriminator steps: a step takes {count} batches")


def grouped(
    x: Any, y: Any, batch: Any, count: int, options: dict[str, Any]
) -> tuple[Any, Any, dict[str, Any]]:
    """What `keras.Model.fit` is given, with so many batches in a step's one.

    Args:
        x: as `look_at` returns it.
        y: labels beside an array of images, or None.
        batch: the first of `x`.
        count: discriminator steps.
        options: of `fit`.

    Returns:
        `x`, `y` and the options.

    Raises:
        UserError: too few images or batches.
    """
    if count == 1:
        return x, y, options
    if is_array(x):
        # Keras cuts arrays up itself; a last, shorter batch is left out.
        x, y, options = split(x, y, options)
        batch_size = options.get("batch_size") or 32
        check_images(len(x), batch_size, count)
        size = batch_size * count
        most = len(x) - len(x) % size
        return x[:most], None if y is None else y[:most], {**options, "batch_size": size}
    if hasattr(x, "rebatch"):  # a tf.data.Dataset
        images, *_ = keras.utils.unpack_x_y_sample_weight(batch)
        batches, steps = int(x.cardinality()), x.rebatch(count * len(images), drop_remainder=True)
        # The last batch may be shorter; an endless set, and one of unknown length, have a cardinality below 0.
        if 0 <= batches <= count and next(iter(steps), None) is None:
            raise too_few(f"{batches} batches{', the last of them shorter,' if batches == count else ''}", count)
        return steps, y, options
    if isinstance(x, keras.utils.PyDataset):
        if x.num_batches is not None:
            check_count(x.num_batches, count)
        return GroupedDataset(x, count), y, options
    return grouped_generator(x, count), y, options


def check_images(images: int, batch_size: int, count: int) -> None:
    """Raise a `UserError` where so many images are not enough for one step."""
    if images < batch_size * count:
        raise UserError(f"{images} images are too few for {count} discriminator steps of {batch_size} images")


def split(x: Any, y: Any, options: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """Arrays without what is held out of them, which the options hold then; cut where Keras would cut them.

    Keras would do so after the arrays have been cut to whole steps, and leave a last step without some minibatches.
    """
    if not options.get("validation_split") or options.get("validation_data") is not None:
        return x, y, options
    own = math.floor(len(x) * (1 - options["validation_split"]))
    held_out = x[own:] if y is None else (x[own:], y[own:])
    others = {name: value for name, value in options.items() if name != "validation_split"}
    return x[:own], None if y is None else y[:own], {**others, "validation_data": held_out}


class GroupedDataset(keras.utils.PyDataset):
    """A `PyDataset` whose batches are several of another's.

    Args:
        dataset: the other.
        count: how many.
    """

    def __init__(self, dataset: Any, count: int) -> None:
        super().__init__(dataset.workers, dataset.use_multiprocessing, dataset.max_queue_size)
        self.dataset, self.count = dataset, count

    @property
    def num_batches(self) -> int | None:
        batches = self.dataset.num_batches
        return None if batches is None else batches // self.count

    def __getitem__(self, index: int) -> Any:
        return joined([self.dataset[index * self.count + place] for place in range(self.count)])

    def on_epoch_begin(self) -> None:
        self.dataset.on_epoch_begin()

    def on_epoch_end(self) -> None:
        self.dataset.on_epoch_end()


def grouped_generator(batches: Any, count: int) -> Any:
    """A generator of several batches of another at a time."""
    batches, empty = iter(batches), True
    while len(group := list(itertools.islice(batches, count))) == count:
        yield joined(group)
        empty = False
    if empty:
        raise too_few("the batches", count)


def joined(batches: Sequence[Any]) -> Any:
    """Batches as one: arrays, or tuples of arrays; all as long as the shortest, as the minibatches of a step are."""
    if isinstance(batches[0], (tuple, list)):
        return tuple(joined(parts) for parts in zip(*batches))
    shortest = min(len(batch) for batch in batches)
    return np.concatenate([np.asarray(batch)[:shortest] for batch in batches])


def with_whole_steps(gan: Any, batches: Any, count: int) -> Any:
    """What `training_batches` makes on JAX, looked at, with all minibatches of a step in each of its batches.

    Args:
        gan: the `GAN`.
        batches: a `DeviceBatches`, with one minibatch in each.
        count: discriminator steps.

    Raises:
        UserError: as `look_at`, or too few images.
    """
    check_batch(gan, batches.draw(batches.load(batches.start), batches.start))
    if count == 1:
        return batches
    check_images(len(batches.pictures), batches.batch_size, count)
    changes = {"batch_size": batches.batch_size * count, "start": batches.start // count}
    return type(batches)(batches.pictures, dataclasses.replace(batches.options, **changes))
