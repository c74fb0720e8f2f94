"""A generator for others: in a format that lives without its run, with pictures and a model card."""

import contextlib
import shlex
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

import tfgan_repro
from tfgan_repro.choices import Kind, words_of
from tfgan_repro.config import TrainConfig
from tfgan_repro.data import SOURCES
from tfgan_repro.data.licences import data_licence
from tfgan_repro.data.names import short_name
from tfgan_repro.errors import UserError
from tfgan_repro.files import filled_folder, read_json_lines
from tfgan_repro.metrics.printing import in_print, number
from tfgan_repro.metrics.protocol import Protocol
from tfgan_repro.models.generation import grid_images
from tfgan_repro.models.layers import BatchNormalization
from tfgan_repro.report.grids import image_grid, write_png
from tfgan_repro.runs.loading import Checkpoint
from tfgan_repro.runs.origin import find_origin
from tfgan_repro.sampling import EXPORTS
from tfgan_repro.sampling.formats import Format
from tfgan_repro.sampling.latents import latents_of
from tfgan_repro.types import Network

if TYPE_CHECKING:
    from tfgan_repro.sampling.request import Request

CARD, SAMPLES = "README.md", "samples.png"
# Numbers of images at once, to see that an export takes any.
CHECKED = (1, 5)
# In grey levels of 255: what is within it is the same picture up to the last rounding.
TOLERANCE = 0.1
SEED = 1


def write_export(checkpoint: Checkpoint, request: "Request") -> str:
    """Write an exported generator, read it back, compare its images, and describe it in a model card.

    Args:
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
        (folder / CARD).write_text(model_card(checkpoint, form, difference), encoding="utf-8")
    return f"{form.file} and its model card, a generator {checkpoint.origin}: {request.output}"


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
        labels = np.arange(count, dtype=np.int32) % 2 if len(generator.inputs) > 1 else None
        inputs = latents if labels is None else [latents, labels]
        expected = keras.ops.convert_to_numpy(generator(inputs, training=False))
        differences.append(np.abs(exported(latents, labels) - expected).max() * 127.5)
    return float(max(differences))


def training_command(config: TrainConfig) -> str:
    """The words that train such a model, as far as they differ from its recipe.

    Of the machine's paths only the last part is told, where a reader puts his own. An experiment is left out: what it
    chooses is said, and what differs from it without differing from the recipe would not be.
    """
    first = {"model": config.model, "dataset": SOURCES.last_part(config.dataset), "recipe": config.recipe}
    scored: tuple[Kind, ...] = ("score",) if config.fid_every else ()
    differing = config.beside_recipe("training", "seed", "machine", *scored)
    if config.from_ is not None:
        differing["from_"] = Path(config.from_).name
        # What is not said would be the other run's, as far as that is still there to be asked.
        with contextlib.suppress(UserError):
            theirs = find_origin(config.from_).choices
            differing |= {name: getattr(config, name) for name in theirs if getattr(config, name) != theirs[name]}
    return f"python train.py {shlex.join(words_of({**first, **differing}))}"


def scores_of(checkpoint: Checkpoint) -> list[dict[str, Any]]:
    """The scores of `evaluations.jsonl` for these weights; of those of one protocol the last."""
    rows = {}
    for row in read_json_lines(checkpoint.run.evaluations):
        # A look for leaks of augmentations is no score: it names no extractor.
        if row["value"] is None or "extractor" not in row:
            continue
        if row["step"] == checkpoint.step and row.get("generator_weights", checkpoint.weights) == checkpoint.weights:
            # Older rows do not say which weights were scored.
            rows[str(replace(Protocol.of(row), generator_weights=checkpoint.weights))] = row
    return list(rows.values())


def score_table(rows: list[dict[str, Any]], image_size: Any) -> str:
    """Scores with their protocol as a Markdown table, or what to do where there are none.

    Args:
        rows: of `evaluations.jsonl`.
        image_size: pixels a side of the generator's images, as in `Protocol`.
    """
    if not rows:
        return "None recorded for these weights; `python evaluate.py --checkpoint RUN` makes one.\n"
    lines = [
        "| score | value | 95 % interval | real against real | images | extractor | resize | precision | seed |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        name, times = in_print(row["metric"])
        interval = " to ".join(number(times * value) for value in row["interval"]) if row.get("interval") else ""
        real = "" if row.get("real_vs_real") is None else number(times * row["real_vs_real"])
        images = f"{row['generated_images']:,} against {row['real_images']:,} of {row['split']}"
        if row.get("image_size") not in (None, image_size):
            images += f"; brought to {row['image_size']} pixels a side"
        extractor = f"{row['extractor']}, {row['features']} features, weights {row['weights_sha256']}"
        if row.get("standing_statistics"):
            images += f"; standing statistics of {row['standing_statistics']}"
        cells = (name, number(times * row["value"]), interval, real, images, extractor)
        protocol = (row["resize"], row.get("precision", ""), row["seed"])
        lines.append(f"| {' | '.join(map(str, cells + protocol))} |")
    return "\n".join(lines) + (
        "\n\nSmaller is better for distances. *Real against real* is what real images score in the generated ones' "
        "place.\nScores of other protocols are on other scales and cannot be compared with these.\n"
    )


def own_layers(generator: Network) -> list[str]:
    """The names of this package's layers in a generator, without which `keras` alone cannot load it."""
    kinds = {type(layer) for layer in generator.layers} - {BatchNormalization}
    return sorted(kind.__name__ for kind in kinds if kind.__module__.startswith(f"{tfgan_repro.__name__}."))


def loading_code(generator: Network, form: Format, num_classes: int) -> str:
    """Python that loads the generator in its folder and makes 16 pictures.

    Args:
        generator: a Keras model.
        form: a `Format`.
        num_classes: of the labels.
    """
    names = [tensor.name for tensor in generator.inputs]
    height, width, channels = generator.outputs[0].shape[1:]
    lines = [form.imports]
    if not form.standalone and own_layers(generator):
        lines.append(f"from {tfgan_repro.__name__} import layers  # {', '.join(own_layers(generator))}")
    lines += ["", form.loading]
    latent_dim = generator.inputs[0].shape[-1]
    lines.append(f"latents = np.random.default_rng(1).standard_normal((16, {latent_dim}), np.float32)")
    if len(names) > 1:
        lines.append(f"labels = np.arange(16, dtype=np.int32) % {num_classes}")
    lines += [
        f"images = np.asarray({form.call(names)})  # float32 [16, {height}, {width}, {channels}] in [-1, 1]",
        "pixels = np.clip(np.rint((images + 1) * 127.5), 0, 255).astype(np.uint8)",
    ]
    return "\n".join(lines)


def model_card(checkpoint: Checkpoint, form: Format, difference: float) -> str:
    """The text of a model card, Markdown.

    Args:
        checkpoint: a `Checkpoint`.
        form: the `Format` that the generator was exported in.
        difference: of the exported generator's images from the original's, in grey levels.
    """
    config, generator, classes = checkpoint.config, checkpoint.generator, checkpoint.classes
    height, width, channels = generator.outputs[0].shape[1:]
    dataset = short_name(config.dataset)
    steps = "an unknown number of" if checkpoint.step is None else f"{checkpoint.step:,}"
    weights = {"ema": "their moving average up to that step (EMA)", "raw": "those of that step, not averaged"}
    takes = f"latents, float32 `[n, {config.latent_dim}]`, standard normal"
    if checkpoint.conditional:
        takes += f"; labels, int32 `[n]`, 0 to {len(classes) - 1}"
    facts = {
        "takes": takes,
        "makes": f"images, float32 `[n, {height}, {width}, {channels}]` in [-1, 1]",
        "parameters": f"{generator.count_params():,}",
        "trained for": f"{steps} generator updates of {config.batch_size} images, {config.loss} loss",
        "weights": weights[checkpoint.weights],
        "made by": f"tfgan-repro {tfgan_repro.__version__}",
    }
    if checkpoint.conditional:
        facts["classes"] = ", ".join(f"{index} {name}" for index, name in enumerate(classes))
    table = "\n".join(f"| {name} | {text} |" for name, text in facts.items())
    layers = ", and tfgan-repro for its layers" if own_layers(generator) and not form.standalone else ""
    return f"""\
# {config.model} on {dataset}

The generator of a GAN: it turns random numbers into pictures of {width}x{height} pixels like those of `{dataset}`.

![generated pictures]({SAMPLES})

| | |
|---|---|
{table}

## Load

Needs {form.packages}{layers}. In this folder:

```python
{loading_code(generator, form, len(classes))}
```

`{form.file}` was read back and its images compared with the original's: the largest difference was {difference:.2g} of
255 grey levels ({TOLERANCE:g} allowed).

## Training

```sh
{training_command(config)}
```

## Data

{data_licence(config.dataset)}

A generator can reproduce what it was trained on; the terms of the data may bind its pictures and weights as well.

## Scores

{score_table(scores_of(checkpoint), height if height == width else [height, width])}"""
