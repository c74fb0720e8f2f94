"""Scores of a finished (or running) run."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfgan_repro.data import load_pictures
from tfgan_repro.files import append_json_line
from tfgan_repro.metrics.agreement import class_agreement
from tfgan_repro.metrics.extractors import find_extractor
from tfgan_repro.metrics.images import ImageArray
from tfgan_repro.metrics.score import Reference
from tfgan_repro.progress import ProgressLine
from tfgan_repro.models.generation import labelled_images, recompute_statistics
from tfgan_repro.runs.loading import load_checkpoint

if TYPE_CHECKING:
    from tfgan_repro.data.pictures import Pictures, RecordPictures
    from tfgan_repro.metrics.extractor import Extractor


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
