"""Pictures that `python -m tfgan_repro.data prepare` has prepared."""

import json
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from tfgan_repro.data.loading import fits_memory
from tfgan_repro.data.pictures import Pictures, RecordPictures
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.records import open_records, read_report
from tfgan_repro.errors import UserError


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

    def pictures(self, split: str, preparation: Preparation) -> Pictures | RecordPictures:
        """The pictures of a split: a `Pictures` where they fit into memory, else a `RecordPictures`.

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
        if not fits_memory(sum(self.report["kept"].values()) * int(np.prod(pictures.image_shape))):
            return pictures
        images = np.concatenate(list(pictures.batches(1000)))
        return Pictures(self.name, split, images, pictures.labels, pictures.class_names)

    def as_collection(self) -> NoReturn:
        raise UserError(f"{self.place} is prepared already; prepare the pictures that it was made from")


def check_choices(place: str, report: dict[str, Any], preparation: Preparation) -> None:
    """Refuse options that differ from those with which the pictures were prepared."""
    for option, value in preparation.choices().items():
        done = report["preparation"].get(option)
        if option == "image_size":
            done = report["image_shape"][0] if len(set(report["image_shape"][:2])) == 1 else None
        if value != done:
            raise UserError(
                f"--{option.replace('_', '-')} {value}: {place} was prepared with {json.dumps(done)}; "
                "prepare the pictures again, or leave the option out"
            )
