"""Does the generator repeat its training images? Nearest training neighbours of generated images."""

from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_repro.metrics.metric import Metric
from tfgan_repro.metrics.neighbours import nearest_neighbours, tolerance
from tfgan_repro.metrics.statistics import checked_pair

if TYPE_CHECKING:
    from tfgan_repro.metrics.features import FeatureSet


SHOWN = 5


def authenticity(generated: np.ndarray, training: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """The share of generated images that are no near-copies of a training image (Alaa et al. 2021, arXiv:2102.08921).

    A generated image is a near-copy where it lies closer to its nearest training image than that one does to any
    other training image.

    Args:
        generated: features `[n, dimension]`.
        training: features `[m, dimension]`, at least 2.

    Returns:
        The share, a float in [0, 1]; the squared distances float64 `[n]` to the nearest training images; and their
        places, int64 `[n]`.

    Raises:
        UserError: too few images, dimensions that differ, NaN or infinity.
    """
    generated, training = checked_pair(generated, training)
    distances, places = (result[:, 0] for result in nearest_neighbours(generated, training))
    own, _ = nearest_neighbours(training, training, exclude_self=True)
    # Where training images repeat, a further copy is a copy as well: a tie is no sign of authenticity.
    authentic = distances > own[places, 0] + tolerance(training, generated)
    return float(np.mean(authentic)), distances, places


def _compute(generated: "FeatureSet", real: "FeatureSet", seed: int) -> dict[str, dict[str, Any]]:
    share, distances, places = authenticity(generated.features, real.features)
    closest = np.argsort(distances, kind="stable")[:SHOWN]
    return {
        "authenticity": {
            "value": share,
            "median_distance": float(np.sqrt(np.median(distances))),
            "closest": [
                {"generated": int(i), "real": int(places[i]), "distance": float(np.sqrt(distances[i]))} for i in closest
            ],
        }
    }


NEAREST = Metric(_compute, needs="features", against_training=True)
