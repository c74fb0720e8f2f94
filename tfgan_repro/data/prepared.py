"""Directories of prepared pictures: TFRecord files with an index, so that any picture is one read away.

The records hold raw pixels, which all have the same size, so that nothing is decoded in training. The index says where
in which file each picture's pixels lie: a batch of any pictures is read directly, and the order of training is the
same exact shuffle, which can be entered at any batch, as that of a set in memory. A buffer that shuffles a stream can
do neither.
"""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_repro.choices import option_name
from tfgan_repro.data.description import DataDescription
from tfgan_repro.data.pictures import RecordPictures
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.errors import UserError
from tfgan_repro.npz import read_npz

FORMAT = 1
REPORT, INDEX = "report.json", "index.npz"
# What the index says of each picture, with the kinds of its numbers.
COLUMNS = {"shard": np.int32, "offset": np.int64, "label": np.int32}


def is_prepared(path: Path | str) -> bool:
    """Whether a path is a directory that a `RecordWriter` has written."""
    return all(os.path.isfile(Path(path) / name) for name in (REPORT, INDEX))


def refuse_prepared(path: Path | str, instead: str) -> None:
    """Raise a `UserError` that ends in what to do where a path that is to name picture files holds prepared ones."""
    if is_prepared(path):
        raise UserError(f"{path} holds prepared pictures, and no files of them: {instead}")


def open_records(path: Path | str, split: str, name: str) -> RecordPictures:
    """The pictures of a split that a `RecordWriter` has written.

    Args:
        path: the directory.
        split: "train" or "test".
        name: of the data set.

    Returns:
        A `RecordPictures`.

    Raises:
        UserError: no such directory, or damaged.
    """
    path = Path(path)
    report = read_report(path)
    try:
        index = read_npz(path / INDEX)
        columns = {column: index[f"{split}_{column}"] for column in COLUMNS}
        names, sizes = report["records"]["shards"][split], report["records"]["bytes"]
        shape, class_names = tuple(map(int, report["image_shape"])), tuple(report["class_names"])
        content = report.get("content", {}).get(split)
        files = [path / shard for shard in names]
        for file in files:
            if file.stat().st_size != sizes[file.name]:
                raise ValueError(f"{file.name} has {file.stat().st_size:,} bytes instead of {sizes[file.name]:,}")
    except (UserError, OSError, ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path} is damaged ({reason}); remove it and prepare the pictures again") from error
    return RecordPictures(name, split, files, columns, shape, class_names, description_of(report, name), content)


def description_of(report: dict[str, Any], name: str) -> DataDescription:
    """What the set `name` was understood as, from the `report.json` of its preparation."""
    left_out = {reason: part["count"] for reason, part in report["left_out"].items()}
    preparation = Preparation(**report["preparation"]).choices()
    said = report.get("understood", {})
    return DataDescription(
        name,
        report["kept"],
        labels=said.get("labels", ""),
        split=said.get("split", ""),
        left_out=left_out,
        preparation=preparation,
    )


def read_report(path: Path) -> dict[str, Any]:
    """The `report.json` of a prepared directory.

    Raises:
        UserError: no prepared directory, or one of another version.
    """
    if not is_prepared(path):
        raise UserError(f"{path} is not a prepared data set: python -m tfgan_repro.data prepare makes one")
    try:
        report = json.loads((path / REPORT).read_text(encoding="utf-8"))
        if report["records"]["format"] != FORMAT:
            raise UserError(f"{path} was prepared by another version of tfgan-repro; prepare it again")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path / REPORT} is damaged ({error!r}); prepare the pictures again") from error
    return report


def open_prepared(place: str, data_dir: str | None, preparation: Preparation) -> "PreparedSet":
    """The pictures in a directory that `prepare` has written, as in `tfgan_repro.data.SOURCES`."""
    return PreparedSet(place)


class PreparedSet:
    """Pictures that were prepared before.

    Args:
        place: the directory that `prepare` has written.

    Raises:
        UserError: no such directory, or one of another version.
    """

    def __init__(self, place: str) -> None:
        self.place, self.name, self.report = place, f"prepared:{place}", read_report(Path(place))

    def pictures(self, split: str, preparation: Preparation) -> RecordPictures:
        """The pictures of a split.

        Args:
            split: "train" or "test".
            preparation: a `Preparation`, which may not ask for anything but what was done.

        Raises:
            UserError: prepared otherwise, or damaged.
        """
        check_choices(self.place, self.report, preparation)
        pictures = open_records(self.place, split, self.name)
        if not len(pictures):
            raise UserError(f"{self.place} has no picture in its {split} split")
        return pictures


def check_choices(place: str, report: dict[str, Any], preparation: Preparation) -> None:
    """Refuse options that differ from those with which the pictures were prepared."""
    for option, value in preparation.choices().items():
        done = report["preparation"].get(option)
        if option == "image_size":
            done = report["image_shape"][0] if len(set(report["image_shape"][:2])) == 1 else None
        if value != done:
            raise UserError(
                f"{option_name(option)} {value}: {place} was prepared with {json.dumps(done)}; "
                "prepare the pictures again, or leave the option out"
            )
