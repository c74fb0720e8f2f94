"""One picture, from its file to pixels ready for training: read, trimmed, cropped, resized.

Runs in worker processes: imports no TensorFlow.
"""

import hashlib
import io
import os
import re
from dataclasses import dataclass

import numpy as np
from PIL import Image

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


# The pixels of CelebA's usual centre crops, of aligned portraits that are 178 wide and 218 high.
ALIGNED_WIDTH, FACE, HEAD = 178, 108, 140

# Left, top, right, bottom in pixels, perhaps between them.
Box = tuple[float, float, float, float]

# A row of which 99 % of the pixels are at most this bright is black to the eye; JPEG puts noise on black bars.
BLACK, BLACK_PART = 24, 0.99
# Less of a picture is no letterbox, but a dark picture.
LEAST_LEFT = 0.25


def centered(image: Image.Image, part: float) -> Box:
    """The box of a square in the middle, whose side is a part of the shorter side."""
    side = min(image.size) * part
    left, top = (image.width - side) / 2, (image.height - side) / 2
    return left, top, left + side, top + side


def center(image: Image.Image) -> Box:
    """The largest square in the middle."""
    return centered(image, 1)


def face(image: Image.Image) -> Box:
    """The face of an aligned portrait: what `center_crop(108)` leaves of the 178x218 pixels of CelebA."""
    return centered(image, FACE / ALIGNED_WIDTH)


def head(image: Image.Image) -> Box:
    """Face, hair and chin of an aligned portrait: what a centre crop of 140 pixels leaves of 178x218."""
    return centered(image, HEAD / ALIGNED_WIDTH)


def whole(image: Image.Image) -> Box:
    """Everything; a picture that is not square is squeezed into the square."""
    return 0, 0, image.width, image.height


def cut(image: Image.Image, box: Box, image_size: int | None) -> Image.Image:
    """Crop and resize in one go.

    Where pixels must go, Lanczos' filter as wide as the step between the new pixels takes the old ones in
    (antialiasing); a picture more than three times too large is first averaged down by a whole factor, which is faster
    and differs by less than can be seen.

    Args:
        image: a Pillow image of mode L or RGB.
        box: `(left, top, right, bottom)` in pixels, perhaps between them.
        image_size: pixels a side, or None for the box rounded to whole pixels.

    Returns:
        A Pillow image.
    """
    if image_size is None:
        left, top = round(box[0]), round(box[1])
        return image.crop((left, top, left + round(box[2] - box[0]), top + round(box[3] - box[1])))
    size = (image_size, image_size)
    if image.size == size and box == (0, 0, *size):
        return image
    return image.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)


def trimmed(image: Image.Image) -> Image.Image:
    """The image without black bars at its edges; a picture that is dark all over stays as it is."""
    bright = np.asarray(image) > BLACK
    if bright.ndim == 3:
        bright = np.any(bright, axis=2)
    rows, columns = (np.flatnonzero(bright.mean(axis=axis) > 1 - BLACK_PART) for axis in (1, 0))
    if not len(rows) or not len(columns):
        return image
    box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    if (box[2] - box[0]) * (box[3] - box[1]) < LEAST_LEFT * image.width * image.height:
        return image
    return image.crop(box)
