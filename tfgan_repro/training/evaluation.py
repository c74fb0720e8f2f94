"""Scores of a finished (or running) run."""

import re
import sys
import time
from pathlib import Path

from tfgan_repro.data import load_pictures
from tfgan_repro.errors import UserError
from tfgan_repro.files import append_json_line, read_json_lines
from tfgan_repro.metrics.extractors import find_extractor
from tfgan_repro.metrics.score import Reference
from tfgan_repro.training.checkpoints import load_generator_weights
from tfgan_repro.training.device import configure
from tfgan_repro.training.generation import generate_images
from tfgan_repro.training.progress import ProgressLine
from tfgan_repro.training.run import build_gan
from tfgan_repro.training.run_directory import RunDirectory


def find_checkpoint(path):
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
    log = read_json_lines(run.log)
    return run, weights, log[-1]["step"] if log else None


def load_generator(path):
    """Build a run's generator and load its weights.

    Args:
        path: what `find_checkpoint` takes.

    Returns:
        The generator, the run's `TrainConfig`, the `RunDirectory` and the step.

    Raises:
        UserError: no checkpoint, or one of another network.
    """
    run, weights, step = find_checkpoint(path)
    config, image_shape = run.read_config()
    configure(config.precision, config.seed)
    generator = build_gan(config, image_shape).generator
    load_generator_weights(generator, weights)
    return generator, config, run, step


class ImageProgress:
    """Progress over several image sets: images a second and the time left.

    Args:
        total: images of all sets.
    """

    def __init__(self, total):
        self.line = ProgressLine(total, "images")
        self.done = 0

    def __enter__(self):
        self.line.__enter__()
        return self

    def __exit__(self, *error):
        self.line.__exit__(*error)

    def part(self, count):
        """A callback for the next set, which has `count` images."""
        offset, start = self.done, time.monotonic()
        self.done += count

        def progress(done):
            rate = done / max(time.monotonic() - start, 1e-9)
            self.line.update(offset + done, f"{rate:,.0f} images/s")

        return progress


def evaluate(
    checkpoint,
    fid_samples,
    split,
    extractor,
    inception_weights=None,
    features=None,
    resize=None,
    data_dir=None,
    seed=2,
    metrics=("fid",),
    precision="float32",
):
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

    Returns:
        The scores with their protocol, a list of dictionaries.

    Raises:
        UserError: anything that the user can mend.
    """
    generator, config, run, step = load_generator(checkpoint)
    extractor = find_extractor(extractor, inception_weights, features, resize, precision, "is" in metrics)
    # The other split stands for a perfect generator.
    real, baseline = (
        load_pictures(config.dataset, name, data_dir or config.data_dir, config.image_size)
        for name in (split, "train" if split == "test" else "test")
    )
    with ImageProgress(3 * fid_samples) as progress:
        parts = [progress.part(fid_samples) for _ in range(2)]
        reference = Reference(
            extractor, real, fid_samples, baseline, seed, lambda part, done: parts[part](done), metrics
        )
        images = generate_images(generator, fid_samples, seed)
        scores = reference.scores(images, progress.part(fid_samples))
    rows = [{"step": step, **score, "generator_weights": "raw"} for score in scores]
    try:
        for row in rows:
            append_json_line(run.evaluations, row)
    except OSError as error:
        print(f"warning: the score is not recorded: {error.strerror}: {run.evaluations}", file=sys.stderr)
    return rows
