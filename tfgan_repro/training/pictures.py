"""Pictures of a run that need its generator: they lie in the run's `report/`, for the page to take.

`report/pictures.json` names them with a title, an alternative text and a caption; what could not be made stands there
with the reason.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfgan_repro.data import is_at_hand, load_pictures
from tfgan_repro.errors import UserError
from tfgan_repro.files import write_json
from tfgan_repro.models.layers import SelfAttention
from tfgan_repro.metrics.neighbours import nearest_neighbours
from tfgan_repro.report.grids import image_grid, write_png
from tfgan_repro.runs.loading import Checkpoint, load_checkpoint
from tfgan_repro.models.generation import (
    GRID_CLASSES,
    fixed_latents,
    generate_images,
    images_by_class,
    images_of,
    is_conditional,
)

if TYPE_CHECKING:
    from tfgan_repro.data.pictures import PictureSet

FOLDER, FACTS = "report", "pictures.json"
SEED = 4
# Goes into the facts: pictures of another version are made anew.
VERSION = 1
COLUMNS, ROWS, NEAREST_IMAGES, ATTENTION_IMAGES = 8, 5, 8, 5
# Where the queries of the attention maps stand, as parts of the image's height and width.
QUERIES = ((0.5, 0.5), (0.2, 0.2), (0.8, 0.75))
# Training images whose pixels are compared at once.
CHUNK = 5000
# Pixels a side that small images are enlarged to where places in them are shown.
LARGE = 96


class LeftOut(Exception):
    """Why a picture is not made, in words."""


def make_pictures(path: Path | str) -> bool:
    """Make a run's pictures, unless they are there and of its present weights.

    Args:
        path: a run directory.

    Returns:
        Whether anything was made.

    Raises:
        UserError: no generator weights, or other weights than the run's.
    """
    path = Path(path)
    weights = weights_hash(path)
    if not needs_pictures(path):
        return False
    checkpoint = load_checkpoint(path)
    folder = path / FOLDER
    folder.mkdir(exist_ok=True)
    pictures, left_out = [], []
    for name, (title, make) in PICTURES.items():
        try:
            picture, alternative, caption = make(checkpoint)
        except (LeftOut, UserError) as reason:
            left_out.append({"title": title, "why": str(reason)})
            continue
        write_png(folder / f"{name}.png", picture)
        pictures.append({"file": f"{name}.png", "title": title, "alternative": alternative, "caption": caption})
    write_json(folder / FACTS, {"version": VERSION, "weights": weights, "pictures": pictures, "left_out": left_out})
    keras.backend.clear_session()
    return True


def weights_hash(path: Path | str) -> str | None:
    """A hash of the run's generator weights, or None where there are none."""
    file = Path(path) / "generator.weights.h5"
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16] if file.is_file() else None


def needs_pictures(path: Path | str) -> bool:
    """Whether a run has generator weights and no pictures of them."""
    weights = weights_hash(path)
    try:
        facts = json.loads((Path(path) / FOLDER / FACTS).read_text(encoding="utf-8"))
        present = (facts["version"], facts["weights"]) == (VERSION, weights)
    except (OSError, ValueError, KeyError, TypeError):
        present = False
    return weights is not None and not present


def make_all(paths: Iterable[Path | str]) -> None:
    """Make the pictures of several runs; what cannot be made is told on standard error and left out."""
    for path in paths:
        print(f"pictures of {path}", file=sys.stderr)
        try:
            make_pictures(path)
        except UserError as error:
            print(f"warning: no pictures of {path}: {error}", file=sys.stderr)


def class_rows(checkpoint: Checkpoint) -> tuple[np.ndarray, str, str]:
    """A row of images a class, the class's name beside it."""
    if not is_conditional(checkpoint.generator):
        raise LeftOut("the generator is not told a class")
    names = list(checkpoint.classes)[:GRID_CLASSES]
    images = images_by_class(checkpoint.generator, COLUMNS, SEED, len(names))
    picture = with_row_names(image_grid(images, COLUMNS), names)
    listed = ", ".join(names)
    return (
        picture,
        f"{len(names)} rows of {COLUMNS} generated images, one class a row: {listed}",
        f"One class a row, from the top: {listed}. The latents are the same in each row.",
    )


def interpolations(checkpoint: Checkpoint) -> tuple[np.ndarray, str, str]:
    """Images on great circles between two latents, a row each."""
    generator = checkpoint.generator
    ends = fixed_latents(2 * ROWS, checkpoint.config.latent_dim, SEED)
    latents = np.concatenate([spherical(first, last, COLUMNS) for first, last in ends.reshape(ROWS, 2, -1)])
    labels = None
    if is_conditional(generator):
        labels = np.repeat(np.arange(ROWS, dtype=np.int32) % len(checkpoint.classes), COLUMNS)
    return (
        image_grid(images_of(generator, latents, labels), COLUMNS),
        f"{ROWS} rows of {COLUMNS} generated images, each row passing gradually from its first to its last image",
        "From left to right the latents turn from one to another (spherically: their length stays that of a normal "
        "vector). A generator that has learnt its images by heart would jump.",
    )


def spherical(first: np.ndarray, last: np.ndarray, count: int) -> np.ndarray:
    """Vectors from one to another along the great circle between their directions (White 2016, arXiv:1609.04468).

    Args:
        first: float32 `[dimension]`.
        last: of the same shape.
        count: how many, both ends among them.

    Returns:
        float32 `[count, dimension]`.
    """
    cosine = np.dot(first, last) / (np.linalg.norm(first) * np.linalg.norm(last))
    angle = np.arccos(np.clip(cosine, -1.0, 1.0))
    places = np.linspace(0.0, 1.0, count)[:, None]
    if np.sin(angle) < 1e-6:
        return ((1 - places) * first + places * last).astype(np.float32)
    return ((np.sin((1 - places) * angle) * first + np.sin(places * angle) * last) / np.sin(angle)).astype(np.float32)


def nearest_training_images(checkpoint: Checkpoint) -> tuple[np.ndarray, str, str]:
    """Generated images, and below each the training image nearest to it."""
    config, generator = checkpoint.config, checkpoint.generator
    if not is_at_hand(config.dataset, config.data_dir):
        raise LeftOut(f"{config.dataset} is not on this machine, and nothing is downloaded for a page")
    training = load_pictures(config.dataset, "train", config.data_dir, config.image_size, config.preparation)
    labels = None
    if is_conditional(generator):
        labels = np.arange(NEAREST_IMAGES, dtype=np.int32) % len(checkpoint.classes)
    images = generate_images(generator, NEAREST_IMAGES, SEED, labels)
    if images.shape[1:] != training.image_shape:
        raise LeftOut(f"{config.dataset} has images of another size now")
    nearest, distances = nearest_pixels(images, training)
    per_pixel = np.sqrt(distances / images[0].size)
    return (
        image_grid(np.concatenate([images, training.read(nearest)]), NEAREST_IMAGES),
        f"{NEAREST_IMAGES} generated images above, the nearest training image below each",
        f"Above: generated. Below: the nearest of {len(training):,} training images by the distance of their pixels; "
        f"it is {per_pixel.min():.0f} to {per_pixel.max():.0f} levels a pixel (of 255, root mean square). A copy would "
        "be near 0.",
    )


def nearest_pixels(images: np.ndarray, training: "PictureSet") -> tuple[np.ndarray, np.ndarray]:
    """The place of the nearest of the `Pictures` for each image, and the squared distance; both `[count]`."""
    flat = images.reshape(len(images), -1).astype(np.float32)
    places, distances = np.zeros(len(images), np.int64), np.full(len(images), np.inf)
    for start in range(0, len(training), CHUNK):
        part = training.read(np.arange(start, min(start + CHUNK, len(training))))
        found, where = nearest_neighbours(flat, part.reshape(len(part), -1).astype(np.float32))
        nearer = found[:, 0] < distances
        places[nearer], distances[nearer] = start + where[nearer, 0], found[nearer, 0]
    return places, distances


def attention_maps(checkpoint: Checkpoint) -> tuple[np.ndarray, str, str]:
    """Generated images with three places marked, and where each of them looks."""
    generator = checkpoint.generator
    layers = [layer for layer in generator.layers if isinstance(layer, SelfAttention)]
    if not layers:
        raise LeftOut("the generator has no self-attention")
    layer = layers[0]
    before = keras.Model(generator.inputs, layer.input)
    latents = fixed_latents(ATTENTION_IMAGES, checkpoint.config.latent_dim, SEED)
    inputs: np.ndarray | list[np.ndarray] = latents
    if is_conditional(generator):
        labels = np.arange(ATTENTION_IMAGES, dtype=np.int32) % len(checkpoint.classes)
        inputs = [latents, labels]
    features = before(inputs, training=False)
    weights = keras.ops.convert_to_numpy(layer.attend(features)[1])
    images = images_of(generator, latents, None if inputs is latents else labels)
    height, width = features.shape[1:3]
    keys = (-(-height // 2), -(-width // 2))
    tiles = []
    for image, looks in zip(images, weights):
        large = enlarged(image)
        tiles.append(marked(large, QUERIES))
        for row, column in QUERIES:
            place = int(row * height) * width + int(column * width)
            tiles.append(marked(lit(large, looks[place].reshape(keys)), ((row, column),)))
    gamma = float(keras.ops.convert_to_numpy(layer.gamma))
    count = len(QUERIES)
    return (
        image_grid(np.stack(tiles), count + 1),
        f"{ATTENTION_IMAGES} generated images with {count} places marked by a ring, and beside each the image lit "
        "where one of these places looks",
        f"Left: generated images with {count} places marked. Then, for each place, the image lit where attention looks "
        f"({keys[0]}x{keys[1]} places it can look at, brightest where most). What it finds is added times "
        f"{gamma:.3f}, which training began at 0.",
    )


def enlarged(image: np.ndarray) -> np.ndarray:
    """An image as uint8 RGB with at least 96 pixels a side, each pixel a square of several."""
    factor = max(1, -(-LARGE // image.shape[0]))
    image = np.repeat(np.repeat(image, factor, axis=0), factor, axis=1)
    return np.broadcast_to(image, (*image.shape[:2], 3))


def lit(image: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """An image, dark but where the weights `[rows, columns]` are large."""
    picture = Image.fromarray((255 * weights / weights.max()).astype(np.uint8))
    light = np.asarray(picture.resize(image.shape[1::-1], Image.Resampling.BILINEAR), np.float32)[..., None] / 255
    return (image * (0.12 + 0.88 * light)).astype(np.uint8)


def marked(image: np.ndarray, places: Iterable[tuple[float, float]]) -> np.ndarray:
    """An image with rings, black in white, so that they show on any ground."""
    canvas = Image.fromarray(np.ascontiguousarray(image))
    draw = ImageDraw.Draw(canvas)
    radius = image.shape[0] // 16
    for row, column in places:
        x, y = column * image.shape[1], row * image.shape[0]
        for extent, colour in ((radius + 1, (255, 255, 255)), (radius, (0, 0, 0)), (radius - 1, (255, 255, 255))):
            draw.ellipse((x - extent, y - extent, x + extent, y + extent), outline=colour)
    return np.asarray(canvas)


def with_row_names(grid: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """A grid of one row a name, with the names on a white strip at its left."""
    row = grid.shape[0] / len(names)
    font = ImageFont.load_default(size=max(9, min(16, int(row / 2.2))))
    strip = 8 + int(max(font.getlength(name) for name in names))
    canvas = Image.new("RGB", (grid.shape[1] + strip, grid.shape[0]), (255, 255, 255))
    canvas.paste(Image.fromarray(grid), (strip, 0))
    draw = ImageDraw.Draw(canvas)
    for index, name in enumerate(names):
        draw.text((4, (index + 0.5) * row), name, fill=(0, 0, 0), font=font, anchor="lm")
    return np.asarray(canvas)


# By file name: the title, and what makes it from a `Checkpoint`: the picture, its alternative text and its caption.
PICTURES = {
    "classes": ("A row a class", class_rows),
    "interpolations": ("Between latents", interpolations),
    "nearest": ("Nearest training images", nearest_training_images),
    "attention": ("Where attention looks", attention_maps),
}
