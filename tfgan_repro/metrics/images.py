"""Image sets as extractors take them: batches of uint8, with a digest of their content."""

import hashlib
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.scaling import unscale
from tfgan_repro.types import ImageSet

# Bytes of pixels of a batch, which is cut smaller where it would have more: resizing takes a dozen times that.
MOST_AT_ONCE = 2**26


class ImageArray:
    """Images in memory.

    Args:
        images: uint8 `[count, height, width]` or `[count, height, width, 1 or 3]`, or floats in [-1, 1].
        name: of the set, for protocols.
        split: of the set, or None.
        labels: int `[count]`, or None.
        places: the images' numbers in the set that they were taken from, int `[count]`; None for 0, 1, ...

    Raises:
        UserError: another type, shape or range.
    """

    def __init__(
        self,
        images: np.ndarray,
        name: str = "array",
        split: str | None = None,
        labels: np.ndarray | None = None,
        places: np.ndarray | None = None,
    ) -> None:
        images = as_pixels(images, name)
        if images.ndim == 3 and images.shape[-1] == 3:
            raise UserError(f"{name}: an image of shape {images.shape} is given in the place of a set of them")
        if images.ndim == 3:
            images = images[..., None]
        if images.ndim != 4 or images.shape[-1] not in (1, 3) or 0 in images.shape[1:3]:
            raise UserError(f"{name}: expected images [count, height, width, 1 or 3], received shape {images.shape}")
        self.images, self.name, self.split, self.labels = images, name, split, labels
        self.places = np.arange(len(images)) if places is None else places
        self.notes: dict = {}

    def __len__(self) -> int:
        return len(self.images)

    def take(self, rows: np.ndarray) -> "ImageArray":
        """The images of the given numbers, in their order."""
        labels = None if self.labels is None else self.labels[rows]
        return ImageArray(self.images[rows], self.name, self.split, labels, self.places[rows])

    def digest(self) -> str:
        """A hash of the content."""
        digest = hashlib.sha256(repr(self.images.shape).encode())
        digest.update(np.ascontiguousarray(self.images).data)
        return digest.hexdigest()

    def batches(self, size: int) -> Iterator[np.ndarray]:
        """Yields uint8 `[at most size, height, width, channels]`."""
        for start in range(0, len(self.images), size):
            yield self.images[start : start + size]


def as_pixels(images: np.ndarray, name: str) -> np.ndarray:
    """Images as uint8: what is so already, and floats in [-1, 1], rounded.

    Raises:
        UserError: no images, integers of another type, NaN, or floats of another range, which could be meant in several
            ways.
    """
    given = type(images).__name__
    try:
        images = np.asarray(images)
    except ValueError as error:
        raise UserError(f"{name}: images of several sizes make no array; give a folder of them") from error
    if images.dtype == np.uint8:
        return images
    if images.dtype.kind not in "biuf":
        raise UserError(
            f"{name}: a {given} is no set of images: give an array [count, height, width, channels], a folder, an .npz "
            "file, a run or the name of a data set"
        )
    expected = "expected uint8 with values 0 to 255, or floats in [-1, 1]"
    if not np.issubdtype(images.dtype, np.floating):
        raise UserError(f"{name}: images are {images.dtype}; {expected}")
    low, high = (images.min(), images.max()) if images.size else (-1, 1)
    if not np.isfinite([low, high]).all():
        raise UserError(f"{name}: images hold NaN or infinity")
    if low < -1 or high > 1 or low >= 0:
        hint = "(images * 255)" if 0 <= low and high <= 1 else "images"
        raise UserError(
            f"{name}: images are {images.dtype} from {low:.4g} to {high:.4g}; {expected}: give "
            f"{hint}.round().astype('uint8') if that is what they are"
        )
    return unscale(images)


def pixels_a_side(images: ImageSet) -> Any:
    """The size of an image set's images, `[height, width]` where they differ, or None where there are several sizes."""
    shape = shape_of(images)
    if shape is None:
        return None
    height, width = map(int, shape[:2])
    return height if height == width else [height, width]


def shape_of(images: ImageSet) -> tuple[int, ...] | None:
    """The shape of an image set's images, or None where they lie in files of perhaps several sizes."""
    array = getattr(images, "images", None)
    return getattr(images, "image_shape", None) if array is None else array.shape[1:]


def at_once(images: ImageSet, most: int) -> int:
    """How many images of a set a batch has: the most, or as many as make `MOST_AT_ONCE` where their size is known."""
    shape = shape_of(images)
    return most if shape is None else max(1, min(most, MOST_AT_ONCE // math.prod(shape)))


def as_image_set(images: ImageSet) -> ImageSet:
    """An image set: itself, an array of images, or pictures with `images`, `name`, `split` and `labels`."""
    if hasattr(images, "batches"):
        return images
    if hasattr(images, "images") and hasattr(images, "split"):
        return ImageArray(images.images, images.name, images.split, images.labels)
    return ImageArray(images)


def check_count(images: ImageSet, count: int) -> None:
    """Raise a `UserError` where there are fewer than so many images."""
    if count > len(images):
        where = f" in its {images.split} split" if images.split else ""
        found = f"there are {len(images)}" if len(images) != 1 else "there is 1"
        if len(images) >= 2:
            way_out = f"choose --fid-samples {len(images)} or fewer"
        elif images.split == "test":
            way_out = "no score is of fewer than 2; a larger --test-percent holds more back"
        else:
            way_out = "no score is of fewer than 2"
        raise UserError(f"a score of {count} images needs as many from {images.name}; {found}{where}: {way_out}")


def draw(images: ImageSet, count: int, seed: int) -> tuple[ImageSet, np.ndarray]:
    """Two disjoint sets of different images drawn with a seed.

    Args:
        images: an image set.
        count: of the first.
        seed: of the drawing.

    Returns:
        `count` images, and those left over in random order; all in a stable order within the first.

    Raises:
        UserError: there are fewer than `count`.
    """
    check_count(images, count)
    if count == len(images):
        return images, np.empty(0, int)  # they would be a copy of all of them
    rows = np.random.default_rng(seed).permutation(len(images))
    return images.take(np.sort(rows[:count])), rows[count:]


def stored_images(arrays: Mapping[str, np.ndarray], path: Path | str) -> ImageArray:
    """The images among the arrays of an `.npz` file: `images` or `arr_0`, or the only array; with int `labels`, if any.

    Args:
        arrays: by their names.
        path: their file, for protocols and messages.

    Raises:
        UserError: none of them, or no images in it.
    """
    named: list[str] = [name for name in ("images", "arr_0") if name in arrays] or list(arrays)
    if len(named) != 1:
        holds = f"it holds {', '.join(arrays)}; as a data set it is called npz:{path}" if arrays else "it holds nothing"
        raise UserError(f"{path} should hold one array `images`; {holds}")
    images, labels = ImageArray(arrays[named[0]], str(path)), arrays.get("labels")
    if labels is not None and labels.shape == (len(images),) and labels.dtype.kind in "iu":
        images.labels = labels
    return images
