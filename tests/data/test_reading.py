"""Folders as they are: odd names, loops, damaged files."""

import os

import numpy as np
import pytest
from pictures import noise

from tfgan_repro import image_files
from tfgan_repro.data import load_pictures
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.errors import UserError

LONG_NAME = "n" * 246 + ".png"
ODD_NAMES = ("with spaces.png", "new\nline.png", "\u4e2d\u6587 \U0001f600.png", "-dash.png", LONG_NAME, "q'\"$.PNG")


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "pictures"
    (root / "deep").mkdir(parents=True)
    for index, name in enumerate(ODD_NAMES):
        noise(index).save(root / name, "PNG")
    noise(90).save(os.fsencode(root) + b"/deep/\xff\xfe.png", "PNG")
    (root / "deep" / "broken.jpg").write_bytes(b"none")
    (root / "empty.png").touch()
    (root / "notes.txt").write_text("none")
    os.symlink("..", root / "deep" / "loop")
    os.symlink("gone.png", root / "dangling.png")
    os.symlink("self.png", root / "self.png")
    os.mkfifo(root / "pipe.jpg")
    return root


def load(folder, **choices):
    return load_pictures(f"folder:{folder}", "train", None, 24, Preparation(test_percent=0, **choices))


def test_odd_names_are_read_and_bad_files_are_left_out_and_named(folder, capsys):
    pictures = load(folder)
    expected = {np.asarray(noise(seed)).tobytes() for seed in (*range(len(ODD_NAMES)), 90)}
    assert {image.tobytes() for image in pictures.images} == expected
    said = capsys.readouterr().err
    for line in (
        "left out 3, each of which cannot be read (dangling.png: No such file or directory, "
        "pipe.jpg: is no regular file, self.png: Too many levels of symbolic links)",
        "left out 1, each of which links to a folder already read (deep/loop)",
        "left out 1, each of which cannot be decoded (deep/broken.jpg: cannot identify image file)",
        "left out 1, each of which is empty (empty.png)",
    ):
        assert line in said
    assert "notes.txt" not in said


def test_a_linked_folder_is_read_once(tmp_path, folder):
    os.symlink(folder, tmp_path / "link")
    assert len(load(tmp_path / "link")) == len(load(folder))
    os.symlink(folder, tmp_path / "again")
    assert len(load(tmp_path)) == len(load(folder))


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        ("self.png", "self.png cannot be read; fix it or use --on-bad-image skip|self.png.*cannot be read"),
        ("empty.png", "empty.png is empty; fix it or use --on-bad-image skip"),
        ("broken.jpg", r"deep/broken.jpg cannot be decoded \(cannot identify image file\); fix it or use"),
    ],
)
def test_bad_files_are_refused_where_that_is_asked(folder, keep, message):
    for path in (*folder.glob("*.png"), folder / "pipe.jpg", folder / "deep" / "broken.jpg"):
        if path.name in {"self.png", "dangling.png", "pipe.jpg", "empty.png", "broken.jpg"} - {keep}:
            path.unlink()
    with pytest.raises(UserError, match=message):
        load(folder, on_bad_image="fail")
    load(folder)


def test_a_folder_that_may_not_be_read_is_named(folder, monkeypatch, capsys):
    scandir = os.scandir

    def refuse(path):
        if os.path.basename(path) == "deep":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    # The tests may run as root, whom no permission stops.
    monkeypatch.setattr(image_files.os, "scandir", refuse)
    assert len(load(folder)) == len(ODD_NAMES)
    assert "is a folder that cannot be read (deep: Permission denied)" in capsys.readouterr().err


def test_long_and_odd_names_are_shortened_where_they_are_printed(folder, capsys):
    for name in (LONG_NAME, "new\nline.png"):
        (folder / name).write_bytes(b"none")
    load(folder)
    said = capsys.readouterr().err
    assert "new\\nline.png" in said and "n" * 117 + "..." in said and "n" * 120 not in said
