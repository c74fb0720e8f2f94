"""What is done to a picture before networks see it: the choices."""

import dataclasses
from dataclasses import dataclass, replace
from typing import Any

from tfgan_repro.choices import as_whole
from tfgan_repro.errors import UserError
from tfgan_repro.registry import Names, Registry

CROPS = Registry(
    "crop",
    {
        "center": "tfgan_repro.data.treatment:center",
        "face": "tfgan_repro.data.treatment:face",
        "head": "tfgan_repro.data.treatment:head",
        "none": "tfgan_repro.data.treatment:whole",
    },
)
COLOURS = Names("kind of colours", "keep", "rgb", "grey")
DUPLICATES = Names("treatment of duplicates", "auto", "keep", "exact", "near")
BAD_IMAGES = Names("treatment of bad images", "skip", "fail")


@dataclass(frozen=True)
class Preparation:
    """How a collection becomes pictures of one size.

    Attributes:
        image_size: pixels a side, or None to keep the pictures' own size, which must then be the same for all.
        crop: in `CROPS`.
        colours: "rgb", "grey", or "keep": one channel where every picture of the set is stored as grey, else RGB.
        label_column: the column of `labels.csv` or `attributes.csv` that holds the labels, or None.
        trim_borders: cut black bars off.
        min_size: pictures of fewer pixels a side, after trimming and cropping, are left out.
        duplicates: "keep" all, leave out "exact" copies of a file, or "near" ones as well; "auto" is "exact" for files
            and "keep" for sets that come as arrays, which stay as they were published.
        test_percent: what part of a set without a test split of its own becomes one, chosen by the files' content.
        on_bad_image: "skip" or "fail".

    Raises:
        UserError: an unknown name, or a number out of range.
    """

    image_size: int | None = None
    crop: str = "center"
    colours: str = "keep"
    label_column: str | None = None
    trim_borders: bool = False
    min_size: int = 1
    duplicates: str = "auto"
    test_percent: float = 10.0
    on_bad_image: str = "skip"

    def __post_init__(self) -> None:
        for name, names in (
            ("crop", CROPS), ("colours", COLOURS), ("duplicates", DUPLICATES), ("on_bad_image", BAD_IMAGES)
        ):  # fmt: skip
            names.check(getattr(self, name))
        for name in ("image_size", "min_size"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, as_whole(name, getattr(self, name), 1))
        if not 0 <= self.test_percent < 100:
            raise UserError(f"test_percent {self.test_percent}: must be from 0 on and below 100")

    def resolved(self, duplicates: str) -> "Preparation":
        """The same with `duplicates` in the place of "auto"."""
        return replace(self, duplicates=duplicates) if self.duplicates == "auto" else self

    def choices(self) -> dict[str, Any]:
        """The options that differ from the defaults, by name."""
        return {
            spec.name: getattr(self, spec.name)
            for spec in dataclasses.fields(self)
            if getattr(self, spec.name) != spec.default
        }

    @property
    def held_out(self) -> str:
        """Where the test split of a set comes from that has none of its own, in words."""
        return f"{self.test_percent:g} % held out by content"
