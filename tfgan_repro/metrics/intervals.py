"""95 % intervals of scores over other images, in the form in which a row of scores has them.

All are for the score at these counts: the bias of a small count is not in them, the real-against-real value is.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.stats

CONFIDENCE = 0.95
GROUPS = 10  # of the jackknife
FEWEST = 3  # images a group
MINIMUM = 2 * FEWEST  # images a side


def share_interval(share: float, count: int, images: str) -> dict[str, Any]:
    """Wilson's interval of a share of images (Wilson 1927).

    Args:
        share: in [0, 1].
        count: of the images that it is a share of.
        images: what they are, e.g. "generated images"; those of the other side are taken as given.

    Returns:
        `interval`, `[low, high]`, and `interval_method`.
    """
    z = float(scipy.stats.norm.ppf((1 + CONFIDENCE) / 2))
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    # At the ends the formula gives 0 and 1 but for rounding.
    interval = [centre - half if share > 0 else 0.0, centre + half if share < 1 else 1.0]
    return {"interval": interval, "interval_method": f"95 %, Wilson, over the {images}"}


def mean_interval(values: np.ndarray, images: str) -> dict[str, Any]:
    """The interval of a mean over images, by its standard error; arguments and result as in `share_interval`."""
    count, mean = len(values), float(np.mean(values))
    error = float(np.std(values, ddof=1)) / math.sqrt(count) if count > 1 else math.inf
    half = float(scipy.stats.norm.ppf((1 + CONFIDENCE) / 2)) * error
    return {"interval": [mean - half, mean + half], "interval_method": f"95 %, normal, over the {images}"}


def jackknife_interval(statistic: Callable[..., float], *counts: int) -> dict[str, Any]:
    """The interval of any smooth score: each group of images is left out once, of all sides at once (Kott 2001).

    Args:
        statistic: from the numbers of the images kept, int64 `[kept]` for each side, to the score.
        *counts: of the images of each side.

    Returns:
        As `share_interval`; no interval for fewer than six images.
    """
    if min(counts) < MINIMUM:
        return too_few_images()
    groups = min(GROUPS, min(counts) // FEWEST)
    sides = [jackknife_groups(count, groups) for count in counts]
    value = statistic(*(np.arange(count) for count in counts))
    parts = [statistic(*(np.flatnonzero(side != group) for side in sides)) for group in range(groups)]
    half = half_width(jackknife_variance(parts), groups)
    return {"interval": [value - half, value + half], "interval_method": jackknife_method(groups)}


def jackknife_groups(count: int, groups: int) -> np.ndarray:
    """The group of each image, int64 `[count]`: drawn, always alike.

    Images often lie in an order. Taken in turn from files sorted by class, each group would hold the classes evenly,
    and the interval would come out too narrow; from classes in turn, a group could be a class.
    """
    return np.random.default_rng(0).permutation(count) % groups


def jackknife_variance(parts: Sequence[float] | np.ndarray) -> float:
    """The variance of a score, of its values without one group of images each."""
    return (len(parts) - 1) / len(parts) * float(np.sum((np.asarray(parts) - np.mean(parts)) ** 2))


def half_width(variance: float, groups: int, confidence: float = CONFIDENCE) -> float:
    """How far an interval reaches to either side, by Student's distribution of one degree of freedom less."""
    return float(scipy.stats.t.ppf((1 + confidence) / 2, groups - 1)) * math.sqrt(variance)


def jackknife_method(groups: int) -> str:
    """What a row of scores says of its interval."""
    return f"95 %, delete-a-group jackknife, {groups} groups a side"


def too_few_images() -> dict[str, Any]:
    """What a row of scores says where there are too few images for two groups."""
    return {"interval": None, "interval_method": f"none: needs {MINIMUM} images a side"}
