"""Scores of a finished (or running) run."""

import dataclasses
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_repro.backends.precision import settings_kept
from tfgan_repro.choices import as_whole
from tfgan_repro.config import TrainConfig
from tfgan_repro.data.pictures import Pictures
from tfgan_repro.files import append_json_line
from tfgan_repro.metrics.classes import class_agreement, classification_accuracy
from tfgan_repro.metrics.intervals import share_interval
from tfgan_repro.metrics.extractor_choice import extractor_of, find_extractor
from tfgan_repro.metrics.features import cached, extract
from tfgan_repro.metrics.images import ImageArray, as_image_set, draw, pixels_a_side
from tfgan_repro.metrics.protocol import Protocol, Scoring
from tfgan_repro.metrics.requirements import check_labels
from tfgan_repro.metrics.score import Reference
from tfgan_repro.models.generation import labelled_images, recompute_statistics
from tfgan_repro.progress import ImageProgress
from tfgan_repro.runs.directory import RunDirectory
from tfgan_repro.runs.loading import Checkpoint, load_checkpoint

SAMPLES = 1000  # of a run, unless said otherwise
# The sets whose classes one of the embedded classifiers knows.
CLASSIFIED = {"cifar10": "embedded", "mnist": "digits", "letters": "letters"}
# Training images that a classifier of any other set is trained on.
CLASSIFIER_IMAGES = 10_000


@settings_kept()
def evaluate(
    run: Path | str,
    protocol: Scoring | str | None = None,
    *,
    data_dir: str | None = None,
    standing_stats: int = 0,
    **choices: Any,
) -> list[dict[str, Any]]:
    """Score a run's generator, and append the scores to the run's `evaluations.jsonl`.

    As many real images as generated ones are drawn from the data set that the run was trained on; as many again, or all
    there are, of the other split give the real-against-real value. For a conditional run `class-agreement` is computed
    as well.

        evaluate("results/cifar10-conditional", metrics=("fid", "prdc"), fid_samples=1000, extractor="embedded")

    Args:
        run: a run directory, one of its checkpoints, or a generator's weights file in either.
        protocol: a `Scoring`, the name of one ("report-c"), or None for 1,000 images of the test split.
        data_dir: where TensorFlow Datasets keeps its sets; None for where the run found them.
        standing_stats: how many batches the generator's batch statistics are recomputed from; 0 keeps those of the
            training.
        **choices: fields of `Scoring`, as the options of the command line: metrics, fid_samples, split, seed,
            extractor, inception_weights, features, resize, precision, image_size.

    Returns:
        A list with a dictionary for each score: `metric`, `value`, `interval` (95 %), `real_vs_real`, its protocol.

    Raises:
        UserError: no such run, images that are NaN, or a choice that is unknown or does not apply.
    """
    scoring = Scoring.of(protocol, **choices)
    as_whole("--standing-stats", standing_stats)
    loaded = load_checkpoint(run)
    scoring = with_weights_of(loaded.config, scoring)
    extractor = extractor_of(scoring)
    check_labels(scoring.metrics, loaded.classes if loaded.conditional else None)
    count = scoring.fid_samples or SAMPLES
    # The other split stands for a perfect generator.
    splits = (scoring.split, "train" if scoring.split == "test" else "test")
    real, baseline = (loaded.config.load_pictures(split, data_dir, scoring.image_size) for split in splits)
    weights = {"generator_weights": loaded.weights}
    if standing_stats:
        batch_size = loaded.config.batch_size
        recompute_statistics(loaded.generator, scoring.seed, loaded.classes, standing_stats, batch_size)
        weights["standing_statistics"] = f"{standing_stats} batches of {batch_size}"
    with ImageProgress() as progress:
        done = progress.part(count)
        reference = Reference(extractor, real, count, baseline, scoring.seed, progress.part, scoring.metrics)
        generated = generated_images(loaded, count, scoring)
        scores = reference.scores(generated, done)
    if generated.labels is not None and real.labels is not None:
        by_split = dict(zip(splits, (real, baseline)))
        test, training = by_split["test"], by_split["train"]
        scores.append(agreement_score(loaded.config.dataset, generated, test, training, scoring.seed))
    rows = [{"step": loaded.step, **score, **weights} for score in scores]
    record(loaded.run, rows)
    return rows


def with_weights_of(config: TrainConfig, scoring: Scoring) -> Scoring:
    """A `Scoring` that says nothing of the extractor's weights with those that the run was scored with in training."""
    weights = config.inception_weights
    if weights is None or scoring.inception_weights or scoring.extractor != config.extractor:
        return scoring
    # They may lie elsewhere by now, and a run that comes from another machine has found them there.
    return dataclasses.replace(scoring, inception_weights=weights) if Path(weights).is_file() else scoring


def record(run: RunDirectory, rows: list[dict[str, Any]]) -> None:
    """Append scores to a run's `evaluations.jsonl`; where it cannot be written, the scores are still worth telling."""
    try:
        for row in rows:
            append_json_line(run.evaluations, row)
    except OSError as error:
        print(f"warning: the score is not recorded: {error.strerror}: {run.evaluations}", file=sys.stderr)


def generated_images(loaded: Checkpoint, count: int, scoring: Scoring) -> ImageArray:
    """Generated images with their labels, at the size that is scored."""
    images, labels = labelled_images(loaded.generator, count, scoring.seed, loaded.classes)
    return ImageArray(resized(images, scoring.image_size), "generated images", labels=labels)


def resized(images: np.ndarray, image_size: int | None) -> np.ndarray:
    """Images uint8 at another size, as the real ones are brought to it."""
    if image_size is None:
        return images
    return Pictures("generated images", "", images).resized(image_size).images


def agreement_score(dataset: str, generated: ImageArray, real: Any, training: Any, seed: int) -> dict[str, Any]:
    """How often a classifier sees the class that was asked for, with its protocol.

    Args:
        dataset: its name; where an embedded classifier knows its classes, that one looks.
        generated: the generated images with their labels.
        real: test pictures with labels, whose share shows how good the classifier is: training pictures, which it
            has learnt from, would flatter it.
        training: the training pictures; of any other set a classifier is trained on them.
        seed: of the drawing of what a classifier is trained on.
    """
    extractor = find_extractor(CLASSIFIED.get(dataset, "embedded"))
    if dataset in CLASSIFIED:
        classifier = "the extractor's own"
        (value, per_class), (expected, _) = (
            class_agreement(images, np.asarray(images.labels), extractor) for images in (generated, real)
        )
    else:
        known = cached(draw(as_image_set(training), min(len(training), CLASSIFIER_IMAGES), seed)[0], extractor)
        classifier = f"softmax regression on the features of {known.count:,} training images"
        (value, per_class), (expected, _) = (
            classification_accuracy(known.features, known.labels, images.features, images.labels)
            for images in (extract(generated, extractor), cached(real, extractor))
        )
    made_by = Protocol(
        "class-agreement",
        **extractor.protocol,
        generated_images=len(generated),
        real_images=len(real),
        image_size=pixels_a_side(generated),
        dataset=real.name,
        split="test",
        seed=seed,
    )
    return {
        "metric": made_by.metric,
        "value": value,
        **share_interval(value, len(generated), "generated images"),
        "per_class": {real.class_names[label]: share for label, share in per_class.items()},
        "real_vs_real": expected,
        "classifier": classifier,
        **made_by.as_row(),
    }
