"""Writes directories of prepared pictures, as `prepared` reads them."""

import contextlib
import dataclasses
import hashlib
import importlib.util
import math
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from tfgan_repro.data.collection import Collection
from tfgan_repro.data.pictures import content_hash, picture_hash
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.prepared import COLUMNS, FORMAT, INDEX, REPORT
from tfgan_repro.data.summary import Summary
from tfgan_repro.errors import UserError
from tfgan_repro.files import write_json

LOCK = ".lock"
SHARD_BYTES = 2**29
# A record of a TFRecord file: its length (8 bytes) and that length's checksum (4), its content, a checksum (4).
BEFORE, AFTER = 12, 4


def can_be_written() -> bool:
    """Whether records can be written here: TensorFlow does that."""
    return importlib.util.find_spec("tensorflow") is not None


class BeingPrepared(UserError):
    """Another process is writing the directory."""


class RecordWriter:
    """Writes prepared pictures into a directory that appears whole, when `finish` was called, or not at all.

    Args:
        path: the directory, which must not exist.
        collection: that the pictures come from.
        preparation: the `Preparation`, as `reading.resolve` has returned it.

    Raises:
        UserError: the directory exists, is being written by another process, or cannot be written; TensorFlow, which
            writes records, is not installed.
    """

    def __init__(self, path: Path | str, collection: Collection, preparation: Preparation) -> None:
        if not can_be_written():
            raise UserError(
                f"{collection.name}: prepared pictures are written by TensorFlow, which is not installed; prepare them "
                "where it is, or train on them as they are: what is below 4 GB at its --image-size is kept in memory"
            )
        self.path, self.collection, self.preparation = Path(path), collection, preparation
        # A name of its own length, because the directory's may have all the characters that a name can have.
        self.hidden = self.path.parent / f".preparing-{hashlib.sha256(os.fsencode(self.path.name)).hexdigest()[:16]}"
        self.lock = FileLock(self.hidden / LOCK, timeout=0)
        self.begin()

    def begin(self) -> None:
        """Begin with the first file."""
        self.columns: dict[str, dict] = {split: {name: [] for name in COLUMNS} for split in ("train", "test")}
        self.hashes: dict[str, list[bytes]] = {"train": [], "test": []}
        self.writers: dict[str, Any] = {}
        self.positions: dict[str, int] = {}
        self.shards: dict[str, list[str]] = {"train": [], "test": []}

    def __enter__(self) -> "RecordWriter":
        check_free(self.path)
        with mendable(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.hidden.mkdir(exist_ok=True)
            try:
                self.lock.acquire()
            except Timeout:
                raise BeingPrepared(f"{self.path} is being prepared by another process") from None
            # What a killed process has left behind.
            for entry in self.hidden.iterdir():
                if entry.name != LOCK:
                    entry.unlink()
        return self

    def __exit__(self, *error: Any) -> None:
        for writer in self.writers.values():
            with contextlib.suppress(Exception):
                writer.close()
        if self.lock.is_locked:  # not after `finish`
            shutil.rmtree(self.hidden, ignore_errors=True)
            self.lock.release()

    def add(self, split: str, pixels: np.ndarray, label: int) -> None:
        """Write a picture; see `reading.read_collection`."""
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
        self.hashes[split].append(picture_hash(pixels))
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
        renumbered = summary.settle_classes()
        with mendable(self.path):
            if any(renumbered.get(label) != label for columns in self.columns.values() for label in columns["label"]):
                self.rewrite(renumbered, summary.shape)
            for writer in self.writers.values():
                writer.close()
            arrays, content = {}, {}
            for split, columns in self.columns.items():
                for name, kind in COLUMNS.items():
                    arrays[f"{split}_{name}"] = np.array(columns[name], kind)
                labels = arrays[f"{split}_label"] if summary.class_names else None
                content[split] = content_hash(self.hashes[split], labels)
            # NumPy's hints take each array for `allow_pickle`.
            np.savez(self.hidden / INDEX, **arrays)  # type: ignore[arg-type]
            write_json(self.hidden / REPORT, self.report(summary, content))
            for entry in self.hidden.iterdir():
                with open(entry, "rb") as file:
                    os.fsync(file.fileno())
            check_free(self.path)
            # Under the lock to the end: whoever waits for it removes what lies under the hidden name.
            os.rename(self.hidden, self.path)
            (self.path / LOCK).unlink(missing_ok=True)
            self.lock.release()

    def rewrite(self, renumbered: dict[int, int], shape: tuple[int, ...]) -> None:
        """Write all records anew with other labels, without those whose label has no new number."""
        for writer in self.writers.values():
            writer.close()
        columns, shards = self.columns, self.shards
        old = {name: self.hidden / f"old-{name}" for names in shards.values() for name in names}
        for name, path in old.items():
            os.rename(self.hidden / name, path)
        self.begin()
        for split, rows in columns.items():
            for shard, offset, label in zip(*rows.values(), strict=True):
                if label in renumbered:
                    pixels = np.fromfile(old[shards[split][shard]], np.uint8, math.prod(shape), offset=offset)
                    self.add(split, pixels.reshape(shape), renumbered[label])
        for path in old.values():
            path.unlink()

    def report(self, summary: Summary, content: dict[str, str]) -> dict[str, Any]:
        """What `report.json` says; `content` are the hashes of the splits."""
        understood = summary.description(self.collection.name, self.preparation)
        files = [name for names in self.shards.values() for name in names]
        return {
            "source": self.collection.name,
            "preparation": dataclasses.asdict(self.preparation),
            **summary.to_json(),
            "understood": {"labels": understood.labels, "split": understood.split},
            "content": content,
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
