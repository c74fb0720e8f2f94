"""A collection becomes pictures: every item is read, treated, and kept or left out."""

import dataclasses
import warnings
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tfgan_repro.data.duplicates import NearDuplicates
from tfgan_repro.data.parallel import in_order
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.summary import LeftOut, Summary
from tfgan_repro.data.treatment import BAD, Item, Treated, is_grey, split_of, treat_all
from tfgan_repro.errors import UserError
from tfgan_repro.progress import ProgressLine

if TYPE_CHECKING:
    from tfgan_repro.data.collection import Collection


def resolve_colours(collection: "Collection", preparation: Preparation) -> Preparation:
    """The preparation with "grey" or "rgb" in the place of "keep".

    Files are only looked at until one is not grey, and only their headers are.
    """
    if preparation.colours != "keep":
        return preparation
    grey = all(is_grey(item.source) for item in collection.items())
    return dataclasses.replace(preparation, colours="grey" if grey else "rgb")


def picture_shape(collection: "Collection", preparation: Preparation) -> tuple[int, ...] | None:
    """The shape `(height, width, channels)` of a collection's pictures once prepared, or None where all are bad."""
    channels = 1 if preparation.colours == "grey" else 3
    if preparation.image_size is not None:
        return preparation.image_size, preparation.image_size, channels
    shapes = (treat_all([item.source], preparation)[0].pixels for item in collection.items())
    return next((pixels.shape for pixels in shapes if pixels is not None), None)


def prepare(
    collection: "Collection",
    preparation: Preparation,
    add: Callable[[str, np.ndarray, int], None],
    executor: Callable[[], Executor],
) -> Summary:
    """Treat every picture of a collection and hand on those that are kept, in the collection's order.

    Args:
        collection: as in `tfgan_repro.data.collection`.
        preparation: a `Preparation` with its colours and duplicates resolved.
        add: called with the split, uint8 `[height, width, channels]` and the label (-1 for none) of each picture kept.
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
        summary = sort_out(collection, preparation, add, executor)
    kept = sum(summary.kept.values())
    if kept < 2:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in summary.left_out.counts.most_common(3))
        raise UserError(
            f"{collection.name} has {kept} usable picture{'' if kept else 's'}, which is too few to train on"
            + (f" (left out: {reasons})" if reasons else "")
        )
    return summary


def sort_out(
    collection: "Collection",
    preparation: Preparation,
    add: Callable[[str, np.ndarray, int], None],
    executor: Callable[[], Executor],
) -> Summary:
    summary, judge = Summary(), Judge(preparation)
    judge.check(collection.left_out)
    summary.left_out.merge(collection.left_out)
    work = in_order(partial(treat_items, preparation=preparation), collection.items(), executor)
    first = None
    with ProgressLine(len(collection), "pictures") as line:
        for done, (item, treated) in enumerate(work, start=1):
            line.update(done)
            treated = judge(item, treated)
            if treated.pixels is None:
                # What has no pixels has a reason.
                summary.left_out.add(treated.reason, item.name, treated.detail)  # type: ignore[arg-type]
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
            add(split, treated.pixels, item.label)
    return summary


def treat_items(items: list[Item], preparation: Preparation) -> list[Treated]:
    return treat_all([item.source for item in items], preparation)


def by(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}x{shape[0]}"


class Judge:
    """Decides what the pictures before decide about a picture: whether it is one of them again.

    Args:
        preparation: a `Preparation`.
    """

    def __init__(self, preparation: Preparation) -> None:
        self.preparation = preparation
        self.contents: dict[bytes, str] = {}
        self.near = NearDuplicates()

    def check(self, left_out: LeftOut) -> None:
        """Raise a `UserError` where a file was bad even before it was opened, and that is to be fatal."""
        for reason in BAD & set(left_out.counts) if self.preparation.on_bad_image == "fail" else ():
            raise UserError(f"{left_out.examples[reason][0]} {reason}; mend it or say --on-bad-image skip")

    def __call__(self, item: Item, treated: Treated) -> Treated:
        """The `Treated` as it is, or one without pixels and with the reason.

        Raises:
            UserError: a bad picture, where that is to be fatal.
        """
        if treated.reason in BAD and self.preparation.on_bad_image == "fail":
            reason = treated.reason + (f" ({treated.detail})" if treated.detail else "")
            raise UserError(f"{item.name} {reason}; mend it or say --on-bad-image skip")
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
