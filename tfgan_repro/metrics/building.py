"""What the extractors' networks have in common while they are built."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from tfgan_repro.errors import UserError
from tfgan_repro.types import Network

if TYPE_CHECKING:
    import numpy as np


@contextlib.contextmanager
def dtype_policy(policy: Any) -> Iterator[None]:
    """Build layers under a dtype policy of their own: scores are the same whatever precision a training runs in."""
    previous = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.mixed_precision.set_dtype_policy(previous)


def set_weights(network: Network, weights: "Mapping[str, np.ndarray]", path: Path | str) -> None:
    """Put weights into a network by name.

    Args:
        network: a Keras model.
        weights: a dictionary of arrays, `<layer>/<weight>`.
        path: their file, for messages.

    Raises:
        UserError: the weights of a layer are missing or of another shape.
    """
    for layer in network.layers:
        if not layer.weights:
            continue
        try:
            layer.set_weights([weights[f"{layer.name}/{weight.name}"] for weight in layer.weights])
        except KeyError:
            raise UserError(
                f"{path} has no weights for layer {layer.name}, which these features (or the Inception Score) need; "
                "try --features 768 or other weights"
            ) from None
        except ValueError:
            raise UserError(f"{path} is of another network: the shape of layer {layer.name} differs") from None
