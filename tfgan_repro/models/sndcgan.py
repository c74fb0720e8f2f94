"""The spectrally normalised DCGAN (Miyato et al. 2018, arXiv:1802.05957, table 3)."""

from keras import layers

from tfgan_repro.models.architecture import Architecture
from tfgan_repro.models.blocks import DiscriminatorParts, GeneratorParts, first_grid, normal
from tfgan_repro.models.family import NamedGAN, registered
from tfgan_repro.types import Network, Tensor

BASE_FILTERS = 64


def build_generator(architecture: Architecture) -> Network:
    """The generator: dense to 4x4x512, 4x4 stride-2 transposed convolutions to 256, 128 and 64 channels, 3x3 to 3.

    Batch normalisation and ReLU after each but the last, whatever `leaky_slope` says of the discriminator, as in the
    paper. Sizes other than 32 have a doubling more or less, from 64 times 2 to the doublings.
    """
    side, doublings = first_grid(architecture.image_shape[0], "sndcgan")
    parts = GeneratorParts(architecture, normal(0.02))
    x = parts.grid(side, architecture.filters(BASE_FILTERS * 2**doublings))
    x = layers.ReLU(name="grid_relu")(parts.norm(x, "grid_norm"))
    for level in range(1, doublings + 1):
        filters = architecture.filters(BASE_FILTERS * 2 ** (doublings - level))
        x = parts.transposed_convolution(x, filters, 4, f"up{level}", use_bias=False)
        x = layers.ReLU(name=f"up{level}_relu")(parts.norm(x, f"up{level}_norm"))
    if architecture.attention:
        x = parts.attention(x)
    x = parts.convolution(x, architecture.image_shape[2], 3, "to_image")
    return parts.generator(x)


def build_discriminator(architecture: Architecture) -> Network:
    """The discriminator: 3x3 and 4x4 stride-2 convolutions in turn, from 64 over 128 and 256 to 512 channels, dense.

    The stride-2 convolutions double the channels (64-128, 128-256, 256-512), as in the authors' code; the paper's
    table lets the 3x3 ones do so. LeakyReLU after each; the paper normalises only spectrally.
    """
    _, doublings = first_grid(architecture.image_shape[0], "sndcgan")
    parts = DiscriminatorParts(architecture, normal(0.02))

    def rectified(x: Tensor, name: str) -> Tensor:
        x = parts.rectifier(parts.norm(x, f"{name}_norm"), f"{name}_relu")
        return parts.dropout(x, f"{name}_dropout")

    x = parts.images_with_label()
    for level in range(doublings):
        same, down = f"same{level + 1}", f"down{level + 1}"
        x = rectified(parts.convolution(x, architecture.filters(BASE_FILTERS * 2**level), 3, same), same)
        if level == 0 and architecture.attention:
            x = parts.attention(x)
        x = rectified(parts.downsampling(x, architecture.filters(BASE_FILTERS * 2 ** (level + 1)), 4, down), down)
    last = f"same{doublings + 1}"
    x = rectified(parts.convolution(x, architecture.filters(BASE_FILTERS * 2**doublings), 3, last), last)
    x = layers.Flatten(name="flat")(x)
    return parts.discriminator(parts.logits(x))


@registered
class SNDCGAN(NamedGAN):
    """Spectrally normalised DCGAN (Miyato et al. 2018)."""

    model = "sndcgan"
    build_generator = staticmethod(build_generator)
    build_discriminator = staticmethod(build_discriminator)
