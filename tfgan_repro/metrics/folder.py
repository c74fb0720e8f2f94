"""Image files in a folder or an archive: any sizes, any modes, and what is done about those that cannot be read."""

import copy
import hashlib
import io
import os
import sys
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_repro.backends.processor import core_count
from tfgan_repro.image_decoding import decode
from tfgan_repro.image_files import (
    UNREADABLE,
    File,
    Unreadable,
    bad_image,
    find_in_archive,
    find_in_folder,
    read_file,
)
from tfgan_repro.metrics.images import MOST_AT_ONCE
from tfgan_repro.metrics.registries import BAD_IMAGE_POLICIES

NAMED = 5  # files named in a message
ARCHIVE = ".zip"


class ImageFolder:
    """The image files in a folder, or in a ZIP archive as if it were unpacked, in the order of their paths.

    Every mode becomes RGB: grey is repeated, the others are converted as `read_picture` says. What was converted is
    counted in `notes`.

    Args:
        path: the folder, searched recursively (see `find_in_folder`), or the archive, a `.zip` file.
        on_bad_image: "fail" ends with the first file that cannot be decoded, "skip" leaves such files out and
            names them in `notes`.
        upright: turn pictures as their EXIF data say, as for training; scores take them as they are stored
            (Pillow itself turns TIFFs).

    Attributes:
        places: the images' names within the folder or the archive.

    Raises:
        UserError: no folder or archive, or no image in it.
    """

    split = labels = None

    def __init__(self, path: Path | str, on_bad_image: str = "fail", upright: bool = False) -> None:
        BAD_IMAGE_POLICIES.check(on_bad_image)
        found = find_in_archive(path) if is_archive(path) else find_in_folder(path)
        if on_bad_image == "fail":
            found.left_out.refuse_bad()
        self.name, self.on_bad_image, self.left_out = str(path), on_bad_image, found.left_out
        self.upright = upright
        self.places = list(found.pictures)
        self.files = [found.file(name) for name in self.places]
        self.skipped: list[str] = []
        self.converted: Counter = Counter()
        self._digest: str | None = None  # reading all files once is enough

    def __len__(self) -> int:
        return len(self.files)

    def take(self, rows: Iterable[int]) -> "ImageFolder":
        """The images of the given numbers, in their order."""
        part, rows = copy.copy(self), list(rows)
        part.places, part.files = [self.places[row] for row in rows], [self.files[row] for row in rows]
        part.skipped, part.converted, part._digest = [], Counter(), None
        return part

    def digest(self) -> str:
        """A hash of the files' bytes, in their order, and of what is done about bad ones."""
        if self._digest is None:
            digest = hashlib.sha256(self.on_bad_image.encode() + b"upright" * self.upright)
            for file in self.files:
                try:
                    digest.update(hashlib.sha256(read_file(file)).digest())
                except Unreadable as error:
                    if self.on_bad_image == "fail":
                        raise bad_image(str(file), str(error), UNREADABLE) from error
                    digest.update(UNREADABLE.encode())
            self._digest = digest.hexdigest()
        return self._digest

    @property
    def notes(self) -> dict[str, Any]:
        """What a protocol must say about files left out or converted, once they were read."""
        notes: dict = {}
        unreadable = self.left_out.first(UNREADABLE)
        if unreadable or self.skipped:
            notes["skipped"] = [*unreadable, *self.skipped]
        if self.converted:
            notes["converted"] = dict(self.converted)
        return notes

    def recall(self, notes: dict[str, Any]) -> None:
        """Take over the `notes` of an earlier reading of the same files, whose features were kept."""
        unreadable = self.left_out.first(UNREADABLE)
        self.skipped = [text for text in notes.get("skipped", ()) if text not in unreadable]
        self.converted = Counter(notes.get("converted", {}))

    def batches(self, size: int) -> Iterator[list[np.ndarray]]:
        """Yields lists of uint8 `[height, width, 3]`, at most `size`; photographs, which are large, come in fewer."""
        self.skipped, self.converted = [], Counter()
        batch: list[np.ndarray] = []
        for file, (pixels, note) in self._decoded():
            if pixels is None and self.on_bad_image == "fail":
                raise bad_image(str(file), None, str(note))
            if pixels is None:
                self.skipped.append(f"{file}: {note}")
                continue
            batch.append(pixels)
            if note:
                self.converted[note] += 1
            if len(batch) == size or sum(image.nbytes for image in batch) >= MOST_AT_ONCE:
                yield batch
                batch = []
        if batch:
            yield batch

    def _decoded(self) -> Iterator[tuple[File, tuple[np.ndarray | None, str | None]]]:
        """Each file and what `decode` says of it, in order; several are decoded at the same time."""
        waiting: deque = deque()
        with ThreadPoolExecutor(core_count()) as workers:
            for file in self.files:
                waiting.append((file, workers.submit(decode_file, file, self.upright)))
                if len(waiting) > 2 * core_count():
                    first, decoded = waiting.popleft()
                    yield first, decoded.result()
            for first, decoded in waiting:
                yield first, decoded.result()

    def warn(self) -> None:
        """Say on standard error what was left out or converted."""
        self.left_out.warn(self.name)
        for text in self.skipped[:NAMED]:
            print(f"warning: skipped {text}", file=sys.stderr)
        if len(self.skipped) > NAMED:
            print(f"warning: skipped {len(self.skipped)} of {len(self.files)} files in {self.name}", file=sys.stderr)
        for kind, count in self.converted.items():
            print(f"note: {count:,} {kind} images in {self.name} were converted to RGB", file=sys.stderr)


def is_archive(path: str | os.PathLike) -> bool:
    """Whether a path is taken for an archive of images."""
    return Path(path).suffix.lower() == ARCHIVE and not Path(path).is_dir()


def decode_file(file: File, upright: bool) -> tuple[np.ndarray | None, str | None]:
    """As `decode`, from where the bytes are; of a file without any it says why."""
    try:
        return decode(io.BytesIO(read_file(file)), upright)
    except Unreadable as error:
        return None, f"{UNREADABLE} ({error})"
