"""What the discriminator sees: pictures of a set, augmented with several probabilities, a row each."""

import keras
import numpy as np

from tfgan_repro.models import AUGMENTATIONS
from tfgan_repro.models.augmentation import Augmentation
from tfgan_repro.models.options import TrainingChoices
from tfgan_repro.report.grids import image_grid, named_rows
from tfgan_repro.scaling import scale, unscale

PROBABILITIES = (0.2, 0.5, 0.8)
COLUMNS, SEED = 10, 0


def augmentation_sheet(images: np.ndarray, names: str) -> np.ndarray:
    """Images as they are, and below each what it may become.

    Args:
        images: uint8 `[count, height, width, channels]`, a column each.
        names: of augmentations, as `--augmentation` takes them.

    Returns:
        A picture uint8 `[height, width, 3]`, its rows named by their probability p.

    Raises:
        UserError: an unknown augmentation.
    """
    chosen, pixels = AUGMENTATIONS.several(names), np.asarray(scale(images))
    adaptive = any(AUGMENTATIONS.fact(name, "has_probability") for name in chosen)
    rows = {f"p = {p}": p for p in PROBABILITIES} if adaptive else {"augmented": 0.0}
    shown = [images]
    for probability in rows.values():
        augmentation = Augmentation(chosen, TrainingChoices(augmentation_probability=probability))
        seen = augmentation(pixels, seed=keras.random.SeedGenerator(SEED))
        shown.append(unscale(keras.ops.convert_to_numpy(seen)))
    return named_rows(image_grid(np.concatenate(shown), len(images)), ["as it is", *rows])
