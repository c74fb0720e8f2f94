"""The layers that all families of networks are put together from, with the choices of an `Architecture`."""

import itertools
from collections.abc import Callable
from types import ModuleType

import keras
from keras import layers

from tfgan_repro.backends import backend_module, small_grids
from tfgan_repro.errors import UserError
from tfgan_repro.models.architecture import Architecture
from tfgan_repro.models.layers import (
    BatchNormalization,
    ConditionalBatchNormalization,
    Dropout,
    GroupedConv2D,
    SelfAttention,
    SpectralNormalization,
)
from tfgan_repro.types import Network, Tensor

LABEL_FEATURES = 50  # length of a label's embedding beside the latents
SeededInitializer = Callable[[int], keras.initializers.Initializer]


def normal(deviation: float) -> SeededInitializer:
    """Normal weights of mean 0 and a standard deviation; 0.02 in the DCGAN paper."""
    return lambda seed: keras.initializers.RandomNormal(0.0, deviation, seed=seed)


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
        initializer: from a seed to a Keras initialiser, of layers that are given no other.
        seed: of the first layer's initial weights, within the architecture's.
        spectral: whether convolutions and dense layers are spectrally normalised.
        slope: of the rectifiers below zero.
        labelled: whether the network is given labels.

    Attributes:
        labels: the input of labels, int `[batch]`; None where there is none.
    """

    def __init__(
        self,
        architecture: Architecture,
        initializer: SeededInitializer,
        seed: int,
        spectral: bool,
        slope: float,
        labelled: bool,
    ) -> None:
        self.architecture, self.spectral, self.initializer, self.slope = architecture, spectral, initializer, slope
        self.seeds = itertools.count(1000 * architecture.seed + seed)
        self.convolutions = suitable_convolutions()
        self.labels = layers.Input((), dtype="int32", name="labels") if labelled else None

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

    def attention(self, x: Tensor) -> Tensor:
        return SelfAttention(self.spectral, seed=1000 * next(self.seeds), name="attention")(x)

    def batch_normalization(self, x: Tensor, name: str) -> Tensor:
        synchronized = self.architecture.synchronized
        return BatchNormalization(momentum=0.9, epsilon=1e-5, synchronized=synchronized, name=name)(x)

    def label_embedding(self, length: int, initializer: SeededInitializer, dtype: str | None = None) -> Tensor:
        """A learnt vector for each label, `[batch, length]`."""
        kernel = initializer(next(self.seeds))
        name, num_classes = "label_embedding", self.architecture.num_classes
        return layers.Embedding(num_classes, length, embeddings_initializer=kernel, dtype=dtype, name=name)(self.labels)

    def network(self, name: str, inputs: Tensor, outputs: Tensor | list[Tensor]) -> Network:
        """The functional model from the inputs, and the labels where there are any."""
        return keras.Model(inputs if self.labels is None else [inputs, self.labels], outputs, name=name)


class GeneratorParts(Parts):
    """Makes the layers of a generator, from latents (and labels) on.

    Args:
        architecture: the `Architecture`.
        initializer: as in `Parts`.

    Attributes:
        latents: the input, `[batch, latent_dim]`.
    """

    def __init__(self, architecture: Architecture, initializer: SeededInitializer) -> None:
        slope = architecture.leaky_slope if architecture.generator_activation == "leaky" else 0.0
        labelled = architecture.generator_conditioning != "none"
        super().__init__(architecture, initializer, 0, architecture.spectral_normalization == "both", slope, labelled)
        self.latents = layers.Input((architecture.latent_dim,), name="latents")

    def norm(self, x: Tensor, name: str) -> Tensor:
        """Batch normalisation, by class where the architecture says so."""
        if self.architecture.generator_conditioning != "batch-normalization":
            return self.batch_normalization(x, name)
        num_classes, synchronized = self.architecture.num_classes, self.architecture.synchronized
        return ConditionalBatchNormalization(num_classes, synchronized=synchronized, name=name)(x, self.labels)

    def latents_with_label(self) -> Tensor:
        """The latents, with a learnt embedding of the label beside them where the label is concatenated."""
        if self.architecture.generator_conditioning != "concatenation":
            return self.latents
        embedding = self.label_embedding(LABEL_FEATURES, normal(1.0))
        return layers.Concatenate(name="latents_and_label")([self.latents, embedding])

    def grid(self, side: int, filters: int, use_bias: bool = False) -> Tensor:
        """The latents (and the label) through a dense layer to `[batch, side, side, filters]`."""
        x = self.dense(self.latents_with_label(), side * side * filters, "dense", use_bias)
        return layers.Reshape((side, side, filters), name="grid")(x)

    def generator(self, x: Tensor, activation: str = "tanh") -> Network:
        """The functional model that ends in images, float32 `[batch, height, width, channels]`."""
        images = layers.Activation(activation, dtype="float32", name="images")(x)
        return self.network("generator", self.latents, images)


class DiscriminatorParts(Parts):
    """Makes the layers of a discriminator, from images (and labels) on, with seeds far from the generator's.

    Args:
        architecture: the `Architecture`.
        initializer: as in `Parts`.

    Attributes:
        images: the input, `[batch, height, width, channels]`.
    """

    def __init__(self, architecture: Architecture, initializer: SeededInitializer) -> None:
        spectral = architecture.spectral_normalization != "none"
        labelled = architecture.discriminator_conditioning not in ("none", "classifier")
        super().__init__(architecture, initializer, 500, spectral, architecture.leaky_slope, labelled)
        self.images = layers.Input(architecture.image_shape, name="images")

    def norm(self, x: Tensor, name: str) -> Tensor:
        """The normalisation that the architecture names, if any."""
        kind = self.architecture.discriminator_normalization
        if kind == "batch":
            return self.batch_normalization(x, name)
        return layers.LayerNormalization(axis=[1, 2, 3], name=name)(x) if kind == "layer" else x

    def images_with_label(self) -> Tensor:
        """The images, with a learnt image of the label's class as one more channel where the label is concatenated."""
        if self.architecture.discriminator_conditioning != "concatenation":
            return self.images
        height, width, _ = self.images.shape[1:]
        embedding = self.label_embedding(height * width, normal(1.0))
        channel = layers.Reshape((height, width, 1), name="label_channel")(embedding)
        return layers.Concatenate(name="images_and_label")([self.images, channel])

    def logits(self, features: Tensor) -> Tensor | list[Tensor]:
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
            )(self.labels)
            product = layers.Dot(axes=1, dtype="float32", name="projection")([embedding, features])
            logits = layers.Add(dtype="float32", name="projected_logits")([logits, product])
        if conditioning == "classifier":
            return [logits, self.dense(features, num_classes, "class_logits", dtype="float32")]
        return logits

    def discriminator(self, outputs: Tensor | list[Tensor]) -> Network:
        """The functional model that ends in logits, float32 `[batch, 1]`, and perhaps class logits."""
        return self.network("discriminator", self.images, outputs)


def suitable_convolutions() -> ModuleType:
    """The module whose `Conv2D` and `Conv2DTranspose` suit the device and the precision."""
    bfloat16 = keras.config.dtype_policy().compute_dtype == "bfloat16"
    multiplied = bfloat16 and backend_module().multiplies_small_grids_faster()
    return small_grids if multiplied else layers
