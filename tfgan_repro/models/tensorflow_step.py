"""One training step on TensorFlow: where gradients are taken and applied."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import tensorflow as tf

from tfgan_repro.models import tensorflow_replicas as replicas
from tfgan_repro.types import Tensor

if TYPE_CHECKING:
    import keras

    from tfgan_repro.models.gan import GAN
    from tfgan_repro.models.gradients import LastGradients


def train_step(gan: "GAN", real_images: Tensor, labels: Tensor | None) -> dict[str, Tensor]:
    """Update the discriminator on each minibatch, then the generator once.

    The last minibatch of generated images serves the generator's update as well: one forward pass for both. The
    generator sees the discriminator as it is after its update. Each replica of a strategy calls it with its share of
    every minibatch.

    Args:
        gan: a compiled `tfgan_repro.models.gan.GAN`.
        real_images: float32 `[discriminator_steps * batch, height, width, channels]` in [-1, 1].
        labels: int `[discriminator_steps * batch]`, or None.

    Returns:
        A dictionary of scalars, see `GAN.train_step`.
    """
    rounds = gan.techniques.discriminator_steps
    count = real_images.shape[0] // rounds
    real_images = tf.reshape(real_images, (rounds, count, *real_images.shape[1:]))
    labels = None if labels is None else tf.reshape(labels, (rounds, count))
    gan.before_updates()
    gan.traced = traced(1)

    def earlier_round(number: Tensor) -> None:
        gan.traced = [*gan.traced, *traced(rounds - 1)]
        classes = None if labels is None else labels[number]
        update_discriminator(gan, real_images[number], gan.generate(count, classes), classes)

    if rounds > 1:
        replicas.repeat(rounds - 1, earlier_round)
    classes = None if labels is None else labels[-1]
    with tf.GradientTape() as tape:
        fake_images = gan.generate(count, classes)
    metrics = update_discriminator(gan, real_images[-1], fake_images, classes)
    metrics |= update_generator(gan, fake_images, classes, tape)
    replicas.agree_on_statistics(gan.generator, gan.discriminator)
    gan.after_generator_update(count * replicas.replicas())
    return replicas.packed(metrics)


def traced(count: int) -> list[tuple[tf.Graph, int]]:
    """The graph that is being made, and how often a step goes through it, for `training.tensorflow_cost`."""
    return [] if tf.executing_eagerly() else [(tf.compat.v1.get_default_graph(), count)]


def update_discriminator(
    gan: "GAN", real_images: Tensor, fake_images: Tensor, labels: Tensor | None
) -> dict[str, Tensor]:
    """One descent step on the discriminator's loss; returns its metrics."""
    with tf.GradientTape() as tape:
        loss, metrics = gan.discriminator_loss(real_images, tf.stop_gradient(fake_images), labels, slope_of)
    variables = gan.discriminator.trainable_variables
    gradients = tape.gradient(loss, variables)
    metrics["d_gradient_norm"] = descend(gan.discriminator_optimizer, gradients, variables, gan.discriminator_gradients)
    gan.after_discriminator_update()
    return metrics


def update_generator(
    gan: "GAN", fake_images: Tensor, labels: Tensor | None, generator_tape: tf.GradientTape
) -> dict[str, Tensor]:
    """One descent step on the generator's loss; `generator_tape` watched it make the images. Returns its metrics."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(fake_images)
        loss, metrics = gan.generator_loss(fake_images, labels)
    # The chain rule in two pieces: the discriminator's weight gradients, which nobody needs, are never computed.
    image_gradient = tape.gradient(loss, fake_images)
    variables = gan.generator.trainable_variables
    gradients = generator_tape.gradient(fake_images, variables, output_gradients=image_gradient)
    metrics["g_gradient_norm"] = descend(gan.generator_optimizer, gradients, variables, gan.generator_gradients)
    return metrics


def descend(
    optimizer: "keras.optimizers.Optimizer",
    gradients: Sequence[Tensor],
    variables: "Sequence[keras.Variable]",
    kept: "LastGradients",
) -> Tensor:
    """Apply one optimiser step, keep the gradients in a `LastGradients`, and return their global norm, a scalar."""
    gradients = replicas.mean(gradients)
    replicas.apply(optimizer, gradients, variables)
    # That of an embedding comes as a row an image: the rows of one class must be summed before they are measured.
    dense = [tf.convert_to_tensor(gradient) for gradient in gradients]
    kept.keep(dense)
    return tf.linalg.global_norm(dense)


def slope_of(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """The function that gives the gradient of a function of images, itself differentiable."""

    def slope(images: Tensor) -> Tensor:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(images)
            outputs = function(images)
        return tape.gradient(outputs, images)

    return slope
