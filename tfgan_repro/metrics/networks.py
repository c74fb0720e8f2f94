"""Keras models as extractors need them: cut at a layer, filled with weights, hashed."""

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from tfgan_repro.errors import UserError
from tfgan_repro.files import arrays_hash
from tfgan_repro.types import Network


def feature_network(model: Network, layer: str | None, logits: str | None, size: int | None) -> tuple[Network, int]:
    """A model cut down to features and logits, and the pixels a side that it is given.

    Raises:
        UserError: as `KerasExtractor`.
    """
    shape = getattr(model, "input_shape", None) if model.built else None
    one_image = shape is None or (isinstance(shape, tuple) and len(shape) == 4)
    height, width, channels = shape[1:] if shape and one_image else (None, None, 3)
    size = size or height
    if not one_image or size is None or {height, width} - {None, size} or channels not in (None, 3):
        raise UserError(
            f"model {model.name} takes inputs of shape {shape or 'unknown'} and the extractor's size is {size}; "
            "it needs one input [batch, size, size, 3]"
        )
    with dtype_policy("float32"):
        images = keras.Input((size, size, 3), name="images")
        if not model.built:
            model(images)
        if layer is None and logits is None and not getattr(model, "inputs", None):  # not made of layers in a graph
            network = keras.Model(images, named_outputs(model(images)))
        else:
            outputs = named_outputs(output_of(model, layer)) | ({"logits": output_of(model, logits)} if logits else {})
            network = keras.Model(model.inputs, outputs)
            if None in (height, width):  # shapes that depend on the size are not known before
                network = keras.Model(images, network(images))
    shape = getattr(network.output["features"], "shape", None)
    if shape is None or len(shape) != 2 or shape[-1] is None:
        raise UserError(
            f"{f'layer {layer}' if layer else 'the output'} of model {model.name} has shape {shape}; features must "
            "be vectors [batch, dimension]: name a layer after the pooling"
        )
    return network, size


def named_outputs(outputs: Any) -> dict[str, Any]:
    """Outputs as a dictionary, of `features` where they have no names.

    Raises:
        UserError: several outputs, none of which is called features.
    """
    outputs = outputs if isinstance(outputs, dict) else {"features": outputs}
    if not hasattr(outputs.get("features"), "shape"):
        raise UserError("the model has several outputs; name the layer whose output are the features")
    return dict(outputs)


def output_of(model: Network, layer: str | None) -> Any:
    """The output of a layer of a functional or sequential model, or of the model itself."""
    if layer is None:
        return model.outputs[0] if isinstance(model, keras.Sequential) else model.output
    try:
        return model.get_layer(layer).output
    except ValueError:
        names = ", ".join(found.name for found in model.layers[-5:])
        raise UserError(f"model {model.name} has no layer {layer}; its last ones are {names}") from None
    except AttributeError:
        raise UserError(f"model {model.name} cannot be cut at layer {layer}: it is not a functional model") from None


def compute_precision(model: Network) -> str:
    """The narrowest arithmetic of a model's layers."""
    inner = [compute_precision(layer) for layer in getattr(model, "layers", ())] or [model.compute_dtype]
    return next((name for name in ("bfloat16", "float16", "float32") if name in inner), inner[0])


def hash_weights(weights: Iterable[Any]) -> str:
    """The SHA-256 of Keras variables in their order, shortened to 16 digits."""
    return arrays_hash(ops.convert_to_numpy(ops.cast(weight, "float32")) for weight in weights)[:16]


def hash_network(network: Network) -> str | None:
    """A hash of what a network computes: of its layers' configuration and its weights; None where it has no JSON."""
    try:
        configuration = json.loads(network.to_json())
    except (NotImplementedError, TypeError, ValueError):  # a layer of a user's without a configuration
        return None
    # Layers without a name are numbered in the order in which a process makes them.
    places = {name: f"layer {place}" for place, name in enumerate(layer_names(network))}
    text = json.dumps(without_names(configuration, places), sort_keys=True)
    return hashlib.sha256(f"{text} {hash_weights(network.weights)}".encode()).hexdigest()[:16]


def layer_names(network: Network) -> list[str]:
    """The names of a network, its layers and those within them, in their order."""
    return [network.name, *(name for layer in getattr(network, "layers", ()) for name in layer_names(layer))]


# Under these a configuration has names of layers; other values may be the same word, such as an activation.
NAMING = ("name", "keras_history", "input_layers", "output_layers")


def without_names(value: Any, places: Mapping[str, str], naming: bool = False) -> Any:
    """A network's configuration with the names of its layers replaced."""
    if isinstance(value, dict):
        return {key: without_names(item, places, naming or key in NAMING) for key, item in value.items()}
    if isinstance(value, list):
        return [without_names(item, places, naming) for item in value]
    return places.get(value, value) if naming and isinstance(value, str) else value


@contextlib.contextmanager
def dtype_policy(policy: Any) -> Iterator[None]:
    """Build layers under a dtype policy of their own: scores are the same whatever precision a training runs in."""
    previous = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.mixed_precision.set_dtype_policy(previous)


def set_weights(network: Network, weights: Mapping[str, np.ndarray], path: Path | str) -> None:
    """Put weights into a network by name.

    Args:
        network: a Keras model.
        weights: a dictionary of arrays, `<layer>/<weight>`.
        path: their file, for messages.

    Raises:
        UserError: the weights of a layer are missing or of another shape.
    """
    for layer in network.layers:
        if not layer.weights:
            continue
        try:
            layer.set_weights([weights[f"{layer.name}/{weight.name}"] for weight in layer.weights])
        except KeyError:
            raise UserError(
                f"{path} has no weights for layer {layer.name}, which these features (or the Inception Score) need; "
                "try --features 768 or other weights"
            ) from None
        except ValueError:
            raise UserError(f"{path} is of another network: the shape of layer {layer.name} differs") from None
