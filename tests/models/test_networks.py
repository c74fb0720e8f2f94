"""A GAN of any two networks that fit each other."""

import keras
import pytest
from keras import layers
from small_networks import FLOATS, Doubled, Halved, dense_gan

import tfgan_repro as tfgan
from tfgan_repro.errors import UserError


class Uncopied(Doubled):
    def __init__(self, units):
        super().__init__()

    def get_config(self):
        return {}


def sequential(*parts):
    return keras.Sequential(list(parts))


def flat_and(layer):
    return sequential(keras.Input((4, 4, 1)), layers.Flatten(), layer)


def sigmoid_by_hand():
    images = keras.Input((4, 4, 1))
    logits = layers.Dense(1)(layers.Flatten()(images))
    return keras.Model(images, layers.Reshape((1,))(keras.ops.sigmoid(logits)))


def from_zero_to_one():
    return sequential(keras.Input((3,)), layers.Dense(16, "sigmoid"), layers.Reshape((4, 4, 1)))


def classifying(activation=None, class_activation=None):
    images = keras.Input((4, 4, 1))
    flat = layers.Flatten()(images)
    return keras.Model(images, [layers.Dense(1, activation)(flat), layers.Dense(3, class_activation)(flat)])


def of_images(structure):
    images = keras.Input((4, 4, 1))
    return keras.Model(images, structure(layers.Dense(1)(layers.Flatten()(images))))


def named():
    images = joined((3,))
    return keras.Model(images.inputs, {"image": images.outputs[0]})


def joined(*shapes):
    inputs = [keras.Input(shape) for shape in shapes]
    flat = layers.Concatenate()([layers.Flatten()(part) for part in inputs])
    return keras.Model(inputs, layers.Reshape((4, 4, 1))(layers.Dense(16, "tanh")(flat)))


def twice():
    latents = keras.Input((3,))
    images = layers.Reshape((4, 4, 1))(layers.Dense(16, "tanh")(latents))
    return keras.Model(latents, [images, images])


def test_networks_of_any_kind():
    unbuilt = sequential(layers.Dense(16, "tanh"), layers.Reshape((4, 4, 1)))
    square = sequential(keras.Input((2, 2)), layers.Flatten(), layers.Dense(16, "tanh"), layers.Reshape((4, 4, 1)))
    for generator, options in ((unbuilt, {"latent_dim": 5}), (square, {}), (Doubled(), {"latent_dim": 2})):
        gan = tfgan.GAN(generator, Halved(), **options)
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
        gan.compile(ema_half_life=9.0, loss=loss, penalty=lambda slope, real, *_: 0.0)
        gan.fit(FLOATS, verbose=0)
        assert gan.generate(3).shape == (3, 4, 4, 1)


@pytest.mark.parametrize(
    ("networks", "message"),
    [
        (lambda: (sequential(layers.Dense(16)), Halved()), "the generator is not built: use GAN"),
        (lambda: (sequential(keras.Input((3,)), layers.Dense(16)), dense_gan().discriminator), "does not take the gen"),
        (lambda: (dense_gan().generator, flat_and(layers.Dense(2))), "one logit"),
        (lambda: (dense_gan().generator, flat_and(layers.Dense(1, "sigmoid"))), "ends in a sigmoid"),
        (lambda: (dense_gan().generator, sequential(flat_and(layers.Dense(1, "sigmoid")))), "ends in a sigmoid"),
        (lambda: (dense_gan().generator, sigmoid_by_hand()), "ends in a sigmoid"),
        (lambda: (dense_gan().generator, classifying("sigmoid")), "ends in a sigmoid"),
        (lambda: (dense_gan().generator, classifying(None, "softmax")), "leave the softmax out"),
        (lambda: (dense_gan().generator, of_images(lambda logit: {"logit": logit})), "gives a dictionary of logit; it"),
        (lambda: (dense_gan().generator, of_images(lambda logit: [logit] * 3)), "the discriminator gives 3 outputs"),
        (lambda: (named(), Halved()), "the generator gives a dictionary of image; it must give images"),
        (lambda: (from_zero_to_one(), dense_gan().discriminator), "the generator ends in a sigmoid, and images lie in"),
        (lambda: [dense_gan().generator] * 2, "one and the same"),
        (lambda: (joined((3,), (5,)), Halved()), r"shapes \(3,\), \(5,\): let it take latents, or latents and"),
        (lambda: (joined((1,), (3,)), Halved()), "then labels, one number each"),
        (lambda: (joined((3,), (1,), (1,)), Halved()), r"the shapes \(3,\), \(1,\), \(1,\)"),
        (lambda: (dense_gan().generator, joined((4, 4, 1), (3,))), r"the discriminator .*: let it take images, or"),
        (lambda: (sequential(keras.Input((None,)), layers.Reshape((4, 4, 1))), Halved()), r"latents \(None,\)"),
        (lambda: (twice(), Halved()), "the generator gives 2 outputs"),
        (lambda: (dense_gan().generator, Halved(), 5), r"latent_dim 5: the generator takes latents \(3,\)"),
        (lambda: (Doubled(), Halved(), (5,)), r"latent_dim \(5,\): must be a whole number from 1 on"),
        (lambda: ("dcgan", Halved()), "the generator is a keras.Model, not str"),
    ],
)  # fmt: skip
def test_networks_that_do_not_fit_are_refused(networks, message):
    with pytest.raises(UserError, match=message):
        tfgan.GAN(*networks())


def test_classes_and_statistics_of_ones_own_networks_are_seen():
    gan = tfgan.GAN(dense_gan().generator, classifying())
    gan.compile()
    with pytest.raises(UserError, match="this data set has no labels"):
        gan.fit(FLOATS, verbose=0)
    images = keras.Input((4, 4, 1))
    normalized = keras.Model(images, layers.Dense(1)(layers.BatchNormalization()(layers.Flatten()(images))))
    with pytest.raises(UserError, match="batch normalisation mixes"):
        tfgan.GAN(dense_gan().generator, normalized).compile(penalty="gradient")
    with pytest.raises(UserError, match="needs a copy of Uncopied"):
        tfgan.GAN(Uncopied(3), Halved(), latent_dim=2).compile(ema_half_life=9.0)
