"""A run's generator, set up so that its pictures are the same everywhere."""

from pathlib import Path
from typing import TYPE_CHECKING

from tfgan_repro.backends import backend_module
from tfgan_repro.runs.evaluation import load_checkpoint

if TYPE_CHECKING:
    from tfgan_repro.runs.evaluation import Checkpoint


def load_generator(path: Path | str) -> "Checkpoint":
    """A run's generator in float32, whatever it was trained in.

    With 8-bit mantissas pictures would depend on the device, and by more than a grey level on the batch size. For the
    same reason a GPU may not round the factors of products to 10 bits.

    Args:
        path: what `find_checkpoint` takes.

    Returns:
        A `Checkpoint`.

    Raises:
        UserError: no checkpoint, or one of another network.
    """
    backend_module("tfgan_repro.backends.{}").multiply_exactly()
    return load_checkpoint(path, precision="float32")
