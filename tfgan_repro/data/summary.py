"""What became of the pictures of a collection: counts, reasons, examples."""

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

LISTED = 50  # names listed a reason in a report
NAMED = 5  # names in a warning


class LeftOut:
    """Pictures left out, by reason, with the first names of each."""

    def __init__(self) -> None:
        self.counts: Counter = Counter()
        self.examples: dict = {}

    def add(self, reason: str, name: str, detail: str | None = None) -> None:
        """Count a picture left out.

        Args:
            reason: in a few words that many pictures share, e.g. "cannot be decoded".
            name: of the picture.
            detail: what exactly was wrong, or None.
        """
        self.counts[reason] += 1
        listed = self.examples.setdefault(reason, [])
        if len(listed) < LISTED:
            listed.append(f"{name}: {detail}" if detail else name)

    def merge(self, other: "LeftOut") -> None:
        """Count another's pictures as well."""
        self.counts += other.counts
        for reason, names in other.examples.items():
            listed = self.examples.setdefault(reason, [])
            listed += names[: LISTED - len(listed)]

    def to_json(self) -> dict[str, Any]:
        return {
            reason: {"count": count, "first": self.examples[reason]} for reason, count in self.counts.most_common()
        }


class Summary:
    """What a preparation did.

    Attributes:
        left_out: a `LeftOut`.
        converted: how many pictures of which kind were converted.
        kept: pictures kept, by split.
        classes: pictures kept, by split and class number.
    """

    def __init__(self) -> None:
        self.left_out = LeftOut()
        self.converted: Counter = Counter()
        self.kept = {"train": 0, "test": 0}
        self.classes: dict[str, Counter] = {"train": Counter(), "test": Counter()}
        self.shape: tuple = ()
        self.sums = self.squares = 0

    def add(self, split: str, label: int, pixels: np.ndarray) -> None:
        """Count a picture kept; its pixels are uint8 `[height, width, channels]`."""
        self.kept[split] += 1
        self.classes[split][label] += 1
        self.shape = pixels.shape
        flat = pixels.reshape(-1, pixels.shape[-1]).astype(np.float64)
        self.sums += flat.sum(axis=0)
        self.squares += (flat * flat).sum(axis=0)

    def to_json(self, class_names: Sequence[str]) -> dict[str, Any]:
        """A dictionary for `report.json`; means and spreads are a channel's, over all pictures kept, of 0 to 255."""
        count = sum(self.kept.values()) * self.shape[0] * self.shape[1]
        means = self.sums / count
        spreads = np.sqrt(np.maximum(self.squares / count - means * means, 0))
        report = {
            "kept": self.kept,
            "image_shape": list(self.shape),
            "pixel_mean": [round(float(mean), 3) for mean in means],
            "pixel_spread": [round(float(spread), 3) for spread in spreads],
            "left_out": self.left_out.to_json(),
            "converted": dict(self.converted),
        }
        if class_names:
            report["classes"] = {
                split: {name: counts[label] for label, name in enumerate(class_names)}
                for split, counts in self.classes.items()
            }
        return report

    def warn(self, name: str) -> None:
        """Say on standard error how many pictures were left out, and name a few."""
        for reason, count in self.left_out.counts.most_common():
            first = ", ".join(printable(text) for text in self.left_out.examples[reason][:NAMED])
            more = ", ..." if count > NAMED else ""
            print(f"note: {name}: left out {count:,}, each of which {reason} ({first}{more})", file=sys.stderr)


def printable(text: str, longest: int = 120) -> str:
    """A file's name in one line of printable characters."""
    text = text.encode("unicode_escape", "surrogatepass").decode() if not text.isprintable() else text
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
