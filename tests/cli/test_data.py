"""`python -m tfgan_repro.data` in processes of its own."""

import json
import os
import signal
import subprocess
import sys
import time

import forked
import numpy as np
import pytest
from conftest import PYTHON_PATH
from PIL import Image

from tfgan_repro.cli.data import main
from tfgan_repro.data import load_pictures
from tfgan_repro.errors import UserError
from tfgan_repro.report.grids import read_png


def words_of(*words):
    return [sys.executable, "-m", "tfgan_repro.data", *map(str, words)]


def run(*words):
    return forked.run(words_of(*words), env={**os.environ, "PYTHONPATH": PYTHON_PATH})


@pytest.fixture
def folder(tmp_path):
    random = np.random.default_rng(0)
    (tmp_path / "pictures").mkdir()
    for index in range(70):
        pixels = random.integers(0, 256, (40, 30, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "pictures" / f"{index:02d}.jpg")
    (tmp_path / "pictures" / "broken.jpg").write_bytes(b"none")
    return tmp_path / "pictures"


def test_prepare_leaves_records_a_report_and_a_contact_sheet(folder, tmp_path):
    out = tmp_path / "out"
    done = run("prepare", folder, out, "--image-size", 16, "--crop", "face")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1:] == [str(out / "report.json"), str(out / "contact_sheet.png")]
    assert "pictures 71/71" in done.stderr and "left out 1, each of which cannot be decoded" in done.stderr
    # Worker processes do what threads do when the folder is trained on directly.
    from tfgan_repro.data.preparation import Preparation

    for split in ("train", "test"):
        direct = load_pictures(f"folder:{folder}", split, None, 16, Preparation(crop="face"))
        np.testing.assert_array_equal(load_pictures(f"prepared:{out}", split).images, direct.images)
    assert read_png(out / "contact_sheet.png").shape == (3 * (8 * 18 + 2), 3 * (9 * 18 + 2), 3)
    assert json.loads((out / "report.json").read_text())["preparation"]["crop"] == "face"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_nothing(folder, tmp_path, number):
    for index in range(4000):
        os.link(folder / "00.jpg", folder / f"more{index}.jpg")
    out = tmp_path / "made" / "out"
    process = subprocess.Popen(
        words_of("prepare", folder, out, "--image-size", 400, "--duplicates", "keep"),
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": PYTHON_PATH},
        # A shell starts what runs in its background with this signal ignored.
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),
    )
    while not list(tmp_path.glob("made/.preparing-*/*.tfrecord")):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    process.send_signal(number)
    stderr = process.communicate(timeout=120)[1].decode()
    assert process.returncode == (130 if number == signal.SIGINT else 143), stderr
    assert list(out.parent.iterdir()) == []
    assert "Traceback" not in stderr


def test_pictures_may_be_larger_than_a_network_of_the_full_width_makes(tmp_path):
    np.savez(tmp_path / "two.npz", images=np.arange(24, dtype=np.uint8).reshape(2, 2, 2, 3))
    done = run("prepare", f"npz:{tmp_path / 'two.npz'}", tmp_path / "out", "--image-size", 1500)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out" / "report.json").read_text())["image_shape"] == [1500, 1500, 3]


def test_a_folder_in_the_home_directory_is_not_written_into(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(UserError, match="must be outside .*, whose pictures it would join"):
        main(["prepare", "folder:~/pictures", str(folder / "out")])


def test_export_writes_any_set(tmp_path):
    done = run("export", "shapes", tmp_path / "shapes.npz", "--split", "test", "--image-size", 8)
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "shapes.npz") as arrays:
        assert arrays["images"].shape == (2000, 8, 8, 3) and arrays["images"].dtype == np.uint8
        assert arrays["class_names"][arrays["labels"]].shape == (2000,)


def test_help_names_the_augmentations_that_are_shown_where_none_is_named(capsys):
    with pytest.raises(SystemExit):
        main(["augment", "--help"])
    assert "ada-cutout(ada,ada-cutout)" in "".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["prepare", "none", "out"], "unknown data set 'none'"),
        (["prepare", "folder:none", "out"], "no such folder: none"),
        (["prepare", ".", "out", "--crop", "fase"], "unknown crop 'fase'; did you mean face?"),
        (["prepare", ".", "tests/out"], "tests/out: must be outside ., whose pictures it would join"),
        (["prepare", "shapes", "tests"], "tests exists already; choose another directory, or remove it"),
        (["augment", "shapes", "--output", "/dev/null/x.png"], "/dev/null: no folder can be made there"),
        (["export", "shapes", "shapes.zip"], "shapes.zip: the name must end in .npz"),
        (["export", "shapes", "shapes.npz", "--split", "val"], "unknown split 'val'"),
        (["export", "shapes", "shapes.npz", "--label-column", "x"], "--label-column x: shapes has no such columns"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(words, message):
    done = run(*words)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
    assert message in done.stderr
