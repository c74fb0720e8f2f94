"""The package's layers: attention, normalisation by class and in one operation, spectral normalisation.

Spectral normalisation is held against singular value decompositions, finite differences and recorded numbers of
PyTorch, which come from `torch.nn.utils.parametrizations.spectral_norm` of PyTorch 2.13.0 after 200 forward passes in
training mode, with the weights and inputs of `CASES` and the loss `(output ** 2).sum()`.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from finite_differences import central_differences
from tfgan_repro.backends.tensorflow import normalize
from tfgan_repro.models.layers import (
    BatchNormalization,
    ConditionalBatchNormalization,
    SelfAttention,
    SpectralNormalization,
    in_keras_words,
)


def attention_and_images(size=4, channels=16, **choices):
    layer = SelfAttention(**choices)
    images = np.random.default_rng(0).normal(size=(2, size, size, channels)).astype(np.float32)
    layer.build(images.shape)
    return layer, images


def test_attention_starts_as_the_identity_and_still_learns():
    layer, images = attention_and_images()
    with tf.GradientTape() as tape:
        outputs = layer(images, training=True)
        loss = tf.reduce_sum(outputs**2)
    np.testing.assert_array_equal(outputs, images)
    assert float(np.abs(tape.gradient(loss, layer.gamma.value))) > 0


def test_attention_is_its_definition_written_in_numpy():
    layer, images = attention_and_images()
    layer.gamma.assign(0.7)
    query, key, value, output = (
        getattr(layer, f"{name}_convolution").kernel.numpy()[0, 0].astype(np.float64)
        for name in ("query", "key", "value", "output")
    )
    assert [kernel.shape for kernel in (query, key, value, output)] == [(16, 2), (16, 2), (16, 8), (8, 16)]

    def pooled(x):
        return x.reshape(2, 2, 2, 2, 2, -1).max(axis=(2, 4)).reshape(2, 4, -1)

    places = images.reshape(2, 16, 16).astype(np.float64)
    scores = places @ query @ pooled(images @ key).transpose(0, 2, 1)
    weights = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    expected = places + 0.7 * (weights @ pooled(images @ value) @ output)
    found, found_weights = layer.attend(images)
    np.testing.assert_allclose(found, expected.reshape(images.shape), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found_weights, weights, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(layer(images), found)


def test_a_map_of_attention_has_a_quarter_of_the_places_and_sums_to_one():
    layer, images = attention_and_images(size=7)
    weights = layer.attend(images)[1]
    assert weights.shape == (2, 49, 16)
    np.testing.assert_allclose(np.sum(weights, axis=-1), 1, rtol=1e-5)


def test_attention_has_a_spectral_vector_for_each_convolution():
    layer, images = attention_and_images(spectral_normalization=True)
    before = [u.numpy() for u in layer.non_trainable_variables]
    layer(images, training=True)
    changed = [not np.array_equal(u.numpy(), old) for u, old in zip(layer.non_trainable_variables, before)]
    assert changed == [True] * 4


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_attention_works_in_a_model_and_survives_saving(tmp_path, policy):
    keras.mixed_precision.set_dtype_policy(policy)
    images = keras.Input((4, 4, 8))
    model = keras.Model(images, SelfAttention(spectral_normalization=True)(images))
    model.layers[-1].gamma.assign(1.0)
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 8)).astype(np.float32)
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "model.keras")(x), model(x))


def test_statistics_are_shared_and_scale_and_shift_are_the_class_own():
    layer = ConditionalBatchNormalization(3, epsilon=0.0)
    images = np.random.default_rng(0).normal(2, 3, size=(6, 4, 4, 2)).astype(np.float32)
    labels = np.array([0, 1, 2, 0, 1, 2], np.int32)
    plain = layer(images, labels, training=True)
    mean, variance = images.mean(axis=(0, 1, 2)), images.var(axis=(0, 1, 2))
    expected = (images - mean) / np.sqrt(variance)
    np.testing.assert_allclose(plain, expected, rtol=1e-4, atol=1e-5, err_msg="scale starts at 1, shift at 0")

    scale, shift = np.random.default_rng(1).normal(size=(2, 3, 2)).astype(np.float32)
    layer.scale.assign(scale)
    layer.shift.assign(shift)
    found = layer(images, labels, training=True)
    expected = expected * scale[labels][:, None, None] + shift[labels][:, None, None]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_standing_statistics_serve_when_not_training():
    layer = ConditionalBatchNormalization(2, momentum=0.0)
    images = np.random.default_rng(0).normal(5, 2, size=(64, 2, 2, 1)).astype(np.float32)
    labels = np.zeros(64, np.int32)
    trained = layer(images, labels, training=True)
    np.testing.assert_allclose(layer(images, labels), trained, rtol=1e-3, atol=1e-3)
    assert len(layer.trainable_variables) == 2 and len(layer.non_trainable_variables) == 2


def test_normalisation_by_class_works_in_a_model_and_survives_saving(tmp_path):
    images, labels = keras.Input((2, 2, 3)), keras.Input((), dtype="int32")
    model = keras.Model([images, labels], ConditionalBatchNormalization(5)(images, labels))
    inputs = [np.ones((2, 2, 2, 3), np.float32), np.array([0, 4], np.int32)]
    model.layers[-1].shift.assign(np.arange(15).reshape(5, 3))
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "model.keras")(inputs), model(inputs))


def random(*shape, seed=0):
    return tf.constant(np.random.default_rng(seed).normal(1, 2, size=shape).astype(np.float32))


def built(kind, **options):
    layer = kind(momentum=0.9, epsilon=1e-5, **options)
    layer.build((None, 4, 4, 3))
    values = [random(3, seed=seed) for seed in range(len(layer.weights) - 2)]
    layer.set_weights([*values, random(3, seed=3), abs(random(3, seed=4))])
    return layer


def derivatives(function, images, scale, shift, towards):
    """The outputs, their gradients, and the gradients of a penalty on the first of these."""
    with tf.GradientTape() as outer:
        outer.watch([images, scale])
        with tf.GradientTape() as inner:
            inner.watch([images, scale, shift])
            outputs = function(images, scale, shift)
            total = tf.reduce_sum(outputs * towards)
        first = inner.gradient(total, [images, scale, shift])
        penalty = tf.reduce_sum(first[0] ** 2)
    return [outputs, *first, *outer.gradient(penalty, [images, scale])]


def test_the_operation_has_both_orders_of_gradients_of_the_pieces():
    def pieces(images, scale, shift):
        mean, variance = tf.nn.moments(images, [0, 1, 2])
        return tf.nn.batch_normalization(images, mean, variance, shift, scale, 1e-5)

    def operation(images, scale, shift):
        return normalize(images, scale, shift, 1e-5)[0]

    inputs = random(6, 4, 4, 3, seed=5), random(3, seed=6), random(3, seed=7), random(6, 4, 4, 3, seed=8)
    for found, expected in zip(derivatives(operation, *inputs), derivatives(pieces, *inputs), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"scale": False, "center": False}])
def test_a_layer_in_bfloat16_is_that_of_keras_but_for_the_rounded_outputs(options):
    images = tf.cast(random(6, 4, 4, 3, seed=5), tf.bfloat16)
    ours = built(BatchNormalization, dtype="mixed_bfloat16", **options)
    theirs = built(keras.layers.BatchNormalization, dtype="float32", **options)
    outputs, expected = ours(images, training=True), theirs(tf.cast(images, tf.float32), training=True)
    assert outputs.dtype == tf.bfloat16
    np.testing.assert_allclose(tf.cast(outputs, tf.float32), expected, rtol=2**-8, atol=1e-5)
    for our, their in zip(ours.non_trainable_variables, theirs.non_trainable_variables, strict=True):
        np.testing.assert_allclose(our, their, rtol=1e-5)
    np.testing.assert_array_equal(ours(images), built_like(ours)(images))


def built_like(layer):
    """Keras' own layer with the weights of another one."""
    config = {name: value for name, value in layer.get_config().items() if name != "name"}
    copy = keras.layers.BatchNormalization.from_config(config)
    copy.build((None, 4, 4, 3))
    copy.set_weights(layer.get_weights())
    return copy


def test_float32_is_left_to_keras():
    images, layer = random(6, 4, 4, 3), built(BatchNormalization)
    np.testing.assert_array_equal(layer(images, training=True), built_like(layer)(images, training=True))


@pytest.mark.parametrize("shape", [(8, 3), (8, 5, 3)])
def test_other_inputs_than_images_are_left_to_keras(shape):
    inputs = random(*shape)
    kinds = (BatchNormalization, keras.layers.BatchNormalization)
    ours, theirs = (kind(dtype="mixed_bfloat16")(inputs, training=True) for kind in kinds)
    np.testing.assert_array_equal(ours, theirs)


def test_a_model_in_keras_words_has_no_layer_of_this_package_and_the_same_outputs():
    images = keras.Input((4, 4, 3))
    model = keras.Model(images, BatchNormalization(name="norm")(keras.layers.Conv2D(3, 3, name="conv")(images)))
    model.layers[-1].set_weights([random(3, seed=seed) for seed in range(3)] + [abs(random(3, seed=4))])
    plain = in_keras_words(model)
    assert type(plain.layers[-1]) is keras.layers.BatchNormalization
    pictures = random(2, 4, 4, 3)
    np.testing.assert_array_equal(plain(pictures), model(pictures))


CASES = {
    "dense": (
        keras.layers.Dense(2, use_bias=False),
        (np.arange(6).reshape(3, 2) / 4 - 0.5),
        np.array([[1.0, -2.0, 0.5]]),
        [-0.2380992, -0.3571488],
        [-0.3443029, -0.5486844, 0.8659948, 1.3111094, -0.4181220, -0.5707185],
    ),
    "convolution": (
        keras.layers.Conv2D(3, 2, use_bias=False),
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
        keras.layers.Conv2DTranspose(3, 2, use_bias=False),
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
        keras.layers.Embedding(4, 3),
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
    inputs = tf.constant(inputs, tf.int32 if isinstance(layer, keras.layers.Embedding) else tf.float32)
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

    wrapper, tensor = normalized(keras.layers.Dense(3, use_bias=False), weight, inputs)
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(direction.astype(np.float32) * wrapper(tensor))
    (gradient,) = tape.gradient(value, wrapper.trainable_variables)
    np.testing.assert_allclose(gradient, central_differences(loss, weight), rtol=1e-3, atol=1e-5)


def test_the_bias_is_left_alone_and_trained():
    wrapper, inputs = normalized(keras.layers.Dense(2, bias_initializer="ones"), np.eye(3, 2) * 5, np.zeros((1, 3)))
    np.testing.assert_array_equal(wrapper(inputs), np.ones((1, 2)))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(wrapper(inputs) ** 2)
    gradients = tape.gradient(loss, wrapper.trainable_variables)
    assert [gradient.shape for gradient in gradients] == [(3, 2), (2,)]
    np.testing.assert_array_equal(gradients[1], [2, 2])


def test_mixed_precision_normalises_in_float32():
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    weight = np.random.default_rng(0).normal(size=(30, 20))
    wrapper, inputs = normalized(keras.layers.Dense(20, use_bias=False), weight, np.eye(30))
    assert wrapper.u.dtype == "float32"
    found = wrapper(tf.cast(inputs, tf.bfloat16))
    assert found.dtype == tf.bfloat16
    # Exactly the float32 quotient, rounded once.
    sigma = np.linalg.svd(weight, compute_uv=False)[0]
    np.testing.assert_allclose(tf.cast(found, tf.float32), weight / sigma, rtol=2**-8, atol=1e-6)


def test_a_model_with_it_is_cloned_and_saved(tmp_path):
    images = keras.Input((4, 4, 2))
    model = keras.Model(images, SpectralNormalization(keras.layers.Conv2D(3, 2), name="sn")(images))
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 2)).astype(np.float32)
    model(x, training=True)
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "model.keras")(x), model(x))
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone(x), model(x))


def test_a_layer_without_a_weight_is_refused():
    with pytest.raises(ValueError, match="ReLU has neither"):
        SpectralNormalization(keras.layers.ReLU()).build((1, 2))
