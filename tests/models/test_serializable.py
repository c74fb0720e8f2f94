"""What Keras is told of the classes that a saved model may consist of."""

import keras

import tfgan_repro.backends.small_grids  # noqa: F401
from tfgan_repro.models import MODELS
from tfgan_repro.models.serializable import CLASSES, Deferred, register


def test_every_class_that_is_saved_is_in_the_table():
    for model in MODELS:
        MODELS.load(model)
    names = [name.removeprefix("tfgan_repro>") for name in keras.saving.get_custom_objects() if "tfgan_repro>" in name]
    assert sorted(names) == sorted(CLASSES)
    assert all(CLASSES.load(name).__name__ == name for name in CLASSES)


def test_a_class_that_is_there_keeps_its_place():
    register()
    assert not any(isinstance(value, Deferred) for value in keras.saving.get_custom_objects().values())


def test_a_deferred_class_makes_its_objects():
    with keras.saving.custom_object_scope({"tfgan_repro>Dropout": Deferred("Dropout")}):
        config = keras.saving.serialize_keras_object(CLASSES.load("Dropout")(0.3))
        assert keras.saving.deserialize_keras_object(config).rate == 0.3
