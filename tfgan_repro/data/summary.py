"""What became of the pictures of a collection: counts, reasons, and a sample to look at."""

from collections import Counter, defaultdict
from typing import Any

import numpy as np
from PIL import Image

from tfgan_repro.data.collection import Collection
from tfgan_repro.data.description import DataDescription
from tfgan_repro.data.labelling import NO_LABEL, UNTRAINED
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.image_files import LeftOut

SAMPLE_SEED = 0


class Statistics:
    """How many pictures there are, and the sums of their pixels and of their squares, a channel each."""

    def __init__(self) -> None:
        self.count, self.sums, self.squares = 0, np.float64(0), np.float64(0)

    def add(self, pixels: np.ndarray) -> None:
        flat = pixels.reshape(-1, pixels.shape[-1]).astype(np.float64)
        self.count += 1
        self.sums = self.sums + flat.sum(axis=0)
        self.squares = self.squares + (flat * flat).sum(axis=0)


class Summary:
    """What a preparation did.

    Attributes:
        left_out: a `LeftOut`.
        converted: how many pictures of which kind were converted.
        shape: `(height, width, channels)` of the pictures kept.
        class_names: of the labels, once `settle_classes` was called.
        labels_from: where the labels come from.
    """

    def __init__(self, collection: Collection) -> None:
        self.left_out = LeftOut()
        self.left_out.merge(collection.left_out)
        self.converted: Counter = Counter()
        self.shape: tuple[int, ...] = ()
        self.class_names, self.labels_from = collection.class_names, collection.labels_from
        self.split_from = collection.split_from
        self.published = collection.published
        self.statistics: defaultdict = defaultdict(Statistics)  # by split and label

    def add(self, split: str, label: int, pixels: np.ndarray) -> None:
        """Count a picture kept; its pixels are uint8 `[height, width, channels]`."""
        self.shape = pixels.shape
        self.statistics[split, label].add(pixels)

    @property
    def kept(self) -> dict[str, int]:
        """Pictures kept, by split."""
        return {
            split: sum(part.count for (own, _), part in self.statistics.items() if own == split)
            for split in ("train", "test")
        }

    def classes(self, split: str) -> dict[str, int]:
        """Pictures kept, by class name in the order of the labels."""
        return {
            name: self.statistics[split, label].count if (split, label) in self.statistics else 0
            for label, name in enumerate(self.class_names)
        }

    def settle_classes(self) -> dict[int, int]:
        """Leave out the classes of which no training picture was kept, which no network could learn.

        Fewer than two classes are none: then all pictures stay, without labels.

        Returns:
            The new number of each label that stays; a picture whose label is not in it is left out.
        """
        numbers = range(len(self.class_names))
        trained = [number for number in numbers if self.published or ("train", number) in self.statistics]
        renumbered = {-1: -1} if not self.class_names else {old: new for new, old in enumerate(trained)}
        if self.class_names and len(trained) < 2:
            names = [self.class_names[number] for number in trained]
            self.labels_from = f"{names[0] if names else 'no class'} alone has training pictures"
            self.class_names, renumbered = (), dict.fromkeys((-1, *numbers), -1)
        for number in numbers:
            if number not in renumbered and ("test", number) in self.statistics:
                self.left_out.add(UNTRAINED, self.class_names[number], count=self.statistics["test", number].count)
        statistics = self.statistics
        self.statistics = defaultdict(Statistics)
        for (split, label), part in statistics.items():
            if label in renumbered:
                whole = self.statistics[split, renumbered[label]]
                whole.count += part.count
                whole.sums, whole.squares = whole.sums + part.sums, whole.squares + part.squares
            elif label == -1:
                self.left_out.add(NO_LABEL, f"{split} pictures", count=part.count)
        self.class_names = tuple(self.class_names[number] for number in trained) if self.class_names else ()
        return renumbered

    def description(self, name: str, preparation: Preparation) -> DataDescription:
        """What the data set `name` was understood as, prepared as `reading.resolve` has said."""
        return DataDescription(
            name,
            self.kept,
            labels=self.labels_from,
            split=self.split_from or preparation.held_out,
            left_out=dict(self.left_out.counts),
            preparation=preparation.choices(),
        )

    def to_json(self) -> dict[str, Any]:
        """A dictionary for `report.json`; means and spreads are a channel's, over all pictures kept, of 0 to 255."""
        parts = self.statistics.values()
        count = sum(self.kept.values()) * self.shape[0] * self.shape[1]
        means = sum(part.sums for part in parts) / count
        spreads = np.sqrt(np.maximum(sum(part.squares for part in parts) / count - means * means, 0))
        report = {
            "kept": self.kept,
            "image_shape": list(self.shape),
            "pixel_mean": [round(float(mean), 3) for mean in means],
            "pixel_spread": [round(float(spread), 3) for spread in spreads],
            "left_out": self.left_out.to_json(),
            "converted": dict(self.converted),
            "class_names": list(self.class_names),
        }
        if self.class_names:
            report["classes"] = {split: self.classes(split) for split in ("train", "test")}
        return report


class Sample:
    """Keeps a random sample of pictures that come one after the other (Vitter's algorithm R).

    Args:
        size: of the sample.
        largest: pixels a side to which its pictures are scaled down, because a hundred large ones take gigabytes.
    """

    def __init__(self, size: int, largest: int) -> None:
        self.size, self.largest, self.seen = size, largest, 0
        self.kept: list[np.ndarray] = []
        self.random = np.random.default_rng(SAMPLE_SEED)

    def add(self, pixels: np.ndarray) -> None:
        """Show it a picture, uint8 `[height, width, 1 or 3]`."""
        self.seen += 1
        if len(self.kept) < self.size:
            self.kept.append(reduced(pixels, self.largest))
        elif (place := int(self.random.integers(self.seen))) < self.size:
            self.kept[place] = reduced(pixels, self.largest)

    def images(self) -> np.ndarray:
        """The sample as uint8 `[count, height, width, channels]`."""
        return np.stack(self.kept)


def reduced(pixels: np.ndarray, largest: int) -> np.ndarray:
    if max(pixels.shape[:2]) <= largest:
        return pixels
    image = Image.fromarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels)
    image.thumbnail((largest, largest))
    return np.asarray(image).reshape(image.height, image.width, pixels.shape[2])
