"""Image sets of TensorFlow Datasets."""

import contextlib
import os
import sys

import numpy as np

from tfgan_repro.data.arrays import ArraySet, load_arrays
from tfgan_repro.data.collection import Collection
from tfgan_repro.data.loading import MEMORY_LIMIT, load_collection
from tfgan_repro.data.treatment import Item
from tfgan_repro.errors import UserError, unknown_name

PROBE_SECONDS = 10
# Names that users try, where TFDS calls the set otherwise.
ALIASES = {"svhn": "svhn_cropped"}
# What is held out where a set has no test split.
TEST_SPLITS = ("test", "validation")


def load_tfds(name, split, data_dir, preparation):
    """Load an image set of TensorFlow Datasets, downloading it the first time.

    Args:
        name: the set's name in TFDS.
        split: "train" or "test".
        data_dir: where TFDS keeps its sets; None for `$TFDS_DATA_DIR` or TFDS's own default.
        preparation: a `Preparation`.

    Returns:
        A `Pictures`.

    Raises:
        UserError: no such set, it is not there and cannot be downloaded or written, or holds no images.
    """
    builder = find_builder(ALIASES.get(name, name), data_dir)
    opened = open_builder(name, builder, preparation.label_column)
    if isinstance(opened, ArraySet):
        return load_arrays(opened, split, preparation)
    return load_collection(opened, split, preparation.resolved("keep"))


def find_builder(name, data_dir):
    """TFDS's builder of a set, downloaded and prepared."""
    import tensorflow_datasets as tfds

    tfds.disable_progress_bar()
    # TFDS itself reads the variable only once, when it is imported.
    data_dir = data_dir or os.environ.get("TFDS_DATA_DIR")
    try:
        builder = tfds.builder(name, data_dir=data_dir, try_gcs=False)
    except (tfds.core.DatasetNotFoundError, ValueError, AssertionError) as error:
        known = tfds.list_builders(with_community_datasets=False)
        if name.partition(":")[0].partition("/")[0] in known:
            raise UserError(f"tfds:{name}: {' '.join(str(error).split())[:200]}") from error
        raise unknown_name("set of TensorFlow Datasets", name, known) from None
    if not builder.is_prepared():
        download(builder)
    return builder


def open_builder(name, builder, label_column=None):
    """The pictures of a prepared builder: an `ArraySet` where they fit into memory, else a `Collection`."""
    features, infos = builder.info.features, builder.info.splits
    if "image" not in features:
        raise UserError(f"{name} is no image set: its features are {', '.join(features)}")
    test = next((split for split in TEST_SPLITS if split in infos), None)
    splits = {"train": "train", **({"test": test} if test else {})}
    if "train" not in infos:
        raise UserError(f"{name} has no split called train; it has {', '.join(infos)}")
    shape = features["image"].shape
    size = None if None in shape else np.prod(shape) * sum(infos[split].num_examples for split in splits.values())
    label, class_names = find_label(name, features, label_column)
    if size is None or size > MEMORY_LIMIT or label_column is not None:
        return TfdsCollection(name, builder, splits, label, class_names)

    def read(split):
        pictures = builder.as_dataset(split=splits[split], batch_size=-1)
        return pictures["image"].numpy(), pictures["label"].numpy().astype(np.int32) if class_names else None

    return ArraySet(name, read, tuple(splits), class_names)


def find_label(name, features, column):
    """Where an example's label lies, and the classes' names.

    Returns:
        A function from an example to its number, or None; and a tuple, empty without labels.
    """
    if column is None:
        names = getattr(features.get("label"), "names", None)
        return (lambda example: example["label"], tuple(names)) if names else (None, ())
    groups = {"": features, **{key: features[key] for key in features if hasattr(features[key], "keys")}}
    known = {}
    for group, members in groups.items():
        for key in members:
            names = getattr(members[key], "names", None)
            if names or members[key].dtype == bool:
                known[key] = group, tuple(names) if names else (f"not {column}", column)
    if column not in known:
        raise unknown_name(f"--label-column of {name}", column, known) if known else UserError(f"{name} has no labels")
    group, names = known[column]
    return (lambda example: (example[group] if group else example)[column]), names


class TfdsCollection(Collection):
    """The pictures of a set of TFDS as encoded files, read one after the other."""

    def __init__(self, name, builder, splits, label, class_names):
        counts = {split: builder.info.splits[source].num_examples for split, source in splits.items()}
        names = [f"{split}/{index}" for split, count in counts.items() for index in range(count)]
        super().__init__(name, names, None, class_names=class_names, fingerprint=builder.info.full_name)
        self.builder, self.own_splits, self.label = builder, splits, label

    def items(self):
        import tensorflow_datasets as tfds

        encoded = {"image": tfds.decode.SkipDecoding()}
        names = iter(self.names)
        for split, source in self.own_splits.items():
            for example in tfds.as_numpy(self.builder.as_dataset(split=source, decoders=encoded)):
                label = int(self.label(example)) if self.label else -1
                yield Item(next(names), example["image"], label, split if len(self.own_splits) > 1 else None)


def download(builder):
    """Let TFDS download and prepare a set, or say in one line why it cannot."""
    import requests
    import tensorflow as tf
    import tensorflow_datasets as tfds

    try:
        # TFDS would try for minutes before it gives up on a machine without a network.
        for address in list(builder.url_infos)[:1]:
            requests.head(address, timeout=PROBE_SECONDS)
        # Its messages are not results.
        with contextlib.redirect_stdout(sys.stderr):
            builder.download_and_prepare()
    except (OSError, requests.RequestException, tfds.download.DownloadError, tf.errors.OpError) as error:
        raise UserError(
            f"{builder.name} is not in {builder.data_path.parent.parent} and could not be downloaded "
            f"({type(error).__name__}); point --data-dir or TFDS_DATA_DIR at a prepared copy, "
            "or try --dataset shapes, which needs no download"
        ) from error
