"""Image files in a folder: any sizes, any modes, and what is done about those that cannot be read."""

import hashlib
import os
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile

from tfgan_repro.errors import UserError
from tfgan_repro.metrics import BAD_IMAGE_POLICIES

SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
NAMED = 5  # files named in a message


class ImageFolder:
    """The image files under a folder, in the order of their paths.

    Every mode becomes RGB: grey is repeated, 16 bits are divided by 257, CMYK is converted by Pillow, transparent
    parts are laid over white. What was converted is counted in `notes`.

    Args:
        path: the folder, searched recursively.
        on_bad_image: "fail" ends with the first file that cannot be decoded, "skip" leaves such files out and
            names them in `notes`.

    Raises:
        UserError: no folder, or no image in it.
    """

    split = labels = None

    def __init__(self, path, on_bad_image="fail"):
        if on_bad_image not in BAD_IMAGE_POLICIES:
            raise UserError(f"--on-bad-image {on_bad_image}: must be {' or '.join(BAD_IMAGE_POLICIES)}")
        path = Path(path)
        if not path.is_dir():
            raise UserError(f"no such folder: {path}")
        self.name, self.on_bad_image = str(path), on_bad_image
        self.files = sorted(
            Path(folder) / file
            for folder, _, files in os.walk(path)
            for file in files
            if Path(file).suffix.lower() in SUFFIXES
        )
        if not self.files:
            raise UserError(f"{path} holds no images ({', '.join(sorted(SUFFIXES))})")
        self.skipped, self.converted = [], Counter()

    def __len__(self):
        return len(self.files)

    def take(self, rows):
        """The images of the given numbers, in their order."""
        part = object.__new__(ImageFolder)
        part.name, part.on_bad_image = self.name, self.on_bad_image
        part.files = [self.files[row] for row in rows]
        part.skipped, part.converted = [], Counter()
        return part

    def digest(self):
        """A hash of the files' bytes, in their order, and of what is done about bad ones."""
        digest = hashlib.sha256(self.on_bad_image.encode())
        for file in self.files:
            try:
                digest.update(hashlib.sha256(file.read_bytes()).digest())
            except OSError as error:
                raise UserError(f"{file} cannot be read: {error.strerror}") from error
        return digest.hexdigest()

    @property
    def notes(self):
        """What a protocol must say about files left out or converted, once they were read."""
        notes = {}
        if self.skipped:
            notes["skipped"] = [f"{file}: {reason}" for file, reason in self.skipped]
        if self.converted:
            notes["converted"] = dict(self.converted)
        return notes

    def batches(self, size):
        """Yields lists of uint8 `[height, width, 3]`; the files of a batch are decoded at the same time."""
        self.skipped, self.converted = [], Counter()
        with ThreadPoolExecutor(os.cpu_count()) as workers:
            for start in range(0, len(self.files), size):
                batch = []
                files = self.files[start : start + size]
                for file, (pixels, note) in zip(files, workers.map(decode, files)):
                    if pixels is None and self.on_bad_image == "fail":
                        raise UserError(f"{file} {note}; mend it or say --on-bad-image skip")
                    if pixels is None:
                        self.skipped.append((file, note))
                        continue
                    batch.append(pixels)
                    if note:
                        self.converted[note] += 1
                if batch:
                    yield batch

    def warn(self):
        """Say on standard error what was left out or converted."""
        for file, reason in self.skipped[:NAMED]:
            print(f"warning: skipped {file}, which {reason}", file=sys.stderr)
        if len(self.skipped) > NAMED:
            print(f"warning: skipped {len(self.skipped)} of {len(self.files)} files in {self.name}", file=sys.stderr)
        for kind, count in self.converted.items():
            print(f"note: {count:,} {kind} images in {self.name} were converted to RGB", file=sys.stderr)


def decode(file):
    """Read a file as uint8 `[height, width, 3]`.

    Returns:
        The pixels and what was converted (None for plain RGB), or None and what is wrong with the file.
    """
    # Half a file is an error, never half a picture; the flag is global to Pillow and some programs set it.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(file) as image:
            if getattr(image, "n_frames", 1) > 1:
                return None, f"has {image.n_frames} frames"
            image.load()
            return to_rgb(image)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        return None, f"cannot be decoded ({' '.join(str(error).split()) or type(error).__name__})"


def to_rgb(image):
    """A Pillow image as uint8 `[height, width, 3]`, with what was converted; see `decode`."""
    mode = image.mode
    if mode == "RGB" and "transparency" not in image.info:
        return np.asarray(image), None
    if mode.startswith("I;16"):
        grey = np.asarray(image, np.uint16)
        # 65535 becomes 255; Pillow's own conversion would cut everything above 255 off.
        return np.repeat(((grey.astype(np.uint32) + 128) // 257).astype(np.uint8)[..., None], 3, axis=2), "16-bit"
    if mode in ("I", "F"):
        return None, f"has 32-bit pixels (mode {mode}), whose range is unknown"
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        if layer.getextrema()[3][0] < 255:
            white = Image.new("RGBA", layer.size, "white")
            return np.asarray(Image.alpha_composite(white, layer).convert("RGB")), "transparent"
        return np.asarray(layer.convert("RGB")), "alpha"
    kinds = {"L": "grey", "1": "black-and-white", "P": "palette", "CMYK": "CMYK"}
    return np.asarray(image.convert("RGB")), kinds.get(mode, mode)
