"""Scores of one image set against another: folders, files, arrays, data sets and runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tfgan_repro.backends.precision import settings_kept
from tfgan_repro.choices import option_name
from tfgan_repro.data import SOURCES, load_pictures
from tfgan_repro.errors import UserError
from tfgan_repro.metrics.extractor_choice import extractor_of
from tfgan_repro.metrics.feature_files import (
    StoredExtractor,
    StoredFeatures,
    check_protocols,
    holds_features,
    make_features_place,
    read_features,
    stored_features,
    too_many_features,
    write_features,
)
from tfgan_repro.metrics.folder import ImageFolder, is_archive
from tfgan_repro.metrics.images import ImageArray, as_image_set, stored_images
from tfgan_repro.metrics.protocol import Scoring
from tfgan_repro.metrics.real_against_real import lacks_features
from tfgan_repro.metrics.requirements import check_labels, check_metrics, keeps_features, len_of
from tfgan_repro.metrics.score import Reference, drawn
from tfgan_repro.npz import read_npz
from tfgan_repro.progress import ImageProgress
from tfgan_repro.runs.directory import CONFIG
from tfgan_repro.runs.evaluation import SAMPLES, generated_images, resized
from tfgan_repro.runs.loading import load_checkpoint
from tfgan_repro.runs.sides import check_side, is_data_set
from tfgan_repro.types import ImageSet


class RunImages(ImageArray):
    """Images of a run, and what a protocol must say of the generator that made them.

    Args:
        path: the run directory.
        scoring: for the number of images, their seed and their size.
    """

    def __init__(self, path: Path, scoring: Scoring) -> None:
        loaded = load_checkpoint(path)
        images = generated_images(loaded, scoring.fid_samples or SAMPLES, scoring)
        super().__init__(images.images, str(path), labels=images.labels)
        self.generator = {"step": loaded.step, "generator_weights": loaded.weights}


def open_side(
    side: Any, scoring: Scoring = Scoring(), data_dir: str | None = None, on_bad_image: str = "fail"
) -> ImageSet:
    """What a user may call a set of images.

    Args:
        side: a folder or a `.zip` of image files, a run directory, an `.npz` of images, of statistics or of features,
            the name of statistics in the cache or of a data set; from Python also an array uint8 or in [-1, 1], or
            pictures.
        scoring: for the split of a data set, and for the number of a run's images.
        data_dir: where TensorFlow Datasets keeps its sets.
        on_bad_image: as in `ImageFolder`.

    Returns:
        An image set or a `StoredFeatures`.

    Raises:
        UserError: none of these, or it cannot be read.
    """
    if not isinstance(side, str | Path):
        return side if isinstance(side, StoredFeatures) else at_size(as_image_set(side), scoring.image_size)
    check_side(side)
    path = Path(side)
    if is_data_set(side):
        return as_image_set(load_pictures(str(side), scoring.split, data_dir, scoring.image_size))
    if not path.exists():
        return read_features(side)
    if (path / CONFIG).is_file():
        return RunImages(path, scoring)
    if path.is_dir() or is_archive(path):
        return at_size(ImageFolder(path, on_bad_image), scoring.image_size)
    if path.suffix == ".npz":
        arrays = read_npz(path)
        if holds_features(arrays):
            return stored_features(arrays, path)
        return at_size(stored_images(arrays, path), scoring.image_size)
    return read_features(path)


def at_size(images: ImageSet, image_size: int | None) -> ImageSet:
    """An image set whose images are brought to a size, where one is wanted."""
    if image_size is None:
        return images
    if not isinstance(images, ImageArray):
        raise UserError(
            f"--image-size {image_size}: {images.name} holds files, which are scored at the sizes that they "
            "have; bring them to one first"
        )
    return ImageArray(resized(images.images, image_size), images.name, images.split, images.labels)


@settings_kept()
def compare(
    real: Any,
    fake: Any = None,
    protocol: Scoring | str | None = None,
    *,
    data_dir: str | None = None,
    on_bad_image: str = "fail",
    save_stats: Path | str | None = None,
    save_features: bool = False,
    **choices: Any,
) -> list[dict[str, Any]]:
    """Score one set of images against another.

        compare("photographs/", "my_images/")
        compare("cifar10", images, metrics=("fid", "kid"), fid_samples=1000, extractor="embedded")

    Args:
        real: a folder or a `.zip` of image files, an `.npz` of images, statistics or features, the name of saved
            statistics, the name of a data set, a run directory, an array `[count, height, width, 1 or 3]` (uint8, or
            floats in [-1, 1]), or `Pictures`.
        fake: as `real`; None to save only statistics of the real images.
        protocol: a `Scoring`, the name of one ("report-c"), or None for all images of both sides.
        data_dir: where TensorFlow Datasets keeps its sets; None for its default.
        on_bad_image: "fail" or "skip", for files that cannot be decoded.
        save_stats: an `.npz` file, or a name in the cache, to save statistics of the real side to; None for none.
        save_features: whether to save the features as well, which metrics other than FID need.
        **choices: fields of `Scoring`, as the options of the command line: metrics, fid_samples, split, seed,
            extractor, inception_weights, features, resize, precision, image_size.

    Returns:
        A list with a dictionary for each score: `metric`, `value`, `interval` (95 %), `real_vs_real`, its protocol;
        empty without `fake`.

    Raises:
        UserError: images that cannot be read, too few of them, or a choice that is unknown or does not apply.
    """
    scoring = Scoring.of(protocol, **choices)
    if fake is None and save_stats is None:
        raise UserError("there is nothing to compare with: give fake as well, or save_stats, where statistics are kept")
    check_saving(save_stats, save_features)
    given = [real] if fake is None else [real, fake]
    sides = [open_side(side, scoring, data_dir, on_bad_image) for side in given]
    if save_stats is not None and isinstance(sides[0], StoredFeatures):
        raise UserError(f"--save-stats {save_stats}: {sides[0].name} holds statistics already")
    metrics = scoring.metrics if fake is not None else ("fid",)  # which statistics are for
    if save_features and not keeps_features(metrics, scoring.fid_samples or len_of(sides[0]) or 0):
        raise too_many_features()
    extractor = extractor_for(sides, scoring)
    rows: list[dict[str, Any]] = []
    with ImageProgress() as progress:
        if fake is None:
            reference = reference_of(sides[0], extractor, metrics, scoring, progress)
        else:
            reference, rows = score_sides(sides[0], sides[1], extractor, scoring, progress)
    if save_stats is not None:
        save_side(save_stats, sides[0], reference, save_features)
    return [{**row, "generated": sides[1].name, **facts_of(sides)} for row in rows]


def check_saving(place: Path | str | None, features: bool) -> None:
    """Raise a `UserError` where statistics, and features with them, cannot be saved to a place."""
    if place is None:
        if features:
            raise UserError("--save-features goes with --save-stats, which says where to")
        return
    if SOURCES.is_name(str(place)):
        raise UserError(f"--save-stats {place}: that is the name of a data set; choose another")
    make_features_place(place)


def score_sides(
    real: ImageSet, fake: ImageSet, extractor: Any, scoring: Scoring, progress: ImageProgress
) -> tuple[Reference, list[dict[str, Any]]]:
    """Score one side against the other.

    Returns:
        The `Reference` of the real side, and a row for each score.

    Raises:
        UserError: a metric that a side or the extractor cannot serve.
    """
    count, real_count = (scoring.fid_samples or len_of(side) for side in (fake, real))
    check_metrics(scoring.metrics, extractor, count, real_count)
    check_labels(scoring.metrics, fake.labels)
    images, _ = drawn(fake, scoring.fid_samples, scoring.seed)
    done = None
    # Announced before those of the real side are extracted, so that the time left is that of both.
    if lacks_features(images, extractor, keeps_features(scoring.metrics, real_count or 0)):
        done = progress.part(len(images))
    reference = reference_of(real, extractor, scoring.metrics, scoring, progress)
    reference.floors.announce(count)
    rows = reference.scores(images, done, keep_in_cache=True)
    warn(images)
    return reference, rows


def reference_of(
    real: ImageSet, extractor: Any, metrics: Sequence[str], scoring: Scoring, progress: ImageProgress
) -> Reference:
    """The `Reference` of a side for some metrics."""
    reference = Reference(
        extractor, real, scoring.fid_samples, seed=scoring.seed, announce=progress.part, metrics=metrics
    )
    warn(reference.images)
    return reference


def save_side(place: Path | str, side: ImageSet, reference: Reference, features: bool) -> None:
    """Save the statistics of a side, and its features where these are wanted too, with how they were made."""
    made_by = {
        **reference.extractor.protocol,
        "source": side.name,
        "split": side.split,
        "image_size": reference.real.image_size,
        **reference.real.notes,
    }
    write_features(place, reference.real, made_by, keep=features)


def extractor_for(sides: Sequence[ImageSet], scoring: Scoring) -> Any:
    """What makes the features of all sides, or has made them where they are stored.

    Raises:
        UserError: stored features are of another extractor, or of images of another size.
    """
    stored = [side for side in sides if isinstance(side, StoredFeatures)]
    for side in stored:
        check_size(side, scoring.image_size)
    if len(stored) == len(sides):
        only = StoredExtractor(stored)
        check_choices(scoring, only)
        return only
    extractor = extractor_of(scoring)
    for side in stored:
        check_stored(side, extractor)
    return extractor


def facts_of(sides: Sequence[ImageSet]) -> dict[str, Any]:
    """What a score's line says of both sides beyond its protocol."""
    unstated = [side.name for side in sides if isinstance(side, StoredFeatures) and side.protocol is None]
    facts: dict[str, Any] = {"protocol_not_stated_in": unstated} if unstated else {}
    for side, prefix in zip(sides, ("real_", "")):
        if isinstance(side, RunImages):
            facts |= {prefix + name: value for name, value in side.generator.items()}
    return facts


def warn(images: ImageSet) -> None:
    """Say what was left out of a folder."""
    if isinstance(images, ImageFolder):
        images.warn()


def check_size(side: StoredFeatures, image_size: int | None) -> None:
    """Refuse another size than that of the images which stored features are of, where their file says it."""
    known = side.features.image_size
    if None not in (image_size, known) and image_size != known:
        raise UserError(f"--image-size {image_size}: {side.name} was made of images of {known} pixels a side")


def check_choices(scoring: Scoring, extractor: StoredExtractor) -> None:
    """Refuse what is said of an extractor where none is needed, unless the files say the same."""
    for name in ("extractor", "inception_weights", "features", "resize", "precision"):
        value = getattr(scoring, name)
        if value not in (getattr(Scoring, name), extractor.protocol.get(name)):
            raise UserError(
                f"{option_name(name)} {getattr(value, 'name', value)}: both sides hold what an extractor has "
                "made already, and do not say that it was this; leave it out"
            )


def check_stored(side: StoredFeatures, extractor: Any) -> None:
    """Refuse features or statistics that another extractor has made."""
    check_protocols(side.name, side.protocol, "the extractor chosen", extractor.protocol)
    dimension = side.features.gaussian.dimension
    if dimension != extractor.dimension:
        raise UserError(
            f"{side.name} has statistics of {dimension} features; the extractor chosen has {extractor.dimension}"
        )
