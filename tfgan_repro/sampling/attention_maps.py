"""Where a generator's self-attention looks, drawn over what it makes (as figure 1 of Zhang et al. 2019)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from PIL import Image, ImageDraw

from tfgan_repro.errors import UserError
from tfgan_repro.models.layers import SelfAttention
from tfgan_repro.report.grids import enlarged, image_grid, write_png
from tfgan_repro.runs.loading import labels_for
from tfgan_repro.sampling.latents import latents_of
from tfgan_repro.sampling.stream import origin
from tfgan_repro.models.generation import images_of
from tfgan_repro.types import Network

if TYPE_CHECKING:
    from tfgan_repro.sampling.request import Request
    from tfgan_repro.runs.loading import Checkpoint


# The points that are asked where they look, as shares of height and width, and their colours.
POINTS = {
    (0.5, 0.5): (230, 40, 40),
    (0.25, 0.25): (30, 110, 240),
    (0.25, 0.75): (20, 160, 60),
    (0.75, 0.25): (240, 150, 0),
    (0.75, 0.75): (170, 50, 200),
}
SIDE = 128
RADIUS = 4


def attention_layer(checkpoint: "Checkpoint") -> Any:
    """The generator's `SelfAttention`.

    Raises:
        UserError: there is none.
    """
    found = [layer for layer in checkpoint.generator.layers if isinstance(layer, SelfAttention)]
    if not found:
        raise UserError(
            f"--attention: the generator of {checkpoint.run.path} ({checkpoint.config.model}) has no self-attention"
        )
    return found[0]


def attention_maps(generator: Network, layer: Any, latents: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
    """How much each of the `POINTS` of generated images takes from everywhere.

    Args:
        generator: a Keras model.
        layer: its `SelfAttention`.
        latents: `[count, latent_dim]`.
        labels: int `[count]`, or None for an unconditional generator.

    Returns:
        float32 `[count, points, rows, columns]` that sum to 1 over each map, which has half the layer's rows and
        columns.
    """
    before = keras.Model(generator.inputs, layer.input)
    features = before(latents if labels is None else [latents, labels], training=False)
    height, width = features.shape[1:3]
    places = [int(top * height) * width + int(left * width) for top, left in POINTS]
    weights = keras.ops.convert_to_numpy(layer.attend(features)[1])[:, places]
    return weights.reshape(*weights.shape[:2], -(-height // 2), -(-width // 2))


def drawn(image: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """An image with its points, and for each of them the image in grey with what the point looks at in its colour.

    The colour is as strong as the weight, relative to the largest of the map.

    Args:
        image: uint8 `[height, width, 1 or 3]`.
        maps: float `[points, rows, columns]`.

    Returns:
        uint8 `[1 + points, larger height, larger width, 3]`.
    """
    picture = enlarged(np.broadcast_to(image, (*image.shape[:2], 3)), SIDE, most=SIDE)
    grey = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2) / 2
    size = picture.shape[1::-1]
    panels = [picture]
    for weights, colour in zip(maps, POINTS.values()):
        strength = np.asarray(Image.fromarray(weights / weights.max()).resize(size, Image.Resampling.BILINEAR))
        panels.append((grey + strength[..., None] * (np.array(colour) - grey)).astype(np.uint8))
    dots = list(POINTS.items())
    return np.stack([with_dots(panels[0], dots), *(with_dots(panel, [dot]) for panel, dot in zip(panels[1:], dots))])


def with_dots(panel: np.ndarray, dots: Iterable[Any]) -> np.ndarray:
    """A picture with points and their colours."""
    canvas = Image.fromarray(panel)
    draw = ImageDraw.Draw(canvas)
    for (top, left), colour in dots:
        row, column = top * panel.shape[0], left * panel.shape[1]
        draw.ellipse((column - RADIUS, row - RADIUS, column + RADIUS, row + RADIUS), fill=colour, outline=(255,) * 3)
    return np.asarray(canvas)


def write_attention(checkpoint: "Checkpoint", request: "Request") -> str:
    """Write a picture with a row for each generated image; returns a line on what was written."""
    layer = attention_layer(checkpoint)
    generator, count = checkpoint.generator, request.number
    labels = labels_for(checkpoint, count, request.classes, request.seed)
    latents = latents_of(count, generator.inputs[0].shape[-1], request.seed, request.truncation)
    rows: list = []
    for start in range(0, count, request.batch_size):
        part = slice(start, start + request.batch_size)
        some = None if labels is None else labels[part]
        maps = attention_maps(generator, layer, latents[part], some)
        rows += map(drawn, images_of(generator, latents[part], some), maps)
    write_png(request.output, image_grid(np.concatenate(rows), columns=1 + len(POINTS)))
    gamma = float(keras.ops.convert_to_numpy(layer.gamma))
    return f"attention in {count:,} pictures {origin(checkpoint)} (its factor gamma is {gamma:.3g}): {request.output}"
