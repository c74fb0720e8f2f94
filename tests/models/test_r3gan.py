"""R3GAN's networks against what the paper and the authors' code say of them."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import r3gan_float64

from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError
from tfgan_repro.models.architecture import Architecture
from tfgan_repro.backends.tensorflow_training import weight_gradients
from tfgan_repro.models.r3gan import R3GAN, build_discriminator, build_generator, smoothed


def count(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


def test_parameters_at_full_width_are_the_authors():
    architecture = Architecture(latent_dim=64)
    generator, discriminator = build_generator(architecture), build_discriminator(architecture)
    block = 768 * 1536 + 9 * 16 * 1536 + 1536 * 768 + 2 * 1536
    assert 8 * block == 20_668_416
    basis = 4 * 4 * 768
    assert count(generator.trainable_weights) == 8 * block + basis + 64 * 768 + 768 * 3
    assert count(discriminator.trainable_weights) == 8 * block + basis + 768 + 3 * 768


def test_a_class_is_a_vector_beside_the_latents_and_one_for_the_features():
    choices = {"latent_dim": 64, "width": 0.0625, "num_classes": 10}
    plain = R3GAN(**choices, generator_conditioning="none", discriminator_conditioning="none")
    conditional = R3GAN(**choices)
    added = {
        name: count(getattr(conditional, name).weights) - count(getattr(plain, name).weights)
        for name in ("generator", "discriminator")
    }
    assert added == {"generator": 10 * 64 + 64 * 48, "discriminator": 10 * 48 + 48 * 48 - 48}


@pytest.mark.parametrize(
    ("shape", "channels"),
    [((28, 28, 1), [96] * 3), ((32, 32, 3), [96] * 4), ((64, 64, 3), [96, 96, 96, 96, 48])],
)
def test_channels_and_grids_of_the_stages(shape, channels):
    architecture = Architecture(shape, latent_dim=8, width=0.125)
    generator, discriminator = build_generator(architecture), build_discriminator(architecture)
    sides = [shape[0] >> level for level in reversed(range(len(channels)))]
    expected = [(None, side, side, filters) for side, filters in zip(sides, channels)]
    for network in (generator, discriminator):
        blocks = [network.get_layer(f"block{level}_2").output.shape for level in range(len(channels))]
        assert blocks == expected
    assert generator.output.shape == (None, *shape) and discriminator.output.shape == (None, 1)


def test_first_weights_keep_the_variance_and_add_nothing():
    generator = build_generator(Architecture(latent_dim=64, width=0.25))
    gain = np.sqrt(2 / 1.04) * 8**-0.25
    widen, look, narrow = (generator.get_layer(f"block2_1_{name}") for name in ("widen", "look", "narrow"))
    assert look.groups == 24 and look.kernel.shape == (3, 3, 16, 384)
    assert np.std(widen.kernel) == pytest.approx(gain / np.sqrt(192), rel=0.02)
    assert np.std(look.kernel) == pytest.approx(gain / np.sqrt(9 * 16), rel=0.02)
    assert not np.any(narrow.kernel) and narrow.bias is None
    assert widen.bias is not None and look.bias is not None
    assert np.std(generator.get_layer("basis").kernel) == pytest.approx(1, rel=0.05)
    latents = np.random.default_rng(0).standard_normal((64, 64), np.float32)
    # Interpolation alone takes variance away.
    assert 0.2 < float(np.std(generator(latents))) < 1


def test_interpolation_is_the_filter_1_2_1_with_zeros_around():
    images = np.random.default_rng(0).normal(size=(1, 5, 6, 1)).astype(np.float32)
    inputs = keras.Input((5, 6, 1))
    found = keras.Model(inputs, smoothed(inputs, "x"))(images)
    padded = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)])
    filter_ = np.outer([1, 2, 1], [1, 2, 1]) / 16
    expected = sum(
        filter_[y, x] * padded[:, y : y + 5, x : x + 6] for y in range(3) for x in range(3)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"width": 0.1}, "--width 0.1: the channels of r3gan come in groups"),
        ({"width": 0.001}, "choose 0.01042"),
        ({"width": 0.03125, "image_size": 64}, "multiples of 1/48; choose 0.02083 or 0.04167"),
        ({"discriminator_normalization": "layer"}, "layer does not go with --model r3gan: it has no normalisation"),
        ({"dropout": 0.5}, "--dropout 0.5 does not go with --model r3gan"),
        ({"discriminator_conditioning": "classifier"}, "classifier does not go with --model r3gan"),
    ],
)
def test_what_it_has_no_place_for_is_refused(choices, message):
    with pytest.raises(UserError) as error:
        TrainConfig.from_choices(model="r3gan", **choices)
    assert message in str(error.value)


def test_a_gauge_says_how_far_real_logits_are_above_generated_ones():
    gan = R3GAN((16, 16, 3), 3, width=1 / 96, latent_dim=4)
    gan.compile()
    images, labels = tf.random.stateless_uniform((4, 16, 16, 3), [1, 2], -1, 1), tf.constant([0, 1, 2, 0])
    metrics = gan.train_step((images, labels))
    assert float(metrics["margin"]) == pytest.approx(float(metrics["d_real"]) - float(metrics["d_fake"]), abs=1e-6)
    assert gan.average is not None and float(gan.generator_optimizer.beta_2) == pytest.approx(0.9)


def test_a_step_is_that_of_an_independent_implementation():
    """Losses, both penalties and gradients in float32 against float64."""
    *weights, images, labels, latents = r3gan_float64.given()
    gan = R3GAN((16, 16, 3), 3, recipe="paper", width=1 / 48, latent_dim=4)
    gan.compile(fresh_latents=False, augmentation="none", schedule_to="none")
    for network, values in zip((gan.generator, gan.discriminator), weights):
        assert len(network.weights) == len(values)
        for name, value in values.items():
            layer, _, kind = name.partition("/")
            getattr(network.get_layer(layer), kind).assign(value)
    gan.draw_latents = lambda count: tf.constant(latents)
    minibatch = gan.split_into_minibatches((tf.constant(images), tf.constant(labels, tf.int32)), 1)(0)
    fake_images, variables = gan.draw_fake_images(minibatch), gan.discriminator.trainable_variables
    gradients, _ = weight_gradients(lambda: gan.discriminator_loss(minibatch, fake_images), variables)
    names = ["/".join(variable.path.split("/")[-2:]) for variable in variables]

    expected, lengths = r3gan_float64.step()
    found = [float(tf.norm(tf.convert_to_tensor(gradient))) for gradient in gradients]
    assert dict(zip(names, found)) == pytest.approx(lengths, rel=1e-4)
    metrics = gan.train_step(minibatch)
    assert {name: float(metrics[name]) for name in expected} == pytest.approx(expected, rel=5e-4)
