"""The forms in which the 2015 Inception-v3 is passed around, each folded into kernels and biases."""

import importlib.util
from collections.abc import Mapping

import numpy as np

from tfgan_repro.errors import UserError

EPSILON = 1e-3  # what the network's batch normalisation adds to the variance


def fold(
    kernel: np.ndarray,
    beta: np.ndarray,
    gamma: np.ndarray,
    mean: np.ndarray,
    variance: np.ndarray,
    epsilon: float = EPSILON,
) -> tuple[np.ndarray, np.ndarray]:
    """A convolution's kernel and bias that do what the convolution and its batch normalisation did.

    Args:
        kernel: `[height, width, in, out]`.
        beta: `[out]`, as are the other three, the batch normalisation's weights.
        gamma: its scale.
        mean: its moving mean.
        variance: its moving variance.
        epsilon: what it added to the variance.

    Returns:
        The kernel `[height, width, in, out]` and the bias `[out]`, float32, computed in float64.
    """
    kernel, beta, gamma, mean, variance = (
        np.asarray(value, np.float64) for value in (kernel, beta, gamma, mean, variance)
    )
    factor = gamma / np.sqrt(variance + epsilon)
    return (kernel * factor).astype(np.float32), (beta - mean * factor).astype(np.float32)


def fold_graph(serialized: bytes) -> dict[str, np.ndarray]:
    """Fold the constants of TensorFlow's serialised frozen graph.

    Returns:
        As `tfgan_repro.metrics.inception_weights.read_weights`.

    Raises:
        ValueError: no such graph.
        UserError: TensorFlow is not installed.
    """
    if not importlib.util.find_spec("tensorflow"):
        raise UserError("TensorFlow, which reads its frozen graph, is not installed; give the weights as an .npz")
    from google.protobuf.message import DecodeError
    from tensorflow import make_ndarray
    from tensorflow.core.framework.graph_pb2 import GraphDef

    try:
        graph = GraphDef.FromString(serialized)
    except DecodeError as error:
        raise ValueError("not a frozen TensorFlow graph") from error
    constants = {node.name: make_ndarray(node.attr["value"].tensor) for node in graph.node if node.op == "Const"}
    weights = {}
    for name, kernel in constants.items():
        scope, _, last = name.rpartition("/")
        if last != "conv2d_params":
            continue
        norm = {
            part: constants[f"{scope}/batchnorm/{part}"] for part in ("beta", "gamma", "moving_mean", "moving_variance")
        }
        layer = scope.replace("/", "_")
        weights[f"{layer}/kernel"], weights[f"{layer}/bias"] = fold(kernel, *norm.values())
    if "softmax/weights" in constants:
        weights["logits/kernel"] = constants["softmax/weights"]
        weights["logits_bias/bias"] = constants["softmax/biases"]
    return weights


def fold_state_dict(state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Fold the PyTorch port's state dictionary, as pytorch-fid and torch-fidelity use it.

    Args:
        state: a dictionary of arrays, `<module>.conv.weight` `[out, in, height, width]`, `<module>.bn.weight`, ...

    Returns:
        As `tfgan_repro.metrics.inception_weights.read_weights`.

    Raises:
        KeyError: a part is missing.
    """
    weights = {}
    for module, layer in pytorch_names().items():
        if f"{module}.conv.weight" not in state:
            continue  # the dictionary may end early; what is missing is named when a network needs it
        beta, gamma, mean, variance = (
            state[f"{module}.bn.{part}"] for part in ("bias", "weight", "running_mean", "running_var")
        )
        weights[f"{layer}/kernel"], weights[f"{layer}/bias"] = fold(
            state[f"{module}.conv.weight"].transpose(2, 3, 1, 0), beta, gamma, mean, variance
        )
    if "fc.weight" in state:
        weights["logits/kernel"], weights["logits_bias/bias"] = state["fc.weight"].T, state["fc.bias"]
    return weights


def pytorch_names() -> dict[str, str]:
    """The PyTorch port's module names -> the frozen graph's scopes, with `_` for `/`."""
    stem = ("1a_3x3", "2a_3x3", "2b_3x3", "3b_1x1", "4a_3x3")
    names = {f"Conv2d_{name}": f"conv{f'_{index}' if index else ''}" for index, name in enumerate(stem)}

    def block(module: str, scope: str, **branches: list[str]) -> None:
        for branch, steps in branches.items():
            base = {"main": scope, "pool": f"{scope}_tower_2"}.get(branch, f"{scope}_{branch}")
            for index, step in enumerate(steps):
                names[f"{module}.{step}"] = f"{base}_conv{f'_{index}' if index else ''}"

    def steps(branch: str, count: int) -> list[str]:
        return [f"{branch}_{number}" for number in range(1, count + 1)]

    for module, scope in (("Mixed_5b", "mixed"), ("Mixed_5c", "mixed_1"), ("Mixed_5d", "mixed_2")):
        block(
            module,
            scope,
            main=["branch1x1"],
            tower=steps("branch5x5", 2),
            tower_1=steps("branch3x3dbl", 3),
            pool=["branch_pool"],
        )
    block("Mixed_6a", "mixed_3", main=["branch3x3"], tower=steps("branch3x3dbl", 3))
    for index, letter in enumerate("bcde"):
        block(
            f"Mixed_6{letter}",
            f"mixed_{4 + index}",
            main=["branch1x1"],
            tower=steps("branch7x7", 3),
            tower_1=steps("branch7x7dbl", 5),
            pool=["branch_pool"],
        )
    block("Mixed_7a", "mixed_8", tower=steps("branch3x3", 2), tower_1=steps("branch7x7x3", 4))
    for module, scope in (("Mixed_7b", "mixed_9"), ("Mixed_7c", "mixed_10")):
        block(
            module,
            scope,
            main=["branch1x1"],
            tower=["branch3x3_1"],
            tower_mixed=["branch3x3_2a", "branch3x3_2b"],
            tower_1=steps("branch3x3dbl", 2),
            tower_1_mixed=["branch3x3dbl_3a", "branch3x3dbl_3b"],
            pool=["branch_pool"],
        )
    return names
