"""How the 2015 Inception-v3, the network that FID is defined on, is told from others.

`inception_fingerprint.npz` holds ten numbers for each convolution up to `mixed_7`: the length of its folded kernel and
of its bias, and eight of the kernel's values. A network that agrees in all of them is the one.
`tools/fingerprint_inception.py` makes the file.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tfgan_repro.errors import UserError

FINGERPRINT = Path(__file__).with_name("inception_fingerprint.npz")
SAMPLES = 8
# Folded in float32 or float64, a weight differs by a few parts in ten million.
TOLERANCE = 1e-4


def fingerprint(kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """The numbers of one convolution.

    Args:
        kernel: folded, `[height, width, in, out]`.
        bias: folded, `[out]`.

    Returns:
        float64 `[10]`.
    """
    kernel, bias = np.asarray(kernel, np.float64), np.asarray(bias, np.float64)
    places = np.linspace(0, kernel.size - 1, SAMPLES).astype(int)
    return np.array([np.linalg.norm(kernel), np.linalg.norm(bias), *kernel.ravel()[places]])


def check_fingerprint(weights: Mapping[str, np.ndarray], path: Path | str) -> None:
    """Refuse a network that is not the 2015 Inception-v3.

    Args:
        weights: folded, as `read_weights` returns them.
        path: their file, for the message.

    Raises:
        UserError: a layer is missing or has other weights.
    """
    with np.load(FINGERPRINT) as stored:
        known = dict(zip(stored["layers"].tolist(), stored["numbers"]))
    for layer, numbers in known.items():
        try:
            received = fingerprint(weights[f"{layer}/kernel"], weights[f"{layer}/bias"])
        except KeyError:
            raise UserError(f"{path} is incomplete: the 2015 network's layer {layer} is missing") from None
        size = numbers[0] / np.sqrt(weights[f"{layer}/kernel"].size)  # of a single weight
        scale = np.array([*numbers[:2], *[size] * SAMPLES])
        if not np.all(np.abs(received - numbers) <= TOLERANCE * np.abs(scale)):
            raise UserError(
                f"{path} is another network than the 2015 Inception-v3 that FID is defined on: layer {layer} differs"
            )
