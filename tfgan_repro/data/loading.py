"""Prepared pictures for training: small sets in memory, larger ones as records on disk."""

import dataclasses
import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tfgan_repro.data.parallel import threads
from tfgan_repro.data.pictures import Pictures, RecordPictures
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.preparing import picture_shape, prepare, resolve_colours
from tfgan_repro.data.records import RecordWriter, is_prepared, open_records
from tfgan_repro.errors import UserError
from tfgan_repro.files import cache_directory

if TYPE_CHECKING:
    from tfgan_repro.data.collection import Collection

# Bytes of a set's pixels, both splits, up to which it is kept in memory. TensorFlow makes a copy of its own.
MEMORY_LIMIT = 256 * 2**20

# What was loaded last, because the test split is usually wanted after the training split.
_latest: dict = {}


def fits_memory(size: int) -> bool:
    """Whether a set of so many bytes of pixels is kept in memory."""
    return size <= MEMORY_LIMIT


def load_collection(collection: "Collection", split: str, preparation: Preparation) -> Pictures | RecordPictures:
    """Prepare a collection, in memory or, where it is large, on disk.

    Records on disk are kept under `cache_directory()`, named after the collection's fingerprint and the preparation,
    and read again the next time.

    Args:
        collection: as in `tfgan_repro.data.collection`.
        split: "train" or "test".
        preparation: a `Preparation`.

    Returns:
        A `Pictures` or `RecordPictures`.

    Raises:
        UserError: too few pictures, pictures of different sizes, or a bad one where that is to be fatal.
    """
    preparation = preparation.resolved(collection.duplicates)
    key = collection.name, collection.fingerprint, preparation
    if key not in _latest:
        _latest.clear()
        _latest[key] = prepare_collection(collection, preparation)
    pictures = _latest[key][split]
    if not len(pictures):
        raise UserError(
            f"{collection.name} has no picture in its {split} split; a larger --test-percent makes a test split larger"
        )
    return pictures


def prepare_collection(collection: "Collection", preparation: Preparation) -> Mapping[str, Pictures | RecordPictures]:
    """Pictures by split."""
    folder = cache_directory() / "prepared" / cache_key(collection, preparation)
    if is_prepared(folder):
        return read_splits(folder, collection.name)
    preparation = resolve_colours(collection, preparation)
    shape = picture_shape(collection, preparation)
    if shape is None or fits_memory(int(np.prod(shape)) * len(collection)):
        kept = Memory(collection)
        prepare(collection, preparation, kept.add, threads).warn(collection.name)
        return kept.pictures()
    print(
        f"note: {collection.name}: {len(collection):,} pictures are too many for memory; prepared once, in {folder}",
        file=sys.stderr,
    )
    with RecordWriter(folder, collection, preparation) as writer:
        summary = prepare(collection, preparation, writer.add, threads)
        writer.finish(summary)
    summary.warn(collection.name)
    return read_splits(folder, collection.name)


def read_splits(folder: Path, name: str) -> dict[str, RecordPictures]:
    return {split: open_records(folder, split, name) for split in ("train", "test")}


def cache_key(collection: "Collection", preparation: Preparation) -> str:
    choices = [collection.name, collection.fingerprint, dataclasses.asdict(preparation)]
    return hashlib.sha256(json.dumps(choices).encode()).hexdigest()[:32]


class Memory:
    """Keeps prepared pictures in memory.

    Args:
        collection: that they come from.
    """

    def __init__(self, collection: "Collection") -> None:
        self.collection = collection
        self.kept: dict[str, tuple[list, list]] = {"train": ([], []), "test": ([], [])}

    def add(self, split: str, pixels: np.ndarray, label: int) -> None:
        images, labels = self.kept[split]
        images.append(pixels)
        labels.append(label)

    def pictures(self) -> dict[str, Pictures]:
        """A `Pictures` for each split."""
        shape = next(images[0].shape for images, _ in self.kept.values() if images)
        splits, class_names = {}, self.collection.class_names
        for split, (images, labels) in self.kept.items():
            splits[split] = Pictures(
                name=self.collection.name,
                split=split,
                images=np.stack(images) if images else np.empty((0, *shape), np.uint8),
                labels=np.array(labels, np.int32) if class_names else None,
                class_names=class_names,
            )
        return splits
