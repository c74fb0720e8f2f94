"""The extractor that a score asks for: a name of the package's or of a user's, and what it offers."""

import keras
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.extractor_choice import find_extractor
from tfgan_repro.metrics.networks import dtype_policy


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "embeded"}, "unknown extractor 'embeded'; did you mean embedded?"),
        ({"name": "embedded", "features": 64}, "--features 64: the embedded extractor has 128"),
        ({"name": "digits", "features": 64}, "--features 64: the digits extractor has 128"),
        ({"name": "embedded", "precision": "bfloat16"}, "precision bfloat16: the embedded extractor does not offer it"),
        ({"name": "embedded", "weights": "x.npz"}, "weights x.npz: the embedded extractor does not offer it"),
        ({"name": "embedded", "resize": "lanczos"}, "unknown resize 'lanczos'"),
        ({"name": "imagenet", "features": 768}, "--features 768: the imagenet extractor has 2048"),
        ({"name": "imagenet", "weights": "none.h5"}, "no Inception weights at none.h5"),
        ({"name": "2015", "weights": "none.npz"}, "no Inception weights at none.npz"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    with pytest.raises(UserError, match=message):
        find_extractor(**options)


def test_auto_warns_where_it_falls_back(monkeypatch, capsys):
    def fail(**options):
        raise Exception("no network")

    monkeypatch.setattr(keras.utils, "get_file", fail)
    assert find_extractor().name == "embedded"
    assert "warning: the 2015 Inception weights could not be downloaded" in capsys.readouterr().err
    with pytest.raises(UserError, match="could not be downloaded"):
        find_extractor(features=768)


def test_a_model_is_no_extractor():
    images = keras.Input((8, 8, 3))
    with pytest.raises(UserError, match=r"expected a name or a KerasExtractor, received Functional; KerasExtractor\("):
        find_extractor(keras.Model(images, keras.layers.Flatten()(images)))


OWN_MODULE = """
import keras
from tfgan_repro.metrics import KerasExtractor

def small(features=3, resize="nearest"):
    images = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(features, 8, kernel_initializer="ones")(images)
    return KerasExtractor(keras.Model(images, keras.layers.Flatten()(x)), resize=resize, name="small")

def nothing():
    return 3

def lacking(path):
    return None

number = 3
"""


def test_an_extractor_is_named_by_its_place(tmp_path, monkeypatch):
    (tmp_path / "own_extractors.py").write_text(OWN_MODULE)
    monkeypatch.chdir(tmp_path)
    extractor = find_extractor("own_extractors:small", features=5, resize="clean")
    assert (extractor.label("FID"), extractor.dimension, extractor.resize) == ("FD-small", 5, "clean")
    assert find_extractor(extractor) is extractor
    for name, options, message in (
        ("own_extractors:small", {"precision": "bfloat16"}, "--precision bfloat16: the own_.*does not offer it"),
        ("own_extractors:gone", {}, "own_extractors:gone: module 'own_extractors' has no attribute 'gone'"),
        ("own_extractors:number", {}, "number is no function"),
        ("own_extractors:nothing", {}, "gave int; expected a KerasExtractor"),
        ("own_extractors:lacking", {}, "missing a required argument: 'path'; every parameter needs a default"),
        ("absent_module:f", {}, "there is no module absent_module"),
        (extractor, {"features": 3}, "--features 3: the small extractor does not offer it"),
    ):
        with pytest.raises(UserError, match=message):
            find_extractor(name, **options)


def test_a_trainings_precision_does_not_reach_an_extractor(tmp_path, monkeypatch):
    (tmp_path / "precise_extractors.py").write_text(OWN_MODULE)
    monkeypatch.chdir(tmp_path)
    with dtype_policy("mixed_bfloat16"):
        assert find_extractor("precise_extractors:small").precision == "float32"
