"""DCGAN: strided convolutions in both directions and batch normalisation (Radford et al. 2016, arXiv:1511.06434).

Also the body of report C's SAGAN and of the Wasserstein GANs: those are this pair with attention, spectral
normalisation, labels or another normalisation of the critic.
"""

from keras import layers

from tfgan_repro.models.architecture import Architecture
from tfgan_repro.models.blocks import (
    discriminator_inputs,
    discriminator_parts,
    first_grid,
    generator_inputs,
    generator_parts,
    network,
    normal_initializer,
)
from tfgan_repro.models.family import NamedGAN, registered
from tfgan_repro.types import Network

BASE_FILTERS = 64
KERNEL_SIZE = 4


def filters_of(architecture: Architecture, doublings: int) -> list[int]:
    """The channel counts from the image side inwards: 64, 128, 256, ... times the width."""
    return [architecture.filters(BASE_FILTERS * 2**level) for level in range(doublings)]


def build_generator(architecture: Architecture) -> Network:
    """The generator: dense to a 4x4 grid (7x7 for 28 pixels), then 4x4 stride-2 transposed convolutions.

    At width 1 a 32x32 image grows from 4x4x256 over 128 and 64 channels, a 64x64 image from 4x4x512 (report B; the
    dense layer to 4x4 is the same map as the paper's transposed convolution of a 1x1 image). Attention stands before
    the last convolution, on 64 feature maps, as in report C. With `full_resolution` that convolution ends in 64 maps
    too, and a 3x3 convolution makes the image: what a transposed convolution alone cannot hide is its own grid.

    Args:
        architecture: an `Architecture`.

    Returns:
        A functional model from latents `[batch, latent_dim]` (and labels `[batch]` if conditional) to float32 images
        `[batch, height, width, channels]` in [-1, 1].

    Raises:
        UserError: the network cannot make that image size.
    """
    side, doublings = first_grid(architecture.image_shape[0], "dcgan")
    filters = filters_of(architecture, doublings)
    parts = generator_parts(architecture, normal_initializer)
    latents, labels = generator_inputs(architecture)
    x = parts.grid(latents, labels, side, filters[-1])
    x = parts.rectifier(parts.generator_norm(x, labels, "grid_norm"), "grid_relu")
    x = parts.dropout(x, "grid_dropout")
    for level in reversed(range(1, doublings)):
        name = f"up{doublings - level}"
        x = parts.transposed_convolution(x, filters[level - 1], KERNEL_SIZE, name, use_bias=False)
        x = parts.rectifier(parts.generator_norm(x, labels, f"{name}_norm"), f"{name}_relu")
        x = parts.dropout(x, f"{name}_dropout")
    if architecture.attention:
        x = parts.attention(x)
    channels = architecture.image_shape[2]
    if architecture.full_resolution:
        x = parts.transposed_convolution(x, filters[0], KERNEL_SIZE, f"up{doublings}", use_bias=False)
        x = parts.rectifier(parts.generator_norm(x, labels, f"up{doublings}_norm"), f"up{doublings}_relu")
        x = parts.convolution(x, channels, 3, "to_image")
    else:
        x = parts.transposed_convolution(x, channels, KERNEL_SIZE, f"up{doublings}")
    images = layers.Activation("tanh", dtype="float32", name="images")(x)
    return network("generator", (latents, labels), images)


def build_discriminator(architecture: Architecture) -> Network:
    """The discriminator: 4x4 stride-2 convolutions down to a 4x4 grid, then one logit.

    The first convolution has no normalisation, as in the paper; attention follows it, as in report C. The last dense
    layer is the same map as a 4x4 convolution to 1x1. With `full_resolution` a 3x3 convolution comes before all, so
    that fine detail is seen before the image is halved.

    Args:
        architecture: an `Architecture`; at width 1 a 32x32 image passes 64, 128 and 256 channels.

    Returns:
        A functional model from images `[batch, height, width, channels]` in [-1, 1] (and labels `[batch]` where they
        are concatenated or projected) to float32 logits `[batch, 1]`, and class logits `[batch, num_classes]` with a
        classifier.

    Raises:
        UserError: the network cannot take that image size.
    """
    _, doublings = first_grid(architecture.image_shape[0], "dcgan")
    parts = discriminator_parts(architecture, normal_initializer)
    images, labels = discriminator_inputs(architecture)
    x = parts.with_label_channel(images, labels)
    if architecture.full_resolution:
        x = parts.convolution(x, architecture.filters(BASE_FILTERS), 3, "from_image")
        x = parts.rectifier(x, "from_image_relu")
    for level, filters in enumerate(filters_of(architecture, doublings), 1):
        normalized = level > 1 and architecture.discriminator_normalization != "none"
        x = parts.downsampling(x, filters, KERNEL_SIZE, f"down{level}", use_bias=not normalized)
        if normalized:
            x = parts.discriminator_norm(x, f"down{level}_norm")
        x = parts.rectifier(x, f"down{level}_relu")
        x = parts.dropout(x, f"down{level}_dropout")
        if level == 1 and architecture.attention:
            x = parts.attention(x)
    x = layers.Flatten(name="flat")(x)
    return network("discriminator", (images, labels), parts.logits(x, labels))


@registered
class DCGAN(NamedGAN):
    """Deep convolutional GAN (Radford et al. 2016): reports A, B (64x64) and C."""

    model = "dcgan"
    build_generator = staticmethod(build_generator)
    build_discriminator = staticmethod(build_discriminator)
