"""Small picture files for the tests of `tfgan_repro.data`."""

import numpy as np
from PIL import Image


def save(path, level, size=(12, 10), **options):
    """A picture of one colour, different from all others by its level."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (level, level, 0)).save(path, **options)


def noise(seed, size=(24, 24)):
    """A Pillow image of coarse noise, unlike that of any other seed."""
    cells = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(cells).resize(size, Image.Resampling.BICUBIC)
