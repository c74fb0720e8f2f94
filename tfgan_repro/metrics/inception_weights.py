"""Weights of the 2015 Inception-v3: where they are found, and the forms they come in."""

import os
import tarfile
import zipfile
from pathlib import Path

import numpy as np

from tfgan_repro.errors import UserError

VARIABLE = "TFGAN_REPRO_INCEPTION_WEIGHTS"
ADDRESS = "http://download.tensorflow.org/models/image/imagenet/inception-2015-12-05.tgz"
FROZEN_GRAPH = "classify_image_graph_def.pb"
EPSILON = 1e-3


def find_weights(path=None):
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
        return Path(keras.utils.get_file(origin=ADDRESS, cache_subdir="models"))
    except Exception as error:  # Keras raises bare Exceptions for a failed download
        raise UserError(
            f"the 2015 Inception weights could not be downloaded; fetch {ADDRESS} and name it with "
            f"--inception-weights or {VARIABLE}"
        ) from error


def read_weights(path):
    """Read weights and fold the batch normalisation into the convolutions.

    Args:
        path: the frozen graph `classify_image_graph_def.pb`, the `.tgz` around it, or an `.npz` of folded weights
            (`<layer>/kernel`, `<layer>/bias`).

    Returns:
        A dictionary of float32 arrays, `<layer>/kernel` `[height, width, in, out]` and `<layer>/bias` `[out]`.

    Raises:
        UserError: another kind of file.
    """
    path = Path(path)
    try:
        if path.suffix == ".npz":
            with np.load(path) as stored:
                weights = {name: stored[name] for name in stored.files}
        elif path.suffix in (".tgz", ".gz"):
            with tarfile.open(path) as archive:
                weights = fold_graph(archive.extractfile(FROZEN_GRAPH).read())
        else:
            weights = fold_graph(path.read_bytes())
    except (OSError, ValueError, KeyError, EOFError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} cannot be read as Inception weights: {error}") from error
    if "conv/kernel" not in weights:
        raise UserError(f"{path} does not hold weights of the 2015 Inception-v3")
    return weights


def fold_graph(serialized):
    """Fold the constants of the serialised frozen graph; see `read_weights` for the result."""
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
    return weights


def fold(kernel, beta, gamma, mean, variance, epsilon=EPSILON):
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
