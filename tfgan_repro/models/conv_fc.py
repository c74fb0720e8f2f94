"""Report D's network for 28x28 digits: convolutions and dense layers, ELU, dropout."""

import keras
from keras import layers

from tfgan_repro.errors import UserError
from tfgan_repro.models.architecture import Architecture
from tfgan_repro.models.blocks import DiscriminatorParts, GeneratorParts, Parts
from tfgan_repro.models.family import NamedGAN, registered
from tfgan_repro.types import Network, Tensor

KERNEL_SIZE = 5


def initializer(seed: int) -> keras.initializers.Initializer:
    """Glorot uniform, TensorFlow 1's default; why not the N(0, 0.02) of its author: `experiments.report_d`."""
    return keras.initializers.GlorotUniform(seed=seed)


def quarter(image_size: int) -> int:
    """A quarter of the image's side, where two doublings start.

    Raises:
        UserError: the size is no multiple of 4 from 16 on.
    """
    if image_size % 4 or image_size < 16:
        raise UserError(f"conv-fc cannot make images of {image_size} pixels a side; it makes multiples of 4 from 16 on")
    return image_size // 4


def activated(parts: Parts, x: Tensor, name: str) -> Tensor:
    """ELU and dropout."""
    return parts.dropout(layers.ELU(name=f"{name}_elu")(x), f"{name}_dropout")


def build_generator(architecture: Architecture) -> Network:
    """The generator: dense 1024, dense to 7x7x64, two 5x5 stride-2 transposed convolutions with 32 and 1 channels.

    ELU and dropout after each but the last, whose sigmoid gives pixels in [0, 1] as in the report, mapped to [-1, 1]
    like everybody's.
    """
    side = quarter(architecture.image_shape[0])
    parts = GeneratorParts(architecture, initializer)
    x = parts.latents_with_label()
    x = activated(parts, parts.dense(x, architecture.filters(1024), "dense1"), "dense1")
    filters = architecture.filters(64)
    x = activated(parts, parts.dense(x, side * side * filters, "dense2"), "dense2")
    x = layers.Reshape((side, side, filters), name="grid")(x)
    x = activated(parts, parts.transposed_convolution(x, architecture.filters(32), KERNEL_SIZE, "up1"), "up1")
    x = parts.transposed_convolution(x, architecture.image_shape[2], KERNEL_SIZE, "up2")
    pixels = layers.Activation("sigmoid", dtype="float32", name="pixels")(x)
    images = layers.Rescaling(2.0, -1.0, dtype="float32", name="images")(pixels)
    return parts.network("generator", parts.latents, images)


def build_discriminator(architecture: Architecture) -> Network:
    """The discriminator: 5x5 stride-2 convolutions with 32 and 64 channels, dense 1024, dense 128, one logit."""
    quarter(architecture.image_shape[0])
    parts = DiscriminatorParts(architecture, initializer)
    x = parts.images_with_label()
    x = activated(parts, parts.downsampling(x, architecture.filters(32), KERNEL_SIZE, "down1"), "down1")
    x = activated(parts, parts.downsampling(x, architecture.filters(64), KERNEL_SIZE, "down2"), "down2")
    x = layers.Flatten(name="flat")(x)
    x = activated(parts, parts.dense(x, architecture.filters(1024), "dense1"), "dense1")
    x = activated(parts, parts.dense(x, architecture.filters(128), "dense2"), "dense2")
    return parts.discriminator(parts.logits(x))


@registered
class ConvFC(NamedGAN):
    """Report D's network for digits: convolutions, dense layers, ELU and dropout."""

    model = "conv-fc"
    build_generator = staticmethod(build_generator)
    build_discriminator = staticmethod(build_discriminator)
