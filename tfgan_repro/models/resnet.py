"""Residual networks of SNGAN (Miyato et al. 2018, table 4) and SAGAN (Zhang et al. 2019) for 32x32 images."""

import keras
from keras import layers

from tfgan_repro.models.architecture import Architecture
from tfgan_repro.models.blocks import DiscriminatorParts, GeneratorParts, first_grid
from tfgan_repro.models.family import NamedGAN, registered
from tfgan_repro.types import Network, Tensor

GENERATOR_FILTERS, DISCRIMINATOR_FILTERS = 256, 128
DISCRIMINATOR_BLOCKS = 4
ATTENTION_SIDES = range(14, 28)  # 16 for powers of two; every size that can be made passes just one of these


def residual_initializer(seed: int) -> keras.initializers.Initializer:
    """Glorot uniform times sqrt(2), as the authors' code has it within residual branches."""
    return keras.initializers.VarianceScaling(2.0, "fan_avg", "uniform", seed=seed)


def shortcut_initializer(seed: int) -> keras.initializers.Initializer:
    """Glorot uniform, of the shortcuts and the dense layers."""
    return keras.initializers.GlorotUniform(seed=seed)


def up_block(parts: GeneratorParts, x: Tensor, filters: int, name: str) -> Tensor:
    """A block of the generator that doubles the side: normalise, rectify, enlarge, convolve, and once more."""
    shortcut = layers.UpSampling2D(name=f"{name}_shortcut_up")(x)
    shortcut = parts.convolution(shortcut, filters, 1, f"{name}_shortcut", initializer=shortcut_initializer)
    x = parts.rectifier(parts.norm(x, f"{name}_norm1"), f"{name}_relu1")
    x = layers.UpSampling2D(name=f"{name}_up")(x)
    x = parts.convolution(x, filters, 3, f"{name}_conv1")
    x = parts.rectifier(parts.norm(x, f"{name}_norm2"), f"{name}_relu2")
    x = parts.convolution(x, filters, 3, f"{name}_conv2")
    return layers.Add(name=name)([x, shortcut])


def down_block(
    parts: DiscriminatorParts, x: Tensor, filters: int, name: str, first: bool = False, down: bool = False
) -> Tensor:
    """A block of the discriminator; the first one sees pixels and neither normalises nor rectifies them."""
    shortcut = x

    def pool(tensor: Tensor, branch: str) -> Tensor:
        return layers.AveragePooling2D(2, padding="same", name=f"{name}_{branch}_pool")(tensor) if down else tensor

    if first:
        # Pooled before the 1x1 convolution, which is the same and cheaper.
        shortcut = pool(shortcut, "shortcut")
    if down or shortcut.shape[-1] != filters:
        shortcut = parts.convolution(shortcut, filters, 1, f"{name}_shortcut", initializer=shortcut_initializer)
    if not first:
        shortcut = pool(shortcut, "shortcut")
        x = parts.rectifier(parts.norm(x, f"{name}_norm1"), f"{name}_relu1")
    x = parts.convolution(x, filters, 3, f"{name}_conv1")
    x = parts.rectifier(parts.norm(x, f"{name}_norm2"), f"{name}_relu2")
    x = pool(parts.convolution(x, filters, 3, f"{name}_conv2"), "residual")
    return layers.Add(name=name)([x, shortcut])


def build_generator(architecture: Architecture) -> Network:
    """The generator: dense to 4x4x256, three up-blocks of 256 channels for 32 pixels, 3x3 to 3; attention at 16x16."""
    side, doublings = first_grid(architecture.image_shape[0], "resnet")
    filters = architecture.filters(GENERATOR_FILTERS)
    parts = GeneratorParts(architecture, residual_initializer)
    x = parts.grid(side, filters, use_bias=True)
    for level in range(1, doublings + 1):
        x = up_block(parts, x, filters, f"block{level}")
        if architecture.attention and x.shape[1] in ATTENTION_SIDES:
            x = parts.attention(x)
    # Not by class, as in the authors' code.
    x = parts.rectifier(parts.batch_normalization(x, "last_norm"), "last_relu")
    x = parts.convolution(x, architecture.image_shape[2], 3, "to_image", initializer=shortcut_initializer)
    return parts.generator(x)


def build_discriminator(architecture: Architecture) -> Network:
    """The discriminator: four blocks of 128 channels, sum pooling, dense; attention at 16x16.

    The first two blocks halve the side of a 32x32 image to 8x8; larger images have more halving blocks. Deviation: the
    last layer has a bias, as in the other families; the authors' code has none.
    """
    _, doublings = first_grid(architecture.image_shape[0], "resnet")
    halvings = max(2, doublings - 1)
    filters = architecture.filters(DISCRIMINATOR_FILTERS)
    parts = DiscriminatorParts(architecture, residual_initializer)
    x = parts.images_with_label()
    for level in range(1, max(DISCRIMINATOR_BLOCKS, halvings) + 1):
        x = down_block(parts, x, filters, f"block{level}", first=level == 1, down=level <= halvings)
        if architecture.attention and x.shape[1] in ATTENTION_SIDES:
            x = parts.attention(x)
    x = parts.dropout(parts.rectifier(x, "last_relu"), "last_dropout")
    places = x.shape[1] * x.shape[2]
    x = layers.GlobalAveragePooling2D(dtype="float32", name="mean_pool")(x)
    x = layers.Rescaling(places, dtype="float32", name="sum_pool")(x)
    return parts.discriminator(parts.logits(x))


@registered
class SNGANResNet(NamedGAN):
    """Residual SNGAN with projection (Miyato et al. 2018; Miyato and Koyama 2018)."""

    model = "sngan-resnet"
    build_generator = staticmethod(build_generator)
    build_discriminator = staticmethod(build_discriminator)


@registered
class SAGANResNet(NamedGAN):
    """Residual SAGAN: spectral normalisation in both networks, self-attention at 16x16 (Zhang et al. 2019)."""

    model = "sagan-resnet"
    build_generator = staticmethod(build_generator)
    build_discriminator = staticmethod(build_discriminator)
