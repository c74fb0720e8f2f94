"""The training step against its definition, and what `compile` takes for it."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_networks import FLOATS, Halved, dense_gan

import tfgan_repro as tfgan
from tfgan_repro.errors import UserError
from tfgan_repro.models.dcgan import DCGAN
from tfgan_repro.models.gan import GAN, Minibatch
from tfgan_repro.models.losses import RELATIVISTIC


@pytest.fixture
def real_images():
    return np.random.default_rng(0).uniform(-1, 1, (8, 16, 16, 3)).astype(np.float32)


def linear_gan(seed=0):
    """Two networks of one dense layer each, so that gradients can be written down."""
    generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, use_bias=False)])
    discriminator = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, use_bias=False)])
    gan = GAN(generator, discriminator, seed=seed)
    gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.2), label_smoothing=0.1)
    return gan


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_a_step_is_two_gradient_steps_written_by_hand():
    """One descent step of each network, the generator's against the updated discriminator, in float64."""
    gan = linear_gan()
    latents = keras.random.normal((4, 2), seed=keras.random.SeedGenerator(0)).numpy().astype(np.float64)
    real = np.random.default_rng(1).normal(size=(4, 3))
    g, d = gan.generator.get_weights()[0].astype(np.float64), gan.discriminator.get_weights()[0].astype(np.float64)

    metrics = gan.train_step(tf.constant(real, tf.float32))

    fake = latents @ g
    real_p, fake_p = sigmoid(real @ d), sigmoid(fake @ d)
    d_loss = np.mean(-0.9 * np.log(real_p) - 0.1 * np.log(1 - real_p)) + np.mean(-np.log(1 - fake_p))
    d_gradient = real.T @ (real_p - 0.9) / 4 + fake.T @ fake_p / 4
    d = d - 0.2 * d_gradient
    updated_p = sigmoid(fake @ d)
    g_gradient = latents.T @ ((updated_p - 1) / 4 @ d.T)
    np.testing.assert_allclose(gan.discriminator.get_weights()[0], d, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(gan.generator.get_weights()[0], g - 0.1 * g_gradient, rtol=1e-5, atol=1e-7)
    expected = {
        "d_loss": d_loss,
        "g_loss": np.mean(-np.log(updated_p)),
        "d_real": real_p.mean(),
        "d_fake": fake_p.mean(),
        "d_accuracy": ((real_p > 0.5).mean() + (fake_p < 0.5).mean()) / 2,
        "d_gradient_norm": np.linalg.norm(d_gradient),
        "g_gradient_norm": np.linalg.norm(g_gradient),
    }
    assert set(metrics) == set(expected)
    for name, value in expected.items():
        assert float(metrics[name]) == pytest.approx(value, rel=1e-5), name


def test_the_discriminator_is_updated_on_each_minibatch_before_the_generator():
    gan = linear_gan()
    gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.2), discriminator_steps=3)
    gan.train_step(tf.random.normal((12, 3)))
    assert int(gan.discriminator_optimizer.iterations) == 3
    assert int(gan.generator_optimizer.iterations) == 1


def test_one_generator_pass_serves_both_updates(real_images):
    gan = DCGAN((16, 16, 3), latent_dim=4, width=0.125)
    gan.compile(keras.optimizers.Adam(), keras.optimizers.Adam())
    calls = []
    original = gan.generator.call
    gan.generator.call = lambda *args, **kwargs: calls.append(1) or original(*args, **kwargs)
    gan.train_step(tf.constant(real_images))
    assert len(calls) == 1


def test_real_and_generated_images_are_separate_minibatches(real_images):
    """Each call of the discriminator moves its batch statistics by itself: three calls, each of the batch's size."""
    gan = DCGAN((16, 16, 3), latent_dim=4, width=0.125)
    gan.compile(keras.optimizers.Adam(), keras.optimizers.Adam())
    sizes = []
    original = gan.discriminator.call
    gan.discriminator.call = lambda x, **kwargs: sizes.append(x.shape[0]) or original(x, **kwargs)
    gan.train_step(tf.constant(real_images))
    assert sizes == [8, 8, 8]


def test_fit_learns_to_tell_noise_from_a_constant():
    """A discriminator that trains drives its loss below that of guessing."""
    gan = DCGAN((16, 16, 1), latent_dim=4, width=0.125)
    gan.compile(keras.optimizers.Adam(1e-5), keras.optimizers.Adam(1e-2))
    images = tf.data.Dataset.from_tensors(tf.ones((8, 16, 16, 1))).repeat()
    history = gan.fit(images, steps_per_epoch=30, epochs=1, verbose=0, shuffle=False).history
    assert history["d_loss"][-1] < 0.5 * 2 * np.log(2)
    assert history["d_real"][-1] > 0.8 and history["d_fake"][-1] < 0.2


def test_calling_the_model_generates():
    gan = DCGAN((16, 16, 3), latent_dim=4, width=0.125)
    images = gan(np.zeros((2, 4), np.float32))
    np.testing.assert_array_equal(images, gan.generator(np.zeros((2, 4), np.float32)))


def test_latents_differ_from_step_to_step_and_follow_the_seed():
    first, second = (linear_gan(seed=5) for _ in range(2))
    draws = [first.draw_latents(3).numpy(), first.draw_latents(3).numpy()]
    assert not np.array_equal(*draws)
    np.testing.assert_array_equal(second.draw_latents(3).numpy(), draws[0])


def test_mixed_precision_keeps_losses_and_images_in_float32(real_images):
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    gan = DCGAN((16, 16, 3), latent_dim=4, width=0.125)
    gan.compile(keras.optimizers.Adam(), keras.optimizers.Adam())
    metrics = gan.train_step(tf.constant(real_images))
    assert {value.dtype for value in metrics.values()} == {tf.float32}
    assert gan(np.zeros((2, 4), np.float32)).dtype == tf.float32


def test_separate_updates_are_two_adams_on_two_losses():
    """Report D's: the losses on real and on generated images have an Adam each, with gradients at the same weights."""
    gan = linear_gan()
    rate = 0.01
    gan.compile(
        keras.optimizers.SGD(0.1), keras.optimizers.Adam(rate), label_smoothing=0.1, discriminator_updates="separate"
    )
    rng = np.random.default_rng(1)
    weights = gan.discriminator.get_weights()[0].astype(np.float64)
    moments = {kind: [np.zeros((3, 1)), np.zeros((3, 1))] for kind in ("real", "fake")}
    for step in (1, 2):
        real = rng.normal(size=(4, 3))
        generated = gan.generator.get_weights()[0].astype(np.float64)
        before = gan.seed_generator.state.numpy()
        latents = gan.draw_latents(4).numpy().astype(np.float64)
        gan.seed_generator.state.assign(before)
        metrics = gan.train_step(tf.constant(real, tf.float32))
        fake = latents @ generated
        real_p, fake_p = sigmoid(real @ weights), sigmoid(fake @ weights)
        gradients = {"real": real.T @ (real_p - 0.9) / 4, "fake": fake.T @ fake_p / 4}
        for kind, gradient in gradients.items():
            first, second = moments[kind]
            first += 0.1 * (gradient - first)
            second += 0.001 * (gradient**2 - second)
            weights = weights - rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-7)
        np.testing.assert_allclose(gan.discriminator.get_weights()[0], weights, rtol=1e-4, atol=1e-6)
        on_real = np.mean(-0.9 * np.log(real_p) - 0.1 * np.log(1 - real_p))
        assert float(metrics["d_loss_real"]) == pytest.approx(on_real, rel=1e-4)
        assert float(metrics["d_loss_fake"]) == pytest.approx(np.mean(-np.log(1 - fake_p)), rel=1e-4)
        assert float(metrics["d_loss"]) == pytest.approx(float(metrics["d_loss_real"] + metrics["d_loss_fake"]))
        both = [np.linalg.norm(gradient) for gradient in gradients.values()]
        assert float(metrics["d_gradient_norm"]) == pytest.approx(np.linalg.norm(both), rel=1e-4)


def test_the_optimizer_of_the_loss_on_generated_images_follows_the_learning_rate():
    gan = linear_gan()
    gan.compile("sgd", "sgd", discriminator_updates="separate", discriminator_learning_rate=0.5)
    gan.optimizer.learning_rate = float(gan.generator_optimizer.learning_rate) / 2
    assert float(gan.fake_loss_optimizer.learning_rate) == pytest.approx(0.25)
    assert len(gan.optimizer.variables) == sum(
        len(each.variables) for each in (gan.generator_optimizer, gan.discriminator_optimizer, gan.fake_loss_optimizer)
    )


def test_penalties_see_the_images_through_their_augmentation():
    """The slope is that with respect to the images themselves (Karras et al. 2020), also where that is steeper."""
    values = []
    for factor in (1.0, 2.0):
        gan = dense_gan(penalty="r1:1")
        gan.augmentation = lambda images, seed, factor=factor: factor * images
        gan.discriminator.layers[-1].set_weights([np.ones((16, 1)), np.zeros(1)])
        _, metrics = gan.discriminator_loss(Minibatch(tf.constant(FLOATS), None), tf.constant(FLOATS))
        values.append(float(metrics["penalty"]))
    assert values[1] == pytest.approx(4 * values[0])


def test_separate_updates_need_two_losses():
    gan = linear_gan()
    with pytest.raises(UserError, match="no sum of two losses"):
        gan.compile(loss="relativistic", discriminator_updates="separate")
    with pytest.raises(UserError, match="AdversarialLoss.parts"):
        gan.compile(loss=replace(RELATIVISTIC), discriminator_updates="separate")
    with pytest.raises(UserError, match="no penalty, which belongs to both"):
        gan.compile(penalty=lambda *arguments: 0.0, discriminator_updates="separate")


def test_one_optimizer_in_the_place_of_two_is_refused_with_the_names_of_both():
    with pytest.raises(UserError, match="a GAN has two optimizers: give generator_optimizer and discriminator_opt"):
        dense_gan().compile(optimizer=keras.optimizers.Adam())


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"label_smothing": 0.1}, "unknown choice 'label_smothing'; did you mean label_smoothing"),
        ({"d_optimizer": "adam"}, "did you mean .*discriminator_optimizer"),
        ({"dropout": 0.5}, "dropout is a choice of the networks: give it where a model is made"),
        ({"label_smoothing": 1.5}, "--label-smoothing 1.5: must be below 1"),
        ({"loss": "hing"}, "unknown loss 'hing'; did you mean hinge"),
        ({"loss": 3}, "3 is not an adversarial loss"),
        ({"loss": keras.losses.BinaryCrossentropy()}, "binary_crossentropy takes probabilities"),
        ({"loss": keras.losses.BinaryCrossentropy}, r"the loss BinaryCrossentropy is a class: give an object, "),
        ({"loss": Halved}, "the loss Halved is a class: give an object, "),
        ({"penalty": 3}, "3 is not a penalty"),
        ({"penalty": Halved}, "the penalty Halved is a class: give an object, "),
        ({"generator_optimizer": "adm"}, "unknown optimizer 'adm'; did you mean adam"),
        ({"discriminator_optimizer": 3}, "3 is not an optimizer"),
    ],
)
def test_choices_are_checked_as_on_the_command_line(choices, message):
    with pytest.raises(UserError, match=message):
        dense_gan(**choices)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"loss": "wasserstein"}, "needs a bound on the critic's slope"),
        ({"penalty": "gradient"}, "which batch normalisation mixes"),
        ({"loss": tfgan.losses.WASSERSTEIN}, "needs a bound on the critic's slope"),
        ({"penalty": tfgan.penalties.r1_penalty}, "which batch normalisation mixes"),
        ({"penalty": ["r1", "gradient"]}, "which batch normalisation mixes"),
    ],
)
def test_choices_that_contradict_the_networks_are_refused(choices, message):
    with pytest.raises(UserError, match=message):
        tfgan.DCGAN((16, 16, 3), width=0.0625).compile(**choices)


def test_a_loss_or_a_penalty_that_gives_a_number_an_image_is_refused():
    unreduced = keras.losses.BinaryCrossentropy(from_logits=True, reduction=None)
    for choices, message in (
        ({"loss": unreduced}, r"the discriminator's loss gives \(\d+,\) for a batch"),
        ({"penalty": lambda slope, real, fake, seed: slope(real)}, r"the penalty gives \(\d+, 4, 4, 1\) for a batch"),
    ):
        with pytest.raises(UserError, match=message):
            dense_gan(**choices).fit(FLOATS, batch_size=11, verbose=0)


def test_no_rule_of_the_recipe_is_about_what_an_object_replaces():
    gan = tfgan.WGANGP((16, 16, 1), width=0.0625)
    gan.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True), penalty="none")
    gan.compile(loss=tfgan.losses.HINGE, penalty="none")
    assert gan.techniques.loss == "hinge" and gan.own_parts == {}


def test_compiled_anew_with_another_average():
    gan = dense_gan(ema_half_life=100.0)
    gan.fit(FLOATS, verbose=0)
    count, pictures = len(gan.weights), gan.generate(5)
    gan.compile(ema_half_life=50.0)
    assert len(gan.weights) == count and np.array_equal(gan.generate(5), pictures)
    gan.compile("sgd", "rmsprop", loss="hinge")
    assert gan.sampling_generator is gan.generator
    assert [layer.name for layer in gan.layers[2:]] == ["augmentation"]
    gan.fit(FLOATS, verbose=0)
    assert int(gan.step) == 2


def test_a_compile_that_fails_leaves_no_half_of_a_training():
    gan = tfgan.DCGAN((16, 16, 1), width=0.0625)
    gan.compile()
    with pytest.raises(UserError, match="the last of which must learn"):
        gan.compile(loss="hinge", freeze_discriminator=99)
    with pytest.raises(UserError, match="call it first"):
        gan.fit(np.zeros((8, 16, 16, 1), np.uint8), verbose=0)


def test_layers_frozen_by_one_compile_learn_after_the_next():
    gan = tfgan.DCGAN((16, 16, 1), width=0.0625)
    gan.compile()
    all_of_them = len(gan.discriminator.trainable_variables)
    gan.compile(freeze_discriminator=1)
    assert len(gan.discriminator.trainable_variables) < all_of_them
    gan.compile()
    assert len(gan.discriminator.trainable_variables) == all_of_them
