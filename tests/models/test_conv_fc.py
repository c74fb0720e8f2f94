import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.models.architecture import Architecture
from tfgan_repro.models.conv_fc import build_discriminator, build_generator

REPORT_D = Architecture((28, 28, 1), latent_dim=128, dropout=0.25, discriminator_normalization="none")


def shapes(network):
    return [tuple(weight.shape) for weight in network.trainable_weights if len(weight.shape) > 1]


def test_layer_table():
    # Transposed convolutions keep their kernels as [height, width, out, in].
    assert shapes(build_generator(REPORT_D)) == [(128, 1024), (1024, 7 * 7 * 64), (5, 5, 32, 64), (5, 5, 1, 32)]
    assert shapes(build_discriminator(REPORT_D)) == [
        (5, 5, 1, 32),
        (5, 5, 32, 64),
        (7 * 7 * 64, 1024),
        (1024, 128),
        (128, 1),
    ]


def test_dropout_is_on_every_layer_but_the_last():
    for network, names in (
        (build_generator(REPORT_D), ["dense1", "dense2", "up1"]),
        (build_discriminator(REPORT_D), ["down1", "down2", "dense1", "dense2"]),
    ):
        assert [layer.name for layer in network.layers if "dropout" in layer.name] == [f"{n}_dropout" for n in names]
        assert [layer.name for layer in network.layers if "elu" in layer.name] == [f"{n}_elu" for n in names]


def test_the_sigmoid_is_mapped_to_the_common_range():
    generator = build_generator(REPORT_D)
    pixels = generator.get_layer("pixels").output
    assert generator.get_layer("images").input is pixels
    latents = np.random.default_rng(0).standard_normal((4, 128)).astype(np.float32) * 100
    images = np.asarray(generator(latents))
    assert images.shape == (4, 28, 28, 1)
    assert -1 <= images.min() < -0.5 and 0.5 < images.max() <= 1


def test_other_sizes():
    architecture = Architecture((32, 32, 3), latent_dim=8, width=0.125, discriminator_normalization="none")
    images = build_generator(architecture)(np.zeros((2, 8), np.float32))
    assert images.shape == (2, 32, 32, 3)
    with pytest.raises(UserError, match="conv-fc cannot make images of 30 pixels a side"):
        build_discriminator(Architecture((30, 30, 1), discriminator_normalization="none"))
