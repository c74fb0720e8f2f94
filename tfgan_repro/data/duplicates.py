"""Pictures that are the same to the eye: a perceptual hash finds candidates, small copies of both decide."""

from collections import defaultdict

import numpy as np
from PIL import Image

BITS = 64
# Bits in which the hashes of two near-duplicates may differ.
BOUND = 5
# Bits of the hash are cut into one band more than may differ, so that at least one band is the same in both.
BANDS = BOUND + 1
SMALL = 8  # pixels a side of the copies that are compared
# The root of the mean squared difference of two small copies up to which they show the same picture, in pixel values.
DIFFERENCE = 6.0


def signature(image: Image.Image) -> tuple[int, bytes]:
    """What near-duplicates share.

    Args:
        image: a Pillow image of mode L or RGB, prepared.

    Returns:
        Its difference hash (64 bits: whether each of 8x8 areas is darker than its right neighbour), as an int, and
        its copy of 8x8 RGB pixels, as bytes.
    """
    grey = np.asarray(image.convert("L").resize((9, 8), Image.Resampling.BOX))
    bits = np.packbits(grey[:, :-1] < grey[:, 1:])
    small = image.convert("RGB").resize((SMALL, SMALL), Image.Resampling.BOX)
    return int.from_bytes(bits.tobytes(), "big"), small.tobytes()


class NearDuplicates:
    """Remembers signatures and tells whether another one is near to any of them.

    The search is exact, and fast because two hashes that differ in at most `BOUND` of their bits are equal in at least
    one of `BOUND + 1` bands: only the pictures that share a band are compared.
    """

    def __init__(self) -> None:
        edges = np.linspace(0, BITS, BANDS + 1).astype(int)
        self.bands = [(int(start), (1 << int(end - start)) - 1) for start, end in zip(edges, edges[1:])]
        self.tables: list[defaultdict] = [defaultdict(list) for _ in self.bands]
        self.hashes: list[int] = []
        self.copies: list[bytes] = []
        self.names: list[str] = []

    def find(self, signature: tuple[int, bytes]) -> str | None:
        """The name of a picture remembered that is near to the one of this signature, or None."""
        hashed, copy = signature
        seen = set()
        for (start, mask), table in zip(self.bands, self.tables):
            for index in table.get(hashed >> start & mask, ()):
                if index in seen:
                    continue
                seen.add(index)
                if (self.hashes[index] ^ hashed).bit_count() <= BOUND and alike(self.copies[index], copy):
                    return self.names[index]
        return None

    def add(self, signature: tuple[int, bytes], name: str) -> None:
        """Remember a picture."""
        hashed, copy = signature
        for (start, mask), table in zip(self.bands, self.tables):
            table[hashed >> start & mask].append(len(self.names))
        self.hashes.append(hashed)
        self.copies.append(copy)
        self.names.append(name)


def alike(copy_1: bytes, copy_2: bytes) -> bool:
    """Whether two small copies show the same picture."""
    difference = np.frombuffer(copy_1, np.uint8).astype(np.int32) - np.frombuffer(copy_2, np.uint8)
    return float(np.mean(difference * difference)) <= DIFFERENCE**2
