"""Scores of a finished (or running) run."""

import hashlib
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from tfgan_repro.config import TrainConfig
from tfgan_repro.data import load_pictures
from tfgan_repro.errors import UserError
from tfgan_repro.files import append_json_line, read_json_lines
from tfgan_repro.metrics.agreement import class_agreement
from tfgan_repro.metrics.extractors import find_extractor
from tfgan_repro.metrics.images import ImageArray
from tfgan_repro.metrics.score import Reference
from tfgan_repro.progress import ProgressLine
from tfgan_repro.runs.checkpoints import (
    GENERATOR,
    TRAINED_GENERATOR,
    list_checkpoints,
    load_generator_weights,
)
from tfgan_repro.backends.device import configure
from tfgan_repro.models.generation import labelled_images, recompute_statistics
from tfgan_repro.training.run import build_gan
from tfgan_repro.runs.directory import RunDirectory

if TYPE_CHECKING:
    from tfgan_repro.data.pictures import Pictures
    from tfgan_repro.data.record_pictures import RecordPictures
    from tfgan_repro.metrics.extractor import Extractor


def find_checkpoint(path: Path | str) -> tuple[RunDirectory, Path, int | None]:
    """Resolve what a user may call a checkpoint.

    Args:
        path: a run directory, a checkpoint in it, or a generator's weights file in either.

    Returns:
        The `RunDirectory`, the generator's weights file, and the step it was written at (None where unknown).

    Raises:
        UserError: the path is none of these.
    """
    path = Path(path)
    if not path.exists():
        raise UserError(f"no such checkpoint: {path}")
    folder = path.parent if path.is_file() else path
    for root in (folder, *folder.absolute().parents[:2]):
        if (root / "config.json").is_file():
            break
    else:
        raise UserError(f"{path} is no checkpoint: no config.json of a run lies with it")
    run = RunDirectory.open(root)
    weights = path if path.is_file() else folder / run.generator_weights.name
    step = re.fullmatch(r"step_(\d+)", folder.name)
    if step:
        return run, weights, int(step.group(1))
    return run, weights, step_of(run, weights)


def step_of(run: RunDirectory, weights: Path) -> int | None:
    """The step that a run's generator weights are of, or None where unknown.

    That is the last in the log only in a healthy run that has ended: one that was killed has logged more than it has
    kept, and one whose weights have become NaN keeps the last that were not.
    """
    checkpoints = list_checkpoints(run)
    if not checkpoints or not weights.is_file():
        log = read_json_lines(run.log)
        return log[-1]["step"] if log else None
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    for step, path in reversed(checkpoints.items()):
        for name in (GENERATOR, TRAINED_GENERATOR):
            file = path / name
            if file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == digest:
                return step
    return None


@dataclass(frozen=True)
class Checkpoint:
    """A generator with what is known of it.

    Attributes:
        generator: with its trained weights.
        config: the run's `TrainConfig`.
        classes: the training images of each class, by its name.
        run: the `RunDirectory`.
        step: generator updates made, or None where unknown.
        weights: "ema" or "raw".
    """

    generator: keras.Model
    config: TrainConfig
    classes: dict[str, int]
    run: RunDirectory
    step: int | None
    weights: str


def load_checkpoint(path: Path | str, precision: str | None = None) -> Checkpoint:
    """Build a run's generator and load its weights.

    Args:
        path: what `find_checkpoint` takes.
        precision: of the generator's arithmetic, or None for that of the training.

    Returns:
        A `Checkpoint`.

    Raises:
        UserError: no checkpoint, or one of another network.
    """
    run, weights, step = find_checkpoint(path)
    config, image_shape, classes = run.read_config()
    configure(precision or config.precision, config.seed)
    generator = build_gan(config, image_shape, len(classes)).generator
    load_generator_weights(generator, weights)
    averaged = config.ema_half_life and weights.name != TRAINED_GENERATOR
    return Checkpoint(generator, config, classes, run, step, "ema" if averaged else "raw")


# The sets whose classes one of the embedded classifiers knows.
CLASSIFIED = {"cifar10": "embedded", "mnist": "digits"}


class ImageProgress:
    """Progress over several image sets: images a second and the time left.

    Args:
        total: images of all sets.
    """

    def __init__(self, total: int) -> None:
        self.line = ProgressLine(total, "images")
        self.done = 0

    def __enter__(self) -> "ImageProgress":
        self.line.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.line.__exit__(*error)

    def part(self, count: int) -> Callable[[int], None]:
        """A callback for the next set, which has `count` images."""
        offset, start = self.done, time.monotonic()
        self.done += count

        def progress(done: int) -> None:
            rate = done / max(time.monotonic() - start, 1e-9)
            self.line.update(offset + done, f"{rate:,.0f} images/s")

        return progress


def evaluate(
    checkpoint: Path | str,
    fid_samples: int,
    split: str,
    extractor: str,
    inception_weights: Path | str | None = None,
    features: int | None = None,
    resize: str | None = None,
    data_dir: str | None = None,
    seed: int = 2,
    metrics: Sequence[str] = ("fid",),
    precision: str = "float32",
    standing_stats: int = 0,
) -> list[dict[str, Any]]:
    """Score a run's generator and append the scores to its `evaluations.jsonl`.

    Args:
        checkpoint: what `find_checkpoint` takes.
        fid_samples: generated images, and as many real ones.
        split: "test" or "train", where the real images come from; the other split gives the real-against-real value.
        extractor: as in `find_extractor`, like the next three and `precision`.
        inception_weights: a path, or None.
        features: their number, or None.
        resize: its name, or None.
        data_dir: where TensorFlow Datasets keeps its sets, or None.
        seed: of the latents and of the choice of real images.
        metrics: names in `tfgan_repro.metrics.METRICS`.
        precision: of the extractor.
        standing_stats: batches that the generator's batch statistics are computed anew from; 0 keeps those of the
            training.

    Returns:
        The scores with their protocol, a list of dictionaries.

    Raises:
        UserError: anything that the user can mend.
    """
    loaded = load_checkpoint(checkpoint)
    generator, config, run = loaded.generator, loaded.config, loaded.run
    chosen = find_extractor(extractor, inception_weights, features, resize, precision, "is" in metrics)
    # The other split stands for a perfect generator.
    real, baseline = (
        load_pictures(config.dataset, name, data_dir or config.data_dir, config.image_size, config.preparation)
        for name in (split, "train" if split == "test" else "test")
    )
    weights = {"generator_weights": loaded.weights}
    if standing_stats:
        recompute_statistics(generator, seed, loaded.classes, standing_stats, config.batch_size)
        weights["standing_statistics"] = f"{standing_stats} batches of {config.batch_size}"
    with ImageProgress(3 * fid_samples) as progress:
        parts = [progress.part(fid_samples) for _ in range(2)]
        reference = Reference(
            chosen, real, fid_samples, baseline, seed, lambda part, done: parts[part](done), metrics
        )
        images, labels = labelled_images(generator, fid_samples, seed, loaded.classes)
        generated = ImageArray(images, "generated images", labels=labels)
        scores = reference.scores(generated, progress.part(fid_samples))
    if labels is not None and config.dataset in CLASSIFIED:
        scores.append(agreement_row(find_extractor(CLASSIFIED[config.dataset]), generated, real, split, seed))
    rows = [{"step": loaded.step, **score, **weights} for score in scores]
    try:
        for row in rows:
            append_json_line(run.evaluations, row)
    except OSError as error:
        print(f"warning: the score is not recorded: {error.strerror}: {run.evaluations}", file=sys.stderr)
    return rows


def agreement_row(
    extractor: "Extractor", generated: ImageArray, real: "Pictures | RecordPictures", split: str, seed: int
) -> dict[str, Any]:
    """How often a classifier sees the class that was asked for, with its protocol."""
    # Both have labels, or no class could have been asked for.
    value, per_class = class_agreement(generated, generated.labels, extractor)  # type: ignore[arg-type]
    expected, _ = class_agreement(real, real.labels, extractor)  # type: ignore[arg-type]
    return {
        "metric": "class-agreement",
        "value": value,
        "per_class": {real.class_names[label]: share for label, share in per_class.items()},
        "real_vs_real": expected,
        **extractor.protocol,
        "generated_images": len(generated),
        "real_images": len(real),
        "dataset": real.name,
        "split": split,
        "seed": seed,
    }
