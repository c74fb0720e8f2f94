"""DINOv2 against transformers' own on PyTorch, with equal random weights."""

from pathlib import Path

import numpy as np
import pytest
from random_dinov2 import random_state
from random_inception import random_images

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.dinov2 import (
    MEAN,
    STD,
    VARIABLE,
    DINOv2Extractor,
    class_token,
    dinov2_backbone,
    find_dinov2,
)
from tfgan_repro.metrics.resize import bicubic

pytest.importorskip("keras_hub", reason="keras-hub is not installed")

with np.load(Path(__file__).with_name("fixtures") / "dinov2.npz") as stored:
    RECORDED = {name: stored[name] for name in stored.files}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("dinov2") / "weights.npz"
    np.savez(path, **random_state(gated=False))
    return path


@pytest.mark.parametrize("kind", ["plain", "gated"])
def test_features_are_those_of_transformers(kind):
    network = class_token(dinov2_backbone(random_state(kind == "gated"), "random", "float64"))
    pixels = np.concatenate([bicubic(image[None], 224) for image in random_images()]).astype(np.float64)
    features = network((pixels / 255 - MEAN) / STD).numpy()
    np.testing.assert_allclose(features, RECORDED[kind], atol=1e-7)  # positions are float32


def test_from_pixels_to_features(weights):
    extractor = DINOv2Extractor(weights)
    features = np.concatenate([extractor(image[None]) for image in random_images()])
    np.testing.assert_allclose(features, RECORDED["plain"], rtol=1e-4, atol=1e-4)
    assert extractor.protocol["layer"] == "class token"
    assert (extractor.protocol["resize"], extractor.protocol["input_size"]) == ("bicubic", 224)
    assert not extractor.has_logits


def test_the_environment_names_weights(weights, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(weights))
    assert DINOv2Extractor().dimension == 128


def test_a_folder_of_keras_hub_is_read(weights, tmp_path):
    backbone = dinov2_backbone(random_state(gated=False), "random")
    backbone.save_to_preset(str(tmp_path / "preset"))
    extractor = DINOv2Extractor(tmp_path / "preset")
    assert extractor.weights_hash == DINOv2Extractor(weights).weights_hash


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda state: state.pop("norm.bias"), "it lacks norm.bias"),
        (lambda state: state.update({"norm.bias": np.zeros(5)}), "does not fit DINOv2"),
        (lambda state: state.update(register_tokens=np.zeros((1, 4, 128))), "registers"),
    ],
)
def test_other_weights_are_refused(change, message):
    state = random_state(gated=False)
    change(state)
    with pytest.raises(UserError, match=message):
        dinov2_backbone(state, "file.npz")


def test_another_number_of_features_is_refused():
    with pytest.raises(UserError, match="--features 5: the dinov2 extractor has 384 or 768 or 1024 or 1536"):
        DINOv2Extractor(features=5)


def test_weights_that_are_absent_or_could_run_code(tmp_path):
    with pytest.raises(UserError, match="no DINOv2 weights at absent.npz"):
        find_dinov2("absent.npz", 1024)
    (tmp_path / "dinov2.pth").touch()
    with pytest.raises(UserError, match="numpy.savez"):
        find_dinov2(tmp_path / "dinov2.pth", 1024)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="cannot be read as DINOv2's weights"):
        find_dinov2(tmp_path / "empty", 1024)


def test_what_to_do_where_nothing_can_be_downloaded(monkeypatch):
    from keras_hub.models import DINOV2Backbone

    def fail(*args, **options):
        raise ConnectionError("no network")

    monkeypatch.setattr(DINOV2Backbone, "from_preset", fail)
    with pytest.raises(UserError, match="vitb14_pretrain.pth.*--inception-weights or TFGAN_REPRO_DINOV2_WEIGHTS"):
        find_dinov2(None, 768)
