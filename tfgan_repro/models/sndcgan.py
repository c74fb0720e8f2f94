"""The spectrally normalised DCGAN (Miyato et al. 2018, arXiv:1802.05957, table 3)."""

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
from tfgan_repro.types import Network, Tensor

BASE_FILTERS = 64


def build_generator(architecture: Architecture) -> Network:
    """The generator: dense to 4x4x512, 4x4 stride-2 transposed convolutions to 256, 128 and 64 channels, 3x3 to 3.

    Batch normalisation and ReLU after each but the last, whatever `leaky_slope` says of the discriminator, as in the
    paper. Sizes other than 32 have a doubling more or less, from 64 times 2 to the doublings.

    Args:
        architecture: an `Architecture`.

    Returns:
        A functional model as in `tfgan_repro.models.dcgan.build_generator`.

    Raises:
        UserError: the network cannot make that image size.
    """
    side, doublings = first_grid(architecture.image_shape[0], "sndcgan")
    parts = generator_parts(architecture, normal_initializer)
    latents, labels = generator_inputs(architecture)
    x = parts.grid(latents, labels, side, architecture.filters(BASE_FILTERS * 2**doublings))
    x = layers.ReLU(name="grid_relu")(parts.generator_norm(x, labels, "grid_norm"))
    for level in range(1, doublings + 1):
        filters = architecture.filters(BASE_FILTERS * 2 ** (doublings - level))
        x = parts.transposed_convolution(x, filters, 4, f"up{level}", use_bias=False)
        x = layers.ReLU(name=f"up{level}_relu")(parts.generator_norm(x, labels, f"up{level}_norm"))
    if architecture.attention:
        x = parts.attention(x)
    x = parts.convolution(x, architecture.image_shape[2], 3, "to_image")
    images = layers.Activation("tanh", dtype="float32", name="images")(x)
    return network("generator", (latents, labels), images)


def build_discriminator(architecture: Architecture) -> Network:
    """The discriminator: 3x3 and 4x4 stride-2 convolutions in turn, from 64 over 128 and 256 to 512 channels, dense.

    The stride-2 convolutions double the channels (64-128, 128-256, 256-512), as in the authors' code; the paper's
    table lets the 3x3 ones do so. LeakyReLU after each; the paper normalises only spectrally.

    Args:
        architecture: an `Architecture`.

    Returns:
        A functional model as in `tfgan_repro.models.dcgan.build_discriminator`.

    Raises:
        UserError: the network cannot take that image size.
    """
    _, doublings = first_grid(architecture.image_shape[0], "sndcgan")
    parts = discriminator_parts(architecture, normal_initializer)
    images, labels = discriminator_inputs(architecture)

    def rectified(x: Tensor, name: str) -> Tensor:
        x = parts.rectifier(parts.discriminator_norm(x, f"{name}_norm"), f"{name}_relu")
        return parts.dropout(x, f"{name}_dropout")

    x = parts.with_label_channel(images, labels)
    for level in range(doublings):
        same, down = f"same{level + 1}", f"down{level + 1}"
        x = rectified(parts.convolution(x, architecture.filters(BASE_FILTERS * 2**level), 3, same), same)
        if level == 0 and architecture.attention:
            x = parts.attention(x)
        x = rectified(parts.downsampling(x, architecture.filters(BASE_FILTERS * 2 ** (level + 1)), 4, down), down)
    last = f"same{doublings + 1}"
    x = rectified(parts.convolution(x, architecture.filters(BASE_FILTERS * 2**doublings), 3, last), last)
    x = layers.Flatten(name="flat")(x)
    return network("discriminator", (images, labels), parts.logits(x, labels))


@registered
class SNDCGAN(NamedGAN):
    """Spectrally normalised DCGAN (Miyato et al. 2018)."""

    model = "sndcgan"
    build_generator = staticmethod(build_generator)
    build_discriminator = staticmethod(build_discriminator)
