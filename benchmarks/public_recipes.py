"""GANs as public tutorials and collections train them, as contestants of quality.py.

    python benchmarks/public_recipes.py tutorial --core-minutes 15 60 --output quality/tutorial

Networks and settings are written anew from what is published; images are CIFAR-10's, so that a tutorial for other
sizes starts from 4x4 or 8x8 places and ends with three channels. All train in float32 with TensorFlow's own operations
and under `tf.function`, as their authors do. Whenever so much processor time is used, 2,000 generated images are
written, `<minutes>.npz`.
"""

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from tfgan_repro.data import load_pictures
from tfgan_repro.models.layers import SpectralNormalization

IMAGES = 2_000
bce = keras.losses.BinaryCrossentropy(from_logits=True)


def stack(name, shape, *parts):
    return keras.Sequential([keras.Input(shape), *parts], name=name)


class Recipe:
    """The usual step: the discriminator on generated and on real images, then the generator; what differs is below."""

    latent_dim = 100
    batch_size = 128
    adam = {"learning_rate": 2e-4, "beta_1": 0.5}
    low = -1.0  # of the pixels; the highest is 1
    discriminator_steps = 1

    def __init__(self):
        self.generator, self.discriminator = self.networks()
        self.generator_optimizer = keras.optimizers.Adam(**self.adam)
        self.discriminator_optimizer = keras.optimizers.Adam(**self.adam)
        self.sampler = self.generator

    def networks(self):
        raise NotImplementedError

    def fake_images(self):
        return self.generator(tf.random.normal((self.batch_size, self.latent_dim)), training=True)

    def logits(self, images):
        return self.discriminator(images, training=True)

    def discriminator_loss(self, real_images, fake_images):
        real_logits, fake_logits = self.logits(real_images), self.logits(fake_images)
        return bce(tf.ones_like(real_logits), real_logits) + bce(tf.zeros_like(fake_logits), fake_logits)

    def generator_loss(self, fake_logits):
        return bce(tf.ones_like(fake_logits), fake_logits)

    def step(self, real_images):
        for _ in range(self.discriminator_steps):
            with tf.GradientTape() as tape:
                loss = self.discriminator_loss(real_images, self.fake_images())
            descend(tape, loss, self.discriminator, self.discriminator_optimizer)
        with tf.GradientTape() as tape:
            loss = self.generator_loss(self.logits(self.fake_images()))
        descend(tape, loss, self.generator, self.generator_optimizer)


def descend(tape, loss, network, optimizer):
    weights = network.trainable_weights
    optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))


class Tutorial(Recipe):
    """tensorflow.org, "Deep Convolutional Generative Adversarial Network"."""

    batch_size = 256
    adam = {"learning_rate": 1e-4}

    def networks(self):
        def up(filters, strides):
            convolution = layers.Conv2DTranspose(filters, 5, strides, padding="same", use_bias=False)
            return convolution, layers.BatchNormalization(), layers.LeakyReLU(0.3)

        def down(filters):
            return layers.Conv2D(filters, 5, 2, padding="same"), layers.LeakyReLU(0.3), layers.Dropout(0.3)

        return (
            stack(
                "generator", (100,),
                layers.Dense(8 * 8 * 256, use_bias=False), layers.BatchNormalization(), layers.LeakyReLU(0.3),
                layers.Reshape((8, 8, 256)), *up(128, 1), *up(64, 2),
                layers.Conv2DTranspose(3, 5, 2, padding="same", use_bias=False, activation="tanh"),
            ),
            stack("discriminator", (32, 32, 3), *down(64), *down(128), layers.Flatten(), layers.Dense(1)),
        )  # fmt: skip

    def step(self, real_images):
        with tf.GradientTape() as generator_tape, tf.GradientTape() as discriminator_tape:
            fake_images = self.fake_images()
            loss = self.discriminator_loss(real_images, fake_images)
            generator_loss = self.generator_loss(self.logits(fake_images))
        descend(generator_tape, generator_loss, self.generator, self.generator_optimizer)
        descend(discriminator_tape, loss, self.discriminator, self.discriminator_optimizer)


class KerasDCGAN(Recipe):
    """keras.io, "DCGAN to generate face images"."""

    latent_dim, batch_size, low = 128, 32, 0.0
    adam = {"learning_rate": 1e-4}

    def networks(self):
        def up(filters):
            return layers.Conv2DTranspose(filters, 4, 2, padding="same"), layers.LeakyReLU(0.2)

        def down(filters):
            return layers.Conv2D(filters, 4, 2, padding="same"), layers.LeakyReLU(0.2)

        return (
            stack(
                "generator", (128,), layers.Dense(4 * 4 * 128), layers.Reshape((4, 4, 128)),
                *up(128), *up(256), *up(512), layers.Conv2D(3, 5, padding="same", activation="sigmoid"),
            ),
            stack(
                "discriminator", (32, 32, 3), *down(64), *down(128), *down(128),
                layers.Flatten(), layers.Dropout(0.2), layers.Dense(1),
            ),
        )  # fmt: skip

    def discriminator_loss(self, real_images, fake_images):
        targets = tf.concat([tf.zeros((self.batch_size, 1)), tf.ones((self.batch_size, 1))], 0)
        noisy = targets - 0.05 * tf.random.uniform(tf.shape(targets))
        return bce(noisy, self.logits(tf.concat([fake_images, real_images], 0)))


class KerasWGANGP(Recipe):
    """keras.io, "WGAN-GP overriding Model.train_step"."""

    latent_dim, batch_size, discriminator_steps = 128, 512, 3
    adam = {"learning_rate": 2e-4, "beta_1": 0.5, "beta_2": 0.9}

    def networks(self):
        def up(filters, activation):
            convolution = layers.Conv2D(filters, 3, padding="same", use_bias=False)
            return layers.UpSampling2D(), convolution, layers.BatchNormalization(), activation

        def down(filters, *dropout):
            return layers.Conv2D(filters, 5, 2, padding="same"), layers.LeakyReLU(0.2), *dropout

        return (
            stack(
                "generator", (128,),
                layers.Dense(4 * 4 * 256, use_bias=False), layers.BatchNormalization(), layers.LeakyReLU(0.2),
                layers.Reshape((4, 4, 256)), *up(128, layers.LeakyReLU(0.2)), *up(64, layers.LeakyReLU(0.2)),
                *up(3, layers.Activation("tanh")),
            ),
            stack(
                "discriminator", (32, 32, 3), *down(64), *down(128, layers.Dropout(0.3)),
                *down(256, layers.Dropout(0.3)), *down(512), layers.Flatten(), layers.Dropout(0.2), layers.Dense(1),
            ),
        )  # fmt: skip

    def discriminator_loss(self, real_images, fake_images):
        mixed = real_images + tf.random.uniform((self.batch_size, 1, 1, 1)) * (fake_images - real_images)
        with tf.GradientTape() as tape:
            tape.watch(mixed)
            logits = self.logits(mixed)
        slopes = tf.sqrt(tf.reduce_sum(tape.gradient(logits, mixed) ** 2, axis=[1, 2, 3]))
        estimate = tf.reduce_mean(self.logits(real_images)) - tf.reduce_mean(self.logits(fake_images))
        return 10.0 * tf.reduce_mean((slopes - 1.0) ** 2) - estimate

    def generator_loss(self, fake_logits):
        return -tf.reduce_mean(fake_logits)


class Flavours(Recipe):
    """beresandras/gan-flavours-keras, its DCGAN: averaged weights, one generated minibatch for both updates."""

    latent_dim, low = 64, 0.0
    decay = 0.99

    def __init__(self):
        super().__init__()
        self.sampler = keras.models.clone_model(self.generator)
        self.sampler.set_weights(self.generator.get_weights())

    def networks(self):
        width = 128

        def up():
            convolution = layers.Conv2DTranspose(width, 4, 2, padding="same", use_bias=False)
            return layers.BatchNormalization(scale=False), layers.ReLU(), convolution

        def down():
            convolution = layers.Conv2D(width, 4, 2, padding="same", use_bias=False)
            return convolution, layers.BatchNormalization(scale=False), layers.LeakyReLU(0.2)

        return (
            stack(
                "generator", (64,), layers.Reshape((1, 1, 64)), layers.Conv2DTranspose(width, 4, use_bias=False),
                *up(), *up(), layers.BatchNormalization(scale=False), layers.ReLU(),
                layers.Conv2DTranspose(3, 4, 2, padding="same", activation="sigmoid"),
            ),
            stack(
                "discriminator", (32, 32, 3), *down(), *down(), *down(),
                layers.Dropout(0.4), layers.Conv2D(1, 4), layers.Flatten(),
            ),
        )  # fmt: skip

    def step(self, real_images):
        with tf.GradientTape(persistent=True) as tape:
            fake_images = self.fake_images()
            real_logits, fake_logits = self.logits(real_images), self.logits(fake_images)
            loss = bce(tf.ones_like(real_logits), real_logits) + bce(tf.zeros_like(fake_logits), fake_logits)
            loss /= 2
            generator_loss = self.generator_loss(fake_logits)
        descend(tape, generator_loss, self.generator, self.generator_optimizer)
        descend(tape, loss, self.discriminator, self.discriminator_optimizer)
        for weight, average in zip(self.generator.weights, self.sampler.weights):
            average.assign(self.decay * average + (1 - self.decay) * weight)


class Collection(Recipe):
    """w86763777/pytorch-gan-collections, SNGAN-CNN: spectral normalisation and hinge."""

    adam = {"learning_rate": 2e-4, "beta_1": 0.0, "beta_2": 0.9}

    def networks(self):
        normal = keras.initializers.RandomNormal(stddev=0.02)

        def up(filters):
            convolution = layers.Conv2DTranspose(filters, 4, 2, padding="same", kernel_initializer=normal)
            return convolution, layers.BatchNormalization(), layers.ReLU()

        def bounded(layer):
            return SpectralNormalization(layer)

        def same_and_down(filters, wider):
            same = layers.Conv2D(filters, 3, padding="same", kernel_initializer=normal)
            down = layers.Conv2D(wider, 4, 2, padding="same", kernel_initializer=normal)
            return bounded(same), layers.LeakyReLU(0.1), bounded(down), layers.LeakyReLU(0.1)

        last = layers.Conv2D(512, 3, padding="same", kernel_initializer=normal)
        return (
            stack(
                "generator", (100,), layers.Dense(4 * 4 * 512, kernel_initializer=normal),
                layers.Reshape((4, 4, 512)), layers.BatchNormalization(), layers.ReLU(), *up(256), *up(128), *up(64),
                layers.Conv2D(3, 3, padding="same", kernel_initializer=normal, activation="tanh"),
            ),
            stack(
                "discriminator", (32, 32, 3), *same_and_down(64, 128), *same_and_down(128, 256),
                *same_and_down(256, 512), bounded(last), layers.LeakyReLU(0.1), layers.Flatten(),
                bounded(layers.Dense(1, use_bias=False, kernel_initializer=normal)),
            ),
        )  # fmt: skip

    def discriminator_loss(self, real_images, fake_images):
        real_logits, fake_logits = self.logits(real_images), self.logits(fake_images)
        return tf.reduce_mean(tf.nn.relu(1 - real_logits)) + tf.reduce_mean(tf.nn.relu(1 + fake_logits))

    def generator_loss(self, fake_logits):
        return -tf.reduce_mean(fake_logits)


RECIPES = {
    "tutorial": Tutorial, "keras-dcgan": KerasDCGAN, "keras-wgan-gp": KerasWGANGP,
    "flavours": Flavours, "collection": Collection,
}  # fmt: skip


def write_images(recipe, path):
    latents = np.random.default_rng(0).normal(size=(IMAGES, recipe.latent_dim)).astype("float32")
    images = recipe.sampler.predict(latents, batch_size=100, verbose=0)
    pixels = (images - recipe.low) / (1.0 - recipe.low) * 255.0
    np.savez_compressed(path, images=np.clip(np.rint(pixels), 0, 255).astype("uint8"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", choices=RECIPES)
    parser.add_argument("--core-minutes", type=float, nargs="+", required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(0)
    recipe = RECIPES[options.recipe]()
    images = load_pictures("cifar10").images.astype("float32") / 255.0 * (1.0 - recipe.low) + recipe.low
    batches = tf.data.Dataset.from_tensor_slices(images).shuffle(len(images)).repeat()
    step = tf.function(recipe.step)
    left, steps = sorted(options.core_minutes), 0
    for batch in batches.batch(recipe.batch_size, drop_remainder=True).prefetch(2):
        if time.process_time() >= 60 * left[0]:
            write_images(recipe, options.output / f"{left.pop(0):g}.npz")
            print(f"{steps:,} steps", flush=True)
            if not left:
                return
        step(batch)
        steps += 1


if __name__ == "__main__":
    main()
