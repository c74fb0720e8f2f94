"""R3GAN: residual networks without any normalisation, for the relativistic loss (Huang et al. 2024, arXiv:2501.05441).

Both networks have the same backbone: two blocks at each side from the smallest grid to the image's. A block widens by
a 1x1 convolution, looks around by a 3x3 one in groups of 16 channels, and narrows by another 1x1 one, whose weights
begin at zero, so that an untrained network passes on what it is given. What holds the training together is the
recipe: the loss, a penalty on real and on generated images, and schedules.
"""

import math

import keras
from keras import layers

from tfgan_repro.models.architecture import Architecture
from tfgan_repro.models.blocks import DiscriminatorParts, GeneratorParts, Parts, SeededInitializer, first_grid, normal
from tfgan_repro.models.family import NamedGAN, registered
from tfgan_repro.types import Network, Tensor

FILTERS, FULL_SIDE = 768, 32  # so many channels up to this side; each doubling beyond it halves them
EXPANSION, GROUP = 2, 16
BLOCKS = 2  # a side


def filters_at(side: int, architecture: Architecture) -> int:
    """The channels of the blocks at a side, whose groups are full: `models.rules` refuses other widths."""
    return round(architecture.filters(FILTERS) * min(1.0, FULL_SIDE / side))


def fan_in(gain: float = 1.0) -> SeededInitializer:
    """Normal weights that multiply a variance by `gain` squared."""
    return lambda seed: keras.initializers.VarianceScaling(gain**2, "fan_in", "untruncated_normal", seed=seed)


def zeros(seed: int) -> keras.initializers.Initializer:
    """Weights that begin at 0."""
    return keras.initializers.Zeros()


def residual_block(parts: Parts, x: Tensor, blocks: int, name: str) -> Tensor:
    """One of so many blocks of a network: the more there are, the less each adds (Zhang et al. 2019, Fixup)."""
    narrow, wide = x.shape[-1], EXPANSION * x.shape[-1]
    initializer = fan_in(math.sqrt(2 / (1 + parts.slope**2)) * blocks**-0.25)
    y = parts.convolution(x, wide, 1, f"{name}_widen", initializer=initializer)
    y = parts.rectifier(y, f"{name}_relu1")
    y = parts.convolution(y, wide, 3, f"{name}_look", initializer=initializer, groups=wide // GROUP)
    y = parts.rectifier(y, f"{name}_relu2")
    y = parts.convolution(y, narrow, 1, f"{name}_narrow", use_bias=False, initializer=zeros)
    return layers.Add(name=name)([x, y])


def smoothed(x: Tensor, name: str) -> Tensor:
    """The filter [1, 2, 1] / 4 in both directions, with zeros around: two means of neighbours, one after the other."""
    x = layers.ZeroPadding2D(1, name=f"{name}_border")(x)
    for number in (1, 2):
        x = layers.AveragePooling2D(2, strides=1, name=f"{name}_smooth{number}")(x)
    return x


def upsampled(parts: Parts, x: Tensor, filters: int, name: str) -> Tensor:
    """Twice the side, interpolated; a 1x1 convolution before it where the channels change."""
    if x.shape[-1] != filters:
        x = parts.convolution(x, filters, 1, f"{name}_channels", use_bias=False)
    return smoothed(layers.UpSampling2D(name=f"{name}_double")(x), name)


def downsampled(parts: Parts, x: Tensor, filters: int, name: str) -> Tensor:
    """Half the side; a 1x1 convolution after it where the channels change."""
    x = layers.AveragePooling2D(2, name=f"{name}_halve")(smoothed(x, name))
    if x.shape[-1] != filters:
        x = parts.convolution(x, filters, 1, f"{name}_channels", use_bias=False)
    return x


def build_generator(architecture: Architecture) -> Network:
    """The generator: a learnt grid times what the latents say, then two blocks a side, up to the image's.

    At width 1 every grid up to 32x32 has 768 channels, a 64x64 one 384. Its images are not bounded.
    """
    side, doublings = first_grid(architecture.image_shape[0], "r3gan")
    blocks, filters = BLOCKS * (doublings + 1), filters_at(side, architecture)
    parts = GeneratorParts(architecture, fan_in())
    x = parts.latents
    if parts.labels is not None:
        embedding = parts.label_embedding(architecture.latent_dim, normal(architecture.num_classes**-0.5), "float32")
        x = layers.Concatenate(name="latents_and_label")([x, embedding])
    x = parts.dense(x, filters, "dense", use_bias=False)
    basis = normal(1.0)(next(parts.seeds))
    x = layers.EinsumDense("bc,hwc->bhwc", (side, side, filters), kernel_initializer=basis, name="basis")(x)
    for level in range(doublings + 1):
        if level:
            x = upsampled(parts, x, filters_at(side << level, architecture), f"up{level}")
        for number in range(1, BLOCKS + 1):
            x = residual_block(parts, x, blocks, f"block{level}_{number}")
    x = parts.convolution(x, architecture.image_shape[2], 1, "to_image", use_bias=False)
    return parts.generator(x, activation="linear")


def build_discriminator(architecture: Architecture) -> Network:
    """The discriminator: the generator's blocks the other way round; each channel of the last grid is weighed.

    A conditional one has one logit a class, so to say: the features' inner product with the class's own weights.
    """
    side, doublings = first_grid(architecture.image_shape[0], "r3gan")
    blocks = BLOCKS * (doublings + 1)
    parts = DiscriminatorParts(architecture, fan_in())
    x = parts.convolution(parts.images, filters_at(side << doublings, architecture), 1, "from_image", use_bias=False)
    for level in reversed(range(doublings + 1)):
        for number in range(1, BLOCKS + 1):
            x = residual_block(parts, x, blocks, f"block{level}_{number}")
        if level:
            x = downsampled(parts, x, filters_at(side << level - 1, architecture), f"down{level}")
    filters = x.shape[-1]
    basis = normal(1 / side)(next(parts.seeds))
    # In float32, so that nothing of a logit is rounded to 8 bits.
    x = layers.EinsumDense("bhwc,hwc->bc", filters, kernel_initializer=basis, dtype="float32", name="basis")(x)
    if parts.labels is None:
        return parts.discriminator(parts.dense(x, 1, "logits", False, dtype="float32"))
    x = parts.dense(x, filters, "features", use_bias=False, dtype="float32")
    of_class = parts.label_embedding(filters, normal((architecture.num_classes * filters) ** -0.5), "float32")
    return parts.discriminator(layers.Dot(axes=1, dtype="float32", name="projection")([of_class, x]))


@registered
class R3GAN(NamedGAN):
    """The modern baseline of Huang et al. 2024, "The GAN is dead; long live the GAN!"."""

    model = "r3gan"
    build_generator = staticmethod(build_generator)
    build_discriminator = staticmethod(build_discriminator)
