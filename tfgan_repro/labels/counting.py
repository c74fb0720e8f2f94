"""Which classes a generator draws, and how often, as a classifier of real pictures sees them."""

from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from tfgan_repro.backends.precision import settings_kept
from tfgan_repro.labels.classifier import Classifier
from tfgan_repro.labels.features import find_label_extractor
from tfgan_repro.metrics.features import cached, extract
from tfgan_repro.metrics.images import as_image_set, draw, pixels_a_side
from tfgan_repro.metrics.protocol import Protocol, Scoring
from tfgan_repro.runs.evaluation import generated_images, record
from tfgan_repro.runs.loading import load_checkpoint


@settings_kept()
def count_classes(
    run: Path | str,
    model: Path | str,
    scoring: Scoring,
    inception_weights: str | None = None,
    data_dir: str | None = None,
) -> dict[str, Any]:
    """Count the classes among a run's generated images and among as many of its training pictures, and record it.

    The value is the number of classes in effect: the exponential of the entropy of their shares, 1 where all images are
    of one class, and the number of classes where each is as frequent.

    Args:
        run: a run directory, one of its checkpoints, or a generator's weights file in either.
        model: the folder of a `Classifier`.
        scoring: how many images, of which split and seed.
        inception_weights: of the extractor that the classifier was trained on.
        data_dir: where TensorFlow Datasets keeps its sets; None for where the run found them.

    Returns:
        The line that is appended to the run's `evaluations.jsonl`.

    Raises:
        UserError: no run, no classifier, or another extractor than the classifier's.
    """
    classifier = Classifier.load(model)
    extractor = find_label_extractor(**classifier.extractor_choices, inception_weights=inception_weights)
    classifier.check_extractor(extractor)
    loaded = load_checkpoint(run)
    real = as_image_set(loaded.config.load_pictures(scoring.split, data_dir, scoring.image_size))
    count = min(scoring.fid_samples or len(real), len(real))
    generated = generated_images(loaded, count, scoring)
    drawn, _ = draw(real, count, scoring.seed)
    both = extract(generated, extractor), cached(drawn, extractor)
    found = [shares(classifier, images.features) for images in both]
    made_by = Protocol(
        "effective-classes",
        **classifier.extractor_choices,
        weights_sha256=classifier.extractor.get("weights_sha256"),
        generated_images=count,
        real_images=count,
        image_size=pixels_a_side(generated),
        dataset=real.name,
        split=scoring.split,
        seed=scoring.seed,
        generator_weights=loaded.weights,
    )
    values = [float(np.exp(stats.entropy(list(each.values())))) for each in found]
    row = {
        "step": loaded.step,
        "metric": made_by.metric,
        "value": values[0],
        "per_class": found[0],
        "real_vs_real": values[1],
        "real_per_class": found[1],
        "classifier": f"{classifier.column}, {classifier.quality['accuracy']:.1%} right, cross-validated",
        **made_by.as_row(),
    }
    record(loaded.run, [row])
    return row


def shares(classifier: Classifier, features: Any) -> dict[str, float]:
    """The share of pictures that a classifier takes for each of its classes."""
    chosen = classifier.probabilities(features).argmax(axis=1)
    counts = np.bincount(chosen, minlength=len(classifier.classes))
    return dict(zip(classifier.classes, (counts / counts.sum()).tolist()))
