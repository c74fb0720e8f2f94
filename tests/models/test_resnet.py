import keras
import numpy as np
import pytest

from tfgan_repro.models.architecture import Architecture
from tfgan_repro.models.resnet import build_discriminator, build_generator

SNGAN = Architecture(
    num_classes=10,
    latent_dim=128,
    generator_conditioning="batch-normalization",
    discriminator_conditioning="projection",
    spectral_normalization="discriminator",
    discriminator_normalization="none",
    leaky_slope=0.0,
)


def count(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


def convolution(size, inside, outside):
    return size * size * inside * outside + outside


def test_parameters_are_those_of_the_papers_table():
    generator, discriminator = build_generator(SNGAN), build_discriminator(SNGAN)
    block = 2 * convolution(3, 256, 256) + convolution(1, 256, 256) + 2 * 2 * 10 * 256
    dense = 128 * 4096 + 4096
    assert count(generator.trainable_weights) == dense + 3 * block + 2 * 256 + convolution(3, 256, 3)
    first = convolution(3, 3, 128) + convolution(3, 128, 128) + convolution(1, 3, 128)
    others = 3 * 2 * convolution(3, 128, 128) + convolution(1, 128, 128)
    assert count(discriminator.trainable_weights) == first + others + 128 + 1 + 10 * 128


def test_unconditional_generator_has_the_published_number_of_parameters():
    """4,276,739 for the 32x32 generator of Miyato et al. without labels."""
    architecture = Architecture(latent_dim=128, leaky_slope=0.0)
    assert count(build_generator(architecture).trainable_weights) == 4_276_739


def test_grids_and_sum_pooling():
    discriminator = build_discriminator(SNGAN)
    sides = [discriminator.get_layer(f"block{level}").output.shape[1] for level in range(1, 5)]
    assert sides == [16, 8, 8, 8]
    outputs = [discriminator.get_layer(name).output for name in ("last_relu", "sum_pool")]
    places, pooled = keras.Model(discriminator.inputs, outputs)(
        [np.random.default_rng(0).normal(size=(2, 32, 32, 3)).astype(np.float32), np.array([0, 1])]
    )
    np.testing.assert_allclose(pooled, np.sum(places, axis=(1, 2)), rtol=1e-5)


def test_the_logit_is_a_dense_layer_plus_the_projection():
    discriminator = build_discriminator(SNGAN)
    outputs = [discriminator.get_layer(name).output for name in ("features", "logits_sn", "label_projection_sn")]
    inputs = [np.random.default_rng(0).normal(size=(3, 32, 32, 3)).astype(np.float32), np.array([0, 1, 9])]
    features, plain, embedding = keras.Model(discriminator.inputs, outputs)(inputs)
    expected = plain + np.sum(features * embedding, axis=1, keepdims=True)
    np.testing.assert_allclose(discriminator(inputs), expected, rtol=1e-4, atol=1e-5)
    with_another_label = discriminator([inputs[0], np.array([5, 5, 5])])
    assert not np.allclose(with_another_label, expected)


@pytest.mark.parametrize(("size", "side"), [(28, 14), (32, 16), (48, 24), (64, 16)])
def test_attention_stands_at_sixteen_places_a_side(size, side):
    architecture = Architecture((size, size, 3), latent_dim=8, width=0.0625, attention=True)
    for network in (build_generator(architecture), build_discriminator(architecture)):
        attention = [layer for layer in network.layers if layer.name == "attention"]
        assert [layer.output.shape[1] for layer in attention] == [side]
