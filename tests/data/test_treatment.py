"""One picture: what is done to it, and what becomes of files that are none."""

import io
import os
import struct
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image
from pictures import noise

from tfgan_repro.data.preparation import Preparation
from tfgan_repro.data.crops import face, head, trimmed
from tfgan_repro.data.treatment import is_grey, split_of, treat
from tfgan_repro.image_files import ZipMember

PLAIN = Preparation(crop="none", colours="rgb")
QUARTERS = np.zeros((40, 60, 3), np.uint8)
QUARTERS[:20, :30] = 255, 0, 0
QUARTERS[:20, 30:] = 0, 255, 0
QUARTERS[20:, :30] = 0, 0, 255


def file(image, kind="PNG", **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bomb(width, height):
    """A PNG of few bytes that declares many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_is_turned_as_its_exif_data_say(orientation):
    upright = Image.fromarray(QUARTERS)
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # what a camera held like this has stored, as Pillow's numbers
    stored = upright.transpose(turns[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[274] = orientation
    np.testing.assert_array_equal(treat(file(stored, exif=exif), PLAIN).pixels, QUARTERS)


def test_damaged_exif_data_do_not_cost_the_picture():
    content = file(Image.fromarray(QUARTERS), exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\1" * 30)
    np.testing.assert_array_equal(treat(content, PLAIN).pixels, QUARTERS)


def test_every_mode_becomes_rgb_or_grey():
    grey = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16))
    wide = Image.fromarray(np.arange(256, dtype=np.uint16).reshape(16, 16) * 257)
    for image, kind in ((grey, "PNG"), (wide, "PNG"), (grey.convert("LA"), "PNG"), (grey.convert("P"), "PNG")):
        pixels = treat(file(image, kind), PLAIN).pixels
        np.testing.assert_array_equal(pixels, np.repeat(np.asarray(grey)[..., None], 3, axis=2))
    np.testing.assert_array_equal(
        treat(file(grey), Preparation(crop="none", colours="grey")).pixels[..., 0], np.asarray(grey)
    )
    red = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    assert treat(file(red, "TIFF"), PLAIN).pixels[0, 0].tolist() == [255, 0, 0]
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    clear.paste((255, 0, 0, 255), (0, 0, 4, 8))
    assert treat(file(clear), PLAIN).pixels[0, [0, 7]].tolist() == [[255, 0, 0], [255, 255, 255]]


def test_an_animation_is_its_first_frame():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    content = file(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert treat(content, PLAIN).pixels[0, 0].tolist() == [255, 0, 0]


def test_which_pictures_are_stored_in_grey():
    grey, colour = Image.new("L", (4, 4)), Image.new("RGB", (4, 4))
    assert is_grey(file(grey)) and is_grey(file(grey.convert("1"))) and is_grey(np.zeros((4, 4, 1), np.uint8))
    assert not is_grey(file(colour)) and not is_grey(np.zeros((4, 4, 3), np.uint8))
    assert not is_grey(file(colour.convert("P")))


def test_crops_are_in_the_middle_and_those_of_aligned_portraits_have_their_usual_size():
    aligned = Image.new("RGB", (178, 218))
    assert face(aligned) == (35, 55, 143, 163)
    assert head(aligned) == (19, 39, 159, 179)
    center = treat(file(Image.fromarray(QUARTERS)), Preparation(colours="rgb")).pixels
    np.testing.assert_array_equal(center, QUARTERS[:, 10:50])


def test_resizing_is_antialiased():
    stripes = np.zeros((256, 256, 3), np.uint8)
    stripes[:, ::2] = 255
    small = treat(file(Image.fromarray(stripes)), Preparation(image_size=32, colours="rgb")).pixels
    assert small.shape == (32, 32, 3)
    assert np.abs(small.astype(int) - 127).max() <= 3


def test_black_bars_are_trimmed_and_dark_pictures_are_not():
    picture = np.asarray(noise(0, (60, 30))) // 2 + 100
    framed = np.random.default_rng(0).integers(0, 12, (50, 80, 3)).astype(np.uint8)
    framed[12:42, 10:70] = picture
    content = file(Image.fromarray(framed))
    options = {"crop": "none", "colours": "rgb", "trim_borders": True}
    np.testing.assert_array_equal(treat(content, Preparation(**options)).pixels, picture)
    assert treat(content, PLAIN).pixels.shape == (50, 80, 3)
    dark = Image.new("RGB", (50, 50))
    assert trimmed(dark).size == (50, 50)
    dark.paste((255, 255, 255), (20, 20, 30, 30))
    assert trimmed(dark).size == (50, 50)
    assert treat(content, Preparation(**options, min_size=31)).reason == "is smaller than 31 pixels"


@pytest.mark.parametrize(
    ("content", "reason", "detail"),
    [
        (b"", "is empty", None),
        (b"no picture", "cannot be decoded", "cannot identify image file"),
        (file(noise(1))[:300], "cannot be decoded", "truncated"),
        (file(noise(1), "JPEG", quality=95)[:500], "cannot be decoded", "Truncated File Read"),
        (bomb(60_000, 60_000), "cannot be decoded", "exceeds limit"),
        (bomb(10_000, 10_000), "cannot be decoded", "declares 10000 x 10000 pixels"),
        (file(Image.new("F", (4, 4)), "TIFF"), "cannot be decoded", "32-bit pixels"),
    ],
)
def test_what_is_no_picture_is_named(content, reason, detail):
    treated = treat(content, PLAIN)
    assert treated.pixels is None and treated.reason == reason
    assert (detail is None and treated.detail is None) or detail in treated.detail
    assert "BytesIO" not in str(treated.detail)


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_random_damage_never_raises():
    random = np.random.default_rng(0)
    contents = [file(noise(3), kind) for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")]
    for content in contents:
        for _ in range(60):
            damaged = bytearray(content)
            for place in random.integers(0, min(len(damaged), 400), 4):
                damaged[place] = random.integers(256)
            treated = treat(bytes(damaged[: random.integers(1, len(damaged))]), PLAIN)
            assert treated.pixels is not None or treated.reason


def test_files_that_cannot_be_opened_are_named(tmp_path, monkeypatch):
    os.symlink("a.png", tmp_path / "b.png")
    os.symlink("b.png", tmp_path / "a.png")
    os.mkfifo(tmp_path / "pipe.png")
    assert treat(str(tmp_path / "a.png"), PLAIN).detail == "Too many levels of symbolic links"
    assert treat(str(tmp_path / "none.png"), PLAIN).detail == "No such file or directory"
    assert treat(str(tmp_path / "pipe.png"), PLAIN).detail == "is no regular file"
    assert is_grey(str(tmp_path / "pipe.png"))
    (tmp_path / "locked.png").touch()
    with monkeypatch.context() as patch:
        # The tests may run as root, whom no permission stops.
        patch.setattr("builtins.open", refuse)
        assert treat(str(tmp_path / "locked.png"), PLAIN).detail == "Permission denied"
    with open(tmp_path / "huge.png", "wb") as huge:
        huge.truncate(2**28 + 1)
    assert treat(str(tmp_path / "huge.png"), PLAIN).detail == "is larger than 256 MB"


def refuse(*arguments):
    raise PermissionError(13, "Permission denied")


def test_members_of_archives_are_read_in_place_and_bombs_are_not(tmp_path):
    path = str(tmp_path / "a.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../up.png", file(Image.fromarray(QUARTERS)))
        with archive.open("bomb.png", "w") as member:
            for _ in range(2**8 + 1):
                member.write(bytes(2**20))
    np.testing.assert_array_equal(treat(ZipMember(path, "../../up.png"), PLAIN).pixels, QUARTERS)
    assert treat(ZipMember(path, "bomb.png"), PLAIN).detail == "is larger than 256 MB"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.zip"]


def test_a_damaged_member_is_named(tmp_path):
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", file(noise(1)))
    content = bytearray(path.read_bytes())
    content[100] ^= 255
    path.write_bytes(content)
    assert "Bad CRC-32" in treat(ZipMember(str(path), "a.png"), PLAIN).detail


def test_a_part_of_the_contents_is_held_out():
    contents = [np.random.default_rng(seed).bytes(16) for seed in range(2000)]
    held_out = sum(split_of(content, 10) == "test" for content in contents)
    assert 150 < held_out < 250
    assert {split_of(content, 0) for content in contents} == {"train"}
