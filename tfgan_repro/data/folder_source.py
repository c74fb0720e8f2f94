"""Pictures in a folder and the folders below it."""

import hashlib
import os
import stat
from functools import partial
from pathlib import Path

from tfgan_repro.data.collection import Collection, read_folders
from tfgan_repro.data.labels_file import FILES, apply_labels, read_label_column
from tfgan_repro.data.loading import load_collection
from tfgan_repro.data.summary import LeftOut
from tfgan_repro.decoding import SUFFIXES
from tfgan_repro.errors import UserError


def load_folder(place, split, data_dir, preparation):
    """The pictures in a folder.

    Args:
        place: the folder.
        split: "train" or "test".
        data_dir: not used.
        preparation: a `Preparation`.

    Returns:
        A `Pictures`.

    Raises:
        UserError: no folder, too few pictures, or what `load_collection` raises.
    """
    return load_collection(open_folder(place, data_dir, preparation), split, preparation.resolved("exact"))


def open_folder(place, data_dir, preparation):
    """The `Collection` of the pictures in a folder."""
    root = Path(place)
    if not root.is_dir():
        raise UserError(f"no such folder: {place}")
    left_out, sizes = LeftOut(), {}
    for path, status in walk(root, left_out):
        sizes[path.relative_to(root).as_posix()] = (status.st_size, status.st_mtime_ns)
    collection = Collection(f"folder:{place}", sorted(sizes), partial(locate, str(root)), left_out=left_out)
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


def label(collection, read, column):
    """Give a collection its splits and labels, from a CSV file where there is one, else from its folders."""
    read_folders(collection)
    values = read_label_column(read, column)
    if values is not None:
        apply_labels(collection, values, column)


def locate(root, name):
    return os.path.join(root, name)


def read_beside(root, name):
    """The bytes of a file in a folder, or None where there is none."""
    try:
        return (root / name).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"{root / name} cannot be read: {error.strerror}") from error


def walk(root, left_out):
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
                if path.suffix.lower() in SUFFIXES or entry.is_symlink():
                    left_out.add("cannot be read", str(path.relative_to(root)), error.strerror)
                continue
            if stat.S_ISDIR(status.st_mode):
                folders.append(path)
            elif path.suffix.lower() in SUFFIXES:
                yield path, status
