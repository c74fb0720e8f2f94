"""Where a generator's self-attention looks, drawn over what it makes (as figure 1 of Zhang et al. 2019)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfgan_repro.errors import UserError
from tfgan_repro.models.generation import images_of
from tfgan_repro.models.layers import SelfAttention
from tfgan_repro.report.grids import MARGIN, enlarged, image_grid, named_rows, write_png
from tfgan_repro.runs.loading import Checkpoint, labels_for
from tfgan_repro.sampling.latents import latents_of
from tfgan_repro.types import Network

if TYPE_CHECKING:
    from tfgan_repro.sampling.request import Request

# The points whose attention is shown: their name, their place as shares of height and width, and their colour.
POINTS = (
    ("centre", (0.5, 0.5), (230, 40, 40)),
    ("top left", (0.25, 0.25), (30, 110, 240)),
    ("top right", (0.25, 0.75), (20, 160, 60)),
    ("bottom left", (0.75, 0.25), (240, 150, 0)),
    ("bottom right", (0.75, 0.75), (170, 50, 200)),
)
SIDE = 128  # pixels that an image is enlarged to, by a whole number
RADIUS = 4
LINE = 20  # pixels, of a line of text


def attention_layer(generator: Network) -> SelfAttention | None:
    """A generator's first `SelfAttention`, or None."""
    return next((layer for layer in generator.layers if isinstance(layer, SelfAttention)), None)


def attention_maps(
    generator: Network, layer: SelfAttention, latents: np.ndarray, labels: np.ndarray | None = None
) -> np.ndarray:
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
    places = [int(top * height) * width + int(left * width) for _, (top, left), _ in POINTS]
    weights = keras.ops.convert_to_numpy(layer.attend(features)[1])[:, places]
    return weights.reshape(*weights.shape[:2], -(-height // 2), -(-width // 2))


def attention_picture(
    generator: Network,
    layer: SelfAttention,
    latents: np.ndarray,
    labels: np.ndarray | None,
    class_names: Sequence[str] = (),
    batch_size: int = 250,
) -> np.ndarray:
    """A row for each generated image: the image with its points, then where each of them looks; with a legend.

    Args:
        generator: a Keras model.
        layer: its `SelfAttention`.
        latents: `[count, latent_dim]`.
        labels: int `[count]`, or None for an unconditional generator.
        class_names: by number; the names of the rows where there are labels.
        batch_size: images that the generator makes at once.

    Returns:
        uint8 `[height, width, 3]`.
    """
    panels: list[np.ndarray] = []
    for start in range(0, len(latents), batch_size):
        part = slice(start, start + batch_size)
        some = None if labels is None else labels[part]
        maps = attention_maps(generator, layer, latents[part], some)
        panels += map(attention_panels, images_of(generator, latents[part], some), maps)
    grid = image_grid(np.concatenate(panels), columns=1 + len(POINTS))
    picture = with_legend(grid)
    if labels is not None:
        names = [class_names[label] for label in labels]
        named = named_rows(grid, names)
        picture = np.pad(picture, ((0, 0), (named.shape[1] - grid.shape[1], 0), (0, 0)), constant_values=255)
        picture[LINE : LINE + len(named)] = named
    return picture


def attention_panels(image: np.ndarray, maps: np.ndarray) -> np.ndarray:
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
    panels = [with_points(picture, POINTS)]
    for point, weights in zip(POINTS, maps):
        strength = np.asarray(Image.fromarray(weights / weights.max()).resize(size, Image.Resampling.BILINEAR))
        panel = grey + strength[..., None] * (np.array(point[2]) - grey)
        panels.append(with_points(panel.astype(np.uint8), [point]))
    return np.stack(panels)


def with_points(panel: np.ndarray, points: Sequence[tuple]) -> np.ndarray:
    """A picture with some of the `POINTS` as dots of their colours."""
    canvas = Image.fromarray(panel)
    pen = ImageDraw.Draw(canvas)
    for _, (top, left), colour in points:
        row, column = top * panel.shape[0], left * panel.shape[1]
        pen.ellipse((column - RADIUS, row - RADIUS, column + RADIUS, row + RADIUS), fill=colour, outline=(255,) * 3)
    return np.asarray(canvas)


def with_legend(grid: np.ndarray) -> np.ndarray:
    """A grid of `attention_panels`, with a heading above each column and the scale of the colours below."""
    height, width = grid.shape[:2]
    canvas = Image.new("RGB", (width, height + 2 * LINE), (255, 255, 255))
    canvas.paste(Image.fromarray(grid), (0, LINE))
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(size=12)
    pitch, middle = (width - MARGIN) / (1 + len(POINTS)), LINE // 2
    for column, (name, _, colour) in enumerate([("generated", None, None), *POINTS]):
        left = column * pitch + MARGIN
        if colour:
            pen.ellipse((left, middle - RADIUS, left + 2 * RADIUS, middle + RADIUS), fill=colour)
            left += 2 * RADIUS + 3
        pen.text((left, middle), name, (0, 0, 0), font, anchor="lm")
    below = height + LINE + middle
    words = "a point's weight on each place:  0 "
    left = MARGIN + int(font.getlength(words))
    pen.text((MARGIN, below), words, (0, 0, 0), font, anchor="lm")
    red = np.array(POINTS[0][2])
    for step in range(80):
        colour = tuple((64 + step / 79 * (red - 64)).astype(int).tolist())
        pen.line((left + step, below - 5, left + step, below + 5), fill=colour)
    pen.text((left + 84, below), "the map's largest", (0, 0, 0), font, anchor="lm")
    return np.asarray(canvas)


def strength_of(layer: SelfAttention) -> float:
    """Gamma, what the layer's findings are multiplied by before they are added: 0 when training begins."""
    return float(keras.ops.convert_to_numpy(layer.gamma))


def write_attention(checkpoint: Checkpoint, request: "Request") -> str:
    """Write a picture with a row for each generated image; returns a line on what was written.

    Raises:
        UserError: the generator has no self-attention.
    """
    layer = attention_layer(checkpoint.generator)
    if layer is None:
        raise UserError(
            f"--attention: the generator of {checkpoint.run.path} ({checkpoint.config.model}) has no self-attention"
        )
    count = request.number
    labels = labels_for(checkpoint, count, request.classes, request.seed)
    latents = latents_of(count, checkpoint.latent_dim, request.seed, request.truncation)
    picture = attention_picture(
        checkpoint.generator, layer, latents, labels, list(checkpoint.classes), request.batch_size
    )
    write_png(request.output, picture)
    gamma = strength_of(layer)
    return f"attention in {count:,} pictures {checkpoint.origin} (its factor gamma is {gamma:.3g}): {request.output}"
