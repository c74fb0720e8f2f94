"""Weights of the 2015 Inception-v3: where they are found, and the forms they are passed around in."""

import contextlib
import importlib.util
import os
import socket
import sys
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.npz import read_npz

VARIABLE = "TFGAN_REPRO_INCEPTION_WEIGHTS"
ADDRESS = "http://download.tensorflow.org/models/image/imagenet/inception-2015-12-05.tgz"
FROZEN_GRAPH = "classify_image_graph_def.pb"
SECONDS = 10  # without an answer from the server
EPSILON = 1e-3  # what the network's batch normalisation adds to the variance


def find_weights(path: Path | str | None = None) -> Path:
    """The weights' file: the given one, the one that `TFGAN_REPRO_INCEPTION_WEIGHTS` names, or TensorFlow's own.

    TensorFlow's is downloaded once into Keras' cache; the working directory is never searched.

    Args:
        path: a file, or None.

    Returns:
        A path.

    Raises:
        UserError: the file named does not exist, or nothing is named and the download fails.
    """
    named = path or os.environ.get(VARIABLE)
    if named:
        if not Path(named).is_file():
            raise UserError(f"no Inception weights at {named} (from {'--inception-weights' if path else VARIABLE})")
        return Path(named)
    import keras

    try:
        with quiet_download():
            return Path(keras.utils.get_file(origin=ADDRESS, cache_subdir="models"))
    except Exception as error:  # Keras raises bare Exceptions for a failed download
        raise UserError(
            f"the 2015 Inception weights could not be downloaded; fetch {ADDRESS} and name it with "
            f"--inception-weights or {VARIABLE}"
        ) from error


@contextlib.contextmanager
def quiet_download() -> Iterator[None]:
    """Keras' downloads without their words on standard output, and without waiting for a server that is not there."""
    timeout = socket.getdefaulttimeout()
    socket.setdefaulttimeout(SECONDS)
    try:
        with open(os.devnull, "w") as nowhere:
            with contextlib.redirect_stdout(sys.stderr if sys.stderr.isatty() else nowhere):
                yield
    finally:
        socket.setdefaulttimeout(timeout)


def read_weights(path: Path | str) -> Mapping[str, np.ndarray]:
    """Read weights and fold the batch normalisation into the convolutions.

    Args:
        path: the frozen graph `classify_image_graph_def.pb`, the `.tgz` around it, an `.npz` of the PyTorch port's
            state dictionary (`Conv2d_1a_3x3.conv.weight`, ...), or an `.npz` of folded weights (`<layer>/kernel`,
            `<layer>/bias`).

    Returns:
        A dictionary of float32 arrays, `<layer>/kernel` `[height, width, in, out]` and `<layer>/bias` `[out]`; where
        the file has them, `logits/kernel` `[2048, 1008]` and `logits_bias/bias` `[1008]`.

    Raises:
        UserError: another kind of file.
    """
    path = Path(path)
    try:
        weights = read_by_suffix(path)
    except (OSError, ValueError, KeyError, EOFError, tarfile.TarError, zlib.error) as error:
        raise UserError(f"{path} cannot be read as Inception weights: {' '.join(str(error).split())}") from error
    if "conv/kernel" not in weights:
        raise UserError(f"{path} does not hold weights of the 2015 Inception-v3")
    return weights


def read_by_suffix(path: Path) -> Mapping[str, np.ndarray]:
    if path.suffix == ".npz":
        weights = read_npz(path)
        return fold_state_dict(weights) if "Conv2d_1a_3x3.conv.weight" in weights else weights
    if path.suffix in (".tgz", ".gz"):
        with tarfile.open(path) as archive:
            for member in archive:
                content = archive.extractfile(member) if Path(member.name).name == FROZEN_GRAPH else None
                if content is not None:
                    return fold_graph(content.read())
        raise ValueError(f"it does not contain {FROZEN_GRAPH}")
    return fold_graph(path.read_bytes())


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
        As `read_weights`.

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
        As `read_weights`.

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
