"""How tutorials train a GAN in Keras, as contestants of train_step.py.

The networks are this package's, in float32 and with Keras' own batch normalisation.
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from own_steps import WARM_UP, random_pictures, turn_taker
from tfgan_repro.config import TrainConfig
from tfgan_repro.models.layers import in_keras_words
from tfgan_repro.runs.loading import build_gan, compile_gan
from turns import Turns


def target_loss(model):
    """The loss as a function of targets (1 for real, 0 for generated) and logits, as `compile` and tutorials take it.

    The two hinge losses differ between the networks, so that the target 2 stands for the generator's.
    """
    if model == "sndcgan":
        return lambda targets, logits: ops.mean(
            ops.where(targets > 1, -logits, ops.relu(1.0 - (2.0 * targets - 1.0) * logits))
        )
    if model == "sagan":
        return lambda targets, logits: -ops.mean((2.0 * targets - 1.0) * logits)
    return keras.losses.BinaryCrossentropy(from_logits=True)


def generator_target(model):
    return 2.0 if model == "sndcgan" else 1.0


def train_on_batch(model, gan, config, pictures, turns, seconds):
    """The loop of most tutorials: three calls of `train_on_batch` a step."""
    generator, discriminator, loss = gan.generator, gan.discriminator, target_loss(model)
    discriminator.compile(gan.discriminator_optimizer, loss, jit_compile=False)
    inputs = [keras.Input(tensor.shape[1:], dtype=tensor.dtype) for tensor in generator.inputs]
    fake = generator(inputs if gan.conditional else inputs[0])
    judged = discriminator([fake, inputs[1]] if len(discriminator.inputs) == 2 else fake)
    combined = keras.Model(inputs, judged)
    combined.compile(gan.generator_optimizer, loss, jit_compile=False)
    images = pictures.images.astype("float32") / 127.5 - 1.0
    batch, random_state = config.batch_size, np.random.default_rng(0)
    real_targets = np.ones((batch, 1), "float32") - config.label_smoothing
    fake_targets, generator_targets = np.zeros((batch, 1), "float32"), np.full((batch, 1), generator_target(model))

    def step():
        places = random_state.integers(0, len(images), batch)
        latents = random_state.normal(size=(batch, gan.latent_dim)).astype("float32")
        labels = [pictures.labels[places]] if gan.conditional else []
        fake = generator.predict_on_batch([latents, *labels])
        discriminator.trainable = True
        discriminator.train_on_batch([images[places], *labels], real_targets)
        discriminator.train_on_batch([fake, *labels], fake_targets)
        # Keras reads this when it traces a step, which it does at the first call only.
        discriminator.trainable = False
        combined.train_on_batch([latents, *labels], generator_targets)

        return 1

    for _ in range(WARM_UP):
        step()
    turns.take(step, seconds)


class TapeGAN(keras.Model):
    """A GAN with a `train_step` in the manner of the examples on keras.io (DCGAN and WGAN-GP)."""

    def __init__(self, model, gan, config):
        super().__init__()
        self.name_of_model, self.gan, self.config = model, gan, config
        self.generator, self.discriminator = gan.generator, gan.discriminator
        self.loss_of = target_loss(model)

    def fresh(self, labels):
        latents = tf.random.normal((self.config.batch_size, self.gan.latent_dim))
        return [latents, labels] if self.gan.conditional else latents

    def judge(self, images, labels):
        inputs = [images, labels] if len(self.discriminator.inputs) == 2 else images
        return self.discriminator(inputs, training=True)

    def train_step(self, data):
        images, labels = data
        if self.name_of_model == "wgan-gp":
            return self.wasserstein_step(images, labels)
        batch = self.config.batch_size
        fake = self.generator(self.fresh(labels), training=True)
        both = tf.concat([fake, images], 0)
        targets = tf.concat([tf.zeros((batch, 1)), tf.ones((batch, 1)) - self.config.label_smoothing], 0)
        with tf.GradientTape() as tape:
            d_loss = self.loss_of(targets, self.judge(both, tf.concat([labels, labels], 0)))
        self.descend(tape, d_loss, self.discriminator, self.gan.discriminator_optimizer)
        return {"d_loss": d_loss, "g_loss": self.generator_step(labels, batch)}

    def generator_step(self, labels, batch):
        targets = tf.fill((batch, 1), generator_target(self.name_of_model))
        with tf.GradientTape() as tape:
            logits = self.judge(self.generator(self.fresh(labels), training=True), labels)
            wasserstein = self.name_of_model == "wgan-gp"
            g_loss = -tf.reduce_mean(logits) if wasserstein else self.loss_of(targets, logits)
        self.descend(tape, g_loss, self.generator, self.gan.generator_optimizer)
        return g_loss

    def wasserstein_step(self, images, labels):
        rounds, batch = self.config.discriminator_steps, self.config.batch_size
        for number in range(rounds):
            real = images[number * batch : (number + 1) * batch]
            with tf.GradientTape() as tape:
                fake = self.generator(self.fresh(labels), training=True)
                d_loss = tf.reduce_mean(self.judge(fake, labels)) - tf.reduce_mean(self.judge(real, labels))
                mixed = real + tf.random.normal((batch, 1, 1, 1)) * (fake - real)
                with tf.GradientTape() as inner:
                    inner.watch(mixed)
                    judged = self.judge(mixed, labels)
                slopes = tf.sqrt(tf.reduce_sum(tf.square(inner.gradient(judged, [mixed])[0]), axis=[1, 2, 3]))
                d_loss += 10.0 * tf.reduce_mean((slopes - 1.0) ** 2)
            self.descend(tape, d_loss, self.discriminator, self.gan.discriminator_optimizer)
        return {"d_loss": d_loss, "g_loss": self.generator_step(labels, batch)}

    @staticmethod
    def descend(tape, loss, network, optimizer):
        gradients = tape.gradient(loss, network.trainable_weights)
        optimizer.apply_gradients(zip(gradients, network.trainable_weights))


def gradient_tape(model, gan, config, pictures, turns, seconds):
    """Keras' own examples: a `train_step` with tapes, under `fit`."""
    images = pictures.images.astype("float32") / 127.5 - 1.0
    batches = tf.data.Dataset.from_tensor_slices((images, pictures.labels)).shuffle(1024).repeat()
    batches = batches.batch(config.images_per_step, drop_remainder=True)
    tutorial = TapeGAN(model, gan, config)
    tutorial.compile(jit_compile=False)
    tutorial.fit(
        batches.prefetch(tf.data.AUTOTUNE), steps_per_epoch=10**9, callbacks=[turn_taker(turns, seconds)], verbose=0
    )


CONTESTANTS = {"train_on_batch": train_on_batch, "GradientTape": gradient_tape}


def main():
    turns = Turns()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contestant", choices=CONTESTANTS)
    parser.add_argument("model")
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--seconds", type=float)
    options = parser.parse_args()
    config = TrainConfig.from_choices(recipe="report", model=options.model, batch_size=options.batch_size)
    pictures = random_pictures()
    gan = build_gan(config, pictures.image_shape, len(pictures.classes))
    gan.generator, gan.discriminator = in_keras_words(gan.generator), in_keras_words(gan.discriminator)
    compile_gan(gan, config)
    CONTESTANTS[options.contestant](options.model, gan, config, pictures, turns, options.seconds)


if __name__ == "__main__":
    main()
