"""The layers that all families of networks are put together from, with the choices of an `Architecture`."""

import itertools
from collections.abc import Callable, Sequence
from types import ModuleType

import keras
from keras import layers

from tfgan_repro.backends import backend_module
from tfgan_repro.errors import UserError
from tfgan_repro.backends import small_grids
from tfgan_repro.models.layers import (
    BatchNormalization,
    ConditionalBatchNormalization,
    Dropout,
    GroupedConv2D,
    SelfAttention,
    SpectralNormalization,
)
from tfgan_repro.models.architecture import Architecture
from tfgan_repro.types import Network, Tensor

LABEL_FEATURES = 50  # length of a label's embedding beside the latents
SeededInitializer = Callable[[int], keras.initializers.Initializer]


def first_grid(image_size: int, model: str) -> tuple[int, int]:
    """Split an image size into the grid that a generator starts from and the number of doublings.

    Args:
        image_size: pixels a side.
        model: the family's name, for the message.

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
            f"{model} cannot make images of {image_size} pixels a side; "
            "it makes 4, 5, 6 or 7 times a power of two, from 16 on (28, 32, 64, 128, ...)"
        )
    return side, doublings


class Parts:
    """Makes the layers of one network, each with a name and a seed of its own.

    Args:
        architecture: the `Architecture`.
        seed: of the first layer's initial weights.
        spectral: whether convolutions and dense layers are spectrally normalised.
        initializer: from a seed to a Keras initialiser.
        slope: of the rectifiers below zero.
    """

    def __init__(
        self, architecture: Architecture, seed: int, spectral: bool, initializer: SeededInitializer, slope: float
    ) -> None:
        self.architecture, self.spectral, self.initializer, self.slope = architecture, spectral, initializer, slope
        self.seeds = itertools.count(seed)
        self.convolutions = suitable_convolutions()

    def wrapped(self, layer: layers.Layer) -> layers.Layer:
        """The layer, spectrally normalised where this network is."""
        return SpectralNormalization(layer, name=f"{layer.name}_sn") if self.spectral else layer

    def convolution(
        self,
        x: Tensor,
        filters: int,
        size: int,
        name: str,
        stride: int = 1,
        use_bias: bool = True,
        initializer: SeededInitializer | None = None,
        groups: int = 1,
    ) -> Tensor:
        kernel = (initializer or self.initializer)(next(self.seeds))
        options = {"padding": "same", "use_bias": use_bias, "kernel_initializer": kernel, "name": name}
        if groups > 1:
            return self.wrapped(GroupedConv2D(filters, size, stride, groups=groups, **options))(x)
        return self.wrapped(self.convolutions.Conv2D(filters, size, stride, **options))(x)

    def downsampling(self, x: Tensor, filters: int, size: int, name: str, use_bias: bool = True) -> Tensor:
        """A convolution that halves the side: by its stride, or by average pooling after it."""
        if self.architecture.downsampling == "stride":
            return self.convolution(x, filters, size, name, 2, use_bias)
        x = self.convolution(x, filters, size, name, 1, use_bias)
        return layers.AveragePooling2D(2, padding="same", name=f"{name}_pool")(x)

    def transposed_convolution(self, x: Tensor, filters: int, size: int, name: str, use_bias: bool = True) -> Tensor:
        """A convolution that doubles the side."""
        kernel = self.initializer(next(self.seeds))
        return self.wrapped(
            self.convolutions.Conv2DTranspose(
                filters, size, 2, padding="same", use_bias=use_bias, kernel_initializer=kernel, name=name
            )
        )(x)

    def dense(self, x: Tensor, units: int, name: str, use_bias: bool = True, dtype: str | None = None) -> Tensor:
        kernel = self.initializer(next(self.seeds))
        return self.wrapped(
            layers.Dense(units, use_bias=use_bias, kernel_initializer=kernel, dtype=dtype, name=name)
        )(x)

    def rectifier(self, x: Tensor, name: str) -> Tensor:
        return layers.LeakyReLU(self.slope, name=name)(x) if self.slope else layers.ReLU(name=name)(x)

    def dropout(self, x: Tensor, name: str) -> Tensor:
        rate = self.architecture.dropout
        return Dropout(rate, seed=next(self.seeds), name=name)(x) if rate else x

    def attention(self, x: Tensor, name: str = "attention") -> Tensor:
        return SelfAttention(self.spectral, seed=1000 * next(self.seeds), name=name)(x)

    def batch_normalization(self, x: Tensor, name: str) -> Tensor:
        synchronized = self.architecture.synchronized
        return BatchNormalization(momentum=0.9, epsilon=1e-5, synchronized=synchronized, name=name)(x)

    def generator_norm(self, x: Tensor, labels: Tensor | None, name: str) -> Tensor:
        """Batch normalisation, by class where the architecture says so."""
        if self.architecture.generator_conditioning == "batch-normalization":
            num_classes, synchronized = self.architecture.num_classes, self.architecture.synchronized
            return ConditionalBatchNormalization(num_classes, synchronized=synchronized, name=name)(x, labels)
        return self.batch_normalization(x, name)

    def discriminator_norm(self, x: Tensor, name: str) -> Tensor:
        kind = self.architecture.discriminator_normalization
        if kind == "batch":
            return self.batch_normalization(x, name)
        return layers.LayerNormalization(axis=[1, 2, 3], name=name)(x) if kind == "layer" else x

    def beside_label(self, latents: Tensor, labels: Tensor | None) -> Tensor:
        """The latents, with a learnt embedding of the label beside them where the label is concatenated."""
        if self.architecture.generator_conditioning != "concatenation":
            return latents
        embedding = layers.Embedding(
            self.architecture.num_classes,
            LABEL_FEATURES,
            embeddings_initializer=keras.initializers.RandomNormal(0.0, 1.0, seed=next(self.seeds)),
            name="label_embedding",
        )(labels)
        return layers.Concatenate(name="latents_and_label")([latents, embedding])

    def grid(self, latents: Tensor, labels: Tensor | None, side: int, filters: int, use_bias: bool = False) -> Tensor:
        """The latents (and the label) through a dense layer to `[batch, side, side, filters]`."""
        x = self.dense(self.beside_label(latents, labels), side * side * filters, "dense", use_bias)
        return layers.Reshape((side, side, filters), name="grid")(x)

    def with_label_channel(self, images: Tensor, labels: Tensor | None) -> Tensor:
        """The images, with a learnt image of the label's class as one more channel where the label is concatenated."""
        if self.architecture.discriminator_conditioning != "concatenation":
            return images
        height, width, _ = images.shape[1:]
        embedding = layers.Embedding(
            self.architecture.num_classes,
            height * width,
            embeddings_initializer=keras.initializers.RandomNormal(0.0, 1.0, seed=next(self.seeds)),
            name="label_embedding",
        )(labels)
        channel = layers.Reshape((height, width, 1), name="label_channel")(embedding)
        return layers.Concatenate(name="images_and_label")([images, channel])

    def logits(self, features: Tensor, labels: Tensor | None) -> Tensor | list[Tensor]:
        """The discriminator's outputs from features `[batch, n]`: logits, with a projection or class logits."""
        conditioning, num_classes = self.architecture.discriminator_conditioning, self.architecture.num_classes
        # The features in float32 as well, so that nothing of a logit is rounded to 8 bits.
        features = layers.Activation("linear", dtype="float32", name="features")(features)
        logits = self.dense(features, 1, "logits", dtype="float32")
        if conditioning == "projection":
            embedding = self.wrapped(
                layers.Embedding(
                    num_classes,
                    features.shape[-1],
                    embeddings_initializer=self.initializer(next(self.seeds)),
                    dtype="float32",
                    name="label_projection",
                )
            )(labels)
            product = layers.Dot(axes=1, dtype="float32", name="projection")([embedding, features])
            logits = layers.Add(dtype="float32", name="projected_logits")([logits, product])
        if conditioning == "classifier":
            return [logits, self.dense(features, num_classes, "class_logits", dtype="float32")]
        return logits


def suitable_convolutions() -> ModuleType:
    """The module whose `Conv2D` and `Conv2DTranspose` suit the device and the precision."""
    bfloat16 = keras.config.dtype_policy().compute_dtype == "bfloat16"
    multiplied = bfloat16 and backend_module("tfgan_repro.backends.{}").multiplies_small_grids_faster()
    return small_grids if multiplied else layers


def generator_parts(architecture: Architecture, initializer: SeededInitializer) -> Parts:
    """The `Parts` of a generator."""
    slope = architecture.leaky_slope if architecture.generator_activation == "leaky" else 0.0
    spectral = architecture.spectral_normalization == "both"
    return Parts(architecture, 1000 * architecture.seed, spectral, initializer, slope)


def discriminator_parts(architecture: Architecture, initializer: SeededInitializer) -> Parts:
    """The `Parts` of a discriminator, with seeds far from the generator's."""
    spectral = architecture.spectral_normalization != "none"
    return Parts(architecture, 1000 * architecture.seed + 500, spectral, initializer, architecture.leaky_slope)


def generator_inputs(architecture: Architecture) -> tuple[Tensor, Tensor | None]:
    """The inputs of a generator: latents, and labels (None for an unconditional one)."""
    latents = layers.Input((architecture.latent_dim,), name="latents")
    if architecture.generator_conditioning == "none":
        return latents, None
    return latents, layers.Input((), dtype="int32", name="labels")


def discriminator_inputs(architecture: Architecture) -> tuple[Tensor, Tensor | None]:
    """The inputs of a discriminator: images, and labels (None for one that is not shown any)."""
    images = layers.Input(architecture.image_shape, name="images")
    if architecture.discriminator_conditioning in ("none", "classifier"):
        return images, None
    return images, layers.Input((), dtype="int32", name="labels")


def network(name: str, inputs: Sequence[Tensor | None], outputs: Tensor | list[Tensor]) -> Network:
    """A functional model from the inputs that are there."""
    inputs = [tensor for tensor in inputs if tensor is not None]
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], outputs, name=name)


def normal_initializer(seed: int) -> keras.initializers.Initializer:
    """N(0, 0.02), the DCGAN paper's initial weights."""
    return keras.initializers.RandomNormal(0.0, 0.02, seed=seed)
