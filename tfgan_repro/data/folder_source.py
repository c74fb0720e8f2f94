"""Pictures in a folder and the folders below it."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tfgan_repro.data.collection import FileCollection, read_folders
from tfgan_repro.data.labels_file import FILES, apply_labels, read_label_column
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.prepared_source import PreparedSet
from tfgan_repro.data.records import is_prepared
from tfgan_repro.data.summary import LeftOut
from tfgan_repro.data.treatment import UNREADABLE
from tfgan_repro.decoding import SUFFIXES
from tfgan_repro.errors import UserError


def open_folder(place: str, data_dir: str | None, preparation: Preparation) -> FileCollection | PreparedSet:
    """The pictures in a folder; one that was prepared before is read as such.

    Args:
        place: the folder.
        data_dir: not used.
        preparation: a `Preparation`.

    Returns:
        A `FileCollection` or `PreparedSet`.

    Raises:
        UserError: no folder, no picture in it, or labels that cannot be used.
    """
    if is_prepared(place):
        return PreparedSet(place)
    root = Path(place)
    if not root.is_dir():
        raise UserError(f"no such folder: {place}")
    left_out, sizes = LeftOut(), {}
    for path, status in walk(root, left_out):
        sizes[path.relative_to(root).as_posix()] = (status.st_size, status.st_mtime_ns)
    collection = FileCollection(f"folder:{place}", sorted(sizes), partial(locate, str(root)), left_out=left_out)
    if not sizes:
        raise UserError(f"{place} holds no images ({', '.join(sorted(SUFFIXES))})")
    digest = hashlib.sha256(str(root.absolute()).encode("utf-8", "surrogateescape"))
    for name in collection.names:
        digest.update(repr((name, sizes[name])).encode())
    for name in FILES:
        digest.update(read_beside(root, name) or b"")
    collection.fingerprint = digest.hexdigest()
    label(collection, partial(read_beside, root), preparation.label_column)
    return collection


def label(collection: FileCollection, read: Callable[[str], bytes | None], column: str | None) -> None:
    """Give a collection its splits and labels, from a CSV file where there is one, else from its folders."""
    read_folders(collection)
    values = read_label_column(read, column)
    if values is not None:
        apply_labels(collection, values, column)


def is_picture(name: str) -> bool:
    """Whether a file's name is a picture's; what macOS puts beside pictures ("._a.jpg", in "__MACOSX") is none."""
    return (
        os.path.splitext(name)[1].lower() in SUFFIXES
        and not os.path.basename(name).startswith("._")
        and "__MACOSX" not in name
    )


def locate(root: str, name: str) -> str:
    return os.path.join(root, name)


def read_beside(root: Path, name: str) -> bytes | None:
    """The bytes of a file in a folder, or None where there is none."""
    try:
        return (root / name).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"{root / name} cannot be read: {error.strerror}") from error


def walk(root: Path, left_out: LeftOut) -> Iterator[tuple[Path, os.stat_result]]:
    """Yields the image files below a folder with their status.

    Links are followed, but no folder is read twice: a loop of links is left out.
    """
    seen, folders = set(), [root]
    while folders:
        folder = folders.pop()
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in seen:
                left_out.add("links to a folder already read", str(folder.relative_to(root)))
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            left_out.add("is a folder that cannot be read", str(folder.relative_to(root)), error.strerror)
            continue
        for entry in entries:
            path = Path(entry.path)
            try:
                status = entry.stat()
            except OSError as error:
                if is_picture(entry.name) or entry.is_symlink():
                    left_out.add(UNREADABLE, str(path.relative_to(root)), error.strerror)
                continue
            if stat.S_ISDIR(status.st_mode):
                folders.append(path)
            elif is_picture(entry.name):
                yield path, status
