"""What is done to a picture before networks see it: the choices."""

import dataclasses
from dataclasses import dataclass, replace
from typing import Any

from tfgan_repro.choices import check_fields, choice
from tfgan_repro.registry import Names, Registry

PREPARING = "how pictures are prepared"
MOST_PIXELS = 4097  # what a side stays below
CROPS = Registry(
    "crop",
    {
        "center": "tfgan_repro.data.crops:center",
        "face": "tfgan_repro.data.crops:face",
        "head": "tfgan_repro.data.crops:head",
        "none": "tfgan_repro.data.crops:whole",
    },
)
COLOURS = Names("kind of colours", "keep", "rgb", "grey")
DUPLICATES = Names("treatment of duplicates", "auto", "keep", "exact", "near")
BAD_IMAGES = Names("treatment of bad images", "skip", "fail")


@dataclass(frozen=True, kw_only=True)
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
        UserError: a value of the wrong type, out of range or unknown.
    """

    image_size: int | None = choice(
        None, PREPARING, "pixels a side; resized with antialiasing (the set's own)", low=1, high=MOST_PIXELS,
        metavar="N",
    )  # fmt: skip
    crop: str = choice("center", PREPARING, "what is kept of a picture", names=CROPS)
    colours: str = choice("keep", PREPARING, "grey sets stay grey, or all become one kind", names=COLOURS)
    label_column: str | None = choice(
        None, PREPARING, "of labels.csv or attributes.csv, for classes (the folders)", metavar="NAME"
    )
    trim_borders: bool = choice(False, PREPARING, "cut black bars off")
    min_size: int = choice(1, PREPARING, "leave out pictures of fewer pixels a side", low=1, metavar="N")
    duplicates: str = choice("auto", PREPARING, "copies of a picture to leave out", names=DUPLICATES)
    test_percent: float = choice(
        10.0, PREPARING, "percentage held out of a set that has no test split", low=0, high=100, metavar="X"
    )
    on_bad_image: str = choice("skip", PREPARING, "what happens to files that are not pictures", names=BAD_IMAGES)

    def __post_init__(self) -> None:
        check_fields(self)

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
