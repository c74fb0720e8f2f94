"""A GAN from Python is a Keras model like any other: loops, callbacks, histories, files, copies, checks."""

import copy
import os
import pickle
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import PYTHON_PATH, tiny_config
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


def test_one_optimizer_in_the_place_of_two_is_refused_with_the_names_of_both():
    with pytest.raises(UserError, match="a GAN has two optimizers: give generator_optimizer and discriminator_opt"):
        dense_gan().compile(optimizer=keras.optimizers.Adam())


def test_a_network_that_was_frozen_as_in_old_tutorials_is_said():
    gan = dense_gan()
    gan.discriminator.trainable = False
    with pytest.warns(UserWarning, match="the discriminator has no trainable weights: it stays as it is"):
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


def same_pictures(one, other):
    return np.array_equal(one.generate(5, seed=3), other.generate(5, seed=3))


def test_an_interrupted_fit_goes_on(tmp_path):
    first, second = dense_gan(ema_half_life=100.0), dense_gan(ema_half_life=100.0)
    for gan in (first, second):
        backup = keras.callbacks.BackupAndRestore(tmp_path / "backup", delete_checkpoint=False)
        gan.fit(FLOATS, batch_size=11, verbose=0, callbacks=[backup])
    assert int(second.step) == int(first.step) == 2 and same_pictures(first, second)


def test_a_saved_gan_goes_on_where_it_was(tmp_path):
    gan = dense_gan(ema_half_life=100.0, label_smoothing=0.2, generator_optimizer="rmsprop")
    gan.fit(FLOATS, batch_size=11, shuffle=False, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert same_pictures(gan, loaded) and loaded.techniques == gan.techniques
    histories = [each.fit(FLOATS, batch_size=11, shuffle=False, verbose=0).history for each in (gan, loaded)]
    assert histories[0] == histories[1]
    assert int(loaded.step) == 4 and same_pictures(gan, loaded)


@pytest.mark.parametrize(
    "ways", [{"run_eagerly": True}, {"steps_per_execution": 2, "jit_compile": True}], ids=lambda ways: next(iter(ways))
)
def test_a_saved_gan_goes_on_in_the_way_that_it_ran(ways, tmp_path):
    gan = dense_gan(**ways)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    # A training that ran in this process before may have made all operations deterministic, which Keras never compiles.
    assert [getattr(loaded, name) for name in ways] == [getattr(gan, name) for name in ways]
    assert loaded.steps_per_execution == ways.get("steps_per_execution", 1)


def test_a_saved_gan_goes_on_with_the_dropout_it_would_have_had(tmp_path):
    gan = tfgan.ConvFC((28, 28, 1), width=0.25, dropout=0.5)
    gan.compile()
    images = np.random.default_rng(0).uniform(-1, 1, (8, 28, 28, 1)).astype(np.float32)
    gan.train_on_batch(images)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert gan.train_on_batch(images) == loaded.train_on_batch(images)


def test_a_model_loaded_without_its_training_has_its_average(tmp_path):
    schedule = {"schedule_images": 100, "schedule_to": "beta-2:0.9"}
    gan = dense_gan(ema_half_life=100.0, generator_learning_rate=0.1, **schedule)
    gan.fit(FLOATS, batch_size=4, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras", compile=False)
    assert not loaded.compiled and same_pictures(gan, loaded)


def test_a_place_to_save_at_is_made_or_refused(tmp_path):
    gan = dense_gan()
    gan.save(tmp_path / "new" / "gan.keras")
    gan.save_weights(tmp_path / "newer" / "gan.weights.h5")
    assert same_pictures(keras.models.load_model(tmp_path / "new" / "gan.keras"), gan)
    (tmp_path / "folder.keras").mkdir()
    with pytest.raises(UserError, match="folder.keras is a folder; name a file"):
        gan.save(tmp_path / "folder.keras")
    with pytest.raises(UserError, match="no folder can be made there"):
        gan.save_weights(tmp_path / "new" / "gan.keras" / "gan.weights.h5")


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


def test_what_is_not_compiled_is_saved_and_copied(tmp_path):
    gan = tfgan.GAN(dense_gan().generator, dense_gan().discriminator)
    gan.save(tmp_path / "gan.keras")
    for other in (keras.models.load_model(tmp_path / "gan.keras"), pickle.loads(pickle.dumps(gan))):
        assert not other.compiled and same_pictures(gan, other)


def test_a_saved_model_loads_in_a_new_process(tmp_path):
    gan = tfgan.DCGAN((16, 16, 3), width=0.0625)
    gan.save(tmp_path / "gan.keras")
    np.save(tmp_path / "pictures.npy", gan.generate(2))
    program = (
        "import tfgan_repro, keras, numpy as np; gan = keras.models.load_model('gan.keras');"
        "print(np.abs(gan.generate(2).astype(int) - np.load('pictures.npy')).max())"
    )
    environment = {**os.environ, "PYTHONPATH": PYTHON_PATH}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.stdout == "0\n", done.stderr


def test_what_is_served_is_the_generator(tmp_path):
    gan = dense_gan(ema_half_life=100.0)
    gan.export(tmp_path / "served", verbose=False)
    assert tf.saved_model.load(str(tmp_path / "served")).serve(tf.zeros((2, 3))).shape == (2, 4, 4, 1)
    with pytest.raises(UserError, match="save it as .keras"):
        gan.save(tmp_path / "gan.h5")


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda gan: pickle.loads(pickle.dumps(gan))], ids=["deepcopy", "pickle"]
)
def test_copies(copied):
    gan = dense_gan(ema_half_life=100.0)
    gan.fit(FLOATS, verbose=0)
    assert same_pictures(copied(gan), gan)


@pytest.mark.parametrize("choices", [{}, {"ema_half_life": 100.0}])
def test_weights_alone(choices, tmp_path):
    gan, other = dense_gan(**choices), dense_gan(**choices)
    gan.fit(FLOATS, verbose=0)
    gan.save_weights(tmp_path / "gan.weights.h5")
    gan.save(tmp_path / "gan.keras")  # weights can be loaded of a whole model as well
    for name in ("gan.weights.h5", "gan.keras"):
        for each in (other, tfgan.GAN(dense_gan().generator, dense_gan().discriminator)):
            each.load_weights(tmp_path / name)
            assert int(each.step) == 1 and same_pictures(gan, each)


def test_weights_of_another_model_are_refused_and_change_nothing(tmp_path):
    gan, averaged, small = dense_gan(), dense_gan(ema_half_life=9.0), tfgan.DCGAN((16, 16, 3), width=0.0625)
    for number, (saved, loading, message) in enumerate(
        [
            (averaged, gan, "holds an average of the generator's weights, and this model keeps none"),
            (gan, averaged, "holds no average of the generator's weights, and this model keeps one"),
            (small, gan, "does not hold the weights of such a model: "),
            (gan, dense_gan(augmentation="ada", augmentation_target=0.6), "'augmentation' expected 2 variables"),
        ]
    ):
        saved.save_weights(tmp_path / f"{number}.weights.h5")
        before = loading.get_weights()
        with pytest.raises(UserError, match=message):
            loading.load_weights(tmp_path / f"{number}.weights.h5")
        assert all(np.array_equal(*pair) for pair in zip(before, loading.get_weights()))
    averaged.save(tmp_path / "averaged.keras")
    with pytest.raises(UserError, match="holds an average"):
        gan.load_weights(tmp_path / "averaged.keras")
    with pytest.raises(UserError, match="none.weights.h5 does not hold"):
        gan.load_weights(tmp_path / "none.weights.h5")


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


def test_layers_frozen_by_one_compile_learn_after_the_next():
    gan = tfgan.DCGAN((16, 16, 1), width=0.0625)
    gan.compile()
    all_of_them = len(gan.discriminator.trainable_variables)
    gan.compile(freeze_discriminator=1)
    assert len(gan.discriminator.trainable_variables) < all_of_them
    gan.compile()
    assert len(gan.discriminator.trainable_variables) == all_of_them


def test_a_compile_that_fails_leaves_no_half_of_a_training():
    gan = tfgan.DCGAN((16, 16, 1), width=0.0625)
    gan.compile()
    with pytest.raises(UserError, match="the last of which must learn"):
        gan.compile(loss="hinge", freeze_discriminator=99)
    with pytest.raises(UserError, match="call it first"):
        gan.fit(np.zeros((8, 16, 16, 1), np.uint8), verbose=0)


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


def test_the_front_door_names_what_it_has():
    assert {name for name in dir(tfgan) if not name.startswith("_")} == set(tfgan.__all__)
    assert len(dir(tfgan)) == len(set(dir(tfgan)))
    assert tfgan.SAGAN.__name__ == "SAGAN" and tfgan.losses.HINGE is not None
    with pytest.raises(AttributeError, match="no attribute 'Dcgan'"):
        tfgan.Dcgan
