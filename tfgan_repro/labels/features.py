"""The features that labels are learned from: those of any extractor, or the colours of a picture."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tfgan_repro.errors import UserError
from tfgan_repro.labels import LABEL_EXTRACTORS, OWN_EXTRACTORS
from tfgan_repro.labels.label_files import first_names
from tfgan_repro.metrics.extractor_choice import find_extractor
from tfgan_repro.metrics.features import cached
from tfgan_repro.metrics.folder import ImageFolder, decode_file
from tfgan_repro.metrics.images import as_image_set
from tfgan_repro.progress import ProgressLine
from tfgan_repro.types import FeatureExtractor, ImageSet, Progress

COLOUR_SIZE = 48  # pixels a side; colours need no more
HUES, SATURATIONS, VALUES = 8, 3, 3
BATCH = 256


@dataclass(eq=False)
class PictureFeatures:
    """The pictures of a folder and their features, in the order of their paths.

    Attributes:
        folder: where the pictures are.
        files: their paths relative to the folder, with forward slashes.
        features: float32 `[count, dimension]`.
    """

    folder: Path
    files: list
    features: np.ndarray

    def rows_of(self, labels: dict[str, str]) -> tuple[np.ndarray, list[str]]:
        """The rows of labelled pictures and their classes.

        Args:
            labels: from each labelled file to its class.

        Returns:
            The rows, int `[labelled]` in rising order, and the class of each, a list.

        Raises:
            UserError: labels of absent files.
        """
        row = {file: index for index, file in enumerate(self.files)}
        check_present(labels, row, self.folder)
        ordered = sorted(labels, key=row.__getitem__)
        return np.array([row[file] for file in ordered], int), [labels[file] for file in ordered]


def check_present(labels: dict[str, str], files: Container[str], folder: Path | str) -> None:
    """Raise a `UserError` where labels are of files that are not among those of the folder."""
    if absent := [file for file in labels if file not in files]:
        raise UserError(
            f"{len(absent)} of {len(labels)} labelled files are not in {folder} or cannot be decoded: "
            f"{first_names(absent, 3)}"
        )


def extract_features(
    images: ImageFolder, extractor: FeatureExtractor, labels: dict[str, str] | None = None
) -> PictureFeatures:
    """The features of every picture of a folder; they are kept, so that only the first call takes long.

    Args:
        labels: from file to class; checked before anything is extracted.

    Raises:
        UserError: labels of absent files, a picture that cannot be decoded, or features that are NaN.
    """
    files = images.places
    check_present(labels or {}, set(files), images.name)
    with ProgressLine(len(images), "pictures") as progress:
        features = cached(images, extractor, progress.update).features
    images.warn()
    if len(features) < len(files):
        # Skipped files have no row; which they are is asked of the files, for the cache goes by content, not by name.
        files = [name for name, file in zip(files, images.files) if decode_file(file, images.upright)[0] is not None]
    return PictureFeatures(Path(images.name), files, features)


def find_label_extractor(
    extractor: str, inception_weights: str | None, features: int | None, resize: str | None, precision: str
) -> FeatureExtractor:
    """An extractor by its name in `LABEL_EXTRACTORS`; the arguments are those of `find_extractor`.

    Raises:
        UserError: options that do not fit it.
    """
    if extractor not in OWN_EXTRACTORS:
        return find_extractor(extractor, inception_weights, features, resize, precision)
    if inception_weights is not None or precision != "float32":
        raise UserError(f"--extractor {extractor} has neither weights nor a precision other than float32")
    return LABEL_EXTRACTORS.load(extractor)(features, resize)


class ColourHistogram:
    """How much of a picture has which of 72 colours (hue, saturation, value); used like a `KerasExtractor`.

    For labels such as hair colour in drawings, which networks trained on objects hardly see.

    Args:
        features: None or 72.
        resize: None or "box".

    Raises:
        UserError: another number of features or another resize.
    """

    name, dimension, has_logits = "colours", HUES * SATURATIONS * VALUES, False

    def __init__(self, features: int | None = None, resize: str | None = None) -> None:
        if features not in (None, self.dimension):
            raise UserError(f"--features {features}: the colours extractor has {self.dimension}")
        if resize not in (None, "box"):
            raise UserError(f"resize {resize}: the colours extractor has box")

    @property
    def protocol(self) -> dict[str, Any]:
        """What tells its features from others', with the keys of `KerasExtractor.protocol`."""
        return {
            "extractor": self.name,
            "bins": [HUES, SATURATIONS, VALUES],
            "features": self.dimension,
            "resize": "box",
            "precision": "float32",
        }

    @property
    def cache_key(self) -> dict[str, Any]:
        """What its features are remembered under: there is nothing else to tell."""
        return self.protocol

    def outputs(self, images: ImageSet, progress: Progress | None = None) -> Iterator[dict[str, np.ndarray]]:
        """Yields a dictionary of `features`, float32 `[batch, 72]`, batch by batch; see `KerasExtractor.outputs`."""
        done = 0
        for batch in as_image_set(images).batches(BATCH):
            yield {"features": np.stack([colour_shares(pixels) for pixels in batch])}
            done += len(batch)
            if progress:
                progress(done)
        if not done:
            raise UserError(f"{images.name} holds no image that could be read")


def colour_shares(pixels: np.ndarray) -> np.ndarray:
    """The shares float32 `[72]`, of sum 1, of the colours in uint8 `[height, width, 1 or 3]`."""
    pixels = np.broadcast_to(pixels, (*pixels.shape[:2], 3))  # a grey image has equal colours
    small = Image.fromarray(np.ascontiguousarray(pixels)).resize((COLOUR_SIZE, COLOUR_SIZE), Image.Resampling.BOX)
    hue, saturation, value = np.moveaxis(np.asarray(small.convert("HSV"), int), -1, 0)
    colour = (hue * HUES // 256 * SATURATIONS + saturation * SATURATIONS // 256) * VALUES + value * VALUES // 256
    return (np.bincount(colour.ravel(), minlength=HUES * SATURATIONS * VALUES) / colour.size).astype(np.float32)
