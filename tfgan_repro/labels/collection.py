"""A folder of pictures with their features."""

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.labels.table import clip
from tfgan_repro.metrics.features import cached
from tfgan_repro.metrics.folder import ImageFolder, decode
from tfgan_repro.types import FeatureExtractor, Progress


@dataclass(eq=False)
class Collection:
    """Pictures and their features, in the order of their paths.

    Attributes:
        folder: where they are.
        files: their paths relative to the folder, with forward slashes.
        features: float32 `[count, dimension]`.
    """

    folder: Path
    files: list
    features: np.ndarray

    def rows_of(self, labels: dict[str, str]) -> tuple[np.ndarray, list[str]]:
        """The rows of labelled pictures and their classes.

        Args:
            labels: a dictionary from file to class.

        Returns:
            The rows, int `[labelled]` in rising order, and the class of each, a list.
        """
        row = {file: index for index, file in enumerate(self.files)}
        check_present(labels, row, self.folder)
        ordered = sorted(labels, key=row.__getitem__)
        return np.array([row[file] for file in ordered], int), [labels[file] for file in ordered]


def check_present(labels: dict[str, str], files: Container[str], folder: Path | str) -> None:
    """Refuse labels of files that are not there.

    Args:
        labels: a dictionary from file to class.
        files: what there is, relative to the folder.
        folder: for the message.

    Raises:
        UserError: naming the first few.
    """
    if absent := [file for file in labels if file not in files]:
        raise UserError(
            f"{len(absent)} of {len(labels)} labelled files are not in {folder} or cannot be decoded: {clip(absent, 3)}"
        )


def relative_files(images: ImageFolder) -> list[str]:
    """The paths of an `ImageFolder` relative to it, with forward slashes."""
    return [file.relative_to(images.name).as_posix() for file in images.files]


def load_collection(images: ImageFolder, extractor: FeatureExtractor, progress: Progress | None = None) -> Collection:
    """The features of every picture of a folder; they are remembered, so that only the first call takes long.

    Args:
        images: an `ImageFolder`.
        extractor: an `Extractor`.
        progress: called with the number of pictures done so far.

    Returns:
        A `Collection`.

    Raises:
        UserError: a picture that cannot be decoded, or features that are NaN.
    """
    features = cached(images, extractor, progress).features
    images.warn()
    files = relative_files(images)
    if len(features) < len(files):
        # Skipped files have no row; which they are is asked of the files, for the cache goes by content, not by name.
        files = [name for name, file in zip(files, images.files) if decode(file)[0] is not None]
    return Collection(Path(images.name), files, features)
