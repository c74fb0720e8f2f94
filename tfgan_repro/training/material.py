"""The pictures that a run is trained on, scored against and compared with."""

import functools
from typing import Any

from tfgan_repro.config import TrainConfig
from tfgan_repro.data.pictures import PictureSet
from tfgan_repro.metrics.extractor_choice import find_extractor
from tfgan_repro.metrics.images import as_image_set, check_count
from tfgan_repro.metrics.score import Reference
from tfgan_repro.training.callbacks import SCORE_SEED
from tfgan_repro.training.diversity import DiversityMeter


class Material:
    """The pictures of a run.

    Attributes:
        pictures: the training `PictureSet`.
        scored: the extractor of scores and the test pictures, or None; from `find_real_images` on.
        reference: what scores compare with, or None; like `meter` from `prepare_scores` on.
        meter: the `DiversityMeter` of generated images.

    Raises:
        UserError: there are none, or they cannot be used.
    """

    reference: Reference | None = None
    scored: tuple[Any, PictureSet] | None = None

    def __init__(self, config: TrainConfig) -> None:
        self.config = config
        self.pictures = config.load_pictures("train")

    @property
    def classes(self) -> dict[str, int]:
        """The training images of each class, by its name."""
        return self.pictures.classes

    @functools.cached_property
    def fingerprint(self) -> dict[str, Any]:
        """What the training pictures are told from others by, JSON."""
        return self.pictures.fingerprint()

    def find_real_images(self) -> None:
        """Find the extractor of scores and the real images that they compare with, of the test split.

        Raises:
            UserError: no such extractor, or too few images.
        """
        config = self.config
        if config.fid_every:
            extractor = find_extractor(config.extractor, config.inception_weights, config.features, config.resize)
            real = config.load_pictures("test")
            check_count(as_image_set(real), config.fid_samples)
            self.scored = extractor, real

    def prepare_scores(self) -> None:
        """Find the features that scores compare with, and what diversity is measured against."""
        if self.scored:
            extractor, real = self.scored
            count, seed = self.config.fid_samples, SCORE_SEED
            self.reference = Reference(extractor, real, count, baseline=self.pictures, seed=seed)
        self.meter = DiversityMeter(self.pictures)
