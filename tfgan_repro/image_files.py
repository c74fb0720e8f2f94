"""Image files: which files of a folder or an archive are pictures, what is left out, and the one decoder of them."""

import os
import stat
import sys
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFile, ImageOps

from tfgan_repro.errors import UserError

SUFFIXES = {".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
# Of pictures that are not read: telephones', cameras' and drawing programs' own.
UNREAD_SUFFIXES = {".arw", ".avif", ".cr2", ".cr3", ".dng", ".heic", ".heif", ".jp2", ".jxl", ".nef", ".psd", ".svg"}
TABLE_SUFFIXES = {".csv", ".tsv"}
# What systems put beside pictures without a dot in front: macOS' archives, network drives, Windows, Linux.
SYSTEM_NAMES = {
    "__macosx",
    "@eadir",
    "@recycle",
    "@tmp",
    "#recycle",
    "#snapshot",
    "$recycle.bin",
    "system volume information",
    "lost+found",
    "thumbs.db",
    "desktop.ini",
}
LISTED = 50  # names listed a reason in a report
NAMED = 5  # names in a warning

HIDDEN, UNREAD, LINKED_TWICE, NO_FOLDER, SAME_NAME = (
    "is hidden or a system's own",
    "is of a kind that is not read",
    "links to a folder already read",
    "is a folder that cannot be read",
    "has the name of another",
)
UNREADABLE, UNDECODABLE, EMPTY = "cannot be read", "cannot be decoded", "is empty"
# Of what cannot be read: a pipe or a device, at which reading would wait, perhaps for ever.
NOT_REGULAR = "is no regular file"
# The reasons that say that a file is damaged, rather than not wanted.
BAD = {UNREADABLE, UNDECODABLE, EMPTY}


class LeftOut:
    """Files or pictures left out, by reason, with the first names of each."""

    def __init__(self) -> None:
        self.counts: Counter = Counter()
        self.examples: dict[str, list[tuple[str, str | None]]] = {}

    def add(self, reason: str, name: str, detail: str | None = None, count: int = 1) -> None:
        """Count a file left out.

        Args:
            reason: in a few words that many files share, e.g. "cannot be decoded".
            name: of the file.
            detail: what exactly was wrong, or None.
            count: how many files the name stands for.
        """
        self.counts[reason] += count
        listed = self.examples.setdefault(reason, [])
        if len(listed) < LISTED:
            listed.append((name, detail))

    def merge(self, other: "LeftOut") -> None:
        """Count another's files as well."""
        self.counts += other.counts
        for reason, names in other.examples.items():
            listed = self.examples.setdefault(reason, [])
            listed += names[: LISTED - len(listed)]

    def first(self, reason: str) -> list[str]:
        """The first names with their details, in words."""
        return [f"{name}: {detail}" if detail else name for name, detail in self.examples.get(reason, [])]

    def to_json(self) -> dict[str, Any]:
        return {reason: {"count": count, "first": self.first(reason)} for reason, count in self.counts.most_common()}

    def refuse_bad(self) -> None:
        """Raise a `UserError` where a damaged file is among them."""
        for reason in self.counts:
            if reason in BAD:
                raise bad_image(*self.examples[reason][0], reason)

    def warn(self, name: str) -> None:
        """Say on standard error how many files of the set `name` were left out, and name a few."""
        for reason, count in self.counts.most_common():
            first = ", ".join(printable(text) for text in self.first(reason)[:NAMED])
            more = ", ..." if count > NAMED else ""
            print(f"note: {name}: left out {count:,}, each of which {reason} ({first}{more})", file=sys.stderr)


def bad_image(name: str, detail: str | None, reason: str) -> UserError:
    """The error about a damaged file, where that is to be fatal."""
    return UserError(f"{name} {reason}{f' ({detail})' if detail else ''}; fix it or use --on-bad-image skip")


@dataclass
class FoundFiles:
    """What a folder or an archive holds, by relative name with forward slashes.

    Attributes:
        pictures: of each picture its status (`os.stat_result`) or its entry in the archive (`zipfile.ZipInfo`), in
            the order of the names.
        tables: the same of files that may be tables of labels.
        left_out: hidden pictures and folders, and what cannot be read.
    """

    pictures: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)
    left_out: LeftOut = field(default_factory=LeftOut)

    def add(self, name: str, found: Any) -> None:
        suffix = os.path.splitext(name)[1].lower()
        if suffix in SUFFIXES:
            self.pictures[name] = found
        elif suffix in TABLE_SUFFIXES:
            self.tables[name] = found
        elif suffix in UNREAD_SUFFIXES:
            self.left_out.add(UNREAD, name)

    def checked(self, place: Path | str) -> "FoundFiles":
        """The same with its pictures in order.

        Raises:
            UserError: there are none.
        """
        if not self.pictures:
            unread = self.left_out.counts[UNREAD]
            others = f"; of a kind that is not read: {unread:,}, as {self.left_out.first(UNREAD)[0]}" if unread else ""
            raise UserError(f"{place} holds no images ({', '.join(sorted(SUFFIXES))}){others}")
        self.pictures = dict(sorted(self.pictures.items()))
        return self


def is_hidden(name: str) -> bool:
    """Whether a file or folder is hidden, or belongs to a system rather than to the pictures, by its own name."""
    return name.startswith(".") or name.casefold() in SYSTEM_NAMES


def is_picture(name: str) -> bool:
    """Whether a file is a picture by its name."""
    return os.path.splitext(name)[1].lower() in SUFFIXES


def find_in_folder(folder: Path | str) -> FoundFiles:
    """The pictures in a folder and the folders below it.

    Links are followed, but no folder is read twice; of a folder and a link to it the folder is read.

    Raises:
        UserError: no such folder, one that cannot be read, or no picture in it.
    """
    root = Path(folder)
    if not os.path.isdir(root):  # unlike `Path.is_dir`, of any name
        raise UserError(f"{folder} is a file, and no folder" if os.path.exists(root) else f"no such folder: {folder}")
    found = FoundFiles()
    seen, folders, links = set(), [""], list[str]()
    while folders or links:
        name = folders.pop() if folders else links.pop(0)
        try:
            status = (root / name).stat()
            if (status.st_dev, status.st_ino) in seen:
                found.left_out.add(LINKED_TWICE, name)
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = sorted(os.scandir(root / name), key=lambda entry: entry.name)
        except OSError as error:
            if not name:
                raise UserError(f"{folder} cannot be read: {error.strerror}") from error
            found.left_out.add(NO_FOLDER, name, error.strerror)
            continue
        for entry in entries:
            inner = f"{name}/{entry.name}" if name else entry.name
            try:
                if is_hidden(entry.name):
                    if entry.is_dir() or is_picture(entry.name):
                        found.left_out.add(HIDDEN, inner)
                    continue
                status = entry.stat()
            except OSError as error:
                if is_picture(entry.name) or entry.is_symlink():
                    found.left_out.add(UNREADABLE, inner, error.strerror)
                continue
            if stat.S_ISDIR(status.st_mode):
                (links if entry.is_symlink() else folders).append(inner)
            elif stat.S_ISREG(status.st_mode):
                found.add(inner, status)
            elif is_picture(entry.name):
                found.left_out.add(UNREADABLE, inner, NOT_REGULAR)
    return found.checked(folder)


def find_in_archive(archive: Path | str) -> FoundFiles:
    """The pictures in a ZIP archive, as `find_in_folder` would find them once unpacked; links are left out.

    Raises:
        UserError: no archive, a damaged one, or no picture in it.
    """
    try:
        with zipfile.ZipFile(archive) as file:
            members = [member for member in file.infolist() if not member.is_dir()]
    # Damage makes `zipfile` raise anything: BadZipFile, NotImplementedError, struct.error, ...
    except Exception as error:
        raise UserError(f"{archive} cannot be read as a ZIP archive: {getattr(error, 'strerror', error)}") from error
    found, hidden = FoundFiles(), set()
    for member in members:
        # Some programs of Windows write backslashes.
        parts = [part for part in name_of(member).replace("\\", "/").split("/") if part not in ("", ".", "..")]
        first = next((place for place, part in enumerate(parts, start=1) if is_hidden(part)), None)
        if first is not None:
            if first < len(parts) or is_picture(parts[-1]):
                hidden.add("/".join(parts[:first]))
        elif stat.S_ISLNK(member.external_attr >> 16):
            found.left_out.add("is a link in an archive", "/".join(parts))
        else:
            name = "/".join(parts)
            if name in found.pictures:
                found.left_out.add(SAME_NAME, name)
            found.add(name, member)
    for name in sorted(hidden):
        found.left_out.add(HIDDEN, name)
    return found.checked(archive)


def name_of(member: zipfile.ZipInfo) -> str:
    """The name of an archive's member; macOS and Info-ZIP may write UTF-8 without the flag that says so."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")  # what `zipfile` took for code page 437
    except UnicodeError:
        return member.filename


def printable(text: str, longest: int = 120) -> str:
    """A file's name in one line of printable characters."""
    text = text.encode("unicode_escape", "surrogatepass").decode() if not text.isprintable() else text
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def decode(source: Any, upright: bool = False) -> tuple[np.ndarray | None, str | None]:
    """Read a file as uint8 `[height, width, 3]`: the form in which scores take images.

    Args:
        source: a path or a binary file object.
        upright: as in `read_picture`; scores take pictures as they are stored.

    Returns:
        The pixels and what was converted (None for plain RGB), or None and what is wrong with the file.
    """
    image, note = read_picture(source, upright)
    return (None if image is None else np.asarray(image.convert("RGB"))), note


def read_picture(
    source: Any, upright: bool = False, max_pixels: int | None = None
) -> tuple[Image.Image | None, str | None]:
    """Read a file as a Pillow image of mode L or RGB.

    Sixteen bits of grey are divided by 257, of colours Pillow keeps the upper eight; CMYK and palettes Pillow converts;
    transparent parts are laid over white.
    Of an animation, or of a telephone's picture that holds several, the first frame counts.

    Args:
        source: a path or a binary file object.
        upright: turn the picture as its EXIF data say.
        max_pixels: a picture of more is refused before it takes memory; None for Pillow's own bound.

    Returns:
        The image and what was converted (None for plain RGB), or None and what is wrong with the file.
    """
    # Half a file is an error, never half a picture; the flag is global to Pillow and some programs set it.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(source) as image:
            if max_pixels is not None and image.width * image.height > max_pixels:
                return None, f"declares {image.width} x {image.height} pixels"
            image.load()
            # A copy, because a look at the frames behind the first one replaces it.
            first = image.copy() if hasattr(image, "is_animated") else image
            first = turned_upright(first) if upright else first
            many = has_more_frames(image)
    # A damaged file makes Pillow's readers raise anything: OSError, SyntaxError, struct.error, IndexError, ...
    except Exception as error:
        return None, f"cannot be decoded ({' '.join(str(error).split()) or type(error).__name__})"
    # Pillow scales all greys of this kind of file to 16 bits.
    flat, note = flatten(first.convert("I;16") if first.mode == "I" and image.format == "PPM" else first)
    if flat and many:
        note = "multi-frame"
    return flat, note


def has_more_frames(image: Image.Image) -> bool:
    """Whether a file holds frames beyond the first, which is loaded; damage behind that one is no matter."""
    try:
        return bool(getattr(image, "is_animated", False))
    except Exception:
        return False


def turned_upright(image: Image.Image) -> Image.Image:
    """An image turned as its EXIF data say, if they can be read."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # as above; a picture with damaged EXIF data is a picture all the same
        return image


def flatten(image: Image.Image) -> tuple[Image.Image | None, str | None]:
    """A loaded Pillow image as mode L or RGB, with what was converted; see `read_picture`."""
    mode = image.mode
    if mode in ("RGB", "L") and "transparency" not in image.info:
        return image, "grey" if mode == "L" else None
    if mode.startswith("I;16"):
        grey = np.asarray(image, np.uint16)
        # 65535 becomes 255; Pillow's own conversion would cut everything above 255 off.
        return Image.fromarray(((grey.astype(np.uint32) + 128) // 257).astype(np.uint8)), "16-bit"
    if mode in ("I", "F"):
        return None, f"has 32-bit pixels (mode {mode}), whose range is unknown"
    if image.has_transparency_data:
        kept = "L" if mode in ("L", "LA", "La") else "RGB"
        layer = image.convert("RGBA")
        if np.asarray(layer)[..., 3].min() < 255:
            white = Image.new("RGBA", layer.size, "white")
            return Image.alpha_composite(white, layer).convert(kept), "transparent"
        return layer.convert(kept), "alpha"
    kinds = {"1": "black-and-white", "P": "palette", "CMYK": "CMYK"}
    return image.convert("L" if mode == "1" else "RGB"), kinds.get(mode, mode)
