"""Image sets of TensorFlow Datasets."""

import contextlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from tfgan_repro.data.collection import AS_PUBLISHED, ArraySet, Collection, WholePart
from tfgan_repro.data.npz_source import open_npz
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.treatment import Item
from tfgan_repro.errors import UserError, unknown_name

PROBE_SECONDS = 10
Builder = Any  # a `tfds.core.DatasetBuilder`
# Names that users try, where TFDS calls the set otherwise.
ALIASES = {"svhn": "svhn_cropped"}
# What is held out where a set has no test split.
TEST_SPLITS = ("test", "validation")
# Bytes of pixels up to which a set is read as a whole.
MOST_AT_ONCE = 2**28


def open_tfds(name: str, data_dir: str | None, preparation: Preparation) -> Collection:
    """An image set of TensorFlow Datasets, downloaded the first time.

    Args:
        name: the set's name in TFDS.
        data_dir: where TFDS keeps its sets; None for `$TFDS_DATA_DIR` or TFDS's own default.
        preparation: a `Preparation`; its `label_column` is a feature of the set, or of one of its groups of features.

    Returns:
        An `ArraySet` or, where it is large or its pictures are of several sizes or another kind, an `EncodedSet`.

    Where TensorFlow or TFDS is not installed, what `tfgan_repro.data.export` has written into `data_dir` as NAME.npz
    is the set.

    Raises:
        UserError: no such set, it is not there and cannot be downloaded or written, or holds no images.
    """
    if not is_installed():
        return replace(open_npz(find_export(name, data_dir), None, preparation), name=name)
    return open_builder(name, find_builder(ALIASES.get(name, name), data_dir), preparation.label_column)


def is_installed() -> bool:
    """Whether sets of TFDS can be read here."""
    return all(importlib.util.find_spec(package) for package in ("tensorflow", "tensorflow_datasets"))


def find_export(name: str, data_dir: str | None) -> str:
    """The file that a set was exported to, for machines without TFDS.

    Raises:
        UserError: there is none.
    """
    folder = os.path.expanduser(data_dir or os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets")
    place = os.path.join(folder, f"{name}.npz")
    if not os.path.exists(place):
        raise UserError(
            f"{name} comes from TensorFlow Datasets, which needs TensorFlow; where both are installed, say: "
            f"python -m tfgan_repro.data export {name} {name}.npz; then bring the file here as {place}"
        )
    return place


def is_prepared(name: str, data_dir: str | None) -> bool:
    """Whether a set of TFDS is on this machine; one that TFDS does not know is not."""
    try:
        if not is_installed():
            return bool(find_export(name, data_dir))
        return named_builder(ALIASES.get(name, name), data_dir).is_prepared()
    except UserError:
        return False


def find_builder(name: str, data_dir: str | None) -> Builder:
    """TFDS's builder of a set, downloaded and prepared."""
    builder = named_builder(name, data_dir)
    if not builder.is_prepared():
        download(builder)
    return builder


def named_builder(name: str, data_dir: str | None) -> Builder:
    """TFDS's builder of a set, prepared or not."""
    import tensorflow_datasets as tfds

    tfds.disable_progress_bar()
    # TFDS itself reads the variable only once, when it is imported.
    data_dir = data_dir or os.environ.get("TFDS_DATA_DIR")
    try:
        return tfds.builder(name, data_dir=data_dir, try_gcs=False)
    except (tfds.core.DatasetNotFoundError, ValueError, AssertionError) as error:
        known = tfds.list_builders(with_community_datasets=False)
        if name.partition(":")[0].partition("/")[0] in known:
            raise UserError(f"tfds:{name}: {' '.join(str(error).split())[:200]}") from error
        raise unknown_name("set of TensorFlow Datasets", name, known) from None


def open_builder(name: str, builder: Builder, label_column: str | None) -> Collection:
    """The pictures of a prepared builder; see `open_tfds`."""
    features, infos = builder.info.features, builder.info.splits
    if "image" not in features:
        raise UserError(f"{name} is not a set of images: its features are {', '.join(features)}")
    test = next((split for split in TEST_SPLITS if split in infos), None)
    splits = {"train": "train", **({"test": test} if test else {})}
    if "train" not in infos:
        raise UserError(f"{name} has no split called train; it has {', '.join(infos)}")
    label, class_names = find_label(name, features, label_column)
    counts = {split: builder.info.splits[source].num_examples for split, source in splits.items()}
    shape, kind = features["image"].shape, np.dtype(features["image"].np_dtype)
    if kind.kind != "u":
        raise UserError(f"{name} is not a set of pictures: its images are {kind}")
    version = str(builder.data_path)
    # Pictures of another kind become such of three colours, or one, and 8 bits when their files are read.
    plain = None not in shape and shape[-1] in (1, 3) and kind == np.uint8
    if not plain or label_column is not None or np.prod(shape) * sum(counts.values()) > MOST_AT_ONCE:
        split_from = AS_PUBLISHED if test else ""
        return EncodedSet(
            name, builder, splits, counts, label, class_names=class_names, version=version, split_from=split_from
        )
    parts = {
        split: WholePart((counts[split], *shape), partial(read_split, builder, source, bool(class_names)))
        for split, source in splits.items()
    }
    return ArraySet(name, parts, class_names=class_names, version=version)


def find_label(name: str, features: Any, column: str | None) -> tuple[Callable[[Any], int] | None, tuple[str, ...]]:
    """Where an example's label lies, and the classes' names.

    Returns:
        A function from an example to its number, or None; and a tuple, empty without labels.
    """
    if column is None:
        names = getattr(features["label"], "names", None) if "label" in features else None
        return (lambda example: example["label"], tuple(names)) if names else (None, ())
    groups = {"": features, **{key: features[key] for key in features.keys() if hasattr(features[key], "keys")}}
    known = {}
    for group, members in groups.items():
        for key in members.keys():
            names = getattr(members[key], "names", None)
            if names or members[key].dtype == bool:
                known[key] = group, tuple(names) if names else (f"not {column}", column)
    if column not in known:
        raise unknown_name(f"--label-column of {name}", column, known) if known else UserError(f"{name} has no labels")
    group, names = known[column]
    return (lambda example: (example[group] if group else example)[column]), names


def read_split(builder: Builder, split: str, labelled: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """All images of a split, and their labels; None where it has none, which TFDS writes as -1."""
    stored = builder.as_dataset(split=split, batch_size=-1)
    labels = stored["label"].numpy().astype(np.int32) if labelled else None
    return stored["image"].numpy(), None if labels is None or labels.min() < 0 else labels


@dataclass
class EncodedSet(Collection):
    """A set of TFDS whose image files come one after the other.

    Attributes:
        builder: TFDS's builder.
        splits: what the builder calls each split.
        counts: pictures by split.
        label: a function from an example to the number of its class, or None.
    """

    builder: Builder
    splits: dict[str, str]
    counts: dict[str, int]
    label: Callable[[Any], int] | None

    def __len__(self) -> int:
        return sum(self.counts.values())

    def items(self) -> Iterator[Item]:
        import tensorflow_datasets as tfds

        encoded = {"image": tfds.decode.SkipDecoding()}
        for split, source in self.splits.items():
            examples = tfds.as_numpy(self.builder.as_dataset(split=source, decoders=encoded))
            for index, example in enumerate(examples):
                label = int(self.label(example)) if self.label else -1
                yield Item(f"{split}/{index}", example["image"], label, split if len(self.splits) > 1 else None)


def download(builder: Builder) -> None:
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
