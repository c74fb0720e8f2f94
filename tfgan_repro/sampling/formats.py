"""The formats that a generator is exported in: how each is written, and read by whoever has it."""

import contextlib
import io
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfgan_repro.models.layers import in_keras_words
from tfgan_repro.types import Network, Tensor


@dataclass(frozen=True)
class Format:
    """A format of exported generators.

    Attributes:
        file: the name of the file or folder.
        write: a function of the generator and a path.
        load: a function of that path; it returns a function of NumPy inputs (latents, and labels where the generator
            takes them) to images in [-1, 1].
        imports: lines of Python for whoever loads it.
        loading: lines that make `generator`.
        call: from the names of the inputs, an expression for the images.
        standalone: whether it can be loaded without this package whatever its layers.
        packages: that loading it needs.
    """

    file: str
    write: Callable
    load: Callable
    imports: str
    loading: str
    call: Callable
    standalone: bool
    packages: str


def inputs_of(latents: Any, labels: Any) -> Any:
    return latents if labels is None else [latents, labels]


def load_keras(path: Path) -> Callable:
    generator = keras.saving.load_model(path, compile=False)
    return lambda latents, labels=None: np.asarray(generator(inputs_of(latents, labels), training=False))


def signature(generator: Network) -> list[Any]:
    """The inputs as TensorFlow sees them, by their names, for any number of images."""
    import tensorflow as tf

    return [tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype, tensor.name) for tensor in generator.inputs]


def write_saved_model(generator: Network, path: Path) -> None:
    """A SavedModel whose endpoint `serve` takes latents, and labels as a second argument."""
    archive = keras.export.ExportArchive()
    archive.track(generator)

    def serve(latents: Any, labels: Any = None) -> Tensor:
        return generator(inputs_of(latents, labels), training=False)

    archive.add_endpoint("serve", serve, signature(generator))
    archive.write_out(str(path), verbose=False)


def load_saved_model(path: Path) -> Callable:
    import tensorflow as tf

    model = tf.saved_model.load(str(path))
    return lambda *inputs: np.asarray(model.serve(*(value for value in inputs if value is not None)))


def write_onnx(generator: Network, path: Path) -> None:
    """An ONNX graph with the generator's input names, for any number of images."""
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    # Keras asks for it.
    generator([keras.ops.zeros((1, *tensor.shape[1:]), tensor.dtype) for tensor in generator.inputs])
    with contextlib.redirect_stdout(io.StringIO()):
        generator.export(str(path), format="onnx", verbose=False)


def load_onnx(path: Path) -> Callable:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [tensor.name for tensor in session.get_inputs()]

    def generator(*inputs: Any) -> np.ndarray:
        return session.run(None, dict(zip(names, (value for value in inputs if value is not None))))[0]

    return generator


def keras_call(names: list[str]) -> str:
    return f"generator({names[0] if len(names) == 1 else '[' + ', '.join(names) + ']'}, training=False)"


def saved_model_call(names: list[str]) -> str:
    return f"generator.serve({', '.join(names)})"


def onnx_call(names: list[str]) -> str:
    pairs = ", ".join(f'"{name}": {name}' for name in names)
    return f"generator.run(None, {{{pairs}}})[0]"


KERAS = Format(
    file="generator.keras",
    write=lambda generator, path: in_keras_words(generator).save(path),
    load=load_keras,
    imports="import keras\nimport numpy as np",
    loading='generator = keras.saving.load_model("generator.keras")',
    call=keras_call,
    standalone=False,
    packages="keras and tensorflow",
)
SAVED_MODEL = Format(
    file="saved_model",
    write=write_saved_model,
    load=load_saved_model,
    imports="import numpy as np\nimport tensorflow as tf",
    loading='generator = tf.saved_model.load("saved_model")',
    call=saved_model_call,
    standalone=True,
    packages="tensorflow",
)
ONNX = Format(
    file="generator.onnx",
    write=write_onnx,
    load=load_onnx,
    imports="import numpy as np\nimport onnxruntime",
    loading='generator = onnxruntime.InferenceSession("generator.onnx")',
    call=onnx_call,
    standalone=True,
    packages="onnxruntime",
)
