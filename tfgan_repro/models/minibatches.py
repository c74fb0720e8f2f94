"""From whatever Keras trains on to the minibatches of a step: grouped where a step sees several, and looked at once."""

import dataclasses
import itertools
import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import keras
import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.models.networks import check_classes, in_a_row

AT_ONCE = 1024  # images of an array that are looked at, at once
MOST_UNSCALED = 1.5  # images in [-1, 1] may leave it a little: dequantised, or resized with overshoot


def images_and_labels(x: Any, y: Any) -> tuple[Any, Any]:
    """What a user gives for images and labels, with lists and tuples of arrays as what they mean.

    Args:
        x: anything that Keras trains on, a pair of images and labels, or a list of images.
        y: labels, or None.

    Returns:
        `x` and `y` as Keras takes them.

    Raises:
        UserError: nothing that images can be had from.
    """
    if isinstance(x, (tuple, list)) and x:
        if np.ndim(x[0]) == 4 and len(x) <= 2:
            x, y = x[0], x[1] if len(x) == 2 else y
        else:
            try:
                x = np.asarray(x)
            except ValueError as error:
                raise UserError("the images of a list must be of one shape") from error
    if isinstance(x, (str, bytes, dict)) or not (isinstance(x, (Iterable, keras.utils.PyDataset)) or is_array(x)):
        raise UserError(
            f"a {type(x).__name__} is nothing to train on: give arrays, a tf.data.Dataset, a PyDataset or a generator; "
            "load_pictures() reads folders and data sets, and training_batches() makes batches of what it gives"
        )
    y = np.asarray(y) if isinstance(y, (list, tuple)) else y
    if y is not None and not is_array(x):
        raise UserError(f"the labels of a {type(x).__name__} come in its batches, (images, labels); leave y out")
    check_lengths(x, y)
    return x, y


def check_lengths(images: Any, labels: Any) -> None:
    """Raise a `UserError` where there is not a label for each image."""
    if labels is not None and np.ndim(labels) == 0:
        raise UserError("a single label is given for all images; give one an image")
    if labels is not None and len(images) != len(labels):
        raise UserError(f"{len(images)} images have {len(labels)} labels; give one an image")


def is_array(x: Any) -> bool:
    """Whether it is an array, of NumPy or of a backend."""
    return hasattr(x, "__array__")


def check_end(x: Any, options: dict[str, Any]) -> None:
    """Raise a `UserError` for an endless `tf.data.Dataset` without the length of an epoch: it would never be over."""
    if hasattr(x, "cardinality") and int(x.cardinality()) == -1 and options.get("steps_per_epoch") is None:
        raise UserError("these batches never end: say steps_per_epoch, the steps after which an epoch is over")


def as_generator(x: Any, count: int, options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """What begins anew whenever it is asked, as PyTorch's loaders do, as a generator; anything else as it is.

    Args:
        x: anything that `keras.Model.fit` takes for it, like `options`.
        count: discriminator steps.
        options: see above.

    Raises:
        UserError: too few batches.
    """
    if is_array(x) or isinstance(x, (Iterator, keras.utils.PyDataset)) or hasattr(x, "element_spec"):
        return x, options
    if hasattr(x, "__len__"):
        if not len(x):
            raise UserError("the data set has no images")
        if "steps_per_epoch" not in options:
            check_count(len(x), count)
            options = {**options, "steps_per_epoch": len(x) // count}
        x = itertools.chain.from_iterable(itertools.repeat(x))
    return map(joined, zip(x)), options


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
        batches, steps = int(x.cardinality()), x.rebatch(count * len(first_images(batch)), drop_remainder=True)
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


class EpochMeans(keras.callbacks.Callback):
    """Gives the callbacks after it the means of an epoch's losses at its end, where Keras gives the last step's.

    Raises:
        UserError: the data have ended before the first step, of which Keras only warns.
    """

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.sums: dict[str, float] = {}
        self.steps = 0

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.steps += 1
        for name, value in (logs or {}).items():
            self.sums[name] = self.sums.get(name, 0.0) + float(value)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if not self.steps and not self.model.history.epoch:
            raise too_few("the batches", self.model.techniques.discriminator_steps)
        if logs is not None:
            logs.update({name: total / self.steps for name, total in self.sums.items()})


def first_images(batch: Any) -> Any:
    """The images of a batch: itself, or the first of a tuple."""
    return batch[0] if isinstance(batch, (tuple, list)) else batch


def look_at(gan: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """Look at the first batch of a user's data, or at a whole array: cheaper than a training on the wrong images.

    Args:
        gan: the `GAN`.
        x: images, and perhaps labels, as `keras.Model.fit` takes them.
        y: labels beside an array of images, or None.

    Returns:
        `x`, where a generator begins again with the batch that was looked at; and that batch.

    Raises:
        UserError: the images have another shape or range than the networks are made for, or there are no labels.
    """
    if is_array(x):
        batch: Any = (x[:AT_ONCE], None if y is None else y[:AT_ONCE])
    elif isinstance(x, keras.utils.PyDataset):
        batch = None if x.num_batches == 0 else x[0]
    elif hasattr(x, "element_spec"):
        batch = next(iter(x.take(1)), None)
    elif isinstance(x, Iterator):
        batch = next(x, None)
        x = begun(batch, x)
    else:
        batch = next(iter(x), None)
    check_batch(gan, batch)
    if is_array(x):
        check_labels(gan, y)
        for start in range(AT_ONCE, len(x), AT_ONCE):
            check_range(np.asarray(x[start : start + AT_ONCE]))
    return x, batch


def begun(first: Any, others: Any) -> Any:
    """A generator of a batch and the others after it; Keras knows it by its type, and wants tuples."""
    for batch in itertools.chain([first], others):
        yield tuple(batch) if isinstance(batch, (tuple, list)) else (batch,)


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


def check_batch(gan: Any, batch: Any) -> None:
    """Raise a `UserError` where a batch is not what a `GAN` is made for; warn where it may be scaled in another way."""
    if batch is not None and not isinstance(batch, dict) and not is_array(first_images(batch)):
        raise UserError(f"a batch is an array of images, or images and labels, not a {type(batch).__name__}")
    if isinstance(batch, dict):
        raise UserError(f"a batch is images, or images and labels, not a dictionary of {', '.join(map(str, batch))}")
    if batch is None or not len(first_images(batch)):
        raise UserError("the data set has no images")
    images = np.asarray(first_images(batch))
    expected = tuple(gan.image_shape)
    if images.shape == expected:
        raise UserError("an image is given in the place of a batch of them: call .batch(32) on a data set")
    labels = batch[1] if isinstance(batch, (tuple, list)) and len(batch) > 1 else None
    check_lengths(images, labels)
    refuse_weights(*(batch[2:] if isinstance(batch, (tuple, list)) else ()))
    if images.shape[1:] != expected:
        raise UserError(f"the images are {images.shape[1:]}, and the networks are made for {expected}")
    low, high = check_range(images)
    if images.dtype != np.uint8 and low >= 0 and high > 0.5:
        warnings.warn(
            f"the images lie in [{low:g}, {high:g}], and the networks make some in [-1, 1]: if black is 0, give "
            "2 * images - 1",
            stacklevel=4,
        )
    check_labels(gan, labels)


def refuse_weights(*weights: Any) -> None:
    """Raise a `UserError` where there are weights of samples or classes, which Keras takes beside images and labels."""
    if any(weight is not None for weight in weights):
        raise UserError("weights of samples and classes have no meaning for a GAN; leave them out")


def check_range(images: np.ndarray) -> tuple[float, float]:
    """The lowest and the highest value of images, 0 included; a `UserError` for numbers that are not meant."""
    if images.dtype == np.uint8:
        return 0.0, 255.0
    if np.issubdtype(images.dtype, np.floating) and not np.isfinite(images).all():
        raise UserError("the images hold NaN or infinity")
    low, high = float(images.min(initial=0)), float(images.max(initial=0))
    if not np.issubdtype(images.dtype, np.floating) or max(-low, high) > MOST_UNSCALED:
        raise UserError(
            f"the images are {images.dtype} from {low:g} to {high:g}; give uint8 in [0, 255], or floats in [-1, 1]"
            + (": images / 127.5 - 1" if low >= 0 and 100 < high <= 255 else "")
        )
    return low, high


def check_labels(gan: Any, labels: Any) -> None:
    """Raise a `UserError` where a `GAN` that needs labels gets none, or some that are no classes of it."""
    if gan.needs_labels:
        if labels is None:
            raise UserError("a conditional model is trained on images and labels; this data set has no labels")
        labels = in_a_row(np.asarray(labels))
        if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
            one_hot = "; argmax(axis=1) of one-hot labels is" if labels.ndim == 2 else ""
            raise UserError(f"labels are one whole number an image, not {labels.dtype} {labels.shape}{one_hot}")
        check_classes(labels, gan.num_classes)
