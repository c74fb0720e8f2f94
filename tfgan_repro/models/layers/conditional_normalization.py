"""Batch normalisation whose scale and shift depend on the class (de Vries et al. 2017, Dumoulin et al. 2017)."""

from typing import Any

import keras
from keras import layers

from tfgan_repro.models.layers.batch_normalization import BatchNormalization
from tfgan_repro.types import Tensor


@keras.saving.register_keras_serializable("tfgan_repro")
class ConditionalBatchNormalization(layers.Layer):
    """Normalises with the statistics of the whole batch, then scales and shifts by what the image's class has learnt.

    Called with images `[batch, height, width, channels]` and int labels `[batch]`.

    Args:
        num_classes: how many classes there are.
        momentum: of the moving statistics.
        epsilon: added to the variance.
        synchronized: whether the statistics are those of all replicas' shares of the batch.
    """

    def __init__(
        self,
        num_classes: int,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_classes, self.momentum, self.epsilon = num_classes, momentum, epsilon
        self.synchronized = synchronized
        self.normalization = BatchNormalization(
            momentum=momentum,
            epsilon=epsilon,
            center=False,
            scale=False,
            synchronized=synchronized,
            dtype=self.dtype_policy,
            name="normalization",
        )

    def build(self, input_shape: tuple, *_: Any) -> None:
        shape = (self.num_classes, input_shape[-1])
        self.scale = self.add_weight(shape=shape, initializer="ones", name="scale")
        self.shift = self.add_weight(shape=shape, initializer="zeros", name="shift")
        self.normalization.build(input_shape)

    def call(self, inputs: Tensor, labels: Tensor) -> Tensor:
        normalized = self.normalization(inputs)
        scale, shift = (keras.ops.take(weight, labels, axis=0)[:, None, None, :] for weight in (self.scale, self.shift))
        return normalized * scale + shift

    def compute_output_shape(self, input_shape: tuple, *_: Any) -> tuple:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        names = ("num_classes", "momentum", "epsilon", "synchronized")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
