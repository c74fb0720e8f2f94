"""Where pictures come from, and the pipeline that feeds them to training."""

from dataclasses import replace

from tfgan_repro.data.names import DataSetNames
from tfgan_repro.data.preparation import Preparation

TFDS = "tfgan_repro.data.tfds_source:load_tfds"
# Each takes a place, a split, a data directory and a `Preparation`, and returns a `Pictures`.
SOURCES = DataSetNames(
    {
        "shapes": "tfgan_repro.data.shapes:load_embedded",
        **dict.fromkeys(
            ("cifar10", "cifar100", "mnist", "fashion_mnist", "kmnist", "celeb_a", "cats_vs_dogs", "svhn", "stl10"),
            TFDS,
        ),
        "folder:PATH": "tfgan_repro.data.folder_source:load_folder",
        "npz:FILE": "tfgan_repro.data.npz_source:load_npz",
        "tfds:NAME": TFDS,
    }
)


def load_pictures(name, split="train", data_dir=None, image_size=None, preparation=None):
    """Load a data set.

    Args:
        name: a short name or a kind and a place, as in `SOURCES`.
        split: "train" or "test".
        data_dir: where TensorFlow Datasets keeps its sets; None for its default.
        image_size: pixels a side to resize to, or None to keep the set's own size.
        preparation: a `Preparation` with all other choices, or None for the defaults.

    Returns:
        A `Pictures`.

    Raises:
        UserError: an unknown name, a set that cannot be had, or an option that has no meaning for it.
    """
    preparation = replace(preparation or Preparation(), image_size=image_size)
    place = SOURCES.split(name)[1]
    return SOURCES.load(name)(place, split, data_dir, preparation)
