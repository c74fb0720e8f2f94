"""Pictures in folders and in ZIP archives: what is found, and how it is split."""

import io
import os
import zipfile

import numpy as np
import pytest
from pictures import noise, save
from PIL import Image

from tfgan_repro.data import load_pictures
from tfgan_repro.data.preparation import Preparation
from tfgan_repro.errors import UserError


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "pictures"
    root.mkdir()
    return root


def test_the_split_depends_on_the_content_alone(folder):
    for level in range(60):
        save(folder / f"{level:02d}.png", level)
    test = load_pictures(f"folder:{folder}", "test", None, 8).images[:, 0, 0, 0]
    assert 1 <= len(test) <= 15
    for path in sorted(folder.iterdir()):
        path.rename(folder / f"x{path.name[::-1][4:]}.png")
    for level in range(60, 80):
        save(folder / f"{level}.png", level)
    again = load_pictures(f"folder:{folder}", "test", None, 16).images[:, 0, 0, 0]
    assert set(test.tolist()) == {level for level in again.tolist() if level < 60}
    # A larger part contains the smaller one.
    more = load_pictures(f"folder:{folder}", "test", None, 8, Preparation(test_percent=30)).images[:, 0, 0, 0]
    assert set(again.tolist()) < set(more.tolist())


def test_different_sizes_need_a_size(folder):
    save(folder / "a.png", 1, (12, 10))
    save(folder / "b.png", 2, (16, 16))
    with pytest.raises(UserError, match=r"a\.png has 10x10 pixels, b\.png 16x16; use --image-size N"):
        load_pictures(f"folder:{folder}")


@pytest.mark.parametrize(
    ("count", "message"), [(0, "holds no images"), (1, "has 1 usable picture, which is too few to train on")]
)
def test_too_few_pictures_are_one_line(folder, count, message):
    for level in range(count):
        save(folder / f"{level}.png", level)
    with pytest.raises(UserError, match=message):
        load_pictures(f"folder:{folder}", "train", None, 8)


def test_no_folder_is_one_line(tmp_path):
    for name in ("none", "n" * 300):  # longer than a name can be
        with pytest.raises(UserError, match=f"no such folder: .*/{name}$"):
            load_pictures(f"folder:{tmp_path / name}")


@pytest.fixture
def faces(tmp_path):
    for index in range(30):
        path = tmp_path / "faces" / ("b" if index % 3 else "a") / f"{index:02d} \u00e4.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        noise(index).save(path)
    rows = "".join(f"{'b' if index % 3 else 'a'}/{index:02d} \u00e4.png,{index % 2}\n" for index in range(30))
    (tmp_path / "faces" / "attributes.csv").write_text("file,Odd\n" + rows, encoding="utf-8")
    return tmp_path / "faces"


@pytest.fixture
def archive(faces):
    path = faces.parent / "faces.zip"
    with zipfile.ZipFile(path, "w") as file:
        for entry in sorted(faces.rglob("*.*")):
            file.write(entry, f"faces/{entry.relative_to(faces)}")
        file.writestr("__MACOSX/faces/a/._00.png", b"resources")
        file.writestr("faces/readme.txt", b"text")
    return path


@pytest.mark.parametrize("column", [None, "Odd"])
def test_an_archive_is_the_folder_that_it_was_made_from(faces, archive, column, capsys):
    for split in ("train", "test"):
        options = (split, None, 16, Preparation(label_column=column, test_percent=30))
        packed, unpacked = (load_pictures(name, *options) for name in (f"zip:{archive}", f"folder:{faces}"))
        np.testing.assert_array_equal(packed.images, unpacked.images)
        np.testing.assert_array_equal(packed.labels, unpacked.labels)
        assert packed.class_names == unpacked.class_names == (("not Odd", "Odd") if column else ("a", "b"))
    said = [line for line in capsys.readouterr().err.splitlines() if "left out" in line]
    assert set(said) == {f"note: zip:{archive}: left out 1, each of which is hidden or a system's own (__MACOSX)"}


def test_an_archive_that_was_replaced_is_read_anew(tmp_path):
    def written(*levels):
        buffer = io.BytesIO()
        with zipfile.ZipFile(tmp_path / "new.zip", "w") as file:
            for index, level in enumerate(levels):
                buffer.seek(0)
                Image.new("RGB", (8, 8), (level, 0, 0)).save(buffer, "PNG")
                file.writestr(f"{index}.png", buffer.getvalue())
        os.replace(tmp_path / "new.zip", tmp_path / "a.zip")
        pictures = load_pictures(f"zip:{tmp_path / 'a.zip'}", preparation=Preparation(test_percent=0))
        return pictures.images[:, 0, 0, 0].tolist()

    assert written(1, 2, 3) == [1, 2, 3]
    assert written(4, 5, 6) == [4, 5, 6]


@pytest.mark.parametrize("place", ["folder:{}", "npz:{}/arrays.npz"])
def test_no_other_split_gives_the_training_pictures(folder, place):
    for level in range(12):
        save(folder / f"{level}.png", level, (8, 8))
    images = np.zeros((4, 8, 8, 3), np.uint8)
    np.savez(folder / "arrays.npz", x_train=images, x_test=images)
    with pytest.raises(UserError, match="split 'validation': must be train or test"):
        load_pictures(place.format(folder), "validation")


def test_damaged_members_are_left_out_and_named(archive, capsys):
    content = bytearray(archive.read_bytes())
    content[content.index(b"IDAT") + 8] ^= 255
    archive.write_bytes(content)
    options = (None, 16, Preparation(test_percent=30))
    assert sum(len(load_pictures(f"zip:{archive}", split, *options)) for split in ("train", "test")) == 29
    assert "left out 1, each of which cannot be read (faces/a/00" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (None, "faces.zip cannot be read as a ZIP archive: No such file or directory"),
        (lambda path: path.write_bytes(b"no archive"), "cannot be read as a ZIP archive: File is not a zip file"),
        (lambda path: zipfile.ZipFile(path, "w").close(), "faces.zip holds no images"),
    ],
)
def test_archives_that_cannot_be_used_are_one_line(tmp_path, write, message):
    if write:
        write(tmp_path / "faces.zip")
    with pytest.raises(UserError, match=message):
        load_pictures(f"zip:{tmp_path / 'faces.zip'}")
