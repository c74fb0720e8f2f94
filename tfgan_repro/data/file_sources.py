"""Pictures in files: in a folder and the folders below it, or in a ZIP archive, which is read in place."""

import os
from collections.abc import Callable
from functools import partial

from tfgan_repro.data.collection import FileCollection, digest
from tfgan_repro.data.labelling import label
from tfgan_repro.data.prepared import PreparedSet, is_prepared
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.errors import UserError
from tfgan_repro.image_files import FoundFiles, Unreadable, find_in_archive, find_in_folder, read_file


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
        found.file,
        left_out=found.left_out,
        version=digest(os.path.abspath(place), stamps),
    )
    label(collection, tables_of(found), preparation.label_column)
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
    found, status = find_in_archive(place), os.stat(place)
    collection = FileCollection(
        f"zip:{place}",
        list(found.pictures),
        found.file,
        left_out=found.left_out,
        version=digest(os.path.abspath(place), status.st_size, status.st_mtime_ns),
    )
    label(collection, tables_of(found), preparation.label_column)
    return collection


def tables_of(found: FoundFiles) -> dict[str, Callable[[], bytes]]:
    """What reads each file beside the pictures that may be a table of labels."""
    return {name: partial(read_table, found, name) for name in found.tables}


def read_table(found: FoundFiles, name: str) -> bytes:
    file = found.file(name)
    try:
        return read_file(file)
    except Unreadable as error:
        raise UserError(f"{file} cannot be read ({error})") from error
