"""The embedded classifiers: a small residual network for 32x32 images, trained on CIFAR-10, on MNIST
and on the letters that come with the package.

Their weights are shipped with the package. They score generated images where Inception's weights cannot be had, during
training, where Inception is too slow, and digits and letters, of which Inception knows nothing. Their distances are
called FD-embedded, FD-digits and FD-letters, never FID.
"""

from pathlib import Path

import keras
from keras import layers

from tfgan_repro.metrics.extractor import KerasExtractor
from tfgan_repro.metrics.networks import dtype_policy, set_weights
from tfgan_repro.npz import read_npz
from tfgan_repro.types import Network, Tensor

WEIGHTS = Path(__file__).with_name("embedded_weights.npz")
DIGIT_WEIGHTS = Path(__file__).with_name("digits_weights.npz")
LETTER_WEIGHTS = Path(__file__).with_name("letters_weights.npz")
IMAGE_SIZE = 32
FEATURE_COUNT = 128
CLASS_COUNT = 10


def embedded_network(folded: bool = True) -> Network:
    """Build the classifier (21 million multiplications an image).

    Args:
        folded: True for inference, each convolution with the bias that its batch normalisation was folded into, and
            weights of zero; False for training, each convolution followed by a batch normalisation.

    Returns:
        A functional model from float32 `[batch, 32, 32, 3]` in [-1, 1] to a dictionary of `features`
        `[batch, 128]` (global average, what the distances are computed on) and `logits` `[batch, 10]`.
    """

    # Weights that are loaded are not drawn: JAX would compile that for each shape.
    initial = "zeros" if folded else "glorot_uniform"

    def convolution(
        x: Tensor, filters: int, name: str, kernel_size: int = 3, strides: int = 1, activation: str | None = "relu"
    ) -> Tensor:
        options = {"padding": "same", "use_bias": folded, "kernel_initializer": initial, "name": name}
        x = layers.Conv2D(filters, kernel_size, strides, **options)(x)
        if not folded:
            x = layers.BatchNormalization(momentum=0.9, epsilon=1e-3, name=f"{name}_bn")(x)
        return layers.Activation(activation, name=f"{name}_out")(x)

    def residual(x: Tensor, filters: int, name: str) -> Tensor:
        y = convolution(x, filters, f"{name}_conv1")
        y = convolution(y, filters, f"{name}_conv2", activation="linear")
        return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))

    images = layers.Input((IMAGE_SIZE, IMAGE_SIZE, 3), name="images")
    x = convolution(images, 32, "stem", kernel_size=4, strides=2)
    x = residual(x, 32, "block1")
    x = convolution(x, 64, "down2", strides=2)
    x = residual(x, 64, "block2")
    x = convolution(x, FEATURE_COUNT, "down3", strides=2)
    x = residual(x, FEATURE_COUNT, "block3")
    features = layers.GlobalAveragePooling2D(dtype="float32", name="features")(x)
    logits = layers.Dense(CLASS_COUNT, kernel_initializer=initial, dtype="float32", name="logits")(features)
    return keras.Model(images, {"features": features, "logits": logits}, name="embedded")


class EmbeddedExtractor(KerasExtractor):
    """The 128 features and 10 logits of the classifier of CIFAR-10's objects.

    Args:
        resize: how images of other sizes come to 32 pixels.
    """

    hash_by_path = True
    feature_counts = (FEATURE_COUNT,)
    label_name, weights = "embedded", WEIGHTS

    def __init__(self, resize: str = "antialias") -> None:
        super().__init__(
            load_classifier(self.weights), resize=resize, mean=0.5, std=0.5, name=self.label_name, batch_size=500
        )


class DigitExtractor(EmbeddedExtractor):
    """The 128 features and 10 logits of the classifier of MNIST's digits; see `EmbeddedExtractor`."""

    label_name, weights = "digits", DIGIT_WEIGHTS


class LetterExtractor(EmbeddedExtractor):
    """The 128 features and 10 logits of the classifier of the `letters`; see `EmbeddedExtractor`."""

    label_name, weights = "letters", LETTER_WEIGHTS


def load_classifier(weights: Path | str = WEIGHTS) -> Network:
    """A trained classifier, float32; see `embedded_network` for its input and outputs.

    Args:
        weights: an `.npz` of folded weights, by default those of CIFAR-10's objects.
    """
    with dtype_policy("float32"):
        network = embedded_network()
    set_weights(network, read_npz(weights), weights)
    return network
