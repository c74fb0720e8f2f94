"""Prepared pictures on disk: the same as in memory, whole or absent."""

import itertools
import json
import os
import shutil
import threading

import numpy as np
import pytest
import tensorflow as tf
from conftest import tiny_config
from pictures import noise

from tfgan_repro.data import load_pictures, loading, open_collection, record_writer
from tfgan_repro.data.parallel import threads
from tfgan_repro.data.pipeline import training_batches
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.pictures import RecordPictures
from tfgan_repro.data.reading import read_collection, resolve
from tfgan_repro.data.record_writer import RecordWriter
from tfgan_repro.errors import UserError
from tfgan_repro.training.session import resume, train


@pytest.fixture
def folder(tmp_path):
    """Sixty pictures of two classes."""
    for index in range(60):
        path = tmp_path / "pictures" / ("b" if index % 3 else "a") / f"{index:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        noise(index).save(path)
    return tmp_path / "pictures"


def write(folder, out, **choices):
    preparation = Preparation(image_size=16, test_percent=25, **choices)
    collection = open_collection(f"folder:{folder}", None, preparation)
    preparation = resolve(collection, preparation)
    with RecordWriter(out, collection, preparation) as writer:
        writer.finish(read_collection(collection, preparation, writer.add, threads))
    return out


def batches(pictures, start=0, count=12):
    dataset = training_batches(pictures, 8, seed=5, flip=True, start=start, labels=True)
    return [(images.numpy(), labels.numpy()) for images, labels in itertools.islice(dataset, count)]


def same(first, second):
    assert len(first) == len(second)
    return all(np.array_equal(a, b) for pair in zip(first, second) for a, b in zip(*pair))


def test_pictures_in_memory_and_on_disk_give_the_same_batches(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(record_writer, "SHARD_BYTES", 5000)
    memory = load_pictures(f"folder:{folder}", "train", None, 16, Preparation(test_percent=25))
    written = load_pictures(f"prepared:{write(folder, tmp_path / 'out')}")
    assert not isinstance(written, RecordPictures)
    np.testing.assert_array_equal(written.images, memory.images)
    monkeypatch.setattr(loading, "MEMORY_LIMIT", 10_000)
    loading._latest.clear()
    cached = load_pictures(f"folder:{folder}", "train", None, 16, Preparation(test_percent=25))
    assert "60 pictures are too many for memory; prepared once" in capsys.readouterr().err
    for streamed in (*(load_pictures(f"{kind}:{tmp_path / 'out'}") for kind in ("prepared", "folder")), cached):
        assert isinstance(streamed, RecordPictures) and len(streamed.files) > 3
        assert same(batches(memory), batches(streamed))
        # A resumed run starts in the middle, over an epoch's end.
        assert same(batches(memory)[7:], batches(streamed, start=7, count=5))
        assert streamed.class_names == ("a", "b")
    # The next process finds what was prepared.
    loading._latest.clear()
    load_pictures(f"folder:{folder}", "test", None, 16, Preparation(test_percent=25))
    assert capsys.readouterr().err == ""


def test_scores_read_pictures_on_disk(folder, tmp_path, monkeypatch):
    from tfgan_repro.metrics.embedded import EmbeddedExtractor
    from tfgan_repro.metrics.score import Reference

    write(folder, tmp_path / "out")
    memory, scores = load_pictures(f"prepared:{tmp_path / 'out'}"), []
    for limit in (loading.MEMORY_LIMIT, 0):
        monkeypatch.setattr(loading, "MEMORY_LIMIT", limit)
        train, test = (load_pictures(f"prepared:{tmp_path / 'out'}", split) for split in ("train", "test"))
        assert isinstance(train, RecordPictures) == (limit == 0)
        reference = Reference(EmbeddedExtractor(), test, 10, train)
        scores.append(reference.score(memory.images[:10])["value"])
    assert scores[0] == scores[1]
    assert train.digest() != train.take([0, 1]).digest() != test.digest()
    # Scores ask for the digest several times; the set may have gigabytes.
    monkeypatch.setattr(RecordPictures, "read", None)
    assert train.digest() and test.digest()


def test_other_programs_can_read_the_records(folder, tmp_path, shards=1):
    out = write(folder, tmp_path / "out")
    pictures = load_pictures(f"prepared:{out}")
    features = {"image": tf.io.FixedLenFeature([], tf.string), "label": tf.io.FixedLenFeature([], tf.int64)}
    files = tf.data.TFRecordDataset(sorted(map(str, out.glob("train-*.tfrecord")))[:shards])
    read = [tf.io.parse_single_example(record, features) for record in files]
    images = [tf.reshape(tf.io.decode_raw(example["image"], tf.uint8), (16, 16, 3)).numpy() for example in read]
    np.testing.assert_array_equal(images, pictures.images)
    np.testing.assert_array_equal([int(example["label"]) for example in read], pictures.labels)


def test_records_have_the_numbers_of_the_classes_that_are_left(folder, tmp_path, monkeypatch):
    (folder / "aa").mkdir()
    (folder / "aa" / "broken.png").write_bytes(b"none")
    monkeypatch.setattr(record_writer, "SHARD_BYTES", 5000)
    test_other_programs_can_read_the_records(folder, tmp_path, shards=99)
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["class_names"] == ["a", "b"] and sum(report["classes"]["train"].values()) == report["kept"]["train"]
    names = {entry.name for entry in (tmp_path / "out").iterdir()}
    assert names == {"report.json", "index.npz", *report["records"]["bytes"]}


def test_the_report_counts(folder, tmp_path):
    shutil.copy(folder / "a" / "00.png", folder / "a" / "copy.png")
    noise(0, (30, 30)).save(folder / "a" / "larger.png")
    (folder / "b" / "broken\n\u263a.jpg").write_bytes(b"none")
    out = write(folder, tmp_path / "out", duplicates="near")
    report = json.loads((out / "report.json").read_text())
    splits = [load_pictures(f"prepared:{out}", split) for split in ("train", "test")]
    images = np.concatenate([pictures.images for pictures in splits])
    assert report["kept"] == {"train": len(splits[0]), "test": len(splits[1])} and len(images) == 60
    assert report["left_out"] == {
        "is a copy": {"count": 1, "first": ["a/copy.png: of a/00.png"]},
        "is nearly a copy": {"count": 1, "first": ["a/larger.png: of a/00.png"]},
        "cannot be decoded": {"count": 1, "first": ["b/broken\n\u263a.jpg: cannot identify image file"]},
    }
    np.testing.assert_allclose(report["pixel_mean"], images.mean(axis=(0, 1, 2)), atol=1e-3)
    np.testing.assert_allclose(report["pixel_spread"], images.std(axis=(0, 1, 2)), atol=1e-3)
    counts = np.sum([np.bincount(pictures.labels) for pictures in splits], axis=0)
    assert counts.tolist() == [20, 40] and report["classes"]["train"]["a"] == int((splits[0].labels == 0).sum())
    assert report["preparation"]["colours"] == "rgb"


def test_what_an_earlier_version_has_prepared_is_read_and_described(folder, tmp_path, monkeypatch):
    out = write(folder, tmp_path / "out")
    fingerprint = load_pictures(f"prepared:{out}").fingerprint()
    report = json.loads((out / "report.json").read_text())
    for name in ("content", "understood"):
        del report[name]
    (out / "report.json").write_text(json.dumps(report))
    monkeypatch.setattr(loading, "MEMORY_LIMIT", 0)
    pictures = load_pictures(f"prepared:{out}")
    assert isinstance(pictures, RecordPictures) and pictures.fingerprint() == fingerprint
    assert str(pictures.description).splitlines()[1].startswith("2 classes: a ")


def test_options_that_differ_from_those_of_the_preparation_are_refused(folder, tmp_path):
    out = write(folder, tmp_path / "out", crop="face")
    load_pictures(f"prepared:{out}", "train", None, 16, Preparation(crop="face"))
    with pytest.raises(UserError, match=r'--crop head: .*out was prepared with "face"; prepare the pictures again'):
        load_pictures(f"prepared:{out}", "train", None, None, Preparation(crop="head"))
    with pytest.raises(UserError, match="--image-size 32: .*out was prepared with 16"):
        load_pictures(f"prepared:{out}", "train", None, 32)


def test_without_tensorflow_a_small_set_is_not_said_to_be_too_large(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(record_writer, "can_be_written", lambda: False)
    with pytest.raises(UserError, match="^folder:.*: prepared pictures are written by TensorFlow, which is not"):
        RecordWriter(tmp_path / "out", open_collection(f"folder:{folder}"), Preparation())


def test_nothing_is_left_of_what_was_interrupted(folder, tmp_path):
    collection = open_collection(f"folder:{folder}")
    out = tmp_path / "made" / "out"
    with pytest.raises(KeyboardInterrupt):
        with RecordWriter(out, collection, Preparation()) as writer:
            writer.add("train", np.zeros((4, 4, 3), np.uint8), -1)
            raise KeyboardInterrupt
    assert list(out.parent.iterdir()) == []
    # What a killed process leaves is removed by the next one; what a living one writes is not.
    with RecordWriter(out, collection, Preparation()) as writer:
        with pytest.raises(UserError, match="is being prepared by another process"):
            RecordWriter(out, collection, Preparation()).__enter__()
        hidden = writer.hidden
        shutil.copytree(hidden, tmp_path / "kept")
    os.rename(tmp_path / "kept", hidden)
    (hidden / "train-00099.tfrecord").write_text("half")
    write(folder, out)
    assert sorted(entry.name for entry in out.parent.iterdir()) == ["out"]
    assert not (out / "train-00099.tfrecord").exists()
    with pytest.raises(UserError, match="out exists already"):
        write(folder, out)


@pytest.mark.parametrize("finishes", [True, False])
def test_a_training_waits_for_the_pictures_that_another_prepares(folder, monkeypatch, finishes):
    first = []

    class Second(RecordWriter):
        def __enter__(self):
            if not first:
                first.append(RecordWriter(self.path, self.collection, self.preparation).__enter__())
            return super().__enter__()

    def meanwhile(seconds):
        if finishes:
            first[0].finish(read_collection(first[0].collection, first[0].preparation, first[0].add, threads))
        first[0].__exit__()

    monkeypatch.setattr(loading, "MEMORY_LIMIT", 0)
    monkeypatch.setattr(loading, "RecordWriter", Second)
    monkeypatch.setattr(loading.time, "sleep", meanwhile)
    pictures = load_pictures(f"folder:{folder}", image_size=16)
    assert isinstance(pictures, RecordPictures) and len(first) == 1
    assert [entry.name for entry in first[0].path.parent.iterdir()] == [first[0].path.name]
    assert not (first[0].path / ".lock").exists()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda out: (out / "index.npz").write_bytes(b"PK"), "out is damaged .*; remove it and prepare"),
        (lambda out: os.truncate(out / "train-00000.tfrecord", 100), "has 100 bytes instead of"),
        (lambda out: (out / "train-00000.tfrecord").unlink(), "out is damaged .*; remove it and prepare"),
        (lambda out: (out / "report.json").write_text("{}"), "report.json is damaged"),
        (lambda out: (out / "report.json").unlink(), "out is not a prepared data set"),
    ],
)
def test_damage_is_told_before_training(folder, tmp_path, damage, message):
    out = write(folder, tmp_path / "out")
    damage(out)
    with pytest.raises(UserError, match=message):
        load_pictures(f"prepared:{out}")


def test_a_full_disk_is_one_line(folder, tmp_path, monkeypatch):
    def refuse(*arguments, **arrays):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(record_writer.np, "savez", refuse)
    with pytest.raises(UserError, match="out cannot be written: No space left on device"):
        write(folder, tmp_path / "out")
    assert [entry.name for entry in tmp_path.iterdir() if "cache" not in entry.name] == ["pictures"]


def test_a_disk_that_fails_in_a_training_is_one_line_and_the_run_goes_on_later(folder, tmp_path, monkeypatch):
    """TensorFlow, which asks for the pictures, raises an error of its own with a traceback for a message."""
    out, run = write(folder, tmp_path / "out"), tmp_path / "run"

    def fail_later(*arguments):
        of_the_pipeline = threading.current_thread() is not threading.main_thread()
        if of_the_pipeline and (run / "checkpoints" / "step_00000002").exists():
            raise OSError(5, "Input/output error")
        return preadv(*arguments)

    monkeypatch.setattr(loading, "MEMORY_LIMIT", 10_000)
    preadv = os.preadv
    monkeypatch.setattr(os, "preadv", fail_later)
    config = tiny_config(model="dcgan", dataset=f"prepared:{out}", run_dir=str(run), steps=40)
    with pytest.raises(UserError, match="train-00000.tfrecord cannot be read: Input/output error") as told:
        train(config)
    assert "Traceback" not in str(told.value)
    monkeypatch.setattr(os, "preadv", preadv)
    # The run that was cut off holds what it had, and does not hold its directory.
    assert resume(run, {}).step == 40
