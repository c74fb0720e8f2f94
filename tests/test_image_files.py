"""Which files of folders and archives are pictures, and which give their bytes."""

import os
import zipfile

import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.image_files import find_in_archive, find_in_folder

NAMES = (
    "a/1.png",
    "a/2.JPG",
    "b/._1.png",
    "b/3.webp",
    "__MACOSX/a/._1.png",
    ".DS_Store",
    ".hidden.png",
    "b/Thumbs.db",
    "@eaDir/1.png/SYNOPHOTO_THUMB_M.jpg",
    "notes.txt",
    "labels.csv",
)
PICTURES, HIDDEN = ["a/1.png", "a/2.JPG", "b/3.webp"], {".hidden.png", "@eaDir", "__MACOSX", "b/._1.png"}


def hidden(found):
    assert set(found.left_out.counts) == {"is hidden or a system's own"}
    return set(found.left_out.first("is hidden or a system's own"))


def test_a_folder_and_its_archives_hold_the_same_pictures(tmp_path):
    for name in NAMES:
        path = tmp_path / "pictures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = [find_in_folder(tmp_path / "pictures")]
    for separator in ("/", "\\"):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            for name in NAMES:
                member = zipfile.ZipInfo("x")
                # As a program writes it that does not know that names have forward slashes.
                member.filename = name.replace("/", separator)
                archive.writestr(member, b"")
        found.append(find_in_archive(tmp_path / "a.zip"))
    for files in found:
        assert list(files.pictures) == PICTURES and list(files.tables) == ["labels.csv"]
        assert hidden(files) == HIDDEN


def test_a_hidden_root_is_read(tmp_path):
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "1.png").touch()
    assert list(find_in_folder(tmp_path / ".cache").pictures) == ["1.png"]


def test_a_linked_folder_is_read_once_under_its_own_name(tmp_path):
    (tmp_path / "z").mkdir()
    (tmp_path / "z" / "1.png").touch()
    os.symlink("z", tmp_path / "a")
    os.symlink("1.png", tmp_path / "z" / "2.png")
    found = find_in_folder(tmp_path)
    assert list(found.pictures) == ["z/1.png", "z/2.png"]
    assert found.left_out.first("links to a folder already read") == ["a"]


def test_a_link_in_an_archive_is_left_out(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("1.png", b"")
        link = zipfile.ZipInfo("2.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, b"1.png")
    found = find_in_archive(tmp_path / "a.zip")
    assert list(found.pictures) == ["1.png"]
    assert found.left_out.first("is a link in an archive") == ["2.png"]


def test_names_in_an_archive_are_read_as_utf_8_also_without_the_flag(tmp_path):
    names = ["Bär/1.png", "plain/1.png", "Été/1.png"]
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in names:
            archive.writestr(name, name)
    # As macOS and Info-ZIP write it; bit 11 of the flags lies in the local header and in the directory.
    content = bytearray((tmp_path / "a.zip").read_bytes())
    for mark, place in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        start = content.find(mark)
        while start >= 0:
            content[start + place] &= ~0x08
            start = content.find(mark, start + 1)
    (tmp_path / "b.zip").write_bytes(content)
    for archive in ("a.zip", "b.zip"):
        found = find_in_archive(tmp_path / archive).pictures
        assert list(found) == names
        with zipfile.ZipFile(tmp_path / archive) as file:
            assert [file.read(member.filename).decode("utf-8") for member in found.values()] == names


def test_of_two_pictures_of_one_name_in_an_archive_the_last_counts_and_the_other_is_said(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("cat/1.png", "../cat/1.png", "cat/2.png"):
            archive.writestr(zipfile.ZipInfo(name), b"picture")
    found = find_in_archive(tmp_path / "a.zip")
    assert found.pictures["cat/1.png"].filename == "../cat/1.png" and list(found.pictures) == ["cat/1.png", "cat/2.png"]
    assert found.left_out.counts == {"has the name of another": 1}


def test_a_folder_that_cannot_be_read_does_not_hold_no_images(tmp_path, monkeypatch):
    def scandir(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("os.scandir", scandir)
    with pytest.raises(UserError, match=f"^{tmp_path} cannot be read: Permission denied$"):
        find_in_folder(tmp_path)


def test_no_pictures_are_one_line(tmp_path):
    (tmp_path / ".a.png").touch()
    with pytest.raises(UserError, match="holds no images"):
        find_in_folder(tmp_path)
    with pytest.raises(UserError, match="no such folder: .*none"):
        find_in_folder(tmp_path / "none")
    (tmp_path / "b.heic").touch()
    with pytest.raises(UserError, match="of a kind that is not read: 1, as b.heic"):
        find_in_folder(tmp_path)
    with pytest.raises(UserError, match="b.heic is a file, and no folder"):
        find_in_folder(tmp_path / "b.heic")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_is_left_out_and_never_opened(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    (tmp_path / "b.png").touch()
    found = find_in_folder(tmp_path)
    assert list(found.pictures) == ["b.png"]
    assert found.left_out.first("cannot be read") == ["a.png: is no regular file"]


def test_pictures_of_kinds_that_are_not_read_are_counted(tmp_path):
    for name in ("a.png", "b.HEIC", "c.svg", "notes.txt"):
        (tmp_path / name).touch()
    found = find_in_folder(tmp_path)
    assert list(found.pictures) == ["a.png"] and found.left_out.counts == {"is of a kind that is not read": 2}
