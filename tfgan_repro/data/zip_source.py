"""Pictures in a ZIP archive, read in place: nothing is unpacked."""

import hashlib
import os
import zipfile
from functools import partial
from pathlib import Path

from tfgan_repro.data.collection import FileCollection
from tfgan_repro.data.folder_source import is_picture, label
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.treatment import ZipMember
from tfgan_repro.decoding import SUFFIXES
from tfgan_repro.errors import UserError

MAX_LABELS = 2**28  # bytes of a CSV file


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
    try:
        status = os.stat(place)
        with zipfile.ZipFile(place) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except (OSError, zipfile.BadZipFile) as error:
        raise UserError(f"{place} cannot be read as a ZIP archive: {getattr(error, 'strerror', error)}") from error
    names = sorted({member.filename for member in members if is_picture(member.filename)})
    if not names:
        raise UserError(f"{place} holds no images ({', '.join(sorted(SUFFIXES))})")
    path = os.path.abspath(place)
    collection = FileCollection(f"zip:{place}", names, partial(ZipMember, path))
    collection.fingerprint = hashlib.sha256(repr((path, status.st_size, status.st_mtime_ns)).encode()).hexdigest()
    label(collection, partial(read_beside, path, members), preparation.label_column)
    return collection


def read_beside(path: str, members: list[zipfile.ZipInfo], name: str) -> bytes | None:
    """The bytes of the CSV file of a name, which lies at the top or in one folder, or None where there is none."""
    found = [member for member in members if Path(member.filename).name == name and member.filename.count("/") < 2]
    if not found:
        return None
    if found[0].file_size > MAX_LABELS:
        raise UserError(f"{name} in {path} is larger than {MAX_LABELS >> 20} MB")
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read(found[0])
    except Exception as error:  # damage makes `zipfile` raise anything
        raise UserError(f"{name} in {path} cannot be read: {error}") from error
