"""Where pictures come from, and the pipeline that feeds them to training."""

from tfgan_repro.registry import Registry

# Each takes a split and a data directory and returns a `Pictures`.
SOURCES = Registry(
    "data set",
    {
        "shapes": "tfgan_repro.data.shapes:load_shapes",
        "cifar10": "tfgan_repro.data.tfds_source:load_cifar10",
        "mnist": "tfgan_repro.data.tfds_source:load_mnist",
    },
)


def load_pictures(name, split="train", data_dir=None, image_size=None):
    """Load a data set into memory.

    Args:
        name: one of `SOURCES`.
        split: "train" or "test".
        data_dir: where TensorFlow Datasets keeps its sets; None for its default.
        image_size: pixels a side to resize to, or None to keep the set's own size.

    Returns:
        A `Pictures`.

    Raises:
        UserError: an unknown name, or a set that cannot be had.
    """
    pictures = SOURCES.load(name)(split, data_dir)
    return pictures.resized(image_size) if image_size else pictures
