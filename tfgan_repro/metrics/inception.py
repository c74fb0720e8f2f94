"""The 2015 Inception-v3 graph, the network that FID is defined on (Szegedy et al. 2015, arXiv:1512.00567).

It differs from `keras.applications.InceptionV3` in its weights and in its last block, whose pooling branch takes the
maximum. Every convolution has the batch normalisation that followed it folded into its kernel and bias. Layers carry
the names of the frozen graph's scopes, with `_` for `/`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
from keras import layers

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.registries import PRECISIONS
from tfgan_repro.metrics.extractor import KerasExtractor
from tfgan_repro.metrics.networks import dtype_policy, set_weights
from tfgan_repro.metrics.inception_fingerprint import check_fingerprint
from tfgan_repro.metrics.inception_weights import find_weights, read_weights
from tfgan_repro.types import Network, Tensor

IMAGE_SIZE = 299
CLASS_COUNT = 1008
# Feature count -> the layer that it is averaged from: the blocks between which pytorch-fid offers features as well.
FEATURE_LAYERS = {64: "pool", 192: "pool_1", 768: "mixed_7", 2048: "mixed_10"}


def convolution(
    x: Tensor, name: str, filters: int, kernel_size: int | tuple[int, int], strides: int = 1, padding: str = "same"
) -> Tensor:
    # The weights are loaded, and JAX would compile a drawing of each shape.
    options = {"activation": "relu", "kernel_initializer": "zeros", "name": name}
    return layers.Conv2D(filters, kernel_size, strides, padding, **options)(x)


def chain(x: Tensor, scope: str, *convolutions: tuple) -> Tensor:
    """Convolutions one after the other, named `conv`, `conv_1`, `conv_2`, ... as the graph does.

    Args:
        x: the input.
        scope: the name's beginning.
        *convolutions: the filters and kernel size of each, and its strides, "valid" padded where they are 2.
    """
    for index, (filters, kernel_size, *strides) in enumerate(convolutions):
        name = f"{scope}_conv{f'_{index}' if index else ''}"
        x = convolution(x, name, filters, kernel_size, *(strides and (strides[0], "valid")))
    return x


def maximum_pool(x: Tensor, name: str, strides: int = 2, padding: str = "valid") -> Tensor:
    return layers.MaxPooling2D(3, strides, padding, name=name)(x)


def average_pool(x: Tensor, name: str) -> Tensor:
    """3x3 average that leaves the padding out, as TensorFlow's kernel does."""
    return layers.AveragePooling2D(3, 1, "same", name=name)(x)


def join(name: str, *branches: Tensor) -> Tensor:
    return layers.Concatenate(name=name)(branches)


def block_35(x: Tensor, name: str, pool_filters: int) -> Tensor:
    return join(
        name,
        chain(x, name, (64, 1)),
        chain(x, f"{name}_tower", (48, 1), (64, 5)),
        chain(x, f"{name}_tower_1", (64, 1), (96, 3), (96, 3)),
        chain(average_pool(x, f"{name}_tower_2_pool"), f"{name}_tower_2", (pool_filters, 1)),
    )


def reduction_17(x: Tensor, name: str) -> Tensor:
    return join(
        name,
        chain(x, name, (384, 3, 2)),
        chain(x, f"{name}_tower", (64, 1), (96, 3), (96, 3, 2)),
        maximum_pool(x, f"{name}_pool"),
    )


def block_17(x: Tensor, name: str, filters: int) -> Tensor:
    row, column = (1, 7), (7, 1)
    return join(
        name,
        chain(x, name, (192, 1)),
        chain(x, f"{name}_tower", (filters, 1), (filters, row), (192, column)),
        chain(x, f"{name}_tower_1", (filters, 1), (filters, column), (filters, row), (filters, column), (192, row)),
        chain(average_pool(x, f"{name}_tower_2_pool"), f"{name}_tower_2", (192, 1)),
    )


def reduction_8(x: Tensor, name: str) -> Tensor:
    return join(
        name,
        chain(x, f"{name}_tower", (192, 1), (320, 3, 2)),
        chain(x, f"{name}_tower_1", (192, 1), (192, (1, 7)), (192, (7, 1)), (192, 3, 2)),
        maximum_pool(x, f"{name}_pool"),
    )


def block_8(x: Tensor, name: str, pool: Callable[[Tensor, str], Tensor]) -> Tensor:
    def fork(x: Tensor, scope: str) -> list[Tensor]:
        return [
            convolution(x, f"{scope}_mixed_conv", 384, (1, 3)),
            convolution(x, f"{scope}_mixed_conv_1", 384, (3, 1)),
        ]

    return join(
        name,
        chain(x, name, (320, 1)),
        *fork(chain(x, f"{name}_tower", (384, 1)), f"{name}_tower"),
        *fork(chain(x, f"{name}_tower_1", (448, 1), (384, 3)), f"{name}_tower_1"),
        chain(pool(x, f"{name}_tower_2_pool"), f"{name}_tower_2", (192, 1)),
    )


def inception_network(outputs: Sequence[Any] = (2048,), dtype: str = "float32") -> Network:
    """Build the graph as far as the outputs need it, with weights of zero.

    Args:
        outputs: any of 64, 192, 768, 2048, "logits" and "logits_unbiased" (without bias, the Inception Score's).
        dtype: a Keras dtype policy.

    Returns:
        A functional model from float32 `[batch, 299, 299, 3]` in [-1, 1] to a dictionary from each output to float32
        `[batch, features]`, the average over its block's positions, or `[batch, 1008]`.

    Raises:
        UserError: another number of features.
    """
    for output in outputs:
        if output not in FEATURE_LAYERS and output not in ("logits", "logits_unbiased"):
            raise UserError(f"--features {output}: the 2015 network has {', '.join(map(str, FEATURE_LAYERS))}")
    wanted = {2048 if isinstance(output, str) else output for output in outputs}

    with dtype_policy(dtype):
        images = layers.Input((IMAGE_SIZE, IMAGE_SIZE, 3), name="images")
        blocks = feature_blocks(images, FEATURE_LAYERS[max(wanted)])
        results = {
            count: layers.GlobalAveragePooling2D(dtype="float32", name=f"features_{count}")(
                blocks[FEATURE_LAYERS[count]]
            )
            for count in wanted
        }
        if wanted != set(outputs):
            unbiased = layers.Dense(
                CLASS_COUNT, use_bias=False, kernel_initializer="zeros", dtype="float32", name="logits"
            )(results[2048])
            results |= {"logits_unbiased": unbiased, "logits": Bias(dtype="float32", name="logits_bias")(unbiased)}
    return keras.Model(images, {str(output): results[output] for output in outputs}, name="inception_2015")


class Bias(layers.Layer):
    """Adds a bias; the logits are needed with and without it."""

    def build(self, shape: tuple) -> None:
        self.bias = self.add_weight(shape=shape[-1:], name="bias")

    def call(self, x: Tensor) -> Tensor:
        return x + self.bias


def feature_blocks(x: Tensor, last: Any) -> dict[str, Tensor]:
    """The outputs of the layers that features come from, by name, up to `last`; nothing after it is built."""
    blocks = {}
    x = convolution(x, "conv", 32, 3, 2, "valid")
    x = convolution(x, "conv_1", 32, 3, 1, "valid")
    x = convolution(x, "conv_2", 64, 3)
    x = blocks["pool"] = maximum_pool(x, "pool")
    if last == "pool":
        return blocks
    x = convolution(x, "conv_3", 80, 1, 1, "valid")
    x = convolution(x, "conv_4", 192, 3, 1, "valid")
    x = blocks["pool_1"] = maximum_pool(x, "pool_1")
    if last == "pool_1":
        return blocks
    x = block_35(x, "mixed", 32)
    x = block_35(x, "mixed_1", 64)
    x = block_35(x, "mixed_2", 64)
    x = reduction_17(x, "mixed_3")
    x = block_17(x, "mixed_4", 128)
    x = block_17(x, "mixed_5", 160)
    x = block_17(x, "mixed_6", 160)
    x = blocks["mixed_7"] = block_17(x, "mixed_7", 192)
    if last == "mixed_7":
        return blocks
    x = reduction_8(x, "mixed_8")
    x = block_8(x, "mixed_9", average_pool)
    blocks["mixed_10"] = block_8(x, "mixed_10", lambda x, name: maximum_pool(x, name, strides=1, padding="same"))
    return blocks


class InceptionExtractor(KerasExtractor):
    """Features of the 2015 Inception-v3.

    Args:
        weights: a path to weights, in any form that `read_weights` takes; None for where `find_weights` finds them.
        features: 64, 192, 768 or 2048; None for 2048, or 768 where the weights end there.
        resize: how images come to 299 pixels, by default as the graph itself does it.
        precision: "float32", or "bfloat16" where the processor is faster with it.
        logits: compute the logits without bias as well.

    Raises:
        UserError: weights that cannot be read, that are another network's, or that do not reach what is asked for.
    """

    hash_by_path = True

    def __init__(
        self,
        weights: Path | str | None = None,
        features: int | None = None,
        resize: str = "tf1-bilinear",
        precision: str = "float32",
        logits: bool = False,
    ) -> None:
        PRECISIONS.check(precision)
        path = find_weights(weights)
        folded = read_weights(path)
        check_fingerprint(folded, path)
        if features is None:
            features = 2048 if "mixed_10_conv/kernel" in folded else 768
        outputs = (features, "logits_unbiased") if logits else (features,)
        network = inception_network(outputs, "mixed_bfloat16" if precision == "bfloat16" else "float32")
        set_weights(network, folded, path)
        named = {"features": network.output[str(features)]}
        if logits:
            named["logits"] = network.output["logits_unbiased"]
        # (pixels - 128) / 128 of pixels in [0, 255].
        super().__init__(
            keras.Model(network.input, named),
            resize=resize,
            mean=128 / 255,
            std=128 / 255,
            name="2015",
            precision=precision,
        )
        self.layer = FEATURE_LAYERS[features]
