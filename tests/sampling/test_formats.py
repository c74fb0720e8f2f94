"""Generators of every family as Keras files."""

import keras
import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.models import MODELS
from tfgan_repro.models.generation import fixed_latents
from tfgan_repro.sampling import EXPORTS

NARROW = {"width": 0.0625, "latent_dim": 8}


def tiny_generator(name):
    """A generator of a family, conditional where it can be, and its inputs."""
    model_class = MODELS.load(name)
    try:
        generator = model_class((32, 32, 3), 3, **NARROW).generator
    except UserError:
        generator = model_class((28, 28, 1), 0, **NARROW).generator
    latents = fixed_latents(3, generator.inputs[0].shape[-1], 1)
    return generator, [latents, np.array([0, 1, 2], np.int32)][: len(generator.inputs)]


@pytest.mark.parametrize("name", list(MODELS))
def test_saved_and_exported_generators_load_without_custom_objects(name, tmp_path):
    generator, inputs = tiny_generator(name)
    expected = keras.ops.convert_to_numpy(generator(inputs, training=False))
    generator.save(tmp_path / "saved.keras")
    EXPORTS.load("keras").write(generator, tmp_path / "exported.keras")
    for file in ("saved.keras", "exported.keras"):
        loaded = keras.models.load_model(tmp_path / file)
        images = keras.ops.convert_to_numpy(loaded(inputs, training=False))
        np.testing.assert_allclose(images, expected, atol=1e-5, err_msg=file)
