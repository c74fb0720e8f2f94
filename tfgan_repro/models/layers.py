"""Layers that Keras does not have, or has otherwise than the papers."""

from typing import Any

import keras
from keras import layers, ops

from tfgan_repro.backends import backend_module
from tfgan_repro.backends.current import backend
from tfgan_repro.types import Network, Tensor

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


@keras.saving.register_keras_serializable("tfgan_repro")
class SelfAttention(layers.Layer):
    """Adds to each place what it finds interesting elsewhere: `x + gamma * o(x)`, gamma growing from 0.

    As in the authors' code, queries and keys have an eighth of the channels, values half of them, and keys and values
    are pooled 2x2, so that each of `height * width` places looks at a quarter as many.

    Args:
        spectral_normalization: normalise the four 1x1 convolutions.
        seed: of the initial weights.
    """

    def __init__(self, spectral_normalization: bool = False, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spectral_normalization, self.seed = spectral_normalization, seed

    def build(self, input_shape: tuple) -> None:
        channels = input_shape[-1]
        reduced = {"query": max(1, channels // 8), "key": max(1, channels // 8), "value": max(1, channels // 2)}
        for offset, (name, filters) in enumerate({**reduced, "output": channels}.items()):
            convolution = layers.Conv2D(
                filters,
                1,
                use_bias=False,
                kernel_initializer=keras.initializers.GlorotUniform(self.seed + offset),
                dtype=self.dtype_policy,
                name=name,
            )
            if self.spectral_normalization:
                convolution = SpectralNormalization(convolution, name=f"{name}_sn")
            convolution.build((*input_shape[:-1], reduced["value"]) if name == "output" else input_shape)
            setattr(self, f"{name}_convolution", convolution)
        self.pool = layers.MaxPooling2D(2, padding="same", dtype=self.dtype_policy, name="pool")
        self.gamma = self.add_weight(shape=(), initializer="zeros", name="gamma")

    def attend(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """What `call` returns, and where each place looks.

        Args:
            inputs: `[batch, height, width, channels]`.

        Returns:
            The outputs, of the inputs' shape, and float32 weights `[batch, height * width, keys]` that sum to 1 over
            the keys, which are the places of the pooled grid row by row: `ceil(height / 2) * ceil(width / 2)`.
        """
        height, width = inputs.shape[1:3]
        queries = flat(self.query_convolution(inputs))
        keys = flat(self.pool(self.key_convolution(inputs)))
        values = flat(self.pool(self.value_convolution(inputs)))
        weights = ops.softmax(ops.cast(ops.matmul(queries, ops.swapaxes(keys, 1, 2)), "float32"))
        found = ops.matmul(ops.cast(weights, values.dtype), values)
        found = ops.reshape(found, (-1, height, width, values.shape[-1]))
        # Outside of `call` Keras does not cast the weight.
        gamma = ops.cast(self.gamma, inputs.dtype)
        return inputs + gamma * self.output_convolution(found), weights

    def call(self, inputs: Tensor) -> Tensor:
        return self.attend(inputs)[0]

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "spectral_normalization": self.spectral_normalization, "seed": self.seed}


def flat(images: Tensor) -> Tensor:
    """`[batch, height, width, channels]` as `[batch, height * width, channels]`."""
    return ops.reshape(images, (-1, images.shape[1] * images.shape[2], images.shape[3]))


@keras.saving.register_keras_serializable("tfgan_repro")
class BatchNormalization(layers.BatchNormalization):
    """`keras.layers.BatchNormalization`, whose training on bfloat16 images takes one pass instead of a dozen.

    Keras puts it together from means, differences and products, each of which goes through the memory, and casts
    bfloat16 to float32 before them. On TensorFlow the operation that exists for the purpose does all of it at once, and
    so does its gradient; statistics are in float32 there as well. In float32 it is Keras' own, because the operation
    adds up one value after the other, with four times the rounding; so it is with standing statistics, over several
    replicas, and for other inputs than images.

    Called with `[batch, height, width, channels]`; see `keras.layers.BatchNormalization` for the arguments.
    """

    def call(self, inputs: Tensor, training: Any = None, mask: Any = None) -> Tensor:
        images = len(inputs.shape) == 4 and self.compute_dtype == "bfloat16"
        if not (training and self.trainable and images) or self.synchronized or mask is not None:
            return super().call(inputs, training=training, mask=mask)
        channels = inputs.shape[-1]
        scale = ops.cast(self.gamma, "float32") if self.scale else ops.ones(channels)
        shift = ops.cast(self.beta, "float32") if self.center else ops.zeros(channels)
        normalize = backend_module().normalize
        outputs, mean, variance = normalize(inputs, scale, shift, self.epsilon)
        for moving, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + ops.cast(value, moving.dtype) * (1.0 - self.momentum))
        return outputs


@keras.saving.register_keras_serializable("tfgan_repro")
class GroupedConv2D(layers.Conv2D):
    """`keras.layers.Conv2D` of several groups, padded "same".

    On TensorFlow Keras has XLA compute it, because without oneDNN a processor lacks its gradients; with oneDNN that is
    forty times slower than TensorFlow's own operation.
    """

    def convolution_op(self, inputs: Tensor, kernel: Any) -> Tensor:
        # The cast reads the variable.
        kernel = ops.cast(kernel, inputs.dtype)
        return backend_module().grouped_convolution(inputs, kernel, self.strides)


def in_keras_words(model: Network) -> Network:
    """A copy of a functional model with Keras' own classes in place of these, for those who have no `tfgan_repro`."""
    in_keras = {BatchNormalization: layers.BatchNormalization, GroupedConv2D: layers.Conv2D}

    def own(layer: Any) -> Any:
        kind: Any = in_keras.get(type(layer), type(layer))
        return kind.from_config(layer.get_config())

    copy = keras.models.clone_model(model, clone_function=own)
    copy.set_weights(model.get_weights())
    return copy


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
        scale, shift = (ops.take(weight, labels, axis=0)[:, None, None, :] for weight in (self.scale, self.shift))
        return normalized * scale + shift

    def compute_output_shape(self, input_shape: tuple, *_: Any) -> tuple:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        names = ("num_classes", "momentum", "epsilon", "synchronized")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


@keras.saving.register_keras_serializable("tfgan_repro")
class Dropout(layers.Dropout):
    """Keras' dropout, but that each replica leaves out other features: Keras' own would draw the same for all."""

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if backend.replicas() == 1 or not training:
            return super().call(inputs, training=training)

        def factors(shape: Any) -> Tensor:
            return keras.random.dropout(ops.ones(shape, inputs.dtype), self.rate, seed=self.seed_generator)

        return inputs * backend.share(factors, ops.shape(inputs))
