import imageio.v3 as imageio
import numpy as np
import pytest

from tfgan_repro.report.grids import enlarged, image_grid
from tfgan_repro.sampling.interpolation import film_frames, write_film
from tfgan_repro.sampling.request import Request
from tfgan_repro.models.generation import labelled_images


def test_a_film_starts_with_the_single_pictures_and_closes_its_loop(conditional_checkpoint, tmp_path):
    request = Request(str(tmp_path / "x.gif"), mode="interpolate", count=4, frames=20)
    frames = np.stack(list(film_frames(conditional_checkpoint, request))).astype(int)
    images, _ = labelled_images(conditional_checkpoint.generator, 4, 1, conditional_checkpoint.classes)
    assert np.abs(frames[0] - enlarged(image_grid(images), 480)).max() <= 1
    steps = np.abs(np.roll(frames, -1, axis=0) - frames).mean(axis=(1, 2, 3))
    assert 0 < steps[-1] <= 2 * steps.max(), "from the last frame to the first as between any two"
    assert steps[-1] < np.abs(frames[10] - frames[0]).mean(), "closer than half-way round"
    line = write_film(conditional_checkpoint, request)
    assert line == f"20 frames of 4 pictures of {tmp_path} at step 7: {tmp_path / 'x.gif'}"
    written = imageio.imread(tmp_path / "x.gif", index=None)
    assert written.shape == frames.shape
    assert imageio.immeta(tmp_path / "x.gif").items() >= {"loop": 0, "duration": 50}.items()


def test_a_film_as_mp4(plain_checkpoint, tmp_path):
    pytest.importorskip("imageio_ffmpeg")
    write_film(plain_checkpoint, Request(str(tmp_path / "x.mp4"), mode="interpolate", count=1, frames=10))
    frames = list(imageio.imiter(tmp_path / "x.mp4", plugin="FFMPEG"))
    assert len(frames) == 10 and frames[0].shape[0] % 2 == 0
