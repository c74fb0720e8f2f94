"""DCGAN: strided convolutions in both directions and batch normalisation (Radford et al. 2016, arXiv:1511.06434).

Also the body of report C's SAGAN and of the Wasserstein GANs: those are this pair with attention, spectral
normalisation, labels or another normalisation of the critic.
"""

from keras import layers

from tfgan_repro.models.architecture import Architecture
from tfgan_repro.models.blocks import DiscriminatorParts, GeneratorParts, first_grid, normal
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
    """
    side, doublings = first_grid(architecture.image_shape[0], "dcgan")
    filters = filters_of(architecture, doublings)
    parts = GeneratorParts(architecture, normal(0.02))
    x = parts.grid(side, filters[-1])
    x = parts.rectifier(parts.norm(x, "grid_norm"), "grid_relu")
    x = parts.dropout(x, "grid_dropout")
    for level in reversed(range(1, doublings)):
        name = f"up{doublings - level}"
        x = parts.transposed_convolution(x, filters[level - 1], KERNEL_SIZE, name, use_bias=False)
        x = parts.rectifier(parts.norm(x, f"{name}_norm"), f"{name}_relu")
        x = parts.dropout(x, f"{name}_dropout")
    if architecture.attention:
        x = parts.attention(x)
    channels = architecture.image_shape[2]
    if architecture.full_resolution:
        x = parts.transposed_convolution(x, filters[0], KERNEL_SIZE, f"up{doublings}", use_bias=False)
        x = parts.rectifier(parts.norm(x, f"up{doublings}_norm"), f"up{doublings}_relu")
        x = parts.convolution(x, channels, 3, "to_image")
    else:
        x = parts.transposed_convolution(x, channels, KERNEL_SIZE, f"up{doublings}")
    return parts.generator(x)


def build_discriminator(architecture: Architecture) -> Network:
    """The discriminator: 4x4 stride-2 convolutions down to a 4x4 grid, then one logit.

    The first convolution has no normalisation, as in the paper; attention follows it, as in report C. The last dense
    layer is the same map as a 4x4 convolution to 1x1. With `full_resolution` a 3x3 convolution comes before all, so
    that fine detail is seen before the image is halved. At width 1 a 32x32 image passes 64, 128 and 256 channels.
    """
    _, doublings = first_grid(architecture.image_shape[0], "dcgan")
    parts = DiscriminatorParts(architecture, normal(0.02))
    x = parts.images_with_label()
    if architecture.full_resolution:
        x = parts.convolution(x, architecture.filters(BASE_FILTERS), 3, "from_image")
        x = parts.rectifier(x, "from_image_relu")
    for level, filters in enumerate(filters_of(architecture, doublings), 1):
        normalized = level > 1 and architecture.discriminator_normalization != "none"
        x = parts.downsampling(x, filters, KERNEL_SIZE, f"down{level}", use_bias=not normalized)
        if normalized:
            x = parts.norm(x, f"down{level}_norm")
        x = parts.rectifier(x, f"down{level}_relu")
        x = parts.dropout(x, f"down{level}_dropout")
        if level == 1 and architecture.attention:
            x = parts.attention(x)
    x = layers.Flatten(name="flat")(x)
    return parts.discriminator(parts.logits(x))


@registered
class DCGAN(NamedGAN):
    """Deep convolutional GAN (Radford et al. 2016): reports A, B (64x64) and C."""

    model = "dcgan"
    build_generator = staticmethod(build_generator)
    build_discriminator = staticmethod(build_discriminator)
