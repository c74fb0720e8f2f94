"""Image files: which files of a folder or an archive are pictures, what is left out, and how their bytes are read."""

import os
import stat
import sys
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from tfgan_repro.errors import UserError, first_line
from tfgan_repro.files import check_folder

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
MAX_FILE = 2**28  # bytes; a larger file is no picture, or none that memory should be spent on
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
TOO_LARGE = f"is larger than {MAX_FILE >> 20} MB"
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


@dataclass(frozen=True)
class ZipMember:
    """A file in a ZIP archive."""

    archive: str
    name: str

    def __str__(self) -> str:
        return f"{self.archive}/{self.name}"

    def read(self) -> bytes:
        """Its bytes; a damaged archive makes `zipfile` raise anything."""
        status = os.stat(self.archive)
        archive = open_archive(self.archive, (status.st_ino, status.st_size, status.st_mtime_ns), os.getpid())
        if archive.getinfo(self.name).file_size > MAX_FILE:
            raise Unreadable(TOO_LARGE)
        return archive.read(self.name)


File = str | ZipMember


@lru_cache(maxsize=2)
def open_archive(path: str, state: tuple[int, ...], process: int) -> zipfile.ZipFile:
    """An open archive, until another takes its place; one a process, because forked ones would share a file position.
    """
    return zipfile.ZipFile(path)


class Unreadable(Exception):
    """A file that gives no bytes; the message says why, without its name."""


def read_file(file: File) -> bytes:
    """The bytes of a file, given by its path, or of an archive's member.

    Raises:
        Unreadable: with the reason.
    """
    try:
        if isinstance(file, ZipMember):
            return file.read()
        status = os.stat(file)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable(NOT_REGULAR)
        if status.st_size > MAX_FILE:
            raise Unreadable(TOO_LARGE)
        with open(file, "rb") as stream:
            return stream.read()
    except Unreadable:
        raise
    # Damaged archives: BadZipFile, zlib.error, NotImplementedError, RuntimeError, ...
    except Exception as error:
        raise Unreadable(getattr(error, "strerror", None) or first_line(error)) from error


@dataclass
class FoundFiles:
    """What a folder or an archive holds, by relative name with forward slashes.

    Attributes:
        place: the folder or the archive.
        pictures: of each picture its status (`os.stat_result`) or its entry in the archive (`zipfile.ZipInfo`), in
            the order of the names.
        tables: the same of files that may be tables of labels.
        left_out: hidden pictures and folders, and what cannot be read.
    """

    place: Path | str
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

    def file(self, name: str) -> File:
        """Where the bytes of a picture or a table are, for `read_file`."""
        found = self.pictures.get(name) or self.tables[name]
        path = os.fspath(self.place)
        return ZipMember(path, found.filename) if isinstance(found, zipfile.ZipInfo) else os.path.join(path, name)

    def checked(self) -> "FoundFiles":
        """The same with its pictures in order.

        Raises:
            UserError: there are none.
        """
        if not self.pictures:
            unread = self.left_out.counts[UNREAD]
            others = f"; of a kind that is not read: {unread:,}, as {self.left_out.first(UNREAD)[0]}" if unread else ""
            raise UserError(f"{self.place} holds no images ({', '.join(sorted(SUFFIXES))}){others}")
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
    check_folder(folder)
    root = Path(folder)
    found = FoundFiles(folder)
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
    return found.checked()


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
    found, hidden = FoundFiles(archive), set()
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
    return found.checked()


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
