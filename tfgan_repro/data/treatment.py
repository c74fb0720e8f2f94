"""One picture, from its file to pixels ready for training.

Runs in worker processes: imports no TensorFlow.
"""

import hashlib
import io
import os
import re
from dataclasses import dataclass

import numpy as np
from PIL import Image

from tfgan_repro.data.crops import cut, trimmed
from tfgan_repro.data.duplicates import signature
from tfgan_repro.data.preparation import CROPS, Preparation
from tfgan_repro.image_decoding import read_picture
from tfgan_repro.image_files import EMPTY, UNDECODABLE, UNREADABLE, File, Unreadable, read_file

MAX_PIXELS = 90_000_000  # of a file, 270 MB once decoded
TEST_BUCKETS = 10_000


@dataclass(frozen=True)
class Item:
    """A picture that has not been read yet.

    Attributes:
        name: what reports and messages call it.
        source: a path, `ZipMember`, the bytes of an image file, or uint8 `[height, width, 1 or 3]`.
        label: the number of its class, or -1.
        split: "train" or "test" where the collection says, else None.
    """

    name: str
    source: "Source"
    label: int = -1
    split: str | None = None


Source = File | bytes | np.ndarray


@dataclass(frozen=True)
class Treated:
    """What became of an `Item`.

    Attributes:
        pixels: uint8 `[height, width, 1 or 3]`, or None where it was left out.
        reason: why it was left out, in a few words that many items share.
        detail: what exactly was wrong with a file, or None.
        note: what was converted, or None.
        content: 16 bytes that stand for the file's content.
        signature: see `duplicates.signature`; None where near-duplicates are kept.
    """

    pixels: np.ndarray | None = None
    reason: str | None = None
    detail: str | None = None
    note: str | None = None
    content: bytes = b""
    signature: tuple | None = None


def read_source(source: Source) -> bytes:
    """The bytes of a file, an archive's member, or an array.

    Raises:
        Unreadable: with the reason.
    """
    if isinstance(source, np.ndarray):
        return source.tobytes()
    return source if isinstance(source, bytes) else read_file(source)


def is_grey(source: Source) -> bool:
    """Whether a picture is stored in grey, from its header; True for one that cannot be read."""
    if isinstance(source, np.ndarray):
        return source.shape[-1] == 1
    try:
        # A path is opened only for its header, if it may be opened at all (see `NOT_REGULAR`).
        file = source if isinstance(source, str) and os.path.isfile(source) else io.BytesIO(read_source(source))
        with Image.open(file) as image:
            return image.mode in ("1", "L", "LA") or image.mode.startswith("I")
    except Exception:  # told in full when the picture is read
        return True


def treat(source: Source, preparation: Preparation) -> Treated:
    """Read a picture and do what the preparation says.

    Args:
        source: as in `Item`.
        preparation: a `Preparation` whose `colours` are "rgb" or "grey".

    Returns:
        A `Treated`; never raises for anything that the picture is.
    """
    try:
        content = read_source(source)
    except Unreadable as error:
        return Treated(reason=UNREADABLE, detail=str(error))
    digest = hashlib.sha256(content).digest()[:16]
    image: Image.Image | None
    if isinstance(source, np.ndarray):
        image, note = Image.fromarray(source if source.shape[-1] == 3 else source[..., 0]), None
    else:
        image, note = read_picture(io.BytesIO(content), upright=True, max_pixels=MAX_PIXELS)
    if image is None:
        return Treated(reason=UNDECODABLE, detail=plain(str(note))) if content else Treated(reason=EMPTY)
    if preparation.trim_borders:
        image = trimmed(image)
    box = CROPS.load(preparation.crop)(image)
    if min(box[2] - box[0], box[3] - box[1]) < preparation.min_size:
        return Treated(reason=f"is smaller than {preparation.min_size} pixels", content=digest)
    image = cut(image, box, preparation.image_size).convert("RGB" if preparation.colours == "rgb" else "L")
    pixels = np.asarray(image)
    return Treated(
        pixels=pixels if pixels.ndim == 3 else pixels[..., None],
        # What is grey and stays so was not converted.
        note=None if note == "grey" and preparation.colours == "grey" else note,
        content=digest,
        signature=signature(image) if preparation.duplicates == "near" else None,
    )


def plain(note: str) -> str:
    """What is wrong with a file, without the words that the reason has said and without an address in memory."""
    note = note.removeprefix(f"{UNDECODABLE} (").removesuffix(")") if note.startswith(UNDECODABLE) else note
    return re.sub(r" <_io\.BytesIO[^>]*>", "", note)


def split_of(content: bytes, test_percent: float) -> str:
    """"train" or "test", decided by a picture's content alone, so that it never changes sides."""
    bucket = int.from_bytes(content[:8], "big") % TEST_BUCKETS
    return "test" if bucket < test_percent * TEST_BUCKETS / 100 else "train"
