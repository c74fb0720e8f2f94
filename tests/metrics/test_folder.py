"""Folders of image files: every mode, and files that are none."""

import zipfile

import numpy as np
import pytest
from PIL import Image, ImageFile

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.folder import ImageFolder

RANDOM = np.random.default_rng(0)
GREY = np.arange(256, dtype=np.uint8).reshape(16, 16)


def read(folder, **options):
    return [image for batch in ImageFolder(folder, **options).batches(2) for image in batch]


def save(path, array, mode=None):
    Image.fromarray(array, mode).save(path)


@pytest.fixture
def folder(tmp_path):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    return pictures


@pytest.mark.filterwarnings("ignore:'mode' parameter:DeprecationWarning")
def test_every_mode_becomes_rgb(folder):
    rgb = RANDOM.integers(0, 256, (16, 16, 3), dtype=np.uint8)
    opaque = np.dstack([rgb, np.full((16, 16), 255, np.uint8)])
    clear = np.dstack([rgb, np.full((16, 16), 0, np.uint8)])
    images = {
        "a_rgb": Image.fromarray(rgb),
        "b_grey": Image.fromarray(GREY),
        "c_16_bit": Image.fromarray(GREY.astype(np.uint16) * 257),
        "d_opaque": Image.fromarray(opaque),
        "e_clear": Image.fromarray(clear),
        "f_bilevel": Image.fromarray(GREY > 99),
        "g_palette": Image.fromarray(GREY).convert("P"),
    }
    for name, image in images.items():
        image.save(folder / f"{name}.png")
    Image.fromarray(rgb).convert("CMYK").save(folder / "h_cmyk.tif")

    source = ImageFolder(folder)
    pixels = [image for batch in source.batches(3) for image in batch]
    grey = np.repeat(GREY[..., None], 3, axis=2)
    expected = [rgb, grey, grey, rgb, np.full_like(rgb, 255), np.where(grey > 99, 255, 0), grey, rgb]
    for received, wanted in zip(pixels, expected, strict=True):
        assert received.dtype == np.uint8
        np.testing.assert_array_equal(received, wanted)
    assert source.notes == {
        "converted": {
            "grey": 1,
            "16-bit": 1,
            "alpha": 1,
            "transparent": 1,
            "black-and-white": 1,
            "palette": 1,
            "CMYK": 1,
        }
    }


def test_files_are_found_at_any_depth_in_order_and_others_ignored(folder):
    for index, name in enumerate(("b.png", "a/z.JPEG", "a/b/c.bmp", "notes.txt", "z.webp")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".txt":
            path.write_text("none")
        else:
            save(path, np.full((4 + index, 5, 3), index * 10, np.uint8))
    assert [image.shape[0] for image in read(folder)] == [6, 5, 4, 8]


def test_an_archive_is_read_as_the_folder_it_was_made_of(folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "pictures.zip", "w") as archive:
        for number, name in enumerate(("b.png", "a/c.png", "__MACOSX/b.png", "notes.txt")):
            (folder / name).parent.mkdir(exist_ok=True)
            save(folder / name, np.full((4, 5 + number, 3), number, np.uint8)) if ".png" in name else None
            archive.write(folder / name, name) if ".png" in name else archive.writestr(name, "none")
    whole, packed = ImageFolder(folder), ImageFolder(tmp_path / "pictures.zip")
    assert packed.places == whole.places == ["a/c.png", "b.png"] and packed.digest() == whole.digest()
    for one, other in zip(read(folder), read(tmp_path / "pictures.zip"), strict=True):
        np.testing.assert_array_equal(one, other)
    assert [image.shape for batch in packed.take([1]).batches(2) for image in batch] == [(4, 5, 3)]


def test_an_archive_that_is_damaged_is_one_line(folder, tmp_path):
    save(folder / "a.png", RANDOM.integers(0, 256, (64, 64, 3), dtype=np.uint8))
    path = tmp_path / "pictures.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(folder / "a.png", "a.png")
    content = bytearray(path.read_bytes())
    content[1000] ^= 255
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"pictures.zip/a.png cannot be .*fix it or use --on-bad-image skip"):
        read(path)
    with pytest.raises(UserError, match=r"a.png cannot be read \(Bad CRC-32"):
        ImageFolder(path).digest()
    path.write_bytes(content[:2000])
    with pytest.raises(UserError, match="cannot be read as a ZIP archive"):
        ImageFolder(path)


def test_a_member_that_unpacks_to_too_much_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "pictures.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("bomb.png", "w") as member:
        for _ in range(2**8 + 1):
            member.write(bytes(2**20))
    with pytest.raises(UserError, match=r"pictures.zip/bomb.png cannot be read \(is larger than 256 MB\); fix it"):
        read(path)
    with pytest.raises(UserError, match=r"bomb.png cannot be read \(is larger than 256 MB\)"):
        ImageFolder(path).digest()


def damaged(folder):
    save(folder / "a.png", GREY)
    save(folder / "b.png", RANDOM.integers(0, 256, (64, 64, 3), dtype=np.uint8))
    (folder / "b.png").write_bytes((folder / "b.png").read_bytes()[:5000])
    (folder / "c.jpg").write_bytes(b"no picture")
    (folder / "d.png").touch()
    save(folder / "e.tif", np.ones((4, 4), np.float32))
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    frames[0].save(folder / "f.gif", save_all=True, append_images=frames[1:])
    save(folder / "g.png", GREY)


def test_the_first_bad_file_is_refused_by_name(folder):
    damaged(folder)
    with pytest.raises(UserError, match=r"b\.png cannot be decoded.*fix it or use --on-bad-image skip"):
        read(folder)


def test_bad_files_are_skipped_counted_and_named(folder, capsys, monkeypatch):
    damaged(folder)
    # Some programs ask Pillow for half pictures; scores must not get them.
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    source = ImageFolder(folder, "skip")
    assert sum(len(batch) for batch in source.batches(3)) == 3
    assert [line.partition(": ")[0].rpartition("/")[2] for line in source.notes["skipped"]] == [
        "b.png",
        "c.jpg",
        "d.png",
        "e.tif",
    ]
    source.warn()
    warnings = capsys.readouterr().err
    assert warnings.count("warning: skipped") == 4 and "e.tif: has 32-bit pixels" in warnings
    assert "2 grey images" in warnings and "1 multi-frame images" in warnings


def test_a_file_that_goes_missing_is_named(folder):
    save(folder / "a.png", GREY)
    source = ImageFolder(folder)
    (folder / "a.png").unlink()
    with pytest.raises(UserError, match=r"a\.png cannot be read \(No such file or directory\)"):
        list(source.batches(1))
    with pytest.raises(UserError, match=r"a\.png cannot be read"):
        source.digest()


def test_a_file_that_goes_missing_is_skipped_where_bad_ones_are(folder):
    save(folder / "a.png", GREY)
    save(folder / "b.png", 255 - GREY)
    whole, source = ImageFolder(folder, "skip").digest(), ImageFolder(folder, "skip")
    (folder / "a.png").unlink()
    assert source.digest() != whole
    assert [len(batch) for batch in source.batches(9)] == [1] and "a.png" in source.notes["skipped"][0]


def test_large_pictures_come_in_smaller_batches(folder, monkeypatch):
    for index in range(7):
        save(folder / f"{index}.png", np.full((10, 10, 3), index, np.uint8))
    monkeypatch.setattr("tfgan_repro.metrics.folder.MOST_AT_ONCE", 900)
    batches = list(ImageFolder(folder).batches(5))
    assert [[image[0, 0, 0] for image in batch] for batch in batches] == [[0, 1, 2], [3, 4, 5], [6]]


def test_no_folder_and_no_images_are_refused(tmp_path):
    with pytest.raises(UserError, match="no such folder: "):
        ImageFolder(tmp_path / "none")
    with pytest.raises(UserError, match="holds no images"):
        ImageFolder(tmp_path)
    with pytest.raises(UserError, match="unknown on-bad-image 'guess'"):
        ImageFolder(tmp_path, "guess")


def test_the_digest_is_of_the_content_not_the_names(folder, tmp_path):
    save(folder / "a.png", GREY)
    save(folder / "b.png", 255 - GREY)
    digest = ImageFolder(folder).digest()
    other = tmp_path / "renamed"
    folder.rename(other)
    (other / "a.png").rename(other / "0.png")
    assert ImageFolder(other).digest() == digest
    assert ImageFolder(other).take([0]).digest() != digest
    save(other / "b.png", GREY)
    assert ImageFolder(other).digest() != digest
