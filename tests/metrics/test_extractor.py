"""What extractors have in common, on the embedded one, and the 2015 network on real data."""

import importlib.util
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from conftest import PYTHON_PATH
from PIL import Image

from tfgan_repro.data import load_pictures
from tfgan_repro.errors import UserError
from tfgan_repro.metrics.classes import class_agreement
from tfgan_repro.metrics.embedded import DigitExtractor, EmbeddedExtractor, LetterExtractor, load_classifier
from tfgan_repro.metrics.extractor import KerasExtractor, ahead
from tfgan_repro.metrics.folder import ImageFolder
from tfgan_repro.metrics.inception import InceptionExtractor

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (20, 32, 32, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def embedded():
    return EmbeddedExtractor()


def test_features_and_logits_are_those_of_the_network(embedded):
    expected = load_classifier().predict(IMAGES / 127.5 - 1, verbose=0)
    (outputs,) = embedded.outputs(IMAGES)
    np.testing.assert_allclose(outputs["features"], expected["features"], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(outputs["logits"], expected["logits"], rtol=1e-4, atol=1e-4)


def test_a_device_without_enough_memory_ends_in_one_line(embedded, monkeypatch):
    def extract(images):
        raise RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 140737488355328 bytes.")

    monkeypatch.setattr(embedded, "_extract", extract)
    with pytest.raises(UserError, match=r"the embedded extractor and 20 images at once \(RESOURCE.*\): end what else"):
        embedded(IMAGES)


def test_a_gpu_does_not_round_the_factors_of_what_is_said_to_be_float32():
    import tensorflow as tf

    from tfgan_repro.backends.tensorflow import compiled_on_images

    rounds, seen = tf.config.experimental.tensor_float_32_execution_enabled, []
    before = rounds()

    def look(images):
        seen.append(rounds())
        return images

    compiled_on_images(lambda images: tf.numpy_function(look, [images], tf.uint8), None, "uint8")(IMAGES)
    assert seen == [False] and rounds() == before


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed")
def test_nor_does_one_on_jax():
    program = """
import jax, keras, numpy
from tfgan_repro.metrics.extractor import KerasExtractor

kinds = keras.layers
layers = [kinds.Input((8, 8, 3)), kinds.Conv2D(4, 3), kinds.GlobalAveragePooling2D(), kinds.Dense(2)]
extractor = KerasExtractor(keras.Sequential(layers), name="own")
print(jax.make_jaxpr(extractor._extract)(numpy.zeros((2, 8, 8, 3), numpy.uint8)))
"""
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": PYTHON_PATH}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert done.stdout.count("Precision.HIGHEST") >= 2 and "precision=None" not in done.stdout, done.stderr


def test_batch_size_does_not_matter(embedded, monkeypatch):
    whole = embedded(IMAGES)
    monkeypatch.setattr(embedded, "batch_size", 7)
    done = []
    np.testing.assert_allclose(embedded(IMAGES, done.append), whole, rtol=1e-4, atol=1e-5)
    assert done == [7, 14, 20]


def test_grey_images_have_equal_colours(embedded):
    grey = IMAGES[..., :1]
    np.testing.assert_allclose(embedded(grey), embedded(grey.repeat(3, axis=-1)), rtol=1e-5, atol=1e-6)


def test_a_function_that_resizes_gets_floats_whatever_the_pixels_are():
    import keras

    def blurred(images, size):
        assert images.dtype == "float32"
        return keras.ops.image.resize(images / 2, (size, size))

    inputs = keras.Input((8, 8, 3))
    extractor = KerasExtractor(keras.Model(inputs, keras.layers.Flatten()(inputs)), resize=blurred, name="own")
    pixels = np.full((2, 4, 4, 3), 200, np.uint8)
    np.testing.assert_allclose(extractor(pixels), 100)


@pytest.mark.parametrize("resize", ["tf1-bilinear", "nearest", "clean", "bicubic", "antialias"])
def test_files_of_mixed_sizes_are_resized_as_arrays_are(resize, tmp_path):
    extractor = EmbeddedExtractor(resize)
    images = [RANDOM.integers(0, 256, size, dtype=np.uint8) for size in ((40, 50, 3), (32, 32, 3), (20, 9, 3))]
    for index, image in enumerate(images):
        Image.fromarray(image).save(tmp_path / f"{index}.png")
    expected = np.concatenate([extractor(image[None]) for image in images])
    np.testing.assert_allclose(extractor(ImageFolder(tmp_path)), expected, rtol=1e-4, atol=1e-5)


def test_resizes_matter_and_stand_in_the_protocol():
    images = RANDOM.integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)
    extractors = [EmbeddedExtractor(resize) for resize in ("nearest", "clean")]
    assert [extractor.protocol["resize"] for extractor in extractors] == ["nearest", "clean"]
    assert np.abs(extractors[0](images) - extractors[1](images)).max() > 0.1
    assert extractors[0].weights_hash == extractors[1].weights_hash


def test_no_image_is_refused(embedded):
    with pytest.raises(UserError, match="array holds no image"):
        embedded(IMAGES[:0])


def test_the_next_batch_is_made_while_one_is_computed():
    made = []

    def make():
        for number in range(3):
            made.append((number, threading.current_thread() is threading.main_thread()))
            yield number

    batches = ahead(make())
    assert next(batches) == 0
    deadline = time.monotonic() + 10
    while len(made) < 2 and time.monotonic() < deadline:
        time.sleep(0.001)
    assert made == [(0, False), (1, False)]  # the second before it was asked for
    assert list(batches) == [1, 2]


def test_an_error_in_the_next_batch_is_not_lost():
    def make():
        yield 1
        raise UserError("bad image")

    with pytest.raises(UserError, match="bad image"):
        list(ahead(make()))


def test_the_digit_classifier_knows_digits(mnist_dir):
    pictures = load_pictures(f"idx:{mnist_dir}", "test")
    extractor = DigitExtractor()
    assert extractor.label("FID") == "FD-digits" and extractor.weights_hash != EmbeddedExtractor().weights_hash
    share, per_class = class_agreement(pictures.images[:2000], pictures.labels[:2000], extractor)
    assert share > 0.99 and len(per_class) == 10


def test_the_letter_classifier_knows_letters():
    pictures = load_pictures("letters", "test")
    extractor = LetterExtractor()
    assert extractor.label("FID") == "FD-letters"
    share, per_class = class_agreement(pictures.images, pictures.labels, extractor)
    assert share > 0.99 and len(per_class) == 10


def test_bfloat16_changes_features_little_and_is_recorded(inception_weights):
    extractor = InceptionExtractor(inception_weights)
    assert (extractor.dimension, extractor.label("FID")) == (768, "FID-768")
    features = extractor(IMAGES[:4])
    assert features.shape == (4, 768) and (features >= 0).all() and features.max() < 20
    half = InceptionExtractor(inception_weights, precision="bfloat16")
    assert half.protocol["precision"] == "bfloat16" and half.weights_hash == extractor.weights_hash
    difference = np.linalg.norm(half(IMAGES[:4]) - features, axis=1) / np.linalg.norm(features, axis=1)
    assert 0 < difference.max() < 0.05


def test_the_imagenet_extractors_hash_does_not_depend_on_how_many_networks_there_are(tmp_path):
    """Keras numbers layers through the whole process: `conv2d_9` may be `conv2d_103` the next time."""
    import keras

    from tfgan_repro.metrics.imagenet import ImageNetExtractor

    keras.utils.set_random_seed(0)
    options = {"include_top": False, "weights": None, "pooling": "avg", "input_shape": (299, 299, 3)}
    keras.applications.InceptionV3(**options).save_weights(tmp_path / "random.weights.h5")
    first, second = (ImageNetExtractor(tmp_path / "random.weights.h5") for _ in range(2))
    assert first.weights_hash == second.weights_hash
    assert (first.label("FID"), first.resize, first.dimension) == ("FID-imagenet", "nearest", 2048)


def own_network():
    """A small functional model whose weights have names that change from process to process."""
    import keras

    keras.utils.set_random_seed(3)
    images = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(5, 3, activation="relu", name="conv")(images)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(images, keras.layers.Dense(4, name="classes")(x), name="mine")


def test_any_model_is_an_extractor_cut_at_a_layer():
    import keras

    network = own_network()
    extractor = KerasExtractor(
        network, layer="pool", logits="classes", resize="nearest", mean=(0.4, 0.5, 0.6), std=0.25, name="own"
    )
    images = RANDOM.integers(0, 256, (6, 16, 16, 3), dtype=np.uint8)
    scaled = (images / 255 - [0.4, 0.5, 0.6]) / 0.25
    pool = keras.Model(network.input, network.get_layer("pool").output)
    (outputs,) = extractor.outputs(images)
    np.testing.assert_allclose(outputs["features"], pool.predict(scaled, verbose=0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(outputs["logits"], network.predict(scaled, verbose=0), rtol=1e-4, atol=1e-5)
    assert extractor.label("FID") == "FD-own" and extractor.label("prec") == "prec-own"
    protocol = extractor.protocol
    assert (protocol["layer"], protocol["input_size"], protocol["resize"]) == ("pool", 16, "nearest")
    assert protocol["scaling"] == "mean 0.4 0.5 0.6, std 0.25" and protocol["precision"] == "float32"


def test_without_mean_and_deviation_a_model_is_given_pixels():
    import keras

    network = keras.Sequential([keras.layers.Flatten(), keras.layers.Rescaling(1 / 255)], name="flat")
    images = RANDOM.integers(0, 256, (2, 4, 4, 3), dtype=np.uint8)
    extractor = KerasExtractor(network, size=4)
    np.testing.assert_allclose(extractor(images), images.reshape(2, -1) / 255, rtol=1e-6)
    assert extractor.name == "flat" and extractor.protocol["scaling"] == "none"


def test_models_of_any_kind_are_extractors():
    import keras

    class Subclassed(keras.Model):
        def __init__(self):
            super().__init__(name="subclassed")
            self.dense = keras.layers.Dense(2, kernel_initializer="ones", name="dense")

        def call(self, images):
            return self.dense(keras.ops.mean(images, axis=(1, 2)))

    images = RANDOM.integers(0, 256, (2, 6, 6, 3), dtype=np.uint8)
    expected = images.mean(axis=(1, 2)).sum(axis=1, keepdims=True).repeat(2, axis=1)
    np.testing.assert_allclose(KerasExtractor(Subclassed(), size=6)(images), expected, rtol=1e-5)
    with pytest.raises(UserError, match="cannot be cut at layer dense: it is not a functional model"):
        KerasExtractor(Subclassed(), size=6, layer="dense")
    any_size = keras.Input((None, None, 3))
    flat = keras.Model(any_size, keras.layers.Flatten()(any_size))
    np.testing.assert_allclose(KerasExtractor(flat, size=6)(images), images.reshape(2, -1))
    with pytest.raises(UserError, match="extractor's size is None; it needs one input"):
        KerasExtractor(flat)
    two = keras.Model(any_size, [any_size, any_size])
    with pytest.raises(UserError, match="several outputs; name the layer"):
        KerasExtractor(two, size=6)


def test_the_hash_is_of_the_weights_up_to_the_layer():
    network = own_network()
    pool, classes = KerasExtractor(network, layer="pool"), KerasExtractor(network)
    assert pool.weights_hash != classes.weights_hash == KerasExtractor(own_network()).weights_hash
    network.get_layer("classes").bias.assign([1, 2, 3, 4])
    assert KerasExtractor(network, layer="pool").weights_hash == pool.weights_hash
    assert KerasExtractor(network).weights_hash != classes.weights_hash


def scaled_network(divisor=255, activation="relu", logits=0.0):
    import keras

    images = keras.Input((8, 8, 3))
    x = keras.layers.Rescaling(1 / divisor)(images)
    x = keras.layers.Conv2D(4, 3, kernel_initializer="ones", activation=activation)(x)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    classes = keras.layers.Dense(2, kernel_initializer="ones", name="classes")
    outputs = classes(x)
    classes.bias.assign([logits, 0])
    return keras.Model(images, outputs, name="mine")


def test_features_are_remembered_under_all_that_an_own_network_computes():
    def key(resize="nearest", **changes):
        return KerasExtractor(scaled_network(**changes), "pool", logits="classes", resize=resize).cache_key

    # Unnamed layers have other names by now.
    assert key() == key() and key()["layer"] == "pool"
    assert len({str(key(**changes)) for changes in ({}, {"divisor": 2}, {"activation": "gelu"}, {"logits": 1.0})}) == 4
    # Of a function nothing but its name is known.
    assert key(resize=lambda images, size: images[:, :size, :size]) is None


def test_nothing_is_remembered_where_features_cannot_be_told_apart():
    import keras
    from tfgan_repro.files import cache_directory
    from tfgan_repro.metrics.score import Reference

    images = RANDOM.integers(0, 256, (12, 10, 10, 3), dtype=np.uint8)
    values = []
    for start in (0, 2):
        def cut(images, size, start=start):
            return keras.ops.cast(images[:, start : start + size, start : start + size], "float32")

        reference = Reference(KerasExtractor(scaled_network(), "pool", resize=cut), images[:6])
        values.append((reference.score(images[6:])["value"], reference.score(images[6:])["real_vs_real"]))
    assert values[0][0] != values[1][0] and values[0][1] != values[1][1]
    assert not list(cache_directory().glob("**/*"))


def test_the_package_s_own_extractors_are_remembered_under_their_protocol():
    """Caches of earlier versions, and the floors that come with the package."""
    extractor = EmbeddedExtractor()
    assert extractor.cache_key == extractor.protocol


def test_the_built_in_extractors_keep_their_hashes(inception_weights):
    """Old scores name them."""
    assert EmbeddedExtractor().weights_hash == "0a672d52d8e8c896"
    assert DigitExtractor().weights_hash == "d6e0120a7ac7752d"
    assert InceptionExtractor(inception_weights).weights_hash == "b2bc90433043ae0d"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layer": "top"}, "model mine has no layer top; its last ones are .*conv, pool, classes"),
        ({"layer": "conv"}, r"layer conv of model mine has shape \(None, 14, 14, 5\); features must be vectors"),
        ({"size": 32}, r"takes inputs of shape \(None, 16, 16, 3\) and the extractor's size is 32"),
        ({"name": "2015"}, "extractor name 2015: that of the package's own"),
        ({"resize": "lanczos"}, "unknown resize 'lanczos'"),
        ({"mean": 127.5, "std": 127.5}, r"mean 127.5: is of pixels in \[0, 255\]; give that of pixels in \[0, 1\]"),
        ({"mean": (0.5, 0.5)}, "expected one number or three"),
        ({"std": 0}, "std 0: must be above 0"),
    ],
)
def test_models_that_are_no_extractors_are_refused(options, message):
    with pytest.raises(UserError, match=message):
        KerasExtractor(own_network(), **options)


def test_a_model_of_vectors_is_refused_whatever_size_is_said():
    import keras

    model = keras.Sequential([keras.layers.Input((100,)), keras.layers.Dense(3)], name="mine")
    with pytest.raises(UserError, match=r"model mine takes inputs of shape \(None, 100\)"):
        KerasExtractor(model, size=32)


def test_what_is_no_extractor_is_refused():
    with pytest.raises(UserError, match="model: expected a Keras model, received str"):
        KerasExtractor("mobilenet")


def test_a_models_nan_does_not_become_a_score():
    from tfgan_repro.metrics.score import Reference

    network = own_network()
    network.get_layer("classes").bias.assign(np.full(4, np.nan))
    with pytest.raises(UserError, match="the features of mine contain NaN or infinity"):
        Reference(KerasExtractor(network), IMAGES)


def test_half_precision_is_in_the_protocol():
    import keras

    images = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(5, 3, dtype="mixed_bfloat16")(images)
    network = keras.Model(images, keras.layers.GlobalAveragePooling2D(dtype="float32")(x))
    assert KerasExtractor(network).protocol["precision"] == "bfloat16"
