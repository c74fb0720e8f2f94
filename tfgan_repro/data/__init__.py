"""Where pictures come from, and the pipeline that feeds them to training."""

from dataclasses import replace
from typing import TYPE_CHECKING

from tfgan_repro.data.names import DataSetNames
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.errors import UserError

if TYPE_CHECKING:
    from tfgan_repro.data.collection import Collection
    from tfgan_repro.data.pictures import PictureSet
    from tfgan_repro.data.prepared import PreparedSet

TFDS = "tfgan_repro.data.tfds_source:open_tfds"
# Each takes a place, a data directory and a `Preparation`, and returns a `Collection` or a `PreparedSet`.
SOURCES = DataSetNames(
    {
        "shapes": "tfgan_repro.data.shapes:open_shapes",
        "letters": "tfgan_repro.data.letters:open_letters",
        **dict.fromkeys(
            ("cifar10", "cifar100", "mnist", "fashion_mnist", "kmnist", "celeb_a", "cats_vs_dogs", "svhn", "stl10"),
            TFDS,
        ),
        "folder:PATH": "tfgan_repro.data.file_sources:open_folder",
        "prepared:DIR": "tfgan_repro.data.prepared:open_prepared",
        "zip:FILE": "tfgan_repro.data.file_sources:open_zip",
        "npz:FILE": "tfgan_repro.data.array_sources:open_npz",
        "idx:DIR": "tfgan_repro.data.array_sources:open_idx",
        "tfds:NAME": TFDS,
    }
)


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


def load_pictures(
    name: str,
    split: str = "train",
    data_dir: str | None = None,
    image_size: int | None = None,
    preparation: Preparation | None = None,
) -> "PictureSet":
    """Load a data set.

    Args:
        name: a short name or a kind and a place, as in `SOURCES`.
        split: "train" or "test".
        data_dir: where TensorFlow Datasets keeps its sets; None for its default.
        image_size: pixels a side to resize to, or None to keep the set's own size.
        preparation: a `Preparation` with all other choices, or None for the defaults.

    Returns:
        A `Pictures`, or a `RecordPictures` where they are too many for memory.

    Raises:
        UserError: an unknown name, a set that cannot be had, or an option that has no meaning for it.
    """
    preparation = replace(preparation or Preparation(), image_size=image_size)
    from tfgan_repro.data.loading import load

    return load(open_pictures(name, data_dir, preparation), split, preparation)


def is_at_hand(name: str, data_dir: str | None = None) -> bool:
    """Whether a data set can be loaded without a download.

    Args:
        name: as in `load_pictures`.
        data_dir: as in `load_pictures`.

    Raises:
        UserError: an unknown name.
    """
    registered, place = SOURCES.split(name)
    if SOURCES[registered].place != TFDS:
        return True
    from tfgan_repro.data.tfds_source import is_prepared

    return is_prepared(place, data_dir)
