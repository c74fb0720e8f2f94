"""Near-duplicates: found exactly, and nothing else."""

import time

import numpy as np
from PIL import Image
from pictures import noise

from tfgan_repro.data.duplicates import BOUND, NearDuplicates, signature


def jpeg_like(image):
    """What is left after a smaller copy and a change of brightness that nobody would notice."""
    small = image.resize((20, 20), Image.Resampling.LANCZOS).resize(image.size, Image.Resampling.BICUBIC)
    return Image.fromarray(np.clip(np.asarray(small).astype(int) + 2, 0, 255).astype(np.uint8))


def test_changed_copies_are_found_and_other_pictures_are_not():
    near = NearDuplicates()
    images = [noise(seed, (64, 64)) for seed in range(200)]
    for index, image in enumerate(images):
        assert near.find(signature(image)) is None
        near.add(signature(image), index)
    found = [near.find(signature(jpeg_like(image))) for image in images]
    assert sum(name == index for index, name in enumerate(found)) >= 195
    assert all(name in (None, index) for index, name in enumerate(found))


def test_the_same_outlines_in_another_colour_are_another_picture():
    image = noise(1, (64, 64))
    near = NearDuplicates()
    near.add(signature(image), "first")
    darker = Image.fromarray((np.asarray(image) * 0.7).astype(np.uint8))
    assert near.find(signature(darker)) is None
    assert near.find(signature(image)) == "first"


def test_the_search_is_exact_and_quick():
    random = np.random.default_rng(0)
    copy = bytes(192)
    hashes = [int(value) for value in random.integers(0, 2**63, 20_000)]
    near = NearDuplicates()
    for index, value in enumerate(hashes):
        near.add((value, copy), index)
    start = time.monotonic()
    for index in range(0, 20_000, 20):
        for bits in (BOUND, BOUND + 1):
            changed = hashes[index]
            for bit in random.choice(64, bits, replace=False):
                changed ^= 1 << int(bit)
            assert near.find((changed, copy)) == (index if bits == BOUND else None)
    assert time.monotonic() - start < 60
