"""Prepared pictures for training: small sets in memory, larger ones as records on disk."""

import dataclasses
import hashlib
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_repro.data.collection import ArraySet, Collection, Part
from tfgan_repro.data.description import DataDescription
from tfgan_repro.data.parallel import threads
from tfgan_repro.data.pictures import Pictures, PictureSet, RecordPictures, resized
from tfgan_repro.data.prepared import PreparedSet, is_prepared, open_records
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.reading import picture_shape, read_collection, resolve
from tfgan_repro.data.record_writer import BeingPrepared, RecordWriter, can_be_written
from tfgan_repro.data.summary import Summary
from tfgan_repro.data.treatment import split_of
from tfgan_repro.errors import UserError
from tfgan_repro.files import cache_directory

# Bytes of a set's pixels, both splits, up to which it is kept in memory. TensorFlow makes a copy of its own.
MEMORY_LIMIT = 256 * 2**20
# The same where records cannot be written.
LIMIT_WITHOUT_RECORDS = 4 * 2**30
WAIT_SECONDS = 1.0  # between two looks at what another process prepares
# Counted up when a collection is understood otherwise than before, so that what was prepared is prepared again.
RULES = 4
SPLITS = ("train", "test")
# The options that need no look at single pictures.
PLAIN = {"image_size", "test_percent", "on_bad_image"}

# What was loaded last, because the test split is usually wanted after the training split.
_latest: dict[Any, Mapping[str, PictureSet]] = {}


def fits_memory(*shape: int) -> bool:
    """Whether an array of pixels of this shape is kept in memory."""
    return int(np.prod(shape)) <= (MEMORY_LIMIT if can_be_written() else LIMIT_WITHOUT_RECORDS)


def load(source: Collection | PreparedSet, split: str, preparation: Preparation) -> PictureSet:
    """Prepare pictures, in memory or, where they are too many, on disk.

    Records on disk are kept under `cache_directory()`, named after the collection's version and the preparation, and
    read again the next time.

    Args:
        source: what `tfgan_repro.data.open_pictures` returns.
        split: "train" or "test".
        preparation: a `Preparation`.

    Returns:
        A `PictureSet`.

    Raises:
        UserError: another split, too few pictures, pictures of different sizes, a bad one where that is to be fatal, or
            a preparation that has no meaning for them.
    """
    if split not in SPLITS:
        raise UserError(f"split {split!r}: must be {' or '.join(SPLITS)}")
    if isinstance(source, PreparedSet):
        records = source.pictures(split, preparation)
        count = sum(source.report["kept"].values())
        return records.in_memory() if fits_memory(count, *records.image_shape) else records
    if isinstance(source, ArraySet) and can_be_loaded_whole(source, preparation):
        return load_arrays(source, split, preparation)
    key = source.name, source.version, preparation
    if key not in _latest:
        _latest.clear()
        _latest[key] = prepare(source, preparation)
    return checked(_latest[key][split], source.split_from)


def checked(pictures: PictureSet, split_from: str) -> PictureSet:
    """The pictures, or a `UserError` where there are none; where the split comes from is said as in `Collection`."""
    if not len(pictures):
        change = "larger" if pictures.split == "test" else "smaller"
        mend = f"; a {change} --test-percent makes a {pictures.split} split larger"
        raise UserError(
            f"{pictures.name} has no picture in its {pictures.split} split{f' ({split_from})' if split_from else mend}"
        )
    return pictures


def can_be_loaded_whole(arrays: ArraySet, preparation: Preparation) -> bool:
    """Whether pictures are taken as they are, or are only resized, and fit into memory: no single one is looked at."""
    shapes, side = [part.shape for part in arrays.parts.values()], preparation.image_size
    _, height, width, channels = shapes[0]
    alike = all(shape[1:] == shapes[0][1:] for shape in shapes)
    to_be_cropped = side is not None and height != width
    fit = fits_memory(sum(shape[0] for shape in shapes), side or height, side or width, channels)
    return set(preparation.choices()) <= PLAIN and alike and not to_be_cropped and fit


def load_arrays(arrays: ArraySet, split: str, preparation: Preparation) -> PictureSet:
    """The pictures of arrays that `can_be_loaded_whole`."""
    is_split, side = len(arrays.parts) > 1, preparation.image_size
    part = arrays.parts[split if is_split else "train"]
    labels = part.labels
    if is_split and side in (None, part.shape[1]):
        images = part.read()
    else:
        images, chosen = read_rows(part, split, None if is_split else preparation.test_percent, side)
        labels = None if labels is None else labels[chosen]
    if is_split:
        counts = {name: arrays.parts[name].shape[0] for name in SPLITS}
    else:
        counts = {name: len(images) if name == split else part.shape[0] - len(images) for name in SPLITS}
    description = DataDescription(
        arrays.name,
        counts,
        labels=arrays.labels_from,
        split=arrays.split_from or preparation.held_out,
        preparation=preparation.choices(),
    )
    class_names = () if labels is None else arrays.class_names
    return checked(Pictures(arrays.name, split, images, labels, class_names, description), arrays.split_from)


def read_rows(
    part: Part, split: str, test_percent: float | None, image_size: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """The images of a part at their final size: one after the other, for the file may hold more than memory does.

    Args:
        part: of an `ArraySet`.
        split: "train" or "test".
        test_percent: what is held out of the part; None where all of it is the split.
        image_size: pixels a side; None for the images' own.

    Returns:
        uint8 `[count, height, width, channels]`, and which of the part's images they are, bool.
    """
    images, chosen = [], np.ones(part.shape[0], bool)
    for row, image in enumerate(part.rows()):
        if test_percent is not None:
            chosen[row] = split_of(hashlib.sha256(image.tobytes()).digest(), test_percent) == split
        if chosen[row]:
            images.append(image if image_size is None else resized(image, image_size))
    return np.stack(images) if images else np.empty((0, *part.shape[1:]), np.uint8), chosen


def prepare(collection: Collection, preparation: Preparation) -> Mapping[str, PictureSet]:
    """The pictures of both splits, looked at one by one."""
    choices = [RULES, collection.name, collection.version, dataclasses.asdict(collection.resolve(preparation))]
    folder = cache_directory() / "prepared" / hashlib.sha256(json.dumps(choices).encode()).hexdigest()[:32]
    if is_prepared(folder):
        return read_splits(folder, collection.name)
    preparation = resolve(collection, preparation)
    shape = picture_shape(collection, preparation)
    if shape is None or fits_memory(len(collection), *shape):
        kept = Kept()
        summary = read_collection(collection, preparation, kept.add, threads)
        pictures = kept.pictures(collection, preparation, summary)
        summary.left_out.warn(collection.name)
        return pictures
    print(
        f"note: {collection.name}: {len(collection):,} pictures are too many for memory; prepared once, in {folder}",
        file=sys.stderr,
    )
    # Trainings that begin together, on a GPU each, wait for the one that was first.
    while not is_prepared(folder):
        try:
            with RecordWriter(folder, collection, preparation) as writer:
                summary = read_collection(collection, preparation, writer.add, threads)
                writer.finish(summary)
            summary.left_out.warn(collection.name)
        except BeingPrepared:
            time.sleep(WAIT_SECONDS)
    return read_splits(folder, collection.name)


def read_splits(folder: Path, name: str) -> dict[str, RecordPictures]:
    return {split: open_records(folder, split, name) for split in SPLITS}


class Kept:
    """Keeps prepared pictures in memory."""

    def __init__(self) -> None:
        self.splits: dict[str, tuple[list, list]] = {"train": ([], []), "test": ([], [])}

    def add(self, split: str, pixels: np.ndarray, label: int) -> None:
        images, labels = self.splits[split]
        images.append(pixels)
        labels.append(label)

    def pictures(self, collection: Collection, preparation: Preparation, summary: Summary) -> dict[str, Pictures]:
        """A `Pictures` for each split."""
        renumbered = summary.settle_classes()
        pictures = {}
        for split, (images, labels) in self.splits.items():
            rows = [row for row, label in enumerate(labels) if label in renumbered]
            numbers = [renumbered[labels[row]] for row in rows]
            pictures[split] = Pictures(
                name=collection.name,
                split=split,
                images=np.stack([images[row] for row in rows]) if rows else np.empty((0, *summary.shape), np.uint8),
                labels=np.array(numbers, np.int32) if summary.class_names else None,
                class_names=summary.class_names,
                understood=summary.description(collection.name, preparation),
            )
        return pictures
