import keras
import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.report.grids import read_png
from tfgan_repro.sampling.attention import POINTS, attention_layer, attention_maps, attention_panels, write_attention
from tfgan_repro.sampling.request import Request
from tfgan_repro.models.generation import fixed_latents


def test_maps_are_those_of_the_layer(conditional_checkpoint):
    layer = attention_layer(conditional_checkpoint.generator)
    latents, labels = fixed_latents(3, 4, 1), np.array([0, 1, 2], np.int32)
    maps = attention_maps(conditional_checkpoint.generator, layer, latents, labels)
    assert maps.shape == (3, len(POINTS), 4, 4)
    np.testing.assert_allclose(maps.sum(axis=(2, 3)), 1, rtol=1e-5)
    features = keras.Model(conditional_checkpoint.generator.inputs, layer.input)([latents, labels])
    weights = np.asarray(layer.attend(features)[1])
    # The layer works on 8x8 places; its centre is place (4, 4).
    np.testing.assert_allclose(maps[:, 0].reshape(3, 16), weights[:, 4 * 8 + 4], rtol=1e-5)


def test_the_place_looked_at_has_the_point_s_colour():
    maps = np.full((len(POINTS), 4, 4), 0.01, np.float32)
    maps[0, 0, 3] = 0.8
    panels = attention_panels(np.full((16, 16, 3), 200, np.uint8), maps)
    assert panels.shape == (1 + len(POINTS), 128, 128, 3)
    assert (panels[0, 2, 2] == 200).all()
    assert np.abs(panels[1, 4, 124].astype(int) - POINTS[0][2]).max() <= 2
    assert np.ptp(panels[1, 120, 4].astype(int)) < 10, "grey where it does not look"


def test_a_picture_has_a_row_an_image(conditional_checkpoint, tmp_path):
    request = Request(str(tmp_path / "x.png"), mode="attention", count=3, batch_size=2)
    assert "attention in 3 pictures" in write_attention(conditional_checkpoint, request)
    picture = read_png(tmp_path / "x.png")
    # A heading above, the scale below, and the classes' names to the left.
    assert picture.shape[0] == 3 * 130 + 2 + 2 * 20 and picture.shape[1] > 6 * 130 + 2
    names = picture[20:-20, : picture.shape[1] - (6 * 130 + 2)]
    for part in (picture[:20], picture[-20:], *np.array_split(names, 3)):
        assert part.min() < 100
    scale = picture[-10, :, 0].astype(int) - picture[-10, :, 1]
    assert 185 <= scale.max() <= 195, "up to the first point's colour"


def test_a_generator_without_attention_is_refused(plain_checkpoint, tmp_path):
    with pytest.raises(UserError, match=r"--attention: the generator of .* \(dcgan\) has no self-attention"):
        write_attention(plain_checkpoint, Request(str(tmp_path / "x.png"), mode="attention"))
