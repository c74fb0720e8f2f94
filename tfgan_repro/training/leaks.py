"""Whether augmentations have leaked: generated images that look rotated, cut out or tinted, as no real one does.

Under strong augmentation a generator may learn what the discriminator sees instead of what there is. A linear
classifier tells plain real images from augmented ones, one kind of augmentation at a time, by the embedded
classifier's maps; then it looks at generated ones. So that mere blur is not taken for a leak, the plain ones are there
smoothed as well.
"""

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from scipy.ndimage import uniform_filter

from tfgan_repro.files import append_json_line, read_json_lines
from tfgan_repro.metrics.classes import softmax_regression
from tfgan_repro.models import AUGMENTATIONS
from tfgan_repro.models.augmentation import Augmentation
from tfgan_repro.models.generation import BrokenImages, labelled_images, sampling_generator
from tfgan_repro.models.options import TrainingChoices
from tfgan_repro.registry import NONE
from tfgan_repro.runs.directory import RunDirectory
from tfgan_repro.scaling import scale, unscale
from tfgan_repro.training.diversity import DiversityMeter

if TYPE_CHECKING:
    from tfgan_repro.models.gan import GAN

SIGN = "augmentation-leak"
REAL_IMAGES, FEWEST_REAL, GENERATED_IMAGES = 1000, 100, 500
SEED, GENERATED_SEED = 5, 6
# Before that a generator's images are like nothing, and whatever is like no plain image is called augmented.
LEAST_STEPS = 1000
# Real images that the classifier learns from, and those of the others that it is made cautious with.
LEARNT_SHARE, CALIBRATED_SHARE = 0.5, 0.5
# Of plain real images that may look augmented, where the classifier has its threshold.
FALSE_POSITIVES = 0.05
# By how much more of the generated images than of the real ones must look augmented before it is said.
MARGIN = 0.1
# Of images that are augmented at once, which takes some sixty bytes for each.
MOST_VALUES = 2**24
# What "ada" stands for, each of which may leak by itself.
PARTS = {"ada": ("ada-blit", "ada-geometry", "ada-color")}


def look_for_leaks(run: RunDirectory, step: int, gan: "GAN", meter: DiversityMeter, augmentation: str) -> None:
    """After the last step, tell and write down whether augmentations have come through to generated images.

    Args:
        run: whose evaluations get a line, where there is something to look for and enough to compare with.
        step: generator updates made.
        gan: the trained `GAN`.
        meter: the `DiversityMeter` of its training pictures.
        augmentation: as `--augmentation` takes it.
    """
    pictures = meter.pictures
    if step < LEAST_STEPS or augmentation == NONE or len(pictures) < FEWEST_REAL:
        return
    if any(row["metric"] == SIGN and row["step"] == step for row in read_json_lines(run.evaluations)):
        return  # a finished run, which only gets its pictures anew
    try:
        generator = sampling_generator(gan, pictures.classes)
        images, _ = labelled_images(generator, GENERATED_IMAGES, GENERATED_SEED, pictures.classes)
    except BrokenImages:
        return  # which the monitor has said
    leak = LeakDetector(meter, augmentation).look(images)
    append_json_line(run.evaluations, evaluation_of(leak, step))
    if leak.is_one:
        print(f"warning: step {step}: augmentations leak: {leak}", file=sys.stderr)


@dataclass(frozen=True)
class Leak:
    """How many images look augmented.

    Attributes:
        share: of the generated images.
        false_positives: of real images that the classifier has not seen.
        found: of augmented real images that it has not seen.
        kind: the augmentation that most of those generated look like.
        generated_images: how many were looked at.
        real_images: of which `false_positives` is the share.
    """

    share: float
    false_positives: float
    found: float
    kind: str
    generated_images: int
    real_images: int

    @property
    def is_one(self) -> bool:
        """Whether clearly more generated than real images look augmented."""
        return self.share > self.false_positives + MARGIN

    def __str__(self) -> str:
        return (
            f"{self.share:.0%} of the generated images look augmented, most of them by {self.kind}; so do "
            f"{self.false_positives:.0%} of the real ones, and {self.found:.0%} of those that are"
        )


class LeakDetector:
    """A classifier of plain and augmented images.

    Args:
        meter: the `DiversityMeter`, whose features it takes, of `FEWEST_REAL` training pictures or more.
        augmentation: as `--augmentation` takes it, some.
    """

    def __init__(self, meter: DiversityMeter, augmentation: str) -> None:
        names, pictures = AUGMENTATIONS.several(augmentation), meter.pictures
        self.kinds = [part for name in names for part in PARTS.get(name, (name,))]
        images = pictures.read(np.random.default_rng(SEED).permutation(pictures.spread_rows(REAL_IMAGES)))
        learnt = int(LEARNT_SHARE * len(images))
        self.meter = meter
        learn, known = images[:learnt], images[learnt:]
        groups = [learn, smoothed(learn), *(augmented(learn, kind) for kind in self.kinds)]
        features = [self.features(group) for group in groups]
        targets = np.repeat([0, 0, *range(1, len(self.kinds) + 1)], len(learn))
        stacked = np.concatenate(features)
        self.mean, self.deviation = stacked.mean(axis=0), stacked.std(axis=0) + 1e-6
        self.weights = softmax_regression((stacked - self.mean) / self.deviation, targets, len(self.kinds) + 1)
        calibrated = int(CALIBRATED_SHARE * len(known))
        self.threshold = float(np.quantile(self.scores(known[:calibrated])[0], 1 - FALSE_POSITIVES))
        self.unseen = known[calibrated:]

    def features(self, images: np.ndarray) -> np.ndarray:
        """float64 `[count, 448]`."""
        return self.meter.extract(images)["stages"]

    def scores(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How much more each image looks augmented than plain, `[count]`, and as what, a place in `kinds`."""
        logits = (self.features(images) - self.mean) / self.deviation @ self.weights[:-1] + self.weights[-1]
        return np.logaddexp.reduce(logits[:, 1:], axis=1) - logits[:, 0], logits[:, 1:].argmax(axis=1)

    def look(self, images: np.ndarray) -> Leak:
        """The `Leak` among generated images, uint8 `[count, height, width, channels]`."""
        scores, kinds = self.scores(images)
        real, _ = self.scores(self.unseen)
        found = np.concatenate([self.scores(augmented(self.unseen, kind))[0] for kind in self.kinds])
        most = np.bincount(kinds[scores > self.threshold], minlength=len(self.kinds)).argmax()
        share, false_positives, right = (float((each > self.threshold).mean()) for each in (scores, real, found))
        return Leak(share, false_positives, right, self.kinds[most], len(images), len(self.unseen))


def augmented(images: np.ndarray, kind: str) -> np.ndarray:
    """Images uint8 after one kind of augmentation, always."""
    augmentation = Augmentation([kind], TrainingChoices(augmentation_probability=1.0))
    seed, size = keras.random.SeedGenerator(SEED), max(1, MOST_VALUES // math.prod(images.shape[1:]))
    pieces = (images[start : start + size] for start in range(0, len(images), size))
    return np.concatenate(
        [unscale(keras.ops.convert_to_numpy(augmentation(np.asarray(scale(piece)), seed=seed))) for piece in pieces]
    )


def smoothed(images: np.ndarray) -> np.ndarray:
    """Images uint8 without their finest detail: each pixel the mean of the nine around it."""
    return np.rint(uniform_filter(images.astype(np.float32), (1, 3, 3, 1), mode="nearest")).astype(np.uint8)


def evaluation_of(leak: Leak, step: int) -> dict[str, Any]:
    """The line of `evaluations.jsonl`; `health` has the sign where there is a leak."""
    return {
        "metric": SIGN,
        "value": leak.share,
        "real_vs_real": leak.false_positives,
        "found": leak.found,
        "kind": leak.kind,
        "generated_images": leak.generated_images,
        "real_images": leak.real_images,
        "step": step,
        "health": [SIGN] if leak.is_one else [],
    }
