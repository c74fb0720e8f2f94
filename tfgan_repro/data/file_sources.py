"""Pictures in files: in a folder and the folders below it, or in a ZIP archive, which is read in place."""

import os
import zipfile
from functools import partial
from pathlib import Path

from tfgan_repro.data.collection import FileCollection, digest
from tfgan_repro.data.labelling import label
from tfgan_repro.data.prepared import PreparedSet, is_prepared
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.treatment import MAX_FILE, ZipMember
from tfgan_repro.errors import UserError
from tfgan_repro.image_files import find_in_archive, find_in_folder


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
    found = find_in_folder(place)
    stamps = [(name, status.st_size, status.st_mtime_ns) for name, status in (found.pictures | found.tables).items()]
    collection = FileCollection(
        f"folder:{place}",
        list(found.pictures),
        partial(os.path.join, place),
        left_out=found.left_out,
        version=digest(os.path.abspath(place), stamps),
    )
    tables = {name: partial(read_file, Path(place) / name) for name in found.tables}
    label(collection, tables, preparation.label_column)
    return collection


def open_zip(place: str, data_dir: str | None, preparation: Preparation) -> FileCollection:
    """The pictures in a ZIP archive, as `open_folder` would find them once unpacked.

    Args:
        place: the archive.
        data_dir: not used.
        preparation: a `Preparation`.

    Returns:
        A `FileCollection`.

    Raises:
        UserError: no archive, a damaged one, one without pictures, or labels that cannot be used.
    """
    found = find_in_archive(place)
    path, status = os.path.abspath(place), os.stat(place)
    collection = FileCollection(
        f"zip:{place}",
        list(found.pictures),
        lambda name: ZipMember(path, found.pictures[name].filename),
        left_out=found.left_out,
        version=digest(path, status.st_size, status.st_mtime_ns),
    )
    tables = {name: partial(read_member, path, member) for name, member in found.tables.items()}
    label(collection, tables, preparation.label_column)
    return collection


def read_file(path: Path) -> bytes:
    """The bytes of a table of labels."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error


def read_member(archive: str, member: zipfile.ZipInfo) -> bytes:
    """The bytes of a table of labels in an archive."""
    if member.file_size > MAX_FILE:
        raise UserError(f"{member.filename} in {archive} is larger than {MAX_FILE >> 20} MB")
    try:
        with zipfile.ZipFile(archive) as file:
            return file.read(member)
    except Exception as error:  # damage makes `zipfile` raise anything
        raise UserError(f"{member.filename} in {archive} cannot be read: {error}") from error
