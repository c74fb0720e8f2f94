"""A GAN from Python is a Keras model like any other: loops, callbacks, histories, checks."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import tiny_config
from small_networks import FLOATS, IMAGES, Halved, dataset, dense_gan

import tfgan_repro as tfgan
from tfgan_repro.errors import UserError
from tfgan_repro.models.generation import sampling_generator
from tfgan_repro.models.keras_contract import check_callbacks

layers = keras.layers


def test_a_loop_of_ones_own():
    gan = dense_gan(discriminator_steps=2)
    losses = gan.train_on_batch(FLOATS[:8], return_dict=True)
    assert np.isfinite(losses["d_loss"]) and np.isfinite(gan.train_on_batch(IMAGES[:8])).all()
    assert int(gan.step) == 2 and int(gan.discriminator_optimizer.iterations) == 4
    for images, message in ((FLOATS[:7], "7 images cannot be shared"), (FLOATS * 9, "give uint8 in")):
        with pytest.raises(UserError, match=message):
            gan.train_on_batch(images)
    assert "g_loss" in gan.test_on_batch(FLOATS[:8], return_dict=True)


@pytest.mark.parametrize("policy", ["float64", "mixed_bfloat16", "mixed_float16"])
def test_networks_of_another_precision(policy):
    previous = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy(policy)
    try:
        gan = dense_gan(augmentation="color,cutout", instance_noise=0.1, penalty="gradient", ema_half_life=9.0)
    finally:
        keras.mixed_precision.set_dtype_policy(previous)
    assert np.isfinite(gan.fit(FLOATS, verbose=0).history["d_loss"]).all()


@pytest.mark.parametrize("policy", ["float16", "bfloat16"])
def test_networks_in_half_precision_throughout(policy):
    previous = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy(policy)
    try:
        gan = tfgan.SNDCGAN((16, 16, 3), width=0.0625)
    finally:
        keras.mixed_precision.set_dtype_policy(previous)
    gan.compile(run_eagerly=True)
    assert gan.train_on_batch(np.zeros((4, 16, 16, 3), np.float32), return_dict=True)["d_gradient_norm"] > 0


def test_the_history_has_the_means_of_an_epoch():
    gan, seen = dense_gan(), []
    watch = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(logs["d_loss"]))
    history = gan.fit(FLOATS, batch_size=8, epochs=2, verbose=0, callbacks=[watch]).history
    np.testing.assert_allclose(history["d_loss"], [np.mean(seen[:3]), np.mean(seen[3:])], rtol=1e-6)


def test_pictures_are_the_same_whoever_has_looked_before():
    """The average's batch statistics are those of its weights, also where no grid has been drawn."""
    gan = tfgan.DCGAN((16, 16, 1), width=0.0625)
    gan.compile(ema_half_life=1000.0)
    gan.train_on_batch(np.random.default_rng(0).uniform(-1, 1, (8, 16, 16, 1)).astype(np.float32))
    before = gan.generate(3)
    sampling_generator(gan, {})
    np.testing.assert_array_equal(gan.generate(3), before)
    moving = next(layer for layer in gan.average.network.layers if hasattr(layer, "moving_mean")).moving_mean
    moving.assign(moving + 1)
    gan.train_on_batch(np.zeros((8, 16, 16, 1), np.float32))
    assert np.abs(gan.generate(3).astype(int) - before).mean() < 20, "one step changes an average little"


def test_held_out_images_are_judged_without_training():
    gan = dense_gan(ema_half_life=100.0)
    weights = gan.discriminator.get_weights()
    values = gan.evaluate(FLOATS, batch_size=11, verbose=0, return_dict=True)
    assert {"d_loss", "g_loss", "d_accuracy"} <= set(values)
    assert all(np.array_equal(*pair) for pair in zip(weights, gan.discriminator.get_weights()))
    history = gan.fit(FLOATS, batch_size=11, verbose=0, validation_data=dataset(FLOATS).batch(11)).history
    assert np.isfinite(history["val_d_loss"]).all()


def test_held_out_losses_are_the_means_of_all_batches():
    gan, parts = dense_gan(), (FLOATS[:11], FLOATS[11:])
    of_parts = [gan.test_on_batch(part, return_dict=True)["d_real"] for part in parts]
    losses = gan.evaluate(FLOATS, batch_size=11, verbose=0, return_dict=True)
    assert losses["d_real"] == pytest.approx(np.mean(of_parts)) and abs(of_parts[0] - of_parts[1]) > 1e-3
    watch = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: gan.set_weights(weights))
    weights = gan.get_weights()
    held_out = dataset(FLOATS).batch(11)
    history = gan.fit(FLOATS, epochs=2, verbose=0, validation_data=held_out, callbacks=[watch]).history
    assert history["val_d_real"] == pytest.approx([losses["d_real"]] * 2)
    assert gan.evaluate(held_out, verbose=0)[sorted(losses).index("d_real")] == pytest.approx(losses["d_real"])


class Counting(tfgan.GAN):
    """A subclass with a metric of its own, as Keras' guides have it."""

    def train_step(self, data):
        losses = super().train_step(data)
        self.loudness.update_state(losses["d_loss"])
        return {**losses, "loudness": self.loudness.result()}


def test_what_a_metric_of_a_subclass_reports_is_not_averaged_once_more():
    gan = Counting(dense_gan().generator, dense_gan().discriminator)
    gan.loudness = keras.metrics.Mean(name="loudness")
    gan.compile()
    history = gan.fit(FLOATS, batch_size=4, verbose=0).history
    assert history["loudness"] == pytest.approx(history["d_loss"], rel=1e-6)


@pytest.mark.parametrize(
    ("callback", "message"),
    [
        (keras.callbacks.ReduceLROnPlateau(), "ReduceLROnPlateau watches val_loss, and a GAN has no such number"),
        (keras.callbacks.TerminateOnNaN(), r"watches loss, .*: take tfgan_repro.callbacks.HealthMonitor\(on_failure"),
        (keras.callbacks.EarlyStopping("d_loss"), "EarlyStopping cannot know whether more or less of d_loss is better"),
        (keras.callbacks.ModelCheckpoint("x.keras", save_best_only=True), "ModelCheckpoint watches val_loss"),
    ],
)
def test_callbacks_that_wait_for_what_a_gan_has_not_are_refused_before_the_training(callback, message):
    gan = dense_gan()
    with pytest.raises(UserError, match=message):
        gan.fit(FLOATS, verbose=0, callbacks=[callback])
    assert int(gan.step) == 0


def test_a_callback_that_waits_for_what_a_later_one_gives_is_refused():
    score = tfgan.callbacks.FID(np.zeros((4, 4, 4, 1), np.uint8), count=4, extractor="embedded")
    stopping = keras.callbacks.EarlyStopping("fid", mode="min")
    with pytest.raises(UserError, match="EarlyStopping watches fid, which FID gives: list that before it"):
        dense_gan().fit(FLOATS, verbose=0, callbacks=[stopping, score])
    check_callbacks([score, stopping])


def test_keras_settings_for_other_programs_do_no_harm_or_are_refused():
    keras.config.set_floatx("float64")
    try:
        gan = dense_gan()
        gan.compile(ema_half_life=50.0)
        gan.train_on_batch(FLOATS)
        assert gan.generate(2).dtype == np.uint8
    finally:
        keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_first")
    try:
        with pytest.raises(UserError, match="call keras.config.set_image_data_format"):
            tfgan.DCGAN(width=0.0625)
    finally:
        keras.config.set_image_data_format("channels_last")


def test_a_network_that_was_frozen_as_in_old_tutorials_is_said():
    gan = dense_gan()
    gan.discriminator.trainable = False
    with pytest.warns(UserWarning, match="the discriminator has no trainable weights: it stays as it is"):
        gan.fit(FLOATS, verbose=0)


@pytest.mark.filterwarnings("ignore:the generator has no trainable weights")
def test_layers_frozen_after_a_fit_stay_as_they_are_and_thawed_ones_ask_for_compile():
    gan = dense_gan()
    gan.fit(FLOATS, verbose=0)
    frozen = gan.generator.layers[1]
    frozen.trainable = False
    before = frozen.get_weights()
    gan.fit(FLOATS, verbose=0)
    assert all(map(np.array_equal, frozen.get_weights(), before))
    gan.compile()
    frozen.trainable = True
    with pytest.raises(UserError, match="frozen when compile.* call it again"):
        gan.fit(FLOATS, verbose=0)


class Idle(Halved):
    """A discriminator with a weight that does nothing."""

    def __init__(self):
        super().__init__()
        self.idle = self.add_weight(shape=(2,), initializer="ones")


@pytest.mark.parametrize("choices", [{}, {"discriminator_updates": "separate"}])
def test_a_weight_that_does_nothing_stays_as_it_is(choices):
    discriminator = Idle()
    gan = tfgan.GAN(dense_gan().generator, discriminator)
    gan.compile(**choices)
    with pytest.warns(UserWarning, match="Gradients do not exist for variables"):
        history = gan.fit(FLOATS, verbose=0).history
    assert np.isfinite(history["d_gradient_norm"]).all() and int(gan.step) == 1
    assert np.array_equal(discriminator.idle, [1, 1])
    of_discriminator = gan.gradients(FLOATS)[1]
    shapes = [tuple(weight.shape) for weight in discriminator.trainable_variables]
    assert [tuple(gradient.shape) for gradient in of_discriminator] == shapes
    assert sum(not np.any(gradient) for gradient in of_discriminator) == 1


@pytest.mark.parametrize("use", ["fit", "evaluate", "train_on_batch", "test_on_batch", "gradients"])
def test_what_needs_a_loss_asks_for_compile(use):
    with pytest.raises(UserError, match="compile.. chooses how the networks are trained"):
        getattr(tfgan.GAN(dense_gan().generator, dense_gan().discriminator), use)(FLOATS)


@pytest.mark.parametrize(
    "options", [{"steps_per_execution": 2}, {"run_eagerly": True}], ids=lambda options: next(iter(options))
)
def test_ways_to_run_a_step(options):
    gan = dense_gan(**options)
    gan.fit(FLOATS[:20], batch_size=5, verbose=0)
    assert int(gan.step) == 4


def test_keras_own_callbacks(tmp_path):
    callbacks = keras.callbacks
    gan = dense_gan()
    gan.fit(
        FLOATS,
        epochs=2,
        verbose=0,
        callbacks=[
            callbacks.CSVLogger(tmp_path / "log.csv"),
            callbacks.EarlyStopping("d_loss", mode="min", patience=5),
            callbacks.ModelCheckpoint(tmp_path / "gan.keras"),
            callbacks.TensorBoard(tmp_path / "board"),
        ],
    )
    assert "g_loss" in (tmp_path / "log.csv").read_text().splitlines()[0]
    assert int(keras.models.load_model(tmp_path / "gan.keras").step) == 2


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda gan, folder: gan.save(folder / "gan"), "Please add either a `.keras` extension"),
        (lambda gan, folder: gan.save_weights(folder / "gan.h5"), "must end in `.weights.h5`"),
        (lambda gan, folder: keras.models.load_model(folder / "gan.keras"), "File not found"),
        (lambda gan, folder: gan.get_layer("generator"), "No such layer: generator. Existing layers are"),
        (lambda gan, folder: gan.predict(np.zeros((5, 4)), verbose=0), "expected shape=.None, 3., found shape=.5, 4."),
        (
            lambda gan, folder: dense_gan(generator_optimizer=gan.generator_optimizer).fit(FLOATS, verbose=0),
            "you should recreate a new optimizer instance",
        ),
    ],
)
def test_what_keras_says_in_words_that_its_users_know_is_left_to_it(use, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        use(dense_gan(), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tfgan.DCGAN((64, 32, 3)), "images are square"),
        (lambda: tfgan.DCGAN(("16", 16, 3)), "image_shape '16': must be a whole number"),
        (lambda: tfgan.DCGAN(16), "image shape 16: images are square"),
        (lambda: tfgan.DCGAN(tf.TensorShape(None)), "image shape <unknown>: images are square"),
        (lambda: tfgan.DCGAN(num_classes=-1), "num_classes -1: must be"),
        (lambda: tfgan.DCGAN(recipe="best"), "unknown recipe 'best'"),
        (lambda: tfgan.DCGAN(seed="x"), "seed 'x': must be"),
        (lambda: dense_gan().generate(0), "count 0: must be a whole number from 1 on"),
        (lambda: dense_gan().generate(2, seed=-1), "seed -1: must be"),
        (lambda: tfgan.train(modl="dcgan"), "unknown choice 'modl'; did you mean model"),
        (lambda: tfgan.train("dcgan"), r"choices by their names: train\(model="),
        (lambda: tfgan.train(tiny_config(), steps=9), "give a TrainConfig, or choices by their names"),
        (lambda: tfgan.train(dataset="shapes", max_minutes="5"), "max_minutes 5: must be a number above 0"),
        (lambda: tfgan.load_pictures(IMAGES), "a ndarray is no name of a data set: give a text"),
        (lambda: tfgan.compare(IMAGES, dense_gan()), "a GAN is no set of images"),
        (lambda: tfgan.generate(dense_gan(), 2), "a GAN is no run"),
        (lambda: tfgan.training_batches(IMAGES, 23), "batch_size 23: must be from 1 to 22"),
        (lambda: tfgan.training_batches(FLOATS, 2), "expected uint8"),
        (lambda: tfgan.DCGAN(widht=0.5), "unknown choice 'widht'; did you mean width"),
        (lambda: tfgan.DCGAN(loss="hinge"), r"loss is a choice of the training: give it to compile\(loss="),
        (lambda: tfgan.SAGAN(), "needs pictures with labels of two classes"),
        (lambda: dense_gan().generate(2, labels=[0, 1]), "labels are for conditional models"),
        (lambda: tfgan.DCGAN((16, 16, 3), width=0.0625).fit(FLOATS), "compile\\(\\) chooses"),
        (lambda: dense_gan().fit(FLOATS, sample_weight=np.ones(22)), "weights of samples and classes"),
        (lambda: dense_gan().evaluate(FLOATS, sample_weight=np.ones(22)), "weights of samples and classes"),
        (
            lambda: dense_gan().fit(FLOATS, verbose=0, validation_data=(FLOATS, np.zeros(22), np.ones(22))),
            "weights of samples and classes",
        ),
        (lambda: dense_gan().fit(FLOATS, batch_size=0), "batch_size 0: must be a whole number from 1 on"),
        (lambda: dense_gan().fit(FLOATS, batch_size="8"), "batch_size '8': must be a whole number from 1 on"),
        (lambda: dense_gan().fit(FLOATS, epochs=2.5), "epochs 2.5: must be a whole number from 0 on"),
        (lambda: dense_gan().fit(FLOATS, steps_per_epoch=-1), "steps_per_epoch -1: must be a whole number from 1 on"),
        (lambda: dense_gan().fit(FLOATS, validation_split=1.5), "validation_split 1.5: must be from 0 on and below 1"),
        (lambda: dense_gan().evaluate(FLOATS, batch_size=-3), "batch_size -3: must be a whole number from 1 on"),
        (lambda: dense_gan().evaluate(FLOATS, None, 0), "batch_size 0: must be a whole number from 1 on"),
        (lambda: dense_gan(steps_per_execution=0), "steps_per_execution 0: must be a whole number from 1 on"),
        (lambda: dense_gan().fit(FLOATS, callbacks=["log.csv"]), "'log.csv' is no callback"),
        (lambda: dense_gan().generate(True), "count True: must be a whole number from 1 on"),
        (lambda: tfgan.training_batches(IMAGES, 2.0), "batch_size 2.0: must be a whole number from 1 on"),
        (lambda: tfgan.training_batches(IMAGES, 2, seed=-1), "seed -1: must be a whole number from 0 on"),
        (lambda: tfgan.DCGAN((16, 16, 0)), "image_shape 0: must be a whole number from 1 on"),
    ],
)
def test_mistakes_are_one_sentence(make, message):
    with pytest.raises(UserError, match=message):
        make()


def test_a_program_keeps_its_own_settings(tiny_run):
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    try:
        np.random.seed(5)
        expected = np.random.rand()
        np.random.seed(5)
        tfgan.load_generator(tiny_run.path)
        with pytest.raises(UserError):
            tfgan.train(dataset="folder:/nowhere", precision="float32")
        assert keras.mixed_precision.dtype_policy().name == "mixed_bfloat16" and np.random.rand() == expected
    finally:
        keras.mixed_precision.set_dtype_policy("float32")
