"""A data set as an `.npz` file."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfgan_repro.data import load_pictures
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.files import atomic_path, make_place
from tfgan_repro.npz import write_array

# Names of the arrays of a split, alone and beside the other split; `npz_source` reads both.
ALONE = ("images", "labels")
TOGETHER = {"train": ("x_train", "y_train"), "test": ("x_test", "y_test")}


def export(
    name: str,
    out: Path | str,
    splits: Sequence[str],
    data_dir: str | None = None,
    preparation: Preparation | None = None,
) -> None:
    """Write a data set as `.npz`: uint8 images, int32 labels and `class_names` where there are any.

    Args:
        name: of the data set, as in `tfgan_repro.data.load_pictures`.
        out: the file.
        splits: ("train",), ("test",), or both.
        data_dir: where TensorFlow Datasets keeps its sets; None for its default.
        preparation: a `Preparation`, or None.

    Raises:
        UserError: the set cannot be had, or there is a folder in the file's place.
    """
    make_place(out)
    with atomic_path(out) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for split in splits:
            pictures = load_pictures(name, split, data_dir, preparation=preparation)
            images, labels = ALONE if len(splits) == 1 else TOGETHER[split]
            shape = (len(pictures), *pictures.image_shape)
            write_array(file, images, shape, np.uint8, pictures.blocks())
            if pictures.labels is not None:
                write_array(file, labels, shape[:1], np.int32, [pictures.labels])
        if pictures.class_names:
            class_names = np.array(pictures.class_names)
            write_array(file, "class_names", class_names.shape, class_names.dtype, [class_names])
