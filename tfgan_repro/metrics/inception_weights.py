"""Weights of the 2015 Inception-v3: where they are found, and which form a file is in."""

import contextlib
import os
import socket
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.inception_formats import fold_graph, fold_state_dict
from tfgan_repro.npz import read_npz

if TYPE_CHECKING:
    import numpy as np


VARIABLE = "TFGAN_REPRO_INCEPTION_WEIGHTS"
ADDRESS = "http://download.tensorflow.org/models/image/imagenet/inception-2015-12-05.tgz"
FROZEN_GRAPH = "classify_image_graph_def.pb"
SECONDS = 10  # without an answer from the server


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


def read_weights(path: Path | str) -> "Mapping[str, np.ndarray]":
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
    except (OSError, ValueError, KeyError, EOFError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} cannot be read as Inception weights: {' '.join(str(error).split())}") from error
    if "conv/kernel" not in weights:
        raise UserError(f"{path} does not hold weights of the 2015 Inception-v3")
    return weights


def read_by_suffix(path: Path) -> "Mapping[str, np.ndarray]":
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
