"""What a GAN asks of any pair of Keras models, whoever made them: their inputs, and that they fit each other."""

from typing import Any

import keras

from tfgan_repro.choices import as_whole
from tfgan_repro.errors import UserError, first_line
from tfgan_repro.types import Network, Tensor

CHANGES_OF_SHAPE = keras.layers.Reshape, keras.layers.Flatten


def takes_labels(network: Network) -> bool:
    """Whether a network takes `[inputs, labels]`; a subclassed one says so by an attribute `conditional`."""
    inputs = getattr(network, "inputs", None)
    return len(inputs) == 2 if inputs else bool(getattr(network, "conditional", False))


def network_inputs(network: Network, inputs: Tensor, labels: Tensor | None) -> Any:
    """What a network is called with: the inputs, and the labels if it takes them."""
    return [inputs, labels] if takes_labels(network) else inputs


def latent_shape_of(generator: Network) -> tuple[int, ...]:
    """The shape of one latent of a built generator."""
    inputs: Any = getattr(generator, "inputs", None)
    return tuple(inputs[0].shape[1:]) if inputs else generator.latent_shape


def call_on_zeros(generator: Network) -> None:
    """Let a generator make its weights."""
    zeros = keras.ops.zeros((2, *latent_shape_of(generator)))
    generator(network_inputs(generator, zeros, keras.ops.zeros((2,), "int32")))


def class_count_of(generator: Network) -> int | None:
    """How many classes a generator knows, as its layers tell; None where none does, or it takes no labels."""
    counts = (
        getattr(layer, "num_classes", None) or getattr(layer, "input_dim", None)
        for layer in (generator.layers if takes_labels(generator) else ())
    )
    return next((int(count) for count in counts if count), None)


def batch_normalizations(network: Network) -> list[keras.layers.Layer]:
    """Keras' batch normalisations among the layers of a network, and among the layers within those."""
    # There is no public way.
    return [layer for layer in network._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)]


def fitted(
    generator: Network, discriminator: Network, latent_dim: int | None
) -> tuple[tuple[int, ...], int | None]:
    """See that two networks fit each other; those that are not built yet get their weights.

    Args:
        generator: a Keras model; one that is not built needs `latent_dim`.
        discriminator: a Keras model.
        latent_dim: see above.

    Returns:
        The shape of an image, and the number of classes that the discriminator tells apart, or None.

    Raises:
        UserError: they do not fit, or one ends in a sigmoid.
    """
    for network, name in ((generator, "generator"), (discriminator, "discriminator")):
        if not isinstance(network, keras.Model):
            raise UserError(f"the {name} is a keras.Model, not {type(network).__name__}")
        refuse_inputs(network, name)
    if generator is discriminator:
        raise UserError("the generator and the discriminator are one and the same model")
    if latent_dim is not None:
        latent_dim = as_whole("latent_dim", latent_dim, 1)
    if not getattr(generator, "inputs", None):
        if latent_dim is None:
            raise UserError("the generator is not built: use GAN(..., latent_dim=N), or give it a keras.Input")
        generator.latent_shape = (latent_dim,)
    elif latent_dim not in (None, latent_shape_of(generator)[-1]):
        raise UserError(f"latent_dim {latent_dim}: the generator takes latents {latent_shape_of(generator)}")
    latents = keras.KerasTensor((2, *latent_shape_of(generator)))
    labels = keras.KerasTensor((2,), "int32")
    images = outputs_of(generator, latents, labels, "the generator does not take latents")
    if isinstance(images, dict) or len(as_list(images)) > 1:
        raise UserError(f"the generator gives {told(images)}; it must give images")
    outputs = outputs_of(discriminator, images, labels, "the discriminator does not take the generator's images")
    if isinstance(outputs, dict) or len(as_list(outputs)) > 2:
        raise UserError(
            f"the discriminator gives {told(outputs)}; it must give one logit, or a list of that and class logits"
        )
    logits, *classes = as_list(outputs)
    if tuple(logits.shape[1:]) != (1,):
        raise UserError(f"the discriminator gives {tuple(logits.shape[1:])} for an image; it must give one logit, (1,)")
    if ends_in(generator) == "sigmoid":
        raise UserError("the generator ends in a sigmoid, and images lie in [-1, 1]: let it end in tanh")
    for number in range(1 + len(classes)):
        if found := ends_in(discriminator, number):
            raise UserError(f"the discriminator ends in a {found}, and the losses take logits: leave the {found} out")
    return tuple(images.shape[1:]), int(classes[0].shape[-1]) if classes else None


def refuse_inputs(network: Network, name: str) -> None:
    """Raise a `UserError` where a network asks for other inputs than latents or images, and labels as numbers."""
    inputs: Any = getattr(network, "inputs", None) or ()
    shapes = [tuple(tensor.shape[1:]) for tensor in inputs]
    if len(shapes) > 2 or any(shape not in ((), (1,)) for shape in shapes[1:]):
        first = "latents" if name == "generator" else "images"
        raise UserError(
            f"the {name} takes inputs of the shapes {', '.join(map(str, shapes))}: let it take {first}, or {first} and "
            "then labels, one number each: keras.Input(())"
        )
    if name == "generator" and inputs and (not shapes[0] or None in shapes[0]):
        raise UserError(f"the generator takes latents {shapes[0]}: let their shape be known, keras.Input((128,))")


def outputs_of(network: Network, inputs: Any, labels: Any, otherwise: str) -> Any:
    """What a network makes of inputs that are only shapes; one that is not built yet is, with zeros of these shapes.

    Raises:
        UserError: it does not take them; the message begins with `otherwise`.
    """
    expected: Any = getattr(network, "inputs", None)
    if expected:
        if tuple(expected[0].shape[1:]) != tuple(inputs.shape[1:]):
            raise UserError(f"{otherwise} {tuple(inputs.shape[1:])}: its inputs are {tuple(expected[0].shape[1:])}")
        if isinstance(named := getattr(network, "output", None), dict):
            return named
        return network.outputs if len(network.outputs) > 1 else network.outputs[0]
    try:
        zeros = [keras.ops.zeros((2, *tensor.shape[1:]), tensor.dtype) for tensor in (inputs, labels)]
        return network(network_inputs(network, *zeros))
    except Exception as error:
        raise UserError(f"{otherwise} {tuple(inputs.shape[1:])}: {first_line(error)}") from error


def told(outputs: Any) -> str:
    """What a network gives, in words."""
    return f"a dictionary of {', '.join(outputs)}" if isinstance(outputs, dict) else f"{len(outputs)} outputs"


def ends_in(network: Network, number: int = 0) -> str | None:
    """Which of "sigmoid" and "softmax" makes an output, but for changes of shape; None where neither is seen to.

    Args:
        number: of the output.
    """
    outputs = getattr(network, "outputs", None)
    if outputs:
        # There is no public way.
        last, node, number = outputs[number]._keras_history
        while isinstance(last, CHANGES_OF_SHAPE):
            last, node, number = last._inbound_nodes[node].input_tensors[0]._keras_history
    else:
        # A subclassed one, whose last layer most likely makes its output.
        last = next((layer for layer in reversed(network.layers) if not isinstance(layer, CHANGES_OF_SHAPE)), None)
    if isinstance(last, keras.Model):
        return ends_in(last, number)
    for function in (keras.activations.sigmoid, keras.activations.softmax) if outputs else (keras.activations.sigmoid,):
        name = function.__name__
        if getattr(last, "activation", None) is function or type(last).__name__ == name.capitalize():  # keras.ops
            return name
    return None


def random_states_of(network: Network) -> list[keras.Variable]:
    """The states of a network's own random numbers, such as dropout's, which Keras leaves out of files of weights."""
    weights = {id(variable) for variable in network.weights}
    return [variable for variable in network.variables if id(variable) not in weights]


def freeze_lower_layers(discriminator: Network, count: int) -> list[int]:
    """Keep the lower layers of a discriminator as they are (FreezeD, Mo et al. 2020, arXiv:2002.10964).

    Up to the layer that follows so many convolutions or dense layers, but for what is known of classes. A batch
    normalisation among them normalises with the statistics that it has.

    Returns:
        Which of the discriminator's layers learnt and are frozen now.

    Raises:
        UserError: none would be left to learn.
    """
    if not count:
        return []
    layers = [layer for layer in discriminator.layers if layer.weights]
    # A spectrally normalised layer lies in its wrapper.
    inner = [getattr(layer, "layer", layer) for layer in layers]
    places = [place for place, layer in enumerate(inner) if hasattr(layer, "kernel")]
    if count >= len(places):
        raise UserError(
            f"--freeze-discriminator {count}: the discriminator has {len(places)} convolutions and dense layers, "
            "the last of which must learn"
        )
    lower = zip(layers[: places[count]], inner)
    learning = [layer for layer, own in lower if layer.trainable and not isinstance(own, keras.layers.Embedding)]
    for layer in learning:
        layer.trainable = False
    return [place for place, layer in enumerate(discriminator.layers) if any(layer is frozen for frozen in learning)]


def as_list(value: Any) -> list[Any]:
    """A list or a tuple as a list, and anything else as the only part of one."""
    return list(value) if isinstance(value, (list, tuple)) else [value]
