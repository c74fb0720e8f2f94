"""Images from a trained generator."""

import keras
import numpy as np

from tfgan_repro.data.scaling import unscale

BATCH_SIZE = 250


def fixed_latents(count, latent_dim, seed):
    """Standard normal latents, the same for a seed whatever the batch size and the device.

    Returns:
        float32 `[count, latent_dim]`.
    """
    return np.random.default_rng(seed).standard_normal((count, latent_dim), np.float32)


def generate_images(generator, count, seed, batch_size=BATCH_SIZE, progress=None):
    """Generate images with standing batch statistics.

    Args:
        generator: a Keras model from latents to images in [-1, 1].
        count: how many images.
        seed: of the latents.
        batch_size: images at once; does not change the latents.
        progress: called with the number of images done so far.

    Returns:
        uint8 `[count, height, width, channels]`.
    """
    latents = fixed_latents(count, generator.input_shape[-1], seed)
    pieces = []
    for start in range(0, count, batch_size):
        images = generator(latents[start : start + batch_size], training=False)
        pieces.append(unscale(keras.ops.convert_to_numpy(images)))
        if progress:
            progress(min(start + batch_size, count))
    return np.concatenate(pieces)
