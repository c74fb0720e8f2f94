"""Against singular value decompositions, finite differences and recorded numbers of PyTorch.

The numbers come from `torch.nn.utils.parametrizations.spectral_norm` of PyTorch 2.13.0 after 200 forward passes in
training mode, with the weights and inputs of `CASES` and the loss `(output ** 2).sum()`.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tfgan_repro.models.layers import SpectralNormalization

CASES = {
    "dense": (
        layers.Dense(2, use_bias=False),
        (np.arange(6).reshape(3, 2) / 4 - 0.5),
        np.array([[1.0, -2.0, 0.5]]),
        [-0.2380992, -0.3571488],
        [-0.3443029, -0.5486844, 0.8659948, 1.3111094, -0.4181220, -0.5707185],
    ),
    "convolution": (
        layers.Conv2D(3, 2, use_bias=False),
        (np.arange(24).reshape(2, 2, 2, 3) % 7 - 2) / 3,
        np.ones((1, 2, 2, 1)) * [1.0, -1.0],
        [1.1817803, 0.2626178, -0.6565447],
        [1.1443478, 0.4601426, -0.3631012, -1.3019826, -0.6473123, 0.2491609]
        + [0.8706827, 0.1352030, -0.5609096, -1.1072524, -0.4160970, 0.3899142]
        + [0.5092579, -0.2939392, -0.8221515, -0.9125221, -0.1848816, 0.5306675]
        + [0.3654266, -0.4647190, -0.9261144, -0.7177918, 0.0463339, 0.6714208],
    ),
    # PyTorch keeps [in, out, height, width], Keras [height, width, out, in].
    "transposed convolution": (
        layers.Conv2DTranspose(3, 2, use_bias=False),
        (np.arange(24) * 5 % 11 - 4).reshape(2, 2, 3, 2) / 3,
        np.ones((1, 1, 1, 1)) * [1.0, -2.0],
        [-0.4363617, 0.4363617, 0.5090887, 0.5818157, 0.6545426, 0.7272696]
        + [-0.7999964, -0.7272695, -0.6545426, -0.5818156, -0.5090887, -0.4363617],
        [-0.4989299, 0.3922975, -0.3131837, -0.3620934, -0.2385164, -0.4271607]
        + [-0.0226119, -0.2083215, -0.1657045, -0.0824536, -0.0954936, -0.1875933]
        + [-0.3376134, 0.2297027, -0.2986230, -0.1299842, -0.2684844, -0.1282641]
        + [0.0455606, 0.3272596, 0.2666342, 0.1496556, 0.2567004, 0.1113033],
    ),
    "embedding": (
        layers.Embedding(4, 3),
        (np.arange(12) * 5 % 7 - 2).reshape(4, 3) / 2,
        np.array([0, 2, 2]),
        [-0.3406351, 0.5109526, 0.1703175, 0.0, -0.3406351, 0.5109526, 0.0, -0.3406351, 0.5109526],
        [-0.0587393, -0.1005503, 0.0157349, 0.2096377, -0.5426409, -0.1213101]
        + [-0.0576564, -0.3148872, 0.7295573, -0.0213439, 0.0552481, 0.0123510],
    ),
}


def normalized(layer, weight, inputs, passes=200):
    """A wrapped layer with that weight, after so many training calls on the inputs."""
    wrapper = SpectralNormalization(type(layer).from_config(layer.get_config()))
    inputs = tf.constant(inputs, tf.int32 if isinstance(layer, layers.Embedding) else tf.float32)
    wrapper.build(inputs.shape)
    wrapper.weight.assign(weight)
    for _ in range(passes):
        wrapper(inputs, training=True)
    return wrapper, inputs


@pytest.mark.parametrize("case", CASES)
def test_outputs_and_gradients_are_those_of_pytorch(case):
    layer, weight, inputs, outputs, gradient = CASES[case]
    wrapper, inputs = normalized(layer, weight, inputs)
    with tf.GradientTape() as tape:
        received = wrapper(inputs, training=True)
        loss = tf.reduce_sum(received**2)
    np.testing.assert_allclose(np.ravel(received), outputs, rtol=2e-5)
    (found,) = tape.gradient(loss, wrapper.trainable_variables)
    np.testing.assert_allclose(np.ravel(found), gradient, rtol=1e-4, atol=2e-5)
    np.testing.assert_allclose(wrapper.weight.numpy(), weight, rtol=1e-6, err_msg="the weight itself stays")


@pytest.mark.parametrize("case", CASES)
def test_sigma_is_the_largest_singular_value(case):
    layer, weight, inputs, *_ = CASES[case]
    wrapper, inputs = normalized(layer, weight, inputs)
    plain = type(layer).from_config(layer.get_config())
    plain.build(inputs.shape)
    plain.set_weights([weight])
    matrix = weight.transpose(0, 1, 3, 2) if case == "transposed convolution" else weight
    sigma = np.linalg.svd(matrix.reshape(-1, matrix.shape[-1]), compute_uv=False)[0]
    np.testing.assert_allclose(wrapper(inputs), plain(inputs) / sigma, rtol=1e-5, atol=1e-6)


def test_one_training_call_is_one_round_and_others_change_nothing():
    layer, weight, inputs, *_ = CASES["dense"]
    wrapper, inputs = normalized(layer, weight, inputs, passes=0)
    start = wrapper.u.numpy().astype(np.float64)
    wrapper(inputs)
    np.testing.assert_array_equal(wrapper.u.numpy(), start.astype(np.float32))
    wrapper(inputs, training=True)
    expected = weight.T @ weight @ start
    np.testing.assert_allclose(wrapper.u.numpy(), expected / np.linalg.norm(expected), rtol=1e-5)


def test_the_gradient_goes_through_sigma():
    """Against central differences of the layer's own output, in float64, for every entry of the kernel."""
    rng = np.random.default_rng(0)
    weight, inputs, direction = rng.normal(size=(4, 3)), rng.normal(size=(5, 4)), rng.normal(size=(5, 3))

    def loss(kernel):
        return np.sum(direction * (inputs @ kernel) / np.linalg.svd(kernel, compute_uv=False)[0])

    wrapper, tensor = normalized(layers.Dense(3, use_bias=False), weight, inputs)
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(direction.astype(np.float32) * wrapper(tensor))
    (gradient,) = tape.gradient(value, wrapper.trainable_variables)
    differences = np.zeros_like(weight)
    for place in np.ndindex(weight.shape):
        step = np.zeros_like(weight)
        step[place] = 1e-6
        differences[place] = (loss(weight + step) - loss(weight - step)) / 2e-6
    np.testing.assert_allclose(gradient, differences, rtol=1e-3, atol=1e-5)


def test_the_bias_is_left_alone_and_trained():
    wrapper, inputs = normalized(layers.Dense(2, bias_initializer="ones"), np.eye(3, 2) * 5, np.zeros((1, 3)))
    np.testing.assert_array_equal(wrapper(inputs), np.ones((1, 2)))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(wrapper(inputs) ** 2)
    gradients = tape.gradient(loss, wrapper.trainable_variables)
    assert [gradient.shape for gradient in gradients] == [(3, 2), (2,)]
    np.testing.assert_array_equal(gradients[1], [2, 2])


def test_mixed_precision_normalises_in_float32():
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    weight = np.random.default_rng(0).normal(size=(30, 20))
    wrapper, inputs = normalized(layers.Dense(20, use_bias=False), weight, np.eye(30))
    assert wrapper.u.dtype == "float32"
    found = wrapper(tf.cast(inputs, tf.bfloat16))
    assert found.dtype == tf.bfloat16
    # Exactly the float32 quotient, rounded once.
    sigma = np.linalg.svd(weight, compute_uv=False)[0]
    np.testing.assert_allclose(tf.cast(found, tf.float32), weight / sigma, rtol=2**-8, atol=1e-6)


def test_a_model_with_it_is_cloned_and_saved(tmp_path):
    images = keras.Input((4, 4, 2))
    model = keras.Model(images, SpectralNormalization(layers.Conv2D(3, 2), name="sn")(images))
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 2)).astype(np.float32)
    model(x, training=True)
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "model.keras")(x), model(x))
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone(x), model(x))


def test_a_layer_without_a_weight_is_refused():
    with pytest.raises(ValueError, match="ReLU has neither"):
        SpectralNormalization(layers.ReLU()).build((1, 2))
