"""Spectral normalisation as a reparametrisation (Miyato et al. 2018, arXiv:1802.05957)."""

from typing import Any

import keras
from keras import layers, ops

from tfgan_repro.types import Tensor

EPSILON = 1e-12


@keras.saving.register_keras_serializable("tfgan_repro")
class SpectralNormalization(layers.Wrapper):
    """Lets a layer work with `W / sigma(W)`, its weight over that weight's largest singular value.

    The weight itself stays as it is and the gradient passes through sigma, equation 9 of the paper.
    `keras.layers.SpectralNormalization` overwrites the weight with its normalised value instead, which lets the
    optimiser's steps and its moments work on something else than what they belong to.

    Sigma comes from the power iteration, which goes on by one round each training call from the vector `u` of the
    call before. Computed in float32 also where the layer works in bfloat16.

    Args:
        layer: a `Dense`, convolution, transposed convolution or `Embedding`.
        power_iterations: rounds each training call.

    Raises:
        ValueError: a layer without `kernel` or `embeddings`.
    """

    def __init__(self, layer: Any, power_iterations: int = 1, **kwargs: Any) -> None:
        # Without autocast the weight can be read in float32 and the inputs pass through as they come.
        super().__init__(layer, **{**kwargs, "dtype": "float32", "autocast": False})
        self.power_iterations = power_iterations

    def build(self, input_shape: tuple) -> None:
        super().build(input_shape)
        if not hasattr(self.layer, "kernel") and not hasattr(self.layer, "embeddings"):
            raise ValueError(f"{type(self.layer).__name__} has neither `kernel` nor `embeddings` to normalise")
        self.u = self.add_weight(
            shape=(self.as_matrix(self.weight).shape[1],),
            initializer=keras.initializers.RandomNormal(seed=self.weight.shape[-1]),
            trainable=False,
            name="u",
        )

    @property
    def weight(self) -> Any:
        """The layer's variable, not normalised."""
        return self.layer.kernel if hasattr(self.layer, "kernel") else self.layer.embeddings

    def as_matrix(self, weight: Tensor) -> Tensor:
        """A weight as `[inputs, outputs]`: each column is what one output channel is made from."""
        if isinstance(self.layer, (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)):
            # These keep their kernels as [..., outputs, inputs].
            weight = ops.swapaxes(weight, -1, -2)
        return ops.reshape(weight, (-1, weight.shape[-1]))

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        weight = ops.convert_to_tensor(self.weight)
        matrix = self.as_matrix(weight)
        fixed = ops.stop_gradient(matrix)
        u = unit(self.u)
        v = unit(ops.matmul(fixed, u))
        if training:
            for round_number in range(self.power_iterations):
                v = unit(ops.matmul(fixed, u)) if round_number else v
                u = unit(ops.matmul(v, fixed))
            self.u.assign(u)
        sigma = ops.sum(v * ops.squeeze(ops.matmul(matrix, u[:, None]), -1))
        normalized = weight / ops.maximum(sigma, EPSILON)
        # Within the scope the layer reads the normalised value where it would read its variable.
        values = [(variable, variable) for variable in self.layer.variables if variable is not self.weight]
        with keras.StatelessScope([*values, (self.weight, normalized)]):
            return self.layer(inputs)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return self.layer.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "power_iterations": self.power_iterations}


def unit(vector: Tensor) -> Tensor:
    """A vector over its length."""
    return vector / ops.maximum(ops.sqrt(ops.sum(ops.square(vector))), EPSILON)
