"""The decoder's treatment of files with several frames and of sixteen bits."""

import numpy as np
import pytest
from PIL import Image

from tfgan_repro.image_decoding import decode, read_picture


@pytest.mark.parametrize("name", ["frames.jpg", "frames.gif", "frames.tif", "frames.webp", "frames.png"])
def test_of_several_frames_the_first_counts(tmp_path, name):
    red, blue = (Image.new("RGB", (16, 16), colour) for colour in ("red", "blue"))
    kind = {"kind": "MPO"} if name.endswith("jpg") else {}
    red.save(tmp_path / name, kind.get("kind"), save_all=True, append_images=[blue], **lossless(name))
    pixels, note = decode(tmp_path / name)
    assert note == "multi-frame" and np.abs(pixels.astype(int) - (255, 0, 0)).max() < 8
    # What a telephone adds is damaged more easily than the picture itself.
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) - 20])
    image, note = read_picture(tmp_path / name)
    assert image is not None or name.endswith(("webp", "tif", "png")), note


def lossless(name):
    return {"lossless": True} if name.endswith("webp") else {}


def test_greys_of_sixteen_bits_in_a_pgm(tmp_path):
    values = np.array([[0, 257, 65535]], ">u2")
    (tmp_path / "a.pgm").write_bytes(b"P5 3 1 65535\n" + values.tobytes())
    image, note = read_picture(tmp_path / "a.pgm")
    assert np.asarray(image).tolist() == [[0, 1, 255]] and note == "16-bit"
