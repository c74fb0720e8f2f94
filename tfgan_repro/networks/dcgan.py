"""DCGAN: strided convolutions in both directions and batch normalisation (Radford et al. 2016, arXiv:1511.06434)."""

import keras
from keras import layers

from tfgan_repro.errors import UserError

BASE_FILTERS = 64
KERNEL_SIZE = 4
LEAKY_SLOPE = 0.2


def first_grid(image_size):
    """Split an image size into the grid that the generator starts from and the number of doublings.

    Args:
        image_size: pixels a side.

    Returns:
        `(side, doublings)` with `side * 2**doublings == image_size` and 4 <= side <= 7.

    Raises:
        UserError: no such pair exists.
    """
    side, doublings = image_size, 0
    while side > 7 and side % 2 == 0:
        side, doublings = side // 2, doublings + 1
    if not 4 <= side <= 7 or doublings < 2:
        raise UserError(
            f"dcgan cannot make images of {image_size} pixels a side; "
            "it makes 4, 5, 6 or 7 times a power of two, from 16 on (28, 32, 64, 128, ...)"
        )
    return side, doublings


def filters_of(doublings, width):
    """The channel counts from the image side inwards: 64, 128, 256, ... times `width`, at least 1."""
    return [max(1, round(BASE_FILTERS * width * 2**level)) for level in range(doublings)]


def initializer(seed):
    """N(0, 0.02), the DCGAN paper's initial weights. Each layer needs one of its own, or all would be equal."""
    return keras.initializers.RandomNormal(0.0, 0.02, seed=seed)


def normalization(name):
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)


def build_generator(image_shape=(32, 32, 3), latent_dim=100, width=1.0, seed=0):
    """The generator: dense to a 4x4 grid (7x7 for 28 pixels), then 4x4 stride-2 transposed convolutions.

    Args:
        image_shape: `(height, width, channels)`, square.
        latent_dim: length of a latent vector.
        width: factor on every channel count; at 1 a 32x32 image grows from 4x4x256 over 128 and 64 channels.
        seed: of the initial weights.

    Returns:
        A functional model from latents `[batch, latent_dim]` to float32 images in [-1, 1].

    Raises:
        UserError: the network cannot make that image size.
    """
    side, doublings = first_grid(image_shape[0])
    filters = filters_of(doublings, width)
    seeds = iter(range(seed, seed + doublings + 1))

    latents = layers.Input((latent_dim,), name="latents")
    x = layers.Dense(
        side * side * filters[-1], use_bias=False, kernel_initializer=initializer(next(seeds)), name="dense"
    )(latents)
    x = layers.Reshape((side, side, filters[-1]), name="grid")(x)
    x = layers.LeakyReLU(LEAKY_SLOPE, name="grid_relu")(normalization("grid_norm")(x))
    for level in reversed(range(doublings)):
        last = level == 0
        x = layers.Conv2DTranspose(
            image_shape[2] if last else filters[level - 1],
            KERNEL_SIZE,
            strides=2,
            padding="same",
            use_bias=last,
            kernel_initializer=initializer(next(seeds)),
            name=f"up{doublings - level}",
        )(x)
        if not last:
            x = normalization(f"up{doublings - level}_norm")(x)
            x = layers.LeakyReLU(LEAKY_SLOPE, name=f"up{doublings - level}_relu")(x)
    images = layers.Activation("tanh", dtype="float32", name="images")(x)
    return keras.Model(latents, images, name="generator")


def build_discriminator(image_shape=(32, 32, 3), width=1.0, seed=0):
    """The discriminator: 4x4 stride-2 convolutions down to a 4x4 grid, then one logit.

    The first convolution has no batch normalisation, as in the paper.

    Args:
        image_shape: `(height, width, channels)`, square.
        width: factor on every channel count; at 1 a 32x32 image passes 64, 128 and 256 channels.
        seed: of the initial weights.

    Returns:
        A functional model from images `[batch, height, width, channels]` in [-1, 1] to float32 logits `[batch, 1]`.

    Raises:
        UserError: the network cannot take that image size.
    """
    _, doublings = first_grid(image_shape[0])
    seeds = iter(range(seed, seed + doublings + 1))

    images = x = layers.Input(image_shape, name="images")
    for level, filters in enumerate(filters_of(doublings, width)):
        first = level == 0
        x = layers.Conv2D(
            filters,
            KERNEL_SIZE,
            strides=2,
            padding="same",
            use_bias=first,
            kernel_initializer=initializer(next(seeds)),
            name=f"down{level + 1}",
        )(x)
        if not first:
            x = normalization(f"down{level + 1}_norm")(x)
        x = layers.LeakyReLU(LEAKY_SLOPE, name=f"down{level + 1}_relu")(x)
    x = layers.Flatten(name="flat")(x)
    logits = layers.Dense(1, dtype="float32", kernel_initializer=initializer(next(seeds)), name="logits")(x)
    return keras.Model(images, logits, name="discriminator")
