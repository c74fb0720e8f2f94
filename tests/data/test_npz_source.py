"""Sets that come as .npz files, and exports, which are such files."""

import tracemalloc

import numpy as np
import pytest

from tfgan_repro.data import load_pictures, loading
from tfgan_repro.data.export import export
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.pictures import Pictures, RecordPictures
from tfgan_repro.errors import UserError

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (60, 8, 8, 3), dtype=np.uint8)
LABELS = RANDOM.integers(0, 3, 60)


def npz(path, **arrays):
    np.savez(path, **arrays)
    return f"npz:{path}"


@pytest.mark.parametrize(("images", "labels"), [("images", "labels"), ("x", "y"), ("train_images", "train_labels")])
def test_an_npz_file_is_split_by_content(tmp_path, images, labels):
    name = npz(tmp_path / "a.npz", **{images: IMAGES, labels: LABELS[:, None]})
    train, test = (load_pictures(name, split, preparation=Preparation(test_percent=30)) for split in ("train", "test"))
    assert len(train) + len(test) == 60 and 5 < len(test) < 35
    number = {image.tobytes(): index for index, image in enumerate(IMAGES)}
    for pictures in (train, test):
        rows = [number[image.tobytes()] for image in pictures.images]
        assert rows == sorted(rows)
        np.testing.assert_array_equal(pictures.labels, LABELS[rows])
        assert pictures.class_names == ("0", "1", "2")


def test_splits_of_its_own_and_words_as_labels(tmp_path):
    words = np.array(["cat", "ant", "bee"])[LABELS]
    grey = IMAGES[..., 0]
    name = npz(tmp_path / "a.npz", x_train=grey[:40], y_train=words[:40], x_test=grey[40:], y_test=words[40:])
    train, test = load_pictures(name), load_pictures(name, "test")
    np.testing.assert_array_equal(train.images, IMAGES[:40, ..., :1])
    assert train.class_names == ("ant", "bee", "cat")
    assert [test.class_names[label] for label in test.labels] == words[40:].tolist()


def test_given_names_are_used(tmp_path):
    name = npz(tmp_path / "a.npz", images=IMAGES, labels=LABELS, class_names=["p", "q", "r", "s"])
    assert load_pictures(name).class_names == ("p", "q", "r", "s")
    as_bytes = npz(tmp_path / "c.npz", images=IMAGES, labels=LABELS, class_names=[b"p", b"q", b"r"])
    assert load_pictures(as_bytes).class_names == ("p", "q", "r")
    accents = npz(tmp_path / "d.npz", images=IMAGES, labels=LABELS, class_names=[b"p", "\u00e9".encode(), b"\xe9"])
    assert load_pictures(accents).class_names == ("p", "\u00e9", r"\xe9")
    with pytest.raises(UserError, match="the label 2 is of none of the 2 classes that are named"):
        load_pictures(npz(tmp_path / "b.npz", images=IMAGES, labels=LABELS, class_names=["p", "q"]))
    with pytest.raises(UserError, match="two classes are called p"):
        load_pictures(npz(tmp_path / "e.npz", images=IMAGES, labels=LABELS, class_names=["p", "q", "p"]))


def test_words_are_found_among_given_names(tmp_path):
    words = np.array(["cat", "ant", "bee"])[LABELS]
    pictures = load_pictures(npz(tmp_path / "a.npz", images=IMAGES, labels=words, class_names=["bee", "cat", "ant"]))
    numbers = load_pictures(npz(tmp_path / "b.npz", images=IMAGES, labels=LABELS))
    assert pictures.class_names == ("bee", "cat", "ant")
    np.testing.assert_array_equal(pictures.labels, np.array([1, 2, 0])[numbers.labels])


def test_numbers_with_and_without_a_sign_are_the_same_classes(tmp_path):
    unsigned = LABELS[:40].astype(np.uint64)
    name = npz(tmp_path / "a.npz", x_train=IMAGES[:40], y_train=unsigned, x_test=IMAGES[40:], y_test=LABELS[40:])
    assert load_pictures(name).class_names == ("0", "1", "2")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pixels": IMAGES}, "holds no images under a name that is known .*; it holds pixels"),
        ({"images": IMAGES / 255}, "images must be uint8 with values 0 to 255, not float64"),
        ({"images": IMAGES.transpose(0, 3, 1, 2)}, r"expected images .*, received shape \(60, 3, 8, 8\)"),
        ({"images": IMAGES, "labels": LABELS[:5]}, r"expected 60 labels, received int64 of shape \(5,\)"),
        ({"images": IMAGES, "labels": LABELS / 2}, "expected 60 labels, received float64"),
    ],
)
def test_arrays_that_do_not_fit_are_named(tmp_path, arrays, message):
    with pytest.raises(UserError, match=message):
        load_pictures(npz(tmp_path / "a.npz", **arrays))


def test_damaged_files_are_named(tmp_path):
    with pytest.raises(UserError, match="no such file: .*a.npz"):
        load_pictures(f"npz:{tmp_path / 'a.npz'}")
    name = npz(tmp_path / "a.npz", images=IMAGES)
    content = bytearray((tmp_path / "a.npz").read_bytes())
    content[1000] ^= 255
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(UserError, match="a.npz cannot be read as .npz: Bad CRC-32"):
        load_pictures(name)
    with pytest.raises(UserError, match="--label-column Male: .*a.npz has no such columns"):
        load_pictures(name, preparation=Preparation(label_column="Male"))


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_large_file_is_streamed(tmp_path, monkeypatch, order):
    name = npz(tmp_path / "a.npz", images=np.asarray(IMAGES, order=order), labels=LABELS)
    memory = load_pictures(name)
    monkeypatch.setattr(loading, "MEMORY_LIMIT", 1000)
    streamed = load_pictures(name)
    assert isinstance(streamed, RecordPictures)
    np.testing.assert_array_equal(streamed.read(np.arange(len(streamed))), memory.images)
    np.testing.assert_array_equal(streamed.labels, memory.labels)


def test_images_are_resized_as_they_are_read(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (200, 64, 64, 3), np.uint8)
    name = npz(tmp_path / "a.npz", images=images)
    tracemalloc.start()
    splits = [load_pictures(name, split, image_size=8) for split in ("train", "test")]
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < images.nbytes / 2
    whole = {image.tobytes() for image in Pictures("whole", "train", images).resized(8).images}
    assert {image.tobytes() for split in splits for image in split.images} == whole


def test_options_that_look_at_single_pictures(tmp_path):
    doubled = np.concatenate([IMAGES, IMAGES])
    name = npz(tmp_path / "a.npz", images=doubled)
    grey = [load_pictures(name, split, preparation=Preparation(colours="grey")) for split in ("train", "test")]
    assert grey[0].image_shape == (8, 8, 1) and sum(map(len, grey)) == 120
    once = [load_pictures(name, split, preparation=Preparation(duplicates="exact")) for split in ("train", "test")]
    assert sum(map(len, once)) == 60
    wide = npz(tmp_path / "b.npz", images=np.repeat(IMAGES, 2, axis=2))
    assert load_pictures(wide).image_shape == (8, 16, 3)
    np.testing.assert_array_equal(load_pictures(wide, image_size=8).images[0], np.repeat(IMAGES, 2, axis=2)[0][:, 4:12])


@pytest.mark.parametrize("limit", [10**9, 100])
def test_an_export_comes_back(tmp_path, monkeypatch, limit):
    name = npz(tmp_path / "a.npz", images=IMAGES, labels=LABELS, class_names=["p", "q", "r"])
    monkeypatch.setattr(loading, "MEMORY_LIMIT", limit)
    export(name, tmp_path / "both.npz", ("train", "test"))
    export(name, tmp_path / "test.npz", ("test",))
    monkeypatch.setattr(loading, "MEMORY_LIMIT", 10**9)
    for split in ("train", "test"):
        first, second = load_pictures(name, split), load_pictures(f"npz:{tmp_path / 'both.npz'}", split)
        np.testing.assert_array_equal(first.images, second.images)
        np.testing.assert_array_equal(first.labels, second.labels)
        assert second.class_names == ("p", "q", "r")
    with np.load(tmp_path / "test.npz") as arrays:
        assert set(arrays) == {"images", "labels", "class_names"}
        np.testing.assert_array_equal(arrays["images"], first.images)


def test_arrays_are_kept_in_memory_by_the_size_they_will_have(tmp_path, monkeypatch):
    name = npz(tmp_path / "a.npz", images=IMAGES)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("tfgan_repro.data.loading.MEMORY_LIMIT", 2 * IMAGES.nbytes)
    assert isinstance(load_pictures(name), Pictures)
    assert isinstance(load_pictures(name, image_size=16), RecordPictures)


def test_splits_of_different_sizes_must_be_made_equal(tmp_path):
    train, test = (np.random.default_rng(0).integers(0, 256, (4, side, side, 3), np.uint8) for side in (8, 6))
    np.savez(tmp_path / "pictures.npz", x_train=train, x_test=test)
    name = f"npz:{tmp_path / 'pictures.npz'}"
    with pytest.raises(UserError, match="train/0 has 8x8 pixels, test/0 6x6; use --image-size N"):
        load_pictures(name)
    assert load_pictures(name, "test", image_size=8).image_shape == (8, 8, 3)
