"""A GAN is saved, loaded and copied as Keras does it, and goes on as if it had not been."""

import copy
import os
import pickle
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import PYTHON_PATH
from small_networks import FLOATS, dense_gan

import tfgan_repro as tfgan
from tfgan_repro.errors import UserError


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


def frozen(network):
    return [layer.name for layer in network.layers if layer.weights and not layer.trainable]


def test_layers_that_were_frozen_by_hand_stay_so(tmp_path):
    gan = tfgan.DCGAN((16, 16, 1), width=0.0625)
    lowest, *_ = (layer for layer in gan.discriminator.layers if layer.weights)
    lowest.trainable = gan.generator.trainable = False
    gan.compile()
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert frozen(loaded.discriminator) == [lowest.name] and not loaded.generator.trainable_variables
    assert len(loaded.discriminator_optimizer.variables) == len(gan.discriminator_optimizer.variables)


def test_layers_that_a_choice_froze_learn_again_without_it(tmp_path):
    parts = keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(2), keras.layers.Dense(1)
    gan = tfgan.GAN(dense_gan().generator, keras.Sequential(parts))
    gan.compile(freeze_discriminator=1)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert len(frozen(loaded.discriminator)) == 1
    loaded.compile()
    assert not frozen(loaded.discriminator)


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
