"""What a set says about itself, and the fingerprint by which a resumed run knows its pictures."""

import json
from dataclasses import replace

import numpy as np

from tfgan_repro.data import SOURCES, load_pictures
from tfgan_repro.data.description import DataDescription, fingerprint_differences
from tfgan_repro.data.pictures import Pictures

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)
PICTURES = Pictures("any", "train", IMAGES, np.array([0, 1, 0, 1, 0, 1], np.int32), ("cat", "dog"))


def changes(pictures):
    """The differences from `PICTURES`, whose fingerprint has been written and read as JSON."""
    return fingerprint_differences(json.loads(json.dumps(PICTURES.fingerprint())), pictures.fingerprint())


def test_the_same_pictures_have_one_fingerprint_wherever_they_are():
    assert changes(replace(PICTURES, name="folder:elsewhere", images=IMAGES.copy())) == []


def test_every_change_is_told():
    other = IMAGES.copy()
    other[3, 2, 2, 0] ^= 1
    assert changes(replace(PICTURES, images=other)) == ["other pixels or labels in as many pictures"]
    assert changes(replace(PICTURES, images=IMAGES[::-1])) == ["other pixels or labels in as many pictures"]
    assert changes(replace(PICTURES, labels=PICTURES.labels[[1, 0, 2, 3, 4, 5]])) != []
    assert changes(replace(PICTURES, class_names=("dog", "cat"))) == ["2 classes in another order, instead of 2"]
    more = replace(PICTURES, class_names=("cat", "dog", "eel"), labels=np.array([0, 1, 2, 1, 0, 1], np.int32))
    assert changes(more)[0] == "3 classes with eel, instead of 2"
    assert changes(replace(PICTURES, images=IMAGES[:5], labels=PICTURES.labels[:5]))[0] == "5 pictures instead of 6"
    assert "images of shape (8, 8, 1) instead of (8, 8, 3)" in changes(replace(PICTURES, images=IMAGES[..., :1]))
    prepared = DataDescription("any", {"train": 6}, (8, 8, 3), preparation={"crop": "face"})
    assert changes(replace(PICTURES, understood=prepared)) == ["prepared with {'crop': 'face'} instead of the defaults"]


def test_parts_that_were_not_recorded_are_not_compared():
    assert fingerprint_differences({"count": 6}, PICTURES.fingerprint()) == []


def test_a_description_is_two_lines():
    text = str(load_pictures("shapes", "test").description).splitlines()
    assert len(text) == 2 and "32x32 RGB" in text[0] and text[1].startswith("10 classes: disc 200, ")


def test_names_that_are_no_text_are_escaped():
    description = DataDescription("folder:caf\udce9", {"train": 6}, (8, 8, 1), labels="new\nline.png lies beside cats")
    text = str(description)
    text.encode()
    assert text.splitlines() == [
        "folder:caf\\udce9: 6 training pictures, 8x8 grey",
        "no classes: new\\nline.png lies beside cats",
    ]


def test_absolute_names_mean_the_same_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert SOURCES.absolute("folder:a/../faces/") == f"folder:{tmp_path / 'faces'}"
    assert SOURCES.absolute("npz:a.npz") == f"npz:{tmp_path / 'a.npz'}"
    assert [SOURCES.absolute(name) for name in ("shapes", "tfds:mnist")] == ["shapes", "tfds:mnist"]
