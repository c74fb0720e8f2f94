"""How two networks play against each other: one training step on TensorFlow."""

import keras
import tensorflow as tf
from keras import ops

from tfgan_repro.models import LOSSES


class GAN(keras.Model):
    """A generator and a discriminator, trained by `fit` on batches of real images.

    Calling the model generates: latents `[batch, latent_dim]` to images `[batch, height, width, channels]` in [-1, 1].

    Args:
        generator: a Keras model from latents to images.
        discriminator: a Keras model from images to logits `[batch, 1]`.
        seed: of the latents drawn during training.
    """

    def __init__(self, generator, discriminator, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.generator = generator
        self.discriminator = discriminator
        self.latent_dim = generator.input_shape[-1]
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.built = True

    def compile(
        self,
        generator_optimizer,
        discriminator_optimizer,
        loss="non-saturating",
        label_smoothing=0.0,
        discriminator_steps=1,
        **kwargs,
    ):
        """Choose how the networks are trained.

        Args:
            generator_optimizer: a Keras optimiser.
            discriminator_optimizer: another one; two learning rates make TTUR (Heusel et al. 2017).
            loss: a name in `tfgan_repro.models.LOSSES`.
            label_smoothing: how far below 1 the target of real images lies, in [0, 1).
            discriminator_steps: discriminator updates before each generator update; a batch given to `fit` must hold
                that many minibatches.
            **kwargs: passed to `keras.Model.compile`.
        """
        # XLA is slower than TensorFlow's own kernels on CPU, so Keras' "auto" is not left to choose it.
        super().compile(**{"jit_compile": False, **kwargs})
        self.adversarial_loss = LOSSES.load(loss)
        self.label_smoothing = label_smoothing
        self.discriminator_steps = discriminator_steps
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer
        generator_optimizer.build(self.generator.trainable_variables)
        discriminator_optimizer.build(self.discriminator.trainable_variables)

    def call(self, latents, training=False):
        return self.generator(latents, training=training)

    def draw_latents(self, count):
        """Standard normal latents `[count, latent_dim]`, the next of the model's own seeded sequence."""
        return keras.random.normal((count, self.latent_dim), seed=self.seed_generator)

    def train_step(self, real_images):
        """Update the discriminator on each minibatch, then the generator once (Goodfellow et al. 2014, algorithm 1).

        The last minibatch of generated images serves the generator's update as well: one forward pass for both. The
        generator sees the discriminator as it is after its update.

        Args:
            real_images: float32 `[discriminator_steps * batch, height, width, channels]` in [-1, 1].

        Returns:
            A dictionary of scalars: `d_loss`, `g_loss`, `d_real` and `d_fake` (mean probability of being real that
            the discriminator gives either kind, before its update), `d_gradient_norm`, `g_gradient_norm`.
        """
        minibatches = tf.split(real_images, self.discriminator_steps)
        for minibatch in minibatches[:-1]:
            self.update_discriminator(minibatch, self.generator(self.draw_latents(minibatch.shape[0]), training=True))
        with tf.GradientTape() as tape:
            fake_images = self.generator(self.draw_latents(minibatches[-1].shape[0]), training=True)
        metrics = self.update_discriminator(minibatches[-1], fake_images)
        return metrics | self.update_generator(fake_images, tape)

    def update_discriminator(self, real_images, fake_images):
        """One descent step on the discriminator's loss; real and generated images are separate minibatches."""
        with tf.GradientTape() as tape:
            real_logits = self.discriminator(real_images, training=True)
            fake_logits = self.discriminator(tf.stop_gradient(fake_images), training=True)
            loss = self.adversarial_loss.real(real_logits, self.label_smoothing)
            loss += self.adversarial_loss.fake(fake_logits)
        norm = descend(self.discriminator_optimizer, tape, loss, self.discriminator.trainable_variables)
        return {
            "d_loss": loss,
            "d_real": ops.mean(ops.sigmoid(real_logits)),
            "d_fake": ops.mean(ops.sigmoid(fake_logits)),
            "d_gradient_norm": norm,
        }

    def update_generator(self, fake_images, generator_tape):
        """One descent step on the generator's loss.

        Args:
            fake_images: generated images.
            generator_tape: the tape that watched the generator make them.
        """
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(fake_images)
            loss = self.adversarial_loss.generator(self.discriminator(fake_images, training=True))
        # The chain rule in two pieces: the discriminator's weight gradients, which nobody needs, are never computed.
        image_gradient = tape.gradient(loss, fake_images)
        norm = descend(
            self.generator_optimizer, generator_tape, fake_images, self.generator.trainable_variables, image_gradient
        )
        return {"g_loss": loss, "g_gradient_norm": norm}


def descend(optimizer, tape, target, variables, output_gradient=None):
    """Apply one optimiser step and return the global norm of the gradient, a scalar."""
    gradients = tape.gradient(target, variables, output_gradients=output_gradient)
    optimizer.apply(gradients, variables)
    return tf.linalg.global_norm(gradients)
