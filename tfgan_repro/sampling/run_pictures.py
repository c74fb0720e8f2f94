"""What a report shows of a run's generator: the pictures lie in the run's `report/`, where the page finds them.

`report/pictures.json` names them with a title, an alternative text and a caption; what could not be made stands there
with the reason.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np

from tfgan_repro.data import is_at_hand
from tfgan_repro.errors import UserError
from tfgan_repro.files import file_hash, write_json
from tfgan_repro.metrics.neighbours import nearest_neighbours
from tfgan_repro.models.generation import GRID_CLASSES, fixed_latents, generate_images, images_by_class, images_of
from tfgan_repro.report.grids import image_grid, named_rows, write_png
from tfgan_repro.report.run_section import FACTS, FOLDER
from tfgan_repro.runs.directory import RunDirectory
from tfgan_repro.runs.loading import Checkpoint, load_checkpoint
from tfgan_repro.sampling.attention import POINTS, attention_layer, attention_picture, strength_of
from tfgan_repro.sampling.latents import spherical

if TYPE_CHECKING:
    from tfgan_repro.data.pictures import PictureSet

SEED = 4
# Goes into the facts: pictures of another version are made anew. The second has a legend beside attention maps.
VERSION = 2
COLUMNS, ROWS, NEAREST_IMAGES, ATTENTION_IMAGES = 8, 5, 8, 5
# Training images whose pixels are compared at once.
CHUNK = 5000


class LeftOut(Exception):
    """Why a picture is not made, in words."""


class NoData(LeftOut):
    """The training pictures are away, perhaps for a while: with them the picture can be made."""


def make_pictures(path: Path | str) -> None:
    """Make a run's pictures, unless it has no generator weights or the pictures are there and of these.

    Args:
        path: a run directory.

    Raises:
        UserError: other weights than the run's.
    """
    path = Path(path)
    weights = weights_hash(path)
    if weights is None or not needs_pictures(path, weights):
        return
    checkpoint = load_checkpoint(path, exact=True)
    folder = path / FOLDER
    folder.mkdir(exist_ok=True)
    pictures, left_out = [], []
    for name, (title, make) in PICTURES.items():
        try:
            picture, alternative, caption = make(checkpoint)
        except (LeftOut, UserError) as reason:
            left_out.append({"title": title, "why": str(reason), "for_want_of_data": isinstance(reason, NoData)})
            continue
        write_png(folder / f"{name}.png", picture)
        pictures.append({"file": f"{name}.png", "title": title, "alternative": alternative, "caption": caption})
    write_json(folder / FACTS, {"version": VERSION, "weights": weights, "pictures": pictures, "left_out": left_out})
    keras.backend.clear_session()


def weights_hash(path: Path | str) -> str | None:
    """A hash of the run's generator weights, or None where there are none."""
    file = RunDirectory(path).generator_weights
    return file_hash(file)[:16] if file.is_file() else None


def needs_pictures(path: Path | str, weights: str) -> bool:
    """Whether a run has no pictures of its weights, given their hash, or more can be made since its data are back."""
    try:
        facts = json.loads((Path(path) / FOLDER / FACTS).read_text(encoding="utf-8"))
        awaited = any(entry.get("for_want_of_data") for entry in facts["left_out"])
        if (facts["version"], facts["weights"]) != (VERSION, weights):
            return True
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return True
    config = RunDirectory(path).read_config()[0]
    return awaited and is_at_hand(config.dataset, config.data_dir)


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
    if not checkpoint.conditional:
        raise LeftOut("the generator is unconditional")
    names = list(checkpoint.classes)[:GRID_CLASSES]
    images = images_by_class(checkpoint.generator, COLUMNS, SEED, len(names))
    picture = named_rows(image_grid(images, COLUMNS), names, size=16)
    listed = ", ".join(names)
    return (
        picture,
        f"{len(names)} rows of {COLUMNS} generated images, one class a row: {listed}",
        f"One class a row, from the top: {listed}. The latents are the same in each row.",
    )


def interpolations(checkpoint: Checkpoint) -> tuple[np.ndarray, str, str]:
    """Images on great circles between two latents, a row each."""
    first, last = fixed_latents(2 * ROWS, checkpoint.latent_dim, SEED).reshape(ROWS, 2, -1).swapaxes(0, 1)
    latents = np.concatenate([spherical(first, last, share) for share in np.linspace(0, 1, COLUMNS)])
    labels = classes_in_turn(checkpoint, ROWS)
    images = images_of(checkpoint.generator, latents, None if labels is None else np.tile(labels, COLUMNS))
    # From a column after the other to a row after the other.
    images = images.reshape(COLUMNS, ROWS, *images.shape[1:]).swapaxes(0, 1).reshape(images.shape)
    return (
        image_grid(images, COLUMNS),
        f"{ROWS} rows of {COLUMNS} generated images, each row passing gradually from its first to its last image",
        "From left to right the latents turn from one to another (spherically: their length stays that of a normal "
        "vector). A generator that has learnt its images by heart would jump.",
    )


def nearest_training_images(checkpoint: Checkpoint) -> tuple[np.ndarray, str, str]:
    """Generated images, and below each the training image nearest to it."""
    config = checkpoint.config
    if not is_at_hand(config.dataset, config.data_dir):
        raise NoData(f"{config.dataset} is not on this machine, and nothing is downloaded for a page")
    training = config.load_pictures("train")
    labels = classes_in_turn(checkpoint, NEAREST_IMAGES)
    images = generate_images(checkpoint.generator, NEAREST_IMAGES, SEED, labels)
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


def attention(checkpoint: Checkpoint) -> tuple[np.ndarray, str, str]:
    """Generated images with points marked, and where each of them looks."""
    layer = attention_layer(checkpoint.generator)
    if layer is None:
        raise LeftOut("the generator has no self-attention")
    latents, names = fixed_latents(ATTENTION_IMAGES, checkpoint.latent_dim, SEED), list(checkpoint.classes)
    labels = classes_in_turn(checkpoint, ATTENTION_IMAGES)
    count = len(POINTS)
    return (
        attention_picture(checkpoint.generator, layer, latents, labels, names),
        f"{ATTENTION_IMAGES} generated images with {count} points marked, and beside each the image in grey, coloured "
        "where one of these points looks",
        f"Left: generated images with {count} points marked. Then, for each point, the image in grey with the places "
        "that the point attends to in its colour. The output of the attention is multiplied by "
        f"{strength_of(layer):.3f}, which was 0 when training began.",
    )


def classes_in_turn(checkpoint: Checkpoint, count: int) -> np.ndarray | None:
    """Labels int32 `[count]` that take the classes in turn, or None for an unconditional generator."""
    return np.arange(count, dtype=np.int32) % len(checkpoint.classes) if checkpoint.conditional else None


# By file name: the title, and what makes it from a `Checkpoint`: the picture, its alternative text and its caption.
PICTURES = {
    "classes": ("A row a class", class_rows),
    "interpolations": ("Between latents", interpolations),
    "nearest": ("Nearest training images", nearest_training_images),
    "attention": ("Where attention looks", attention),
}
