"""Random weights for the 2015 network that any program can make again: each tensor depends on its name only."""

import zlib

import numpy as np


def random_tensor(name, shape):
    """A tensor of the PyTorch port's state dictionary, float32, scaled so that activations stay near 1.

    NumPy guarantees that `RandomState` gives these numbers in every version.
    """
    random = np.random.RandomState(zlib.crc32(name.encode()))
    layer, _, last = name.rpartition(".")
    if name.endswith("conv.weight") or name == "fc.weight":
        value = random.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))
    elif last == "running_var" or layer.endswith("bn") and last == "weight":
        value = random.uniform(0.5, 1.5, shape)
    else:
        value = 0.1 * random.standard_normal(shape)
    return value.astype(np.float32)


def random_images():
    """One small and one large image, as a list of uint8 arrays `[height, width, 3]`."""
    random = np.random.RandomState(0)
    return [random.randint(0, 256, size, dtype=np.uint8) for size in ((32, 32, 3), (310, 407, 3))]
