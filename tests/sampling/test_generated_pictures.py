"""Pictures in every kind of output."""

import csv
import tracemalloc
import zipfile

import numpy as np
import pytest
from PIL import Image

from tfgan_repro.data import load_pictures
from tfgan_repro.errors import UserError
from tfgan_repro.metrics.images import stored_images
from tfgan_repro.npz import read_npz
from tfgan_repro.report.grids import image_grid, read_png
from tfgan_repro.sampling.request import Request
from tfgan_repro.sampling.pictures import (
    PictureStream,
    class_sweep,
    picture_stream,
    write_class_sweep,
    write_folder,
    write_grid,
    write_npz,
    write_pictures,
)
from tfgan_repro.models.generation import generate_images, images_by_class, labelled_images


def request_of(folder, name, **choices):
    return Request(str(folder / name), **choices)


def test_every_kind_of_output_holds_the_same_pictures(conditional_checkpoint, tmp_path):
    expected, labels = labelled_images(conditional_checkpoint.generator, 7, 1, conditional_checkpoint.classes)
    for name in ("x.npz", "x.zip", "folder", "x.png"):
        line = write_pictures(conditional_checkpoint, request_of(tmp_path, name, count=7, batch_size=3))
        assert line == f"7 pictures of {tmp_path} at step 7: {tmp_path / name}"
    stored = np.load(tmp_path / "x.npz")
    assert np.abs(stored["images"].astype(int) - expected).max() <= 1
    np.testing.assert_array_equal(stored["labels"], labels)
    assert stored["class_names"].tolist() == ["cats", "dogs", "newts"]
    names = [f"{index:05d}.png" for index in range(7)]
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert archive.namelist() == [*names, "labels.csv"]
        for name in archive.namelist():
            assert archive.read(name) == (tmp_path / "folder" / name).read_bytes()
    images = np.stack([np.asarray(Image.open(tmp_path / "folder" / name)) for name in names])
    np.testing.assert_array_equal(images, stored["images"])
    rows = list(csv.DictReader((tmp_path / "folder" / "labels.csv").open()))
    assert [row["label"] for row in rows] == [list(conditional_checkpoint.classes)[label] for label in labels]
    np.testing.assert_array_equal(read_png(tmp_path / "x.png"), image_grid(stored["images"]))


def test_what_is_written_can_be_trained_on_and_scored(conditional_checkpoint, tmp_path):
    for name in ("x.npz", "folder"):
        write_pictures(conditional_checkpoint, request_of(tmp_path, name, count=12, classes=("newts", "cats")))
    assert stored_images(read_npz(tmp_path / "x.npz"), "x.npz").images.shape == (12, 16, 16, 3)
    assert sum(load_pictures(f"folder:{tmp_path / 'folder'}").classes.values()) > 0
    assert set(load_pictures(f"folder:{tmp_path / 'folder'}").classes) == {"cats", "newts"}
    assert "dogs" in load_pictures(f"npz:{tmp_path / 'x.npz'}").classes


def test_an_unconditional_generator_writes_no_labels(plain_checkpoint, tmp_path):
    for name in ("x.npz", "x.zip"):
        write_pictures(plain_checkpoint, request_of(tmp_path, name, count=3))
    assert np.load(tmp_path / "x.npz").files == ["images"]
    assert zipfile.ZipFile(tmp_path / "x.zip").namelist() == ["00000.png", "00001.png", "00002.png"]
    np.testing.assert_array_equal(
        np.load(tmp_path / "x.npz")["images"], generate_images(plain_checkpoint.generator, 3, 1)
    )


def test_one_picture_has_no_margin_and_too_many_no_grid(plain_checkpoint, tmp_path):
    write_pictures(plain_checkpoint, request_of(tmp_path, "x.png", count=1))
    np.testing.assert_array_equal(read_png(tmp_path / "x.png"), generate_images(plain_checkpoint.generator, 1, 1)[0])
    with pytest.raises(UserError, match="a grid of 10,001 pictures is too large"):
        write_grid("y.png", picture_stream(plain_checkpoint, request_of(tmp_path, "y.png", count=10_001)))


def test_a_sweep_shows_the_same_latents_in_each_row(conditional_checkpoint, tmp_path):
    sweep = class_sweep(conditional_checkpoint, request_of(tmp_path, "x.png", mode="class-sweep", count=4))
    images = np.stack(list(sweep.images()))
    assert np.abs(images.astype(int) - images_by_class(conditional_checkpoint.generator, 4, 1, 3)).max() <= 1
    assert not np.array_equal(images[:4], images[4:8])
    some = class_sweep(
        conditional_checkpoint, request_of(tmp_path, "x.png", mode="class-sweep", count=4, classes=("2", "cats"))
    )
    assert some.labels.tolist() == [2] * 4 + [0] * 4
    write_class_sweep(conditional_checkpoint, request_of(tmp_path, "x.png", mode="class-sweep", count=4))
    written = read_png(tmp_path / "x.png")
    grid = image_grid(images, 4)
    assert written.shape[0] == grid.shape[0]
    names, pictures = np.split(written, [written.shape[1] - grid.shape[1]], axis=1)
    assert np.abs(pictures.astype(int) - grid).max() <= 1
    # Each row has its name, in black on white.
    assert all(part.min() < 100 and part.max() == 255 for part in np.array_split(names, 3))


class CountingGenerator:
    """Stands for a generator of 256x256 images, which it makes from nothing."""

    def __init__(self):
        self.inputs, self.outputs = [np.zeros((1, 2))], [np.zeros((1, 256, 256, 3))]
        self.largest = 0

    def __call__(self, latents, training):
        self.largest = max(self.largest, len(latents))
        return np.broadcast_to(latents[:, :1, None, None], (len(latents), 256, 256, 3)).astype(np.float32)


def test_no_more_than_a_batch_is_held_in_memory(plain_checkpoint, tmp_path):
    generator = CountingGenerator()
    latents = np.linspace(-1, 1, 400, dtype=np.float32)[:, None] * np.ones(2, np.float32)
    pictures = PictureStream(plain_checkpoint, latents, None, batch_size=4)
    pictures.generator = generator
    tracemalloc.start()
    write_npz(tmp_path / "x.npz", pictures)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = 400 * 256 * 256 * 3
    assert generator.largest == 4
    # Four images as float32, in the few copies that rounding makes.
    assert peak < size / 3
    with np.load(tmp_path / "x.npz") as stored:
        assert stored["images"].nbytes == size
        assert stored["images"][[0, 199, 399], 5, 5, 0].tolist() == [0, 127, 255]


@pytest.mark.parametrize("existing", [True, False])
def test_after_an_error_nothing_is_left(plain_checkpoint, tmp_path, existing):
    class Failing(PictureStream):
        def images(self):
            yield from list(super().images())[:2]
            raise KeyboardInterrupt

    pictures = Failing(plain_checkpoint, np.zeros((3, 4), np.float32), None, batch_size=8)
    if existing:
        (tmp_path / "folder").mkdir()
    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "folder", pictures)
    assert (tmp_path / "folder").exists() == existing
    assert list(tmp_path.glob("folder/*")) == list(tmp_path.glob("folder/.*")) == []
