"""What a user gives for images and labels: taken as it is meant, and looked at before it is trained on."""

import itertools
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import keras
import numpy as np

from tfgan_repro.errors import UserError

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
            x = as_array(x)
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


def is_array(x: Any) -> bool:
    """Whether it is an array, of NumPy or of a backend."""
    return hasattr(x, "__array__")


def check_lengths(images: Any, labels: Any) -> None:
    """Raise a `UserError` where there is not a label for each image."""
    if labels is not None and np.ndim(labels) == 0:
        raise UserError("a single label is given for all images; give one an image")
    if labels is not None and len(images) != len(labels):
        raise UserError(f"{len(images)} images have {len(labels)} labels; give one an image")


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
        check_rank(x.element_spec, gan.image_shape)
        batch = next(iter(x.take(1)), None)
    elif isinstance(x, Iterator):
        x = map(as_arrays, x)
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


def check_rank(spec: Any, image_shape: tuple[int, ...]) -> None:
    """Raise a `UserError` where a `tf.data.Dataset` does not know its images' shape, whose batches tell it too late."""
    images = spec[0] if isinstance(spec, tuple) and spec else spec
    if getattr(getattr(images, "shape", ()), "rank", 0) is None:
        raise UserError(
            "the data set does not know the shape of its images, as after tf.py_function: say "
            f"tf.ensure_shape(images, {(None, *image_shape)}) in a last .map"
        )


def begun(first: Any, others: Any) -> Any:
    """A generator of a batch and the others after it; Keras knows it by its type, and wants tuples."""
    for batch in itertools.chain([first], others):
        yield batch if isinstance(batch, tuple) else (batch,)


def as_arrays(batch: Any) -> Any:
    """A batch of lists, or of another library's tensors, as a tuple of arrays or one array; labels of None left out.

    Raises:
        UserError: a list of images of several shapes.
    """
    if isinstance(batch, (tuple, list)):
        return tuple(as_array(part) for part in batch if part is not None)
    return as_array(batch)


def as_array(part: Any) -> Any:
    """A part of a batch as an array; what can be none, and a tensor of the backend, as it is."""
    if part is None or isinstance(part, dict) or keras.ops.is_tensor(part):
        return part
    try:
        return np.asarray(part)
    except ValueError as error:
        raise UserError("the images of a list must be of one shape") from error


def check_batch(gan: Any, batch: Any) -> None:
    """Raise a `UserError` where a batch is not what a `GAN` is made for; warn where it may be scaled in another way."""
    if isinstance(batch, dict):
        raise UserError(f"a batch is images, or images and labels, not a dictionary of {', '.join(map(str, batch))}")
    images, labels, *weights = (*batch, None) if isinstance(batch, (tuple, list)) else (batch, None)
    if batch is not None and not is_array(images):
        raise UserError(f"a batch is an array of images, or images and labels, not a {type(batch).__name__}")
    if batch is None or not len(images):
        raise UserError("the data set has no images")
    images, expected = np.asarray(images), tuple(gan.image_shape)
    if images.shape == expected:
        raise UserError("an image is given in the place of a batch of them: call .batch(32) on a data set")
    check_lengths(images, labels)
    refuse_weights(*weights)
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
    """Raise a `UserError` where a `GAN` that needs labels gets none, or some that are no classes of it.

    One that needs none passes over numbers, but Keras takes nothing else.
    """
    if not gan.needs_labels and isinstance(labels, np.ndarray) and labels.dtype.kind not in "biuf":
        raise UserError(f"labels of {labels.dtype} are no numbers, and this model needs none: leave them out")
    if gan.needs_labels:
        if labels is None:
            raise UserError("a conditional model is trained on images and labels; this data set has no labels")
        labels = in_a_row(np.asarray(labels))
        if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
            one_hot = "; argmax(axis=1) of one-hot labels is" if labels.ndim == 2 else ""
            raise UserError(f"labels are one whole number an image, not {labels.dtype} {labels.shape}{one_hot}")
        check_classes(labels, gan.num_classes)


def refuse_weights(*weights: Any) -> None:
    """Raise a `UserError` where there are weights of samples or classes, which Keras takes beside images and labels."""
    if any(weight is not None for weight in weights):
        raise UserError("weights of samples and classes have no meaning for a GAN; leave them out")


def as_numpy_labels(labels: Any, count: int, num_classes: int | None) -> np.ndarray:
    """Labels int32 `[count]` of what a user gives: one a picture, one for all, or None for the classes in turn.

    Raises:
        UserError: another number of them, or a label that is no class.
    """
    if labels is None:
        if not num_classes:
            raise UserError("a conditional model makes pictures of given labels: call generate(count, labels=...)")
        return np.arange(count, dtype=np.int32) % num_classes
    array = in_a_row(np.asarray(labels))
    if array.ndim == 0:
        array = np.full(count, array)
    if array.shape != (count,) or not np.issubdtype(array.dtype, np.integer):
        raise UserError(f"labels are {count} whole numbers, one a picture, not {array.dtype} {array.shape}")
    check_classes(array, num_classes)
    return array.astype(np.int32)


def in_a_row(labels: np.ndarray) -> np.ndarray:
    """Labels `[count]` of those that came as a column `[count, 1]`; others as they are."""
    return labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels


def check_classes(labels: np.ndarray, num_classes: int | None) -> None:
    """Raise a `UserError` where a label is no class; anything goes where the number of classes is not known."""
    if num_classes and not 0 <= labels.min() <= labels.max() < num_classes:
        raise UserError(f"labels from {labels.min()} to {labels.max()}: there are the classes 0 to {num_classes - 1}")
