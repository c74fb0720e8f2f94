import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.inception_fingerprint import check_fingerprint
from tfgan_repro.metrics.inception_weights import read_weights


def test_the_real_network_passes_and_changes_of_any_layer_do_not(inception_weights):
    weights = read_weights(inception_weights)
    check_fingerprint(weights, "weights")
    # What folding in float32 does to the digits is no other network.
    check_fingerprint({name: value * np.float32(1 + 1e-6) for name, value in weights.items()}, "weights")
    for name in ("conv/kernel", "mixed_3_tower_conv_1/bias", "mixed_7_tower_2_conv/kernel"):
        with pytest.raises(UserError, match=f"layer {name.partition('/')[0]} differs"):
            check_fingerprint({**weights, name: weights[name] * np.float32(1.001)}, "weights")
    del weights["mixed_5_conv/kernel"]
    with pytest.raises(UserError, match="incomplete.*mixed_5_conv is missing"):
        check_fingerprint(weights, "weights")
