import numpy as np
import pytest

from tfgan_repro.models.architecture import Architecture
from tfgan_repro.models.sndcgan import build_discriminator, build_generator

ARCHITECTURE = Architecture(
    latent_dim=128, spectral_normalization="discriminator", discriminator_normalization="none", leaky_slope=0.1
)


def count(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


def test_parameters_are_those_of_the_papers_table():
    generator, discriminator = build_generator(ARCHITECTURE), build_discriminator(ARCHITECTURE)
    dense, norm = 128 * 4 * 4 * 512, 2 * 512
    ups = sum(16 * inside * outside + 2 * outside for inside, outside in ((512, 256), (256, 128), (128, 64)))
    assert count(generator.trainable_weights) == dense + norm + ups + 9 * 64 * 3 + 3
    shapes = [(3, 3, 64), (4, 64, 128), (3, 128, 128), (4, 128, 256), (3, 256, 256), (4, 256, 512), (3, 512, 512)]
    assert count(discriminator.trainable_weights) == 4 * 4 * 512 + 1 + sum(
        side * side * inside * outside + outside for side, inside, outside in shapes
    )


def test_every_layer_of_the_discriminator_is_spectrally_normalised_and_none_otherwise():
    names = {layer.name for layer in build_discriminator(ARCHITECTURE).layers}
    assert {name for name in names if name.endswith("_sn")} == {
        *(f"same{level}_sn" for level in range(1, 5)),
        *(f"down{level}_sn" for level in range(1, 4)),
        "logits_sn",
    }
    assert not [name for name in names if "norm" in name]
    assert not [layer.name for layer in build_generator(ARCHITECTURE).layers if layer.name.endswith("_sn")]


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (48, 48, 3), (64, 64, 3)])
def test_sizes(shape):
    architecture = Architecture(shape, width=0.0625, latent_dim=8, spectral_normalization="both", attention=True)
    images = build_generator(architecture)(np.zeros((2, 8), np.float32))
    assert images.shape == (2, *shape)
    assert build_discriminator(architecture)(images).shape == (2, 1)
