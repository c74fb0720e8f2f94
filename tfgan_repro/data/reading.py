"""A collection becomes pictures: every item is read, treated, and kept or left out."""

import dataclasses
import warnings
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial

import numpy as np

from tfgan_repro.data.collection import Collection
from tfgan_repro.data.duplicates import NearDuplicates
from tfgan_repro.data.parallel import in_order
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.summary import Summary
from tfgan_repro.data.treatment import Item, Treated, is_grey, split_of, treat
from tfgan_repro.errors import UserError
from tfgan_repro.image_files import BAD, bad_image, printable
from tfgan_repro.progress import ProgressLine


def resolve(collection: Collection, preparation: Preparation) -> Preparation:
    """The preparation with what "auto" and "keep" mean for this collection's copies and colours.

    Files are only looked at until one is not grey, and only their headers are.
    """
    preparation = collection.resolve(preparation)
    if preparation.colours != "keep":
        return preparation
    grey = all(is_grey(item.source) for item in collection.items())
    return dataclasses.replace(preparation, colours="grey" if grey else "rgb")


def picture_shape(collection: Collection, preparation: Preparation) -> tuple[int, ...] | None:
    """The shape `(height, width, channels)` of a collection's pictures once prepared, or None where all are bad."""
    channels = 1 if preparation.colours == "grey" else 3
    if preparation.image_size is not None:
        return preparation.image_size, preparation.image_size, channels
    shapes = (treat(item.source, preparation).pixels for item in collection.items())
    return next((pixels.shape for pixels in shapes if pixels is not None), None)


def read_collection(
    collection: Collection,
    preparation: Preparation,
    add: Callable[[str, np.ndarray, int], None],
    executor: Callable[[], Executor],
) -> Summary:
    """Treat every picture of a collection and hand on those that are kept, in the collection's order.

    Args:
        collection: a `Collection`.
        preparation: a `Preparation` that `resolve` has returned.
        add: called with the split, uint8 `[height, width, channels]` and the label (-1 for none) of each picture kept.
        executor: as in `parallel.in_order`.

    Returns:
        A `Summary`, whose classes are not settled yet.

    Raises:
        UserError: fewer than two pictures are kept, pictures are of different sizes, or one is bad and that is to be
            fatal.
    """
    fatal = preparation.on_bad_image == "fail"
    if fatal:
        collection.left_out.refuse_bad()
    summary, copies = Summary(collection), Copies(preparation.duplicates)
    work = in_order(partial(treat_items, preparation=preparation), collection.items(), executor)
    first = ""
    with warnings.catch_warnings(), ProgressLine(len(collection), "pictures") as line:
        # What Pillow has to say about odd files is in the summary.
        warnings.filterwarnings("ignore", module="PIL")
        for done, (item, treated) in enumerate(work, start=1):
            line.update(done)
            if treated.reason in BAD and fatal:
                raise bad_image(item.name, treated.detail, str(treated.reason))
            reason, detail = (treated.reason, treated.detail) if treated.reason else copies.find(item, treated)
            if reason or treated.pixels is None:
                summary.left_out.add(str(reason), item.name, detail)
                continue
            first = first or item.name
            if summary.shape not in ((), treated.pixels.shape):
                raise UserError(
                    f"{collection.name} has pictures of different sizes: {first} has {by(summary.shape)} pixels, "
                    f"{item.name} {by(treated.pixels.shape)}; use --image-size N"
                )
            if treated.note:
                summary.converted[treated.note] += 1
            split = item.split or split_of(treated.content, preparation.test_percent)
            summary.add(split, item.label, treated.pixels)
            add(split, treated.pixels, item.label)
    kept = sum(summary.kept.values())
    if kept < 2:
        reasons = ", ".join(
            f"{count:,} {reason}, as {printable(summary.left_out.first(reason)[0])}"
            for reason, count in summary.left_out.counts.most_common(3)
        )
        raise UserError(
            f"{collection.name} has {kept} usable picture{'' if kept else 's'}, which is too few to train on"
            + (f" (left out: {reasons})" if reasons else "")
        )
    return summary


def treat_items(items: list[Item], preparation: Preparation) -> list[Treated]:
    """`treat` for several items: what a worker does at a time."""
    return [treat(item.source, preparation) for item in items]


def by(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}x{shape[0]}"


class Copies:
    """Remembers the pictures that are kept, and finds those that are one of them again.

    Args:
        duplicates: "keep", "exact" or "near", as in `Preparation`.
    """

    def __init__(self, duplicates: str) -> None:
        self.ignored = duplicates == "keep"
        self.contents: dict[bytes, str] = {}
        self.near = NearDuplicates()

    def find(self, item: Item, treated: Treated) -> tuple[str | None, str | None]:
        """Why a picture is to be left out and which one it copies, or twice None for one that is new."""
        if self.ignored:
            return None, None
        original, reason = self.contents.get(treated.content), "is a copy"
        if original is None and treated.signature is not None:
            original, reason = self.near.find(treated.signature), "is nearly a copy"
        if original is not None:
            return reason, f"of {original}"
        self.contents[treated.content] = item.name
        if treated.signature is not None:
            self.near.add(treated.signature, item.name)
        return None, None
