"""Every pair that can be named trains, with its own recipe and with others."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfgan_repro as tfgan
from tfgan_repro.config import TrainConfig
from tfgan_repro.data import load_pictures
from tfgan_repro.data.pipeline import training_batches
from tfgan_repro.errors import UserError
from tfgan_repro.models import MODELS
from tfgan_repro.models.dcgan import DCGAN
from tfgan_repro.models.sagan import SAGAN
from tfgan_repro.runs.loading import build_gan, compile_gan

BATCH = 4


@pytest.fixture(scope="module")
def shapes():
    # Small, so that little is traced.
    return load_pictures("shapes", image_size=16)


def trained(shapes, steps=3, precision="float32", **choices):
    """A GAN of a tiny configuration after some steps, with the metrics of each."""
    if precision == "bfloat16":
        keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    config = TrainConfig.from_choices(**{"width": 0.0625, "batch_size": BATCH, "latent_dim": 8, **choices})
    gan = build_gan(config, shapes.image_shape, len(shapes.classes))
    compile_gan(gan, config)
    images = config.images_per_step
    batches = training_batches(shapes, images, labels=gan.conditional, dequantize=config.dequantize)
    step = tf.function(gan.train_step)
    metrics = [{name: float(value) for name, value in step(batch).items()} for batch in batches.take(steps)]
    assert all(np.isfinite(value) for row in metrics for value in row.values()), metrics
    assert int(gan.step) == steps
    return gan, metrics


def moved(network, start):
    return [not np.array_equal(new, old) for new, old in zip(network.get_weights(), start)]


@pytest.mark.parametrize("model", MODELS)
def test_every_model_trains_on_shapes(shapes, model):
    gan, metrics = trained(shapes, model=model)
    images = gan([np.zeros((2, 8)), np.array([0, 9])] if gan.conditional else np.zeros((2, 8)))
    assert images.shape == (2, 16, 16, 3)
    assert model == "r3gan" or float(np.abs(images).max()) <= 1
    assert metrics[0] != metrics[1]
    for network in (gan.generator, gan.discriminator):
        assert all(np.isfinite(weight).all() for weight in network.get_weights())


@pytest.mark.parametrize("model", ["sagan", "sngan-resnet", "wgan-gp-acgan"])
def test_conditional_models_train_in_bfloat16(shapes, model):
    gan, _ = trained(shapes, precision="bfloat16", model=model)
    assert gan([np.zeros((2, 8)), np.array([0, 9])]).dtype == tf.float32


TECHNIQUES = [
    {"penalty": "zero-centred", "discriminator_normalization": "layer", "loss": "wasserstein"},
    {"penalty": "dragan", "discriminator_normalization": "none"},
    {"penalty": "r1", "discriminator_normalization": "none", "augmentation": "color,translation,cutout"},
    {"weight_clip": 0.01, "loss": "wasserstein", "optimizer": "rmsprop", "momentum": 0.5},
    {"discriminator_batches": "joint", "loss": "least-squares", "instance_noise": 0.1, "instance_noise_steps": 2},
    {"downsampling": "average-pooling", "leaky_slope": 0.0, "dropout": 0.3, "optimizer": "sgd", "momentum": 0.9},
    {"label_flipping": 0.2, "loss": "saturating", "ema_half_life": 10.0, "learning_rate_decay_steps": 3},
    {"generator_conditioning": "concatenation", "discriminator_conditioning": "concatenation", "loss": "hinge"},
    {
        "model": "conv-fc",
        "generator_conditioning": "concatenation",
        "discriminator_conditioning": "classifier",
        "spectral_normalization": "both",
        "classifier_weight": 0.5,
    },
    {"model": "sndcgan", "attention": True, "penalty": "r1", "discriminator_normalization": "layer"},
    {
        "model": "sagan-resnet",
        "discriminator_conditioning": "classifier",
        "discriminator_batches": "joint",
        "discriminator_normalization": "batch",
    },
]


@pytest.mark.parametrize("choices", TECHNIQUES, ids=lambda choices: "-".join(map(str, choices.values())))
def test_techniques_combine(shapes, choices):
    trained(shapes, **choices)


def test_attention_is_after_the_first_convolution_and_before_the_last_on_64_maps():
    gan = SAGAN(num_classes=10, recipe="report")
    for network in (gan.generator, gan.discriminator):
        assert network.get_layer("attention").output.shape == (None, 16, 16, 64)
    assert gan.discriminator.get_layer("attention").input is gan.discriminator.get_layer("down1_relu").output
    assert gan.generator.get_layer("up3_sn").input is gan.generator.get_layer("attention").output


def test_every_convolution_of_sagan_is_spectrally_normalised_and_the_generator_norm_is_by_class():
    gan = SAGAN(num_classes=10, width=0.125, recipe="report")
    for network in (gan.generator, gan.discriminator):
        plain = (keras.layers.Conv2D, keras.layers.Conv2DTranspose, keras.layers.Dense)
        assert not [layer.name for layer in network.layers if isinstance(layer, plain)]
    names = [layer.name for layer in gan.generator.layers if type(layer).__name__ == "ConditionalBatchNormalization"]
    assert names == ["grid_norm", "up1_norm", "up2_norm"]


def test_a_conditional_model_needs_classes():
    with pytest.raises(UserError, match="--generator-conditioning batch-normalization needs pictures with labels"):
        SAGAN()


def test_the_gan_is_told_the_labels_of_the_images_it_meets(shapes):
    gan, _ = trained(shapes, model="sagan", recipe="report")
    seen = []
    original = gan.discriminator.call
    gan.discriminator.call = lambda inputs, **kwargs: seen.append(inputs[1]) or original(inputs, **kwargs)
    images, labels = next(iter(training_batches(shapes, BATCH, labels=True)))
    gan.train_step((images, labels))
    assert len(seen) == 3
    for received in seen:
        np.testing.assert_array_equal(received, labels)


def test_joint_batches_are_one_call_of_the_discriminator(shapes):
    gan, _ = trained(shapes, steps=1, discriminator_batches="joint")
    sizes = []
    original = gan.discriminator.call
    gan.discriminator.call = lambda x, **kwargs: sizes.append(x.shape[0]) or original(x, **kwargs)
    gan.train_step(next(iter(training_batches(shapes, BATCH))))
    assert sizes == [2 * BATCH, BATCH]


def test_spectral_vectors_move_once_a_call_and_not_outside_training(shapes):
    gan, _ = trained(shapes, model="sndcgan")
    u = gan.discriminator.get_layer("logits_sn").u
    images = np.zeros((2, 16, 16, 3), np.float32)
    before = u.numpy()
    gan.discriminator(images)
    np.testing.assert_array_equal(u.numpy(), before)
    gan.discriminator.get_layer("same1_sn").u.assign(np.eye(1, 4)[0])
    gan.discriminator(images, training=True)
    assert not np.array_equal(gan.discriminator.get_layer("same1_sn").u.numpy(), np.eye(1, 4)[0])


def test_a_tuned_dcgan_uses_the_classes_that_it_is_built_for():
    gan = DCGAN((16, 16, 1), num_classes=3, latent_dim=4, width=0.0625)
    gan.compile()
    logs = gan.train_step((tf.zeros((BATCH, 16, 16, 1)), tf.zeros(BATCH, tf.int32)))
    assert gan.conditional and "d_class_loss" in logs
    assert not DCGAN((16, 16, 1), num_classes=3, recipe="report", latent_dim=4, width=0.0625).conditional
    unnamed = {"generator_conditioning": "none", "discriminator_conditioning": "none"}
    assert not DCGAN((16, 16, 1), num_classes=3, latent_dim=4, width=0.0625, **unnamed).needs_labels


def compiled(**choices):
    gan = DCGAN((16, 16, 1), latent_dim=4, width=0.0625)
    gan.compile(keras.optimizers.SGD(0.4), keras.optimizers.SGD(0.8), **choices)
    return gan


def test_learning_rates_fall_linearly_with_generator_steps():
    gan = compiled(learning_rate_decay_steps=4, discriminator_steps=2)
    images, rates = tf.zeros((2 * BATCH, 16, 16, 1)), []
    for _ in range(6):
        gan.train_step(images)
        rates.append((float(gan.generator_optimizer.learning_rate), float(gan.discriminator_optimizer.learning_rate)))
    expected = [0.3, 0.2, 0.1, 0.0, 0.0, 0.0]
    np.testing.assert_allclose(rates, [(rate, 2 * rate) for rate in expected], atol=1e-6)


def test_a_users_own_schedule_is_left_alone():
    gan = DCGAN((16, 16, 1), latent_dim=4, width=0.0625)
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([2], [0.3, 0.1])
    gan.compile(keras.optimizers.SGD(schedule), keras.optimizers.SGD(0.8))
    for _ in range(4):
        gan.train_step(tf.zeros((BATCH, 16, 16, 1)))
    assert float(gan.generator_optimizer.learning_rate) == pytest.approx(0.1)


def test_instance_noise_falls_to_none():
    gan = compiled(instance_noise=0.5, instance_noise_steps=2)
    images, spreads = tf.zeros((64, 16, 16, 1)), []
    for _ in range(4):
        spreads.append(float(tf.math.reduce_std(gan.augmented(images))))
        gan.step.assign_add(1)
    np.testing.assert_allclose(spreads, [0.5, 0.25, 0, 0], rtol=0.02)


def test_flipped_labels_swap_pairs_with_their_probability():
    gan = compiled(label_flipping=0.3)
    real, fake = gan.flip_labels(tf.ones((10_000, 1)), tf.zeros((10_000, 1)))
    np.testing.assert_array_equal(real + fake, 1)
    assert float(tf.reduce_mean(fake)) == pytest.approx(0.3, abs=0.02)


def test_weights_are_clipped_after_each_discriminator_update():
    gan = compiled(weight_clip=0.01, loss="wasserstein")
    gan.train_step(tf.random.normal((BATCH, 16, 16, 1)))
    assert max(float(np.abs(weight).max()) for weight in gan.discriminator.trainable_variables) == pytest.approx(0.01)


def test_pictures_come_from_the_average(shapes):
    gan, _ = trained(shapes, ema_half_life=1000.0)
    assert gan.sampling_generator is gan.average.network
    start, now = gan.average.network.get_weights(), gan.generator.get_weights()
    assert any(moved(gan.average.network, now))
    gan.average.update(gan.generator, gan.step, images=10**9, half_life=1000.0)
    assert not any(moved(gan.average.network, now)) and any(moved(gan.average.network, start))


def test_a_named_model_is_what_its_name_says():
    gan = tfgan.WGANGP((16, 16, 3), width=0.0625)
    gan.compile()
    choices = gan.techniques
    assert (choices.loss, choices.penalty, choices.discriminator_steps) == ("wasserstein", "gradient", 5)
    sagan = tfgan.SAGAN((16, 16, 3), num_classes=np.int64(3), width=np.float32(0.0625))
    sagan.compile(loss="hinge")
    assert sagan.techniques.loss == "hinge" and sagan.techniques.label_smoothing == 0.1
    assert sagan.generate(4, labels=1).dtype == np.uint8
    for shape in (tf.TensorShape((16, 16, 1)), np.array([16, 16, 1])):
        assert tfgan.DCGAN(shape, width=0.0625).image_shape == (16, 16, 1)
    with pytest.raises(UserError, match="labels from 0 to 7: there are the classes 0 to 2"):
        sagan.generate(2, labels=[0, 7])
