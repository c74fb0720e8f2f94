"""A collection becomes pictures: every item read, treated, and kept or left out."""

import dataclasses
import warnings
from functools import partial

import numpy as np

from tfgan_repro.data.duplicates import NearDuplicates
from tfgan_repro.data.parallel import in_order, threads
from tfgan_repro.data.pictures import Pictures
from tfgan_repro.data.summary import Summary
from tfgan_repro.data.treatment import is_grey, split_of, treat_all
from tfgan_repro.errors import UserError
from tfgan_repro.progress import ProgressLine

# Bytes of a set's pixels, both splits, up to which it is kept in memory. TensorFlow makes a copy of its own.
MEMORY_LIMIT = 256 * 2**20

# What was loaded last, because the test split is usually wanted after the training split.
_latest = {}


def load_collection(collection, split, preparation):
    """Read a collection into memory.

    Args:
        collection: a `Collection`.
        split: "train" or "test".
        preparation: a `Preparation`.

    Returns:
        A `Pictures`.

    Raises:
        UserError: too few pictures, pictures of different sizes, or a bad one where that is to be fatal.
    """
    key = (collection.name, collection.fingerprint, preparation)
    if key not in _latest:
        kept = Memory(collection)
        summary = prepare_collection(collection, preparation, kept.add, threads)
        summary.warn(collection.name)
        _latest.clear()
        _latest[key] = kept.pictures()
    pictures = _latest[key][split]
    if not len(pictures):
        raise UserError(
            f"{collection.name} has no picture in its {split} split; a larger --test-percent makes a test split larger"
        )
    return pictures


class Memory:
    """Keeps prepared pictures in memory.

    Args:
        collection: the `Collection` that they come from.
    """

    def __init__(self, collection):
        self.collection = collection
        self.kept = {"train": ([], []), "test": ([], [])}

    def add(self, split, pixels, label, content):
        images, labels = self.kept[split]
        images.append(pixels)
        labels.append(label)

    def pictures(self):
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


def prepare_collection(collection, preparation, add, executor):
    """Treat every picture of a collection and hand on those that are kept, in the collection's order.

    Args:
        collection: a `Collection`.
        preparation: a `Preparation`.
        add: called with the split, uint8 `[height, width, channels]`, the label (-1 for none) and 16 bytes that stand
            for the content of each picture kept.
        executor: as in `parallel.in_order`.

    Returns:
        A `Summary`.

    Raises:
        UserError: fewer than two pictures are kept, pictures are of different sizes, or one is bad and that is to be
            fatal.
    """
    with warnings.catch_warnings():
        # What Pillow has to say about odd files is in the summary.
        warnings.filterwarnings("ignore", module="PIL")
        return _prepare_collection(collection, preparation, add, executor)


def _prepare_collection(collection, preparation, add, executor):
    if preparation.colours == "keep":
        grey = all(is_grey(item.source) for item in collection.items())
        preparation = dataclasses.replace(preparation, colours="grey" if grey else "rgb")
    summary, judge = Summary(), Judge(preparation)
    summary.left_out.merge(collection.left_out)
    work = in_order(partial(treat_items, preparation=preparation), collection.items(), executor)
    first = None
    with ProgressLine(len(collection), "pictures") as line:
        for done, (item, treated) in enumerate(work, start=1):
            line.update(done)
            treated = judge(item, treated)
            if treated.pixels is None:
                summary.left_out.add(treated.reason, item.name, treated.detail)
                continue
            first = first or (item.name, treated.pixels.shape)
            if treated.pixels.shape != first[1]:
                raise UserError(
                    f"{collection.name} has pictures of different sizes: {first[0]} has {by(first[1])} pixels, "
                    f"{item.name} {by(treated.pixels.shape)}; say --image-size N"
                )
            if treated.note:
                summary.converted[treated.note] += 1
            split = item.split or split_of(treated.content, preparation.test_percent)
            summary.add(split, item.label, treated.pixels)
            add(split, treated.pixels, item.label, treated.content)
    kept = sum(summary.kept.values())
    if kept < 2:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in summary.left_out.counts.most_common(3))
        raise UserError(
            f"{collection.name} has {kept} usable picture{'' if kept else 's'}, which is too few to train on"
            + (f" (left out: {reasons})" if reasons else "")
        )
    return summary


def treat_items(items, preparation):
    return treat_all([item.source for item in items], preparation)


def by(shape):
    return f"{shape[1]}x{shape[0]}"


class Judge:
    """Decides what the pictures before decide about a picture: whether it is one of them again.

    Args:
        preparation: a `Preparation`.
    """

    def __init__(self, preparation):
        self.preparation = preparation
        self.contents, self.near = {}, NearDuplicates()

    def __call__(self, item, treated):
        """The `Treated` as it is, or one without pixels and with the reason.

        Raises:
            UserError: a bad picture, where that is to be fatal.
        """
        # A detail says what is wrong with a file; without one it is only not wanted.
        if treated.detail and self.preparation.on_bad_image == "fail":
            raise UserError(f"{item.name} {treated.reason}: {treated.detail}; mend it or say --on-bad-image skip")
        if treated.pixels is None or self.preparation.duplicates == "keep":
            return treated
        twin, reason = self.contents.get(treated.content), "is a copy"
        if twin is None and treated.signature is not None:
            twin, reason = self.near.find(treated.signature), "is nearly a copy"
        if twin is not None:
            return dataclasses.replace(treated, pixels=None, reason=reason, detail=f"of {twin}")
        self.contents[treated.content] = item.name
        if treated.signature is not None:
            self.near.add(treated.signature, item.name)
        return treated
