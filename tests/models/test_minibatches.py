"""What Keras trains on, a GAN is trained on; what it cannot be trained on is said in a sentence."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_networks import FLOATS, IMAGES, LABELS, dataset, dense_gan

from tfgan_repro.errors import UserError


class Dataset(keras.utils.PyDataset):
    def __init__(self, **options):
        super().__init__(**options)
        self.told = []

    def __len__(self):
        return 4

    def __getitem__(self, index):
        rows = slice(5 * index, 5 * index + 5)
        return FLOATS[rows], LABELS[rows]

    def on_epoch_begin(self):
        self.told.append("begin")

    def on_epoch_end(self):
        self.told.append("end")


def shapeless():
    return dataset(FLOATS).map(lambda image: tf.py_function(lambda pixels: pixels, [image], tf.float32))


class Nothing(Dataset):
    def __len__(self):
        return 0

    def __getitem__(self, index):
        raise IndexError(index)


def generator():
    for index in range(4):
        yield (FLOATS[5 * index : 5 * index + 5],)


def bare_generator():
    yield from (images for images, in generator())


class Loader:
    """Begins anew whenever it is asked, as PyTorch's loaders do."""

    def __len__(self):
        return 4

    def __iter__(self):
        return generator()


class Batches:
    """Gives the same batch four times, without a length."""

    def __init__(self, batch):
        self.batch = batch

    def __iter__(self):
        return iter([self.batch] * 4)


@pytest.mark.parametrize(
    ("data", "options", "steps"),
    [
        (lambda: IMAGES, {"batch_size": 8}, 3),
        (lambda: FLOATS, {"validation_split": None}, 1),
        (lambda: dataset(FLOATS).batch(8), {}, 3),
        (lambda: dataset(IMAGES).batch(8, drop_remainder=True), {}, 2),
        (lambda: dataset(FLOATS, LABELS).batch(8), {}, 3),
        (lambda: tf.data.Dataset.from_tensor_slices((FLOATS,)).batch(11), {}, 2),
        (lambda: dataset(FLOATS).batch(8).repeat(), {"steps_per_epoch": 5}, 5),
        (lambda: dataset(FLOATS).filter(lambda image: True).batch(8), {}, 3),  # of unknown length
        (Dataset, {}, 4),
        (generator, {}, 4),
        (bare_generator, {}, 4),
        (Loader, {"epochs": 2}, 8),
        (lambda: Batches((FLOATS[:5], None)), {}, 4),
        (lambda: Batches([FLOATS[:5], LABELS[:5].tolist()]), {}, 4),
        (lambda: iter(Batches((FLOATS[:5].tolist(), LABELS[:5].tolist()))), {}, 4),
        (lambda: (FLOATS, LABELS), {}, 1),
        (lambda: [FLOATS], {"batch_size": 11}, 2),
        (lambda: list(FLOATS), {"batch_size": 11}, 2),
        (lambda: FLOATS.tolist(), {"batch_size": 11}, 2),
        (lambda: FLOATS.astype(np.float64), {"batch_size": 11}, 2),
    ],
)
def test_any_data_that_keras_takes(data, options, steps):
    gan = dense_gan()
    history = gan.fit(data(), verbose=0, **options).history
    assert int(gan.step) == steps
    assert np.isfinite(history["d_loss"]).all() and len(history["d_loss"]) == options.get("epochs", 1)


@pytest.mark.parametrize(
    ("data", "steps"),
    [
        (lambda: FLOATS[:20], 2),
        (lambda: dataset(FLOATS).batch(5), 2),
        (Dataset, 2),
        (lambda: Dataset(workers=2), 2),
        (generator, 2),
        (Loader, 2),
        (lambda: Batches((FLOATS[:5], LABELS[:5].tolist())), 2),
    ],
)
def test_a_step_takes_as_many_batches_as_it_has_discriminator_updates(data, steps):
    gan = dense_gan(discriminator_steps=2)
    gan.fit(data(), verbose=0, **({"batch_size": 5} if isinstance(data(), np.ndarray) else {}))
    assert int(gan.step) == steps
    assert int(gan.discriminator_optimizer.iterations) == 2 * steps


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (lambda: FLOATS, "22 images are too few for 5 discriminator steps of 5 images"),
        (lambda: dataset(FLOATS[:20]).batch(5), "4 batches are too few for 5 discriminator steps"),
        (lambda: dataset(FLOATS).batch(5), "5 batches, the last of them shorter, are too few for 5"),
        (Dataset, "4 batches are too few for 5 discriminator steps: a step takes 5 batches"),
        (Loader, "4 batches are too few for 5 discriminator steps"),
        (lambda: dataset(FLOATS).filter(lambda image: True).batch(11), "the batches are too few for 5"),
        (generator, "the batches are too few for 5 discriminator steps: a step takes 5 batches"),
    ],
)
@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_a_set_that_is_too_short_for_one_step_is_refused(data, message):
    gan = dense_gan(discriminator_steps=5)
    with pytest.raises(UserError, match=message):
        gan.fit(data(), verbose=0, **({"batch_size": 5} if isinstance(data(), np.ndarray) else {}))
    assert int(gan.step) == 0


def test_a_loader_that_begins_anew_makes_as_many_steps_as_are_asked_for():
    gan = dense_gan(discriminator_steps=5)
    gan.fit(Loader(), steps_per_epoch=2, verbose=0)
    assert int(gan.step) == 2


@pytest.mark.parametrize("labels", [None, LABELS[:20]])
def test_what_is_held_out_of_an_array_does_not_leave_a_part_of_a_step(labels):
    gan = dense_gan(discriminator_steps=2, labels=labels is not None)
    history = gan.fit(FLOATS[:20], labels, batch_size=2, validation_split=0.25, verbose=0).history
    assert int(gan.step) == 3 and np.isfinite(history["val_d_loss"]).all()


@pytest.mark.parametrize("rounds", [1, 2])
def test_a_set_that_shuffles_between_epochs_is_told_of_them(rounds):
    data = Dataset()
    dense_gan(discriminator_steps=rounds).fit(data, epochs=2, verbose=0)
    # Before the first epoch Keras makes everything ready with an end.
    assert data.told == ["end", "begin", "end", "begin", "end"]


@pytest.mark.parametrize("rounds", [1, 2])
def test_a_set_is_begun_once_to_be_looked_at_and_once_an_epoch(rounds):
    begun = []

    def images():
        begun.append(1)
        yield from FLOATS

    shape = tf.TensorSpec(FLOATS.shape[1:], tf.float32)
    gan = dense_gan()
    gan.compile(discriminator_steps=rounds)
    gan.fit(tf.data.Dataset.from_generator(images, output_signature=shape).batch(5), epochs=2, verbose=0)
    assert len(begun) == 3


def test_uint8_is_the_same_as_the_scaled_images():
    first, second = dense_gan(), dense_gan()
    second.set_weights(first.get_weights())
    losses = [gan.fit(data, batch_size=11, shuffle=False, verbose=0).history["d_loss"] for gan, data in
              ((first, IMAGES), (second, FLOATS))]  # fmt: skip
    np.testing.assert_allclose(*losses, rtol=1e-5)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (lambda: IMAGES.astype(np.float32), r"from 0 to 255; give uint8 in .*\[-1, 1\]: images / 127.5 - 1"),
        (lambda: IMAGES.astype(int), "the images are int64 from 0 to 255; give uint8 in"),
        (lambda: FLOATS * np.nan, "the images hold NaN or infinity"),
        (lambda: np.concatenate([FLOATS] * 60 + [FLOATS * np.nan]), "the images hold NaN or infinity"),
        (lambda: np.concatenate([FLOATS] * 60 + [FLOATS * 9]), "the images are float32 from -9 to 9; give"),
        (lambda: FLOATS[:, :3], r"the images are \(3, 4, 1\), and the networks are made for \(4, 4, 1\)"),
        (lambda: FLOATS[0], "an image is given in the place of a batch"),
        (lambda: dataset(FLOATS), r"an image is given in the place of a batch of them: call .batch\(32\)"),
        (lambda: dataset(FLOATS, LABELS), "an image is given in the place of a batch"),
        (lambda: zip(FLOATS, LABELS), "an image is given in the place of a batch"),
        (lambda: FLOATS[:0], "the data set has no images"),
        (lambda: dataset(FLOATS).batch(4).take(0), "the data set has no images"),
        (lambda: dataset(FLOATS).batch(4).repeat(), "these batches never end: say steps_per_epoch"),
        (lambda: iter(()), "the data set has no images"),
        (lambda: [], "the data set has no images"),
        (lambda: shapeless().batch(4), r"as after tf.py_function: say tf.ensure_shape\(images, \(None, 4, 4, 1\)\)"),
        (Nothing, "the data set has no images"),
        (lambda: None, "a NoneType is nothing to train on: give arrays"),
        (lambda: "photographs/", "a str is nothing to train on"),
        (lambda: [FLOATS[0], FLOATS[0, :2]], "the images of a list must be of one shape"),
        (lambda: dataset({"image": FLOATS, "label": LABELS}).batch(4), "not a dictionary of image, label"),
        (lambda: Batches({"image": FLOATS[:5]}), "not a dictionary of image"),
        (lambda: dataset(tf.ragged.constant([[1.0], [1.0, 2.0]])).batch(2), "an array of images, .* a RaggedTensor"),
    ],
)
def test_images_that_the_networks_are_not_made_for_are_noticed_at_once(data, message):
    gan = dense_gan()
    with pytest.raises(UserError, match=message):
        gan.fit(data(), verbose=0)
    assert int(gan.step) == 0


@pytest.mark.parametrize(
    ("data", "labels", "message"),
    [
        (lambda: FLOATS, LABELS[:20], "22 images have 20 labels; give one an image"),
        (lambda: FLOATS, np.arange(30) % 3, "22 images have 30 labels"),
        (lambda: FLOATS, np.int64(2), "a single label is given for all images"),
        (lambda: iter([(FLOATS[:5], LABELS[:4])]), None, "5 images have 4 labels"),
        (lambda: dataset(FLOATS, LABELS).batch(4), LABELS, "come in its batches, .images, labels.; leave y out"),
        (lambda: FLOATS[:0], LABELS[:0], "the data set has no images"),
        (lambda: FLOATS, LABELS + 1, "labels from 1 to 3: there are the classes 0 to 2"),
    ],
)
def test_labels_that_do_not_belong_to_the_images_are_noticed_at_once(data, labels, message):
    gan = dense_gan(labels=True)
    for use in (gan.fit, gan.evaluate):
        with pytest.raises(UserError, match=message):
            use(data(), labels, verbose=0)
    assert int(gan.step) == 0


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, "this data set has no labels"),
        (np.eye(3)[LABELS], r"one whole number an image, .*; argmax\(axis=1\)"),
        (LABELS / 2, "float64"),
    ],
)
def test_a_conditional_gan_asks_for_labels(labels, message):
    with pytest.raises(UserError, match=message):
        dense_gan(labels=True).fit(FLOATS, labels, verbose=0)


@pytest.mark.parametrize("data", [lambda names: (FLOATS, names), lambda names: (iter([(FLOATS, names)]), None)])
def test_names_for_labels_that_nobody_needs_are_one_line(data):
    with pytest.raises(UserError, match="labels of <U3 are no numbers, and this model needs none: leave them out"):
        dense_gan().fit(*data(np.array(["cat", "dog"] * 11)), verbose=0)
    assert np.isfinite(dense_gan().fit(FLOATS, LABELS, verbose=0).history["d_loss"]).all()


def test_labels_in_a_column_or_a_list_are_labels():
    gan = dense_gan(labels=True)
    for labels in (LABELS[:, None], LABELS.tolist(), LABELS.astype(np.uint8)):
        assert np.isfinite(gan.fit(FLOATS, labels, verbose=0).history["d_loss"]).all()
    assert gan.generate(2, labels=[[0], [1]]).shape == (2, 4, 4, 1)
    with pytest.raises(UserError, match="labels from 0 to 3: there are the classes 0 to 2"):
        gan.fit(FLOATS, np.arange(22) % 4, verbose=0)


def test_images_that_begin_at_0_are_doubted():
    with pytest.warns(UserWarning, match="give 2 \\* images - 1"):
        dense_gan().fit(IMAGES / np.float32(255), verbose=0)


@pytest.mark.parametrize("data", [Loader, lambda: Loader().__iter__(), Dataset, lambda: dataset(FLOATS).batch(5)])
def test_held_out_images_come_as_those_to_train_on_do(data):
    gan = dense_gan()
    assert np.isfinite(gan.evaluate(data(), verbose=0)).all()
    epochs = 1 if hasattr(data(), "__next__") else 2
    history = gan.fit(FLOATS, epochs=epochs, verbose=0, validation_data=data()).history
    assert np.isfinite(history["val_d_loss"]).all() and len(history["val_d_loss"]) == epochs


def test_held_out_batches_that_never_end_are_refused():
    gan, endless = dense_gan(), dataset(FLOATS).batch(4).repeat()
    with pytest.raises(UserError, match="these batches never end: say steps, how many"):
        gan.evaluate(endless, verbose=0)
    with pytest.raises(UserError, match="these batches never end: say validation_steps, how many"):
        gan.fit(FLOATS, verbose=0, validation_data=endless)
    assert gan.evaluate(endless, steps=2, verbose=0) and int(gan.step) == 0


def test_held_out_images_are_looked_at_before_the_training():
    gan = dense_gan()
    with pytest.raises(UserError, match="the images are float32 from 0 to 255"):
        gan.fit(FLOATS, verbose=0, validation_data=(IMAGES.astype(np.float32),))
    assert int(gan.step) == 0
    gan = dense_gan(labels=True)
    assert "val_d_loss" in gan.fit(FLOATS, LABELS, verbose=0, validation_data=(FLOATS, LABELS)).history
