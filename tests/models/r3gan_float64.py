"""One training step of a tiny R3GAN in float64, written from the paper and from what the authors' files state.

Nothing of it comes from Keras or from this package: shifted products are the convolutions, matrices the interpolation,
and TensorFlow only differentiates.
"""

import numpy as np
import tensorflow as tf

SIDES, CHANNELS, GROUP, LATENTS, CLASSES, BATCH = (4, 8, 16), 16, 16, 4, 3, 4
GAMMA, RATE, BETA_2, EPSILON = 0.05, 2e-4, 0.9, 1e-7


def weight_shapes():
    """The shapes of both networks' weights by name; convolutions are `[height, width, in, out]`."""
    wide, blocks = 2 * CHANNELS, {}
    for level in range(len(SIDES)):
        for number in (1, 2):
            name = f"block{level}_{number}"
            blocks[f"{name}_widen/kernel"], blocks[f"{name}_widen/bias"] = (1, 1, CHANNELS, wide), (wide,)
            blocks[f"{name}_look/kernel"], blocks[f"{name}_look/bias"] = (3, 3, GROUP, wide), (wide,)
            blocks[f"{name}_narrow/kernel"] = (1, 1, wide, CHANNELS)
    generator = {
        "label_embedding/embeddings": (CLASSES, LATENTS),
        "dense/kernel": (2 * LATENTS, CHANNELS),
        "basis/kernel": (4, 4, CHANNELS),
        **blocks,
        "to_image/kernel": (1, 1, CHANNELS, 3),
    }
    discriminator = {
        "from_image/kernel": (1, 1, 3, CHANNELS),
        **blocks,
        "basis/kernel": (4, 4, CHANNELS),
        "features/kernel": (CHANNELS, CHANNELS),
        "label_embedding/embeddings": (CLASSES, CHANNELS),
    }
    return generator, discriminator


def given():
    """Both networks' weights by name, and images, labels and latents; all but the labels are exact in float32."""
    random = np.random.default_rng(23)

    def drawn(shapes):
        deviations = {name: np.prod(shape[:-1]) ** -0.5 if len(shape) > 1 else 0.3 for name, shape in shapes.items()}
        return {name: random.normal(0, deviations[name], shape).astype(np.float32) for name, shape in shapes.items()}

    generator, discriminator = map(drawn, weight_shapes())
    images = random.uniform(-1, 1, (BATCH, SIDES[-1], SIDES[-1], 3)).astype(np.float32)
    labels = random.integers(0, CLASSES, BATCH)
    return generator, discriminator, images, labels, random.normal(size=(BATCH, LATENTS)).astype(np.float32)


def convolved(x, kernel):
    """A "same" convolution; in groups where the kernel has fewer inputs than there are channels."""
    size, _, inputs, filters = kernel.shape
    (_, height, width, channels), margin = x.shape, size // 2
    padded = tf.pad(x, [(0, 0), (margin, margin), (margin, margin), (0, 0)])
    around = tf.stack([padded[:, i : i + height, j : j + width] for i in range(size) for j in range(size)], axis=3)
    groups = channels // inputs
    around = tf.reshape(around, (*x.shape[:3], size * size, groups, inputs))
    matrices = tf.reshape(kernel, (size * size, inputs, groups, filters // groups))
    return tf.reshape(tf.einsum("bhwkgc,kcgd->bhwgd", around, matrices), (*x.shape[:3], filters))


def rectified(x):
    return tf.where(x > 0, x, 0.2 * x)


def block(x, weights, name):
    y = rectified(convolved(x, weights[f"{name}_widen/kernel"]) + weights[f"{name}_widen/bias"])
    y = rectified(convolved(y, weights[f"{name}_look/kernel"]) + weights[f"{name}_look/bias"])
    return x + convolved(y, weights[f"{name}_narrow/kernel"])


def halving(side):
    """From a side to half of it by the filter [1, 3, 3, 1] / 8 at every second place, `[side / 2, side]`."""
    matrix = np.zeros((side // 2, side + 2))
    for row in range(side // 2):
        matrix[row, 2 * row : 2 * row + 4] = np.array([1, 3, 3, 1]) / 8
    return matrix[:, 1:-1]


def resampled(x, matrix):
    return tf.einsum("ih,bhwc,jw->bijc", matrix, x, matrix)


def generate(weights, latents, labels):
    known = tf.concat([latents, tf.gather(weights["label_embedding/embeddings"], labels)], axis=1)
    x = (known @ weights["dense/kernel"])[:, None, None] * weights["basis/kernel"]
    for level, side in enumerate(SIDES):
        # Interpolation is the transpose of the reduction, times 2 in each direction.
        x = resampled(x, 2 * halving(side).T) if level else x
        x = block(block(x, weights, f"block{level}_1"), weights, f"block{level}_2")
    return convolved(x, weights["to_image/kernel"])


def judge(weights, images, labels):
    x = convolved(images, weights["from_image/kernel"])
    for level, side in reversed(list(enumerate(SIDES))):
        x = block(block(x, weights, f"block{level}_1"), weights, f"block{level}_2")
        x = resampled(x, halving(side)) if level else x
    features = tf.einsum("bhwc,hwc->bc", x, weights["basis/kernel"]) @ weights["features/kernel"]
    return tf.reduce_sum(features * tf.gather(weights["label_embedding/embeddings"], labels), axis=1)


def squared_slopes(weights, images, labels):
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = judge(weights, images, labels)
    return tf.reduce_sum(tf.square(tape.gradient(logits, images)), axis=(1, 2, 3))


def gradients_of(loss, weights):
    """The loss of weights with its gradients by name, and what else `loss` returns."""
    with tf.GradientTape() as tape:
        tape.watch(weights)
        value, *rest = loss(weights)
    gradients = tape.gradient(value, weights)
    return {name: tf.convert_to_tensor(gradient) for name, gradient in gradients.items()}, value, *rest


def after_adam(weights, gradients):
    """After Adam's first step without a mean; epsilon is added to the root before its bias is corrected."""
    corrected = RATE * np.sqrt(1 - BETA_2)
    return {
        name: weights[name] - corrected * gradient / (np.sqrt(1 - BETA_2) * tf.abs(gradient) + EPSILON)
        for name, gradient in gradients.items()
    }


def step():
    """What the step would log, and the length of the gradient of each of the discriminator's weights."""
    *weights, images, labels, latents = given()
    generator, discriminator = tf.nest.map_structure(lambda value: tf.constant(value, tf.float64), weights)
    images, latents = tf.constant(images, tf.float64), tf.constant(latents, tf.float64)
    fake = generate(generator, latents, labels)

    def discriminator_loss(weights):
        margin = judge(weights, images, labels) - judge(weights, fake, labels)
        r1, r2 = (tf.reduce_mean(squared_slopes(weights, shown, labels)) for shown in (images, fake))
        loss = tf.reduce_mean(tf.math.log(1 + tf.exp(-margin)))
        logged = {"d_loss": loss, "margin": tf.reduce_mean(margin), "penalty": (r1 + r2) / 2}
        return loss + GAMMA / 2 * (r1 + r2), logged

    d_gradients, _, logged = gradients_of(discriminator_loss, discriminator)
    updated = after_adam(discriminator, d_gradients)

    def generator_loss(weights):
        margin = judge(updated, generate(weights, latents, labels), labels) - judge(updated, images, labels)
        return (tf.reduce_mean(tf.math.log(1 + tf.exp(-margin))),)

    g_gradients, logged["g_loss"] = gradients_of(generator_loss, generator)
    logged["d_gradient_norm"] = tf.linalg.global_norm(list(d_gradients.values()))
    logged["g_gradient_norm"] = tf.linalg.global_norm(list(g_gradients.values()))
    lengths = {name: float(tf.norm(gradient)) for name, gradient in d_gradients.items()}
    return {name: float(value) for name, value in logged.items()}, lengths
