"""A generator for others: in a format that lives without its run, with pictures and a model card."""

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

import keras
import numpy as np

from tfgan_repro.files import filled_folder
from tfgan_repro.report.grids import image_grid, write_png
from tfgan_repro.sampling import EXPORTS
from tfgan_repro.sampling.card import CARD, SAMPLES, model_card
from tfgan_repro.sampling.latents import latents_of
from tfgan_repro.sampling.stream import origin
from tfgan_repro.models.generation import grid_images, is_conditional
from tfgan_repro.types import Network

if TYPE_CHECKING:
    from tfgan_repro.sampling.request import Request
    from tfgan_repro.runs.loading import Checkpoint


# Numbers of images at once, to see that an export takes any.
CHECKED = (1, 5)
# In grey levels of 255: what is within it is the same picture up to the last rounding.
TOLERANCE = 0.1
SEED = 1


def largest_difference(generator: Network, exported: Callable) -> float:
    """How far the images of an exported generator are from the original's.

    Args:
        generator: a Keras model.
        exported: a function as `Format.load` returns it.

    Returns:
        The largest difference of all pixels, in grey levels of 255.
    """
    differences = []
    for count in CHECKED:
        latents = latents_of(count, generator.inputs[0].shape[-1], SEED)
        labels = np.arange(count, dtype=np.int32) % 2 if is_conditional(generator) else None
        inputs = latents if labels is None else [latents, labels]
        expected = keras.ops.convert_to_numpy(generator(inputs, training=False))
        differences.append(np.abs(exported(latents, labels) - expected).max() * 127.5)
    return float(max(differences))


def write_export(checkpoint: "Checkpoint", request: "Request") -> str:
    """Write an exported generator, read it back, compare its images, and describe it in a model card.

    Args:
        checkpoint: a `Checkpoint`.
        request: a `Request` with `export`.

    Returns:
        A line on what was written.

    Raises:
        RuntimeError: what was written makes other images.
    """
    form = EXPORTS.load(str(request.export))
    with filled_folder(request.output) as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            form.write(checkpoint.generator, folder / form.file)
            difference = largest_difference(checkpoint.generator, form.load(folder / form.file))
        if not difference <= TOLERANCE:
            raise RuntimeError(f"{form.file} differs from the generator by {difference:.3g} grey levels")
        images, columns = grid_images(checkpoint.generator, SEED, checkpoint.classes)
        write_png(folder / SAMPLES, image_grid(images, columns))
        (folder / CARD).write_text(model_card(checkpoint, form, difference, TOLERANCE), encoding="utf-8")
    return f"{form.file} and its model card, a generator {origin(checkpoint)}: {request.output}"
