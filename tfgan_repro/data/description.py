"""What a data set was understood as, in words, and how the fingerprints of two sets differ."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tfgan_repro.image_files import printable

MOST_CLASSES = 10  # named in a description
LONGEST = 1000  # characters of a line
# The parts of a fingerprint beside its content, in the order in which differences are told.
PARTS = ("image_shape", "class_names", "count", "class_counts", "preparation")


@dataclass(frozen=True)
class DataDescription:
    """What a data set was understood as. `str(description)` is one or two lines for people.

    Attributes:
        name: of the data set, as in `tfgan_repro.data.SOURCES`.
        counts: pictures by split, of the splits that are known.
        image_shape: `(height, width, channels)`.
        classes: pictures of the loaded split by class name, in the order of the labels; empty without labels.
        labels: where the labels come from, or why there are none, in a few words; perhaps empty.
        split: where the test split comes from, in a few words; perhaps empty.
        left_out: files or pictures left out, by reason (a phrase such as "is a copy").
        preparation: the options of the `Preparation` that differ from the defaults, by name.
    """

    name: str
    counts: Mapping[str, int]
    image_shape: tuple[int, ...] = ()
    classes: Mapping[str, int] = field(default_factory=dict)
    labels: str = ""
    split: str = ""
    left_out: Mapping[str, int] = field(default_factory=dict)
    preparation: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        height, width, channels = self.image_shape or (0, 0, 0)
        kinds = {"train": "training", "test": "test"}
        counts = " and ".join(f"{count:,} {kinds.get(split, split)}" for split, count in self.counts.items())
        colours = "grey" if channels == 1 else "RGB"
        split = f" ({self.split})" if self.split else ""
        first = f"{self.name}: {counts} pictures{split}, {width}x{height} {colours}"
        second = []
        if self.classes:
            named = [f"{name} {count:,}" for name, count in list(self.classes.items())[:MOST_CLASSES]]
            more = f", and {len(self.classes) - MOST_CLASSES} more" if len(self.classes) > MOST_CLASSES else ""
            source = f" from {self.labels}" if self.labels else ""
            second.append(f"{len(self.classes)} classes{source}: {', '.join(named)}{more}")
        else:
            second.append(f"no classes{f': {self.labels}' if self.labels else ''}")
        if self.left_out:
            reasons = "; ".join(f"{reason}: {count:,}" for reason, count in self.left_out.items())
            second.append(f"left out {sum(self.left_out.values()):,} ({reasons})")
        # Names of files and folders may hold anything.
        return "\n".join(printable(line, LONGEST) for line in (first, "; ".join(second)))


def fingerprint_differences(recorded: Mapping[str, Any], present: Mapping[str, Any]) -> list[str]:
    """How the pictures at hand differ from those that a run was trained on, in words.

    Args:
        recorded: an earlier `fingerprint()` of `Pictures` or `RecordPictures`, perhaps read back from JSON.
        present: the fingerprint of the pictures now.

    Returns:
        Phrases such as "13 pictures instead of 12"; empty where both are the same. Parts that `recorded` does not have
        are not compared.
    """
    differences = [
        difference(part, recorded[part], present[part])
        for part in PARTS
        if part in recorded and recorded[part] != present[part]
    ]
    if not differences and "content" in recorded and recorded["content"] != present["content"]:
        differences.append("other pixels or labels in as many pictures")
    return differences


def difference(part: str, before: Any, now: Any) -> str:
    """One difference in words."""
    if part == "count":
        return f"{now:,} pictures instead of {before:,}"
    if part == "image_shape":
        return f"images of shape {tuple(now)} instead of {tuple(before)}"
    if part == "class_names":
        more, fewer = [name for name in now if name not in before], [name for name in before if name not in now]
        changes = [f"{word} {', '.join(names)}" for word, names in (("with", more), ("without", fewer)) if names]
        return f"{len(now)} classes {' and '.join(changes) or 'in another order'}, instead of {len(before)}"
    if part == "class_counts":
        return f"other counts of the classes: {now} instead of {before}"
    return f"prepared with {now or 'the defaults'} instead of {before or 'the defaults'}"
