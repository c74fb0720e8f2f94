"""Prepared pictures on disk: TFRecord files with an index, so that any picture is one read away.

The records hold raw pixels, which all have the same size, so that nothing is decoded in training. The index says where
in which file each picture's pixels lie: a batch of any pictures is read directly, and the order of training is the
same exact shuffle, which can be entered at any batch, as that of a set in memory. A buffer that shuffles a stream can
do neither.
"""

import contextlib
import dataclasses
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.pictures import RecordPictures
from tfgan_repro.data.summary import Summary
from tfgan_repro.errors import UserError
from tfgan_repro.files import write_json

if TYPE_CHECKING:
    from tfgan_repro.data.collection import Collection

FORMAT = 1
REPORT, INDEX = "report.json", "index.npz"
SHARD_BYTES = 2**29
# A record of a TFRecord file: its length (8 bytes) and that length's checksum (4), its content, a checksum (4).
BEFORE, AFTER = 12, 4
COLUMNS = {"shard": np.int32, "offset": np.int64, "label": np.int32}


def is_prepared(path: Path | str) -> bool:
    """Whether a path is a directory that a `RecordWriter` has written."""
    return all((Path(path) / name).is_file() for name in (REPORT, INDEX))


class RecordWriter:
    """Writes prepared pictures into a directory that appears whole, when `finish` was called, or not at all.

    Args:
        path: the directory, which must not exist.
        collection: that the pictures come from.
        preparation: the `Preparation`, with its colours and duplicates resolved.

    Raises:
        UserError: the directory exists, is being written by another process, or cannot be written; TensorFlow, which
            writes records, is not installed.
    """

    def __init__(self, path: Path | str, collection: "Collection", preparation: Preparation) -> None:
        if not importlib.util.find_spec("tensorflow"):
            raise UserError(
                f"{collection.name} is too large for memory, and the records that it is prepared into are written by "
                "TensorFlow, which is not installed; prepare it where it is, or choose a smaller --image-size"
            )
        self.path, self.collection, self.preparation = Path(path), collection, preparation
        # A name of its own length, because the directory's may have all the characters that a name can have.
        self.hidden = self.path.parent / f".preparing-{hashlib.sha256(self.path.name.encode()).hexdigest()[:16]}"
        self.columns: dict[str, dict] = {split: {name: [] for name in COLUMNS} for split in ("train", "test")}
        self.writers: dict[str, Any] = {}
        self.positions: dict[str, int] = {}
        self.shards: dict[str, list] = {"train": [], "test": []}

    def __enter__(self) -> "RecordWriter":
        check_free(self.path)
        with mendable(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.hidden.mkdir(exist_ok=True)
            self.lock = os.open(self.hidden, os.O_RDONLY)
            try:
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(self.lock)
                raise UserError(f"{self.path} is being prepared by another process") from None
            # What a killed process has left behind.
            for entry in self.hidden.iterdir():
                entry.unlink()
        return self

    def __exit__(self, *error: Any) -> None:
        for writer in self.writers.values():
            with contextlib.suppress(Exception):
                writer.close()
        if self.hidden.exists():
            shutil.rmtree(self.hidden, ignore_errors=True)
        os.close(self.lock)

    def add(self, split: str, pixels: np.ndarray, label: int) -> None:
        """Write a picture; see `preparing.prepare`."""
        import tensorflow as tf

        content = pixels.tobytes()
        features = {"image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[content]))}
        if label >= 0:
            features["label"] = tf.train.Feature(int64_list=tf.train.Int64List(value=[label]))
        record = tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()
        with mendable(self.path):
            if split not in self.writers or self.positions[split] + len(record) > SHARD_BYTES:
                self.open_shard(split)
            self.writers[split].write(record)
        row = len(self.shards[split]) - 1, self.positions[split] + BEFORE + record.index(content), label
        for name, value in zip(COLUMNS, row, strict=True):
            self.columns[split][name].append(value)
        self.positions[split] += BEFORE + len(record) + AFTER

    def open_shard(self, split: str) -> None:
        import tensorflow as tf

        if split in self.writers:
            self.writers[split].close()
        name = f"{split}-{len(self.shards[split]):05d}.tfrecord"
        self.writers[split] = tf.io.TFRecordWriter(str(self.hidden / name))
        self.shards[split].append(name)
        self.positions[split] = 0

    def finish(self, summary: Summary) -> None:
        """Write the index and the report, and let the directory appear.

        Args:
            summary: the `Summary` of the preparation.
        """
        with mendable(self.path):
            for writer in self.writers.values():
                writer.close()
            arrays = {
                f"{split}_{name}": np.array(self.columns[split][name], kind)
                for split in self.columns
                for name, kind in COLUMNS.items()
            }
            # NumPy's hints take each array for `allow_pickle`.
            np.savez(self.hidden / INDEX, **arrays)  # type: ignore[arg-type]
            write_json(self.hidden / REPORT, self.report(summary))
            for entry in self.hidden.iterdir():
                with open(entry, "rb") as file:
                    os.fsync(file.fileno())
            check_free(self.path)
            os.rename(self.hidden, self.path)

    def report(self, summary: Summary) -> dict[str, Any]:
        """What `report.json` says."""
        files = [name for names in self.shards.values() for name in names]
        return {
            "source": self.collection.name,
            "preparation": dataclasses.asdict(self.preparation),
            **summary.to_json(self.collection.class_names),
            "class_names": list(self.collection.class_names),
            "records": {
                "format": FORMAT,
                "shards": self.shards,
                "bytes": {name: (self.hidden / name).stat().st_size for name in files},
            },
        }


def check_free(path: Path) -> None:
    if os.path.lexists(path):
        raise UserError(f"{path} exists already; choose another directory, or remove it")


@contextlib.contextmanager
def mendable(path: Path) -> Iterator[None]:
    """Turns what a full disk or a missing permission raises into a `UserError`."""
    import tensorflow as tf

    try:
        yield
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error
    except tf.errors.OpError as error:
        raise UserError(f"{path} cannot be written: {error.message}") from error


def open_records(path: Path | str, split: str, name: str) -> RecordPictures:
    """The pictures of a split that a `RecordWriter` has written.

    Args:
        path: the directory.
        split: "train" or "test".
        name: of the data set.

    Returns:
        A `RecordPictures`.

    Raises:
        UserError: no such directory, or damaged.
    """
    path = Path(path)
    report = read_report(path)
    try:
        with np.load(path / INDEX, allow_pickle=False) as index:
            columns = {column: index[f"{split}_{column}"] for column in COLUMNS}
        names, sizes = report["records"]["shards"][split], report["records"]["bytes"]
        shape, class_names = tuple(map(int, report["image_shape"])), tuple(report["class_names"])
        files = [path / shard for shard in names]
        for file in files:
            if file.stat().st_size != sizes[file.name]:
                raise ValueError(f"{file.name} has {file.stat().st_size:,} bytes instead of {sizes[file.name]:,}")
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} is damaged ({' '.join(str(error).split())}); prepare it again") from error
    return RecordPictures(name, split, files, columns, shape, class_names)


def read_report(path: Path) -> dict[str, Any]:
    """The `report.json` of a prepared directory.

    Raises:
        UserError: no prepared directory, or one of another version.
    """
    if not is_prepared(path):
        raise UserError(f"{path} is no prepared data set: python -m tfgan_repro.data prepare makes one")
    try:
        report = json.loads((path / REPORT).read_text(encoding="utf-8"))
        if report["records"]["format"] != FORMAT:
            raise UserError(f"{path} was prepared by another version of tfgan-repro; prepare it again")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path / REPORT} is damaged ({error!r}); prepare the pictures again") from error
    return report
