"""Where pictures come from, and the pipeline that feeds them to training."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tfgan_repro.data.names import PATHS, DataSetNames
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.errors import UserError
from tfgan_repro.files import check_outside
from tfgan_repro.registry import Entry

if TYPE_CHECKING:
    from tfgan_repro.data.collection import Collection
    from tfgan_repro.data.pictures import PictureSet
    from tfgan_repro.data.prepared import PreparedSet

TFDS = "tfgan_repro.data.tfds_source:open_tfds"
# Each takes a place, a data directory and a `Preparation`, and returns a `Collection` or a `PreparedSet`. Of published
# sets is said what is known before they are opened: how many training images there are, and height x width.
SOURCES = DataSetNames(
    {
        "shapes": Entry("tfgan_repro.data.shapes:open_shapes", images=20_000, size="32x32"),
        "letters": Entry("tfgan_repro.data.letters:open_letters", images=20_000, size="32x32"),
        "cifar10": Entry(TFDS, images=50_000, size="32x32"),
        "cifar100": Entry(TFDS, images=50_000, size="32x32"),
        "mnist": Entry(TFDS, images=60_000, size="28x28"),
        "fashion_mnist": Entry(TFDS, images=60_000, size="28x28"),
        "kmnist": Entry(TFDS, images=60_000, size="28x28"),
        "celeb_a": Entry(TFDS, images=162_770, size="218x178"),
        "cats_vs_dogs": TFDS,
        "svhn": Entry(TFDS, images=73_257, size="32x32"),
        "stl10": Entry(TFDS, images=5_000, size="96x96"),
        "folder:PATH": "tfgan_repro.data.file_sources:open_folder",
        "prepared:DIR": "tfgan_repro.data.prepared:open_prepared",
        "zip:FILE": "tfgan_repro.data.file_sources:open_zip",
        "npz:FILE": "tfgan_repro.data.npz_source:open_npz",
        "idx:DIR": "tfgan_repro.data.idx_source:open_idx",
        "tfds:NAME": TFDS,
    }
)


def glance(name: str, image_size: int | None = None) -> str:
    """What is known of a training set before it is opened, e.g. "20,000 images 32x32"; empty where that is nothing.

    Args:
        name: as in `SOURCES`.
        image_size: pixels a side to which the pictures will be resized; None for their own size.
    """
    registered, _ = SOURCES.split(name)
    images = SOURCES.fact(registered, "images")
    size = f"{image_size}x{image_size}" if image_size else SOURCES.fact(registered, "size", "")
    return " ".join(word for word in (f"{images:,} images" if images else "", size) if word)


def open_pictures(
    name: str, data_dir: str | None = None, preparation: Preparation | None = None
) -> "Collection | PreparedSet":
    """A data set that is not read yet.

    Args:
        name: a short name or a kind and a place, as in `SOURCES`.
        data_dir: where TensorFlow Datasets keeps its sets; None for its default.
        preparation: a `Preparation`, or None for the defaults.

    Raises:
        UserError: an unknown name, or a set that cannot be had.
    """
    return SOURCES.load(name)(SOURCES.split(name)[1], data_dir, preparation or Preparation())


def open_collection(name: str, data_dir: str | None = None, preparation: Preparation | None = None) -> "Collection":
    """As `open_pictures`, for those who prepare pictures: what is prepared already is refused."""
    from tfgan_repro.data.prepared import PreparedSet

    source = open_pictures(name, data_dir, preparation)
    if isinstance(source, PreparedSet):
        raise UserError(f"{source.place} is prepared already; prepare the pictures that it was made from")
    return source


def check_beside(path: Path | str, name: str) -> None:
    """Raise a `UserError` where what is to be written would lie among the pictures of a data set, and be one of them.

    Args:
        path: of what is to be written.
        name: of the set, as in `load_pictures`.
    """
    kind, place = SOURCES.split(name)
    if kind == "folder:PATH":
        check_outside(path, place)


def load_pictures(
    name: str,
    split: str = "train",
    data_dir: str | None = None,
    image_size: int | None = None,
    preparation: Preparation | None = None,
) -> "PictureSet":
    """Load a data set.

    Args:
        name: a short name ("cifar10") or a kind and a place ("folder:photographs"), as in `SOURCES`.
        split: "train" or "test".
        data_dir: where TensorFlow Datasets keeps its sets; None for its default.
        image_size: pixels a side to resize to; None for what the preparation says, which is the set's own by default.
        preparation: a `Preparation` with all other choices (crop, test share, duplicates); None for the defaults.

    Returns:
        A `Pictures`: `images` uint8 `[count, height, width, channels]`, `labels` int32 `[count]` or None, and
        `class_names`. A set that is too large for memory is a `RecordPictures`, which reads from disk.

    Raises:
        UserError: an unknown name, a set that cannot be found or downloaded, or an option that does not apply to it.
    """
    preparation = preparation or Preparation()
    if image_size is not None:
        preparation = replace(preparation, image_size=image_size)
    from tfgan_repro.data.loading import load

    return load(open_pictures(name, data_dir, preparation), split, preparation)


def is_at_hand(name: str, data_dir: str | None = None) -> bool:
    """Whether a data set can be loaded here and now, without a download.

    Args:
        name: as in `load_pictures`.
        data_dir: as in `load_pictures`.

    Raises:
        UserError: an unknown name.
    """
    registered, place = SOURCES.split(name)
    if SOURCES[registered].place != TFDS:
        return registered.partition(":")[2] not in PATHS or os.path.exists(place)
    from tfgan_repro.data.tfds_source import is_prepared

    return is_prepared(place, data_dir)
