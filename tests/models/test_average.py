import keras
import numpy as np

from tfgan_repro.models.average import MovingAverage
from tfgan_repro.models.sagan import SAGAN


def small_network():
    x = inputs = keras.Input((4,))
    x = keras.layers.BatchNormalization(name="norm")(keras.layers.Dense(3, name="dense")(x))
    return keras.Model(inputs, keras.layers.Dropout(0.5, seed=1)(x), name="generator")


def values(network):
    return {variable.path: variable.numpy().astype(np.float64) for variable in network.weights}


def move(network, rng):
    for variable in network.weights:
        variable.assign(rng.normal(size=variable.shape))


def test_weights_and_batch_statistics_are_half_forgotten_after_the_half_life():
    network, rng = small_network(), np.random.default_rng(0)
    average = MovingAverage(network)
    start = values(network)
    move(network, rng)
    for step in range(4):
        average.update(network, step, images=16, half_life=64)
    now, mean = values(network), values(average.network)
    assert {"norm/moving_mean", "norm/moving_variance"} <= set(mean)
    for path, value in mean.items():
        np.testing.assert_allclose(value, (start[path] + now[path]) / 2, rtol=1e-5, atol=1e-7, err_msg=path)


def test_every_weight_of_every_kind_of_layer_is_paired_with_its_own():
    network = SAGAN(num_classes=3, width=0.0625, latent_dim=4).generator
    rng = np.random.default_rng(0)
    move(network, rng)
    average = MovingAverage(network)
    inputs = [rng.normal(size=(2, 4)).astype(np.float32), np.array([0, 2])]
    np.testing.assert_array_equal(average.network(inputs), network(inputs))
    assert len(average.pairs(network)) == len(network.weights)


def test_until_its_start_the_average_is_a_copy():
    network, rng = small_network(), np.random.default_rng(0)
    average = MovingAverage(network, start=2)
    for step in range(3):
        before = values(network)
        move(network, rng)
        average.update(network, step, images=64, half_life=64)
        copied = all(np.array_equal(values(average.network)[path], value) for path, value in values(network).items())
        assert copied == (step < 2)
    np.testing.assert_allclose(
        values(average.network)["dense/kernel"], (before["dense/kernel"] + values(network)["dense/kernel"]) / 2, 1e-5
    )
