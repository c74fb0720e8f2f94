"""Scores of one image set against another: folders, files and data sets, without any run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_repro.data import SOURCES, load_pictures
from tfgan_repro.errors import UserError
from tfgan_repro.metrics import METRICS
from tfgan_repro.metrics.extractors import find_extractor
from tfgan_repro.metrics.features import FeatureSet, cached
from tfgan_repro.metrics.folder import ImageFolder
from tfgan_repro.metrics.images import as_image_set, draw, read_image_array
from tfgan_repro.metrics.metric import metric_label
from tfgan_repro.npz import read_npz
from tfgan_repro.metrics.score import check_metrics, keeps_features, score_rows
from tfgan_repro.metrics.statistics_file import check_protocols, read_statistics, write_statistics
from tfgan_repro.runs.evaluation import ImageProgress
from tfgan_repro.types import FeatureExtractor, ImageSet

# How many images of a side; None where the side is statistics, whose count nobody chooses.
Count = Any


class Statistics:
    """Statistics from a file, in an image set's place.

    Args:
        path: an `.npz` with `mu` and `sigma`.
    """

    split = None

    def __init__(self, path: Path | str) -> None:
        self.name = str(path)
        self.gaussian, self.protocol = read_statistics(path)


class RecordedProtocol:
    """What is known of the extractor behind statistics from files."""

    has_logits = False

    def __init__(self, protocol: dict[str, Any] | None, dimension: int) -> None:
        unknown = dict.fromkeys(("extractor", "weights_sha256", "resize", "precision"))
        known = {key: value for key, value in (protocol or {}).items() if key in unknown}
        self.protocol = {**unknown, **known, "features": dimension}

    def label(self, metric: str) -> str:
        return metric_label(metric, self.protocol["extractor"], self.protocol["features"])


def open_side(
    name: Path | str, split: str = "test", data_dir: str | None = None, on_bad_image: str = "fail"
) -> ImageSet | Statistics:
    """What a user may call a set of images.

    Args:
        name: a folder, an `.npz` of images, an `.npz` of statistics, or the name of a data set.
        split: of a data set.
        data_dir: where TensorFlow Datasets keeps its sets.
        on_bad_image: as in `ImageFolder`.

    Returns:
        An image set or `Statistics`.

    Raises:
        UserError: none of these, or it cannot be read.
    """
    path = Path(name)
    if SOURCES.is_name(str(name)) and not path.exists():
        return as_image_set(load_pictures(str(name), split, data_dir))
    if path.is_dir():
        return ImageFolder(path, on_bad_image)
    if path.suffix == ".npz":
        return Statistics(path) if {"mu", "sigma"} <= set(read_npz(path)) else read_image_array(path)
    if path.exists():
        raise UserError(f"{path} is neither a folder nor an .npz file")
    raise UserError(f"{name} is no folder, no .npz file and no data set ({', '.join(SOURCES)})")


def compare(
    real: Path | str,
    fake: Path | str | None,
    fid_samples: int | None = None,
    split: str = "test",
    extractor: str = "auto",
    inception_weights: Path | str | None = None,
    features: int | None = None,
    resize: str | None = None,
    data_dir: str | None = None,
    seed: int = 2,
    metrics: Sequence[str] = ("fid",),
    precision: str = "float32",
    on_bad_image: str = "fail",
    save_stats: Path | str | None = None,
) -> list[dict[str, Any]]:
    """Score one set of images against another.

    Args:
        real: what `open_side` takes.
        fake: as `real`, or None where only statistics of the real images are to be saved.
        fid_samples: how many are drawn from either side; None for all.
        split: of a data set named as a side.
        extractor: as in `find_extractor`, like the next three and `precision`.
        inception_weights: a path, or None.
        features: their number, or None.
        resize: its name, or None.
        data_dir: where TensorFlow Datasets keeps its sets, or None.
        seed: of what is drawn.
        metrics: names in `tfgan_repro.metrics.METRICS`.
        precision: of the extractor.
        on_bad_image: "fail" or "skip".
        save_stats: an `.npz` to which the real side's statistics are written, or None.

    Returns:
        The scores with their protocol, a list of dictionaries, empty without `fake`.

    Raises:
        UserError: anything that the user can mend.
    """
    sides = [open_side(name, split, data_dir, on_bad_image) for name in (real, fake) if name is not None]
    chosen: Any  # an `Extractor`, or a `RecordedProtocol` where nothing is left to be extracted
    if all(isinstance(side, Statistics) for side in sides):
        chosen = recorded_protocol(sides)
    else:
        chosen = find_extractor(extractor, inception_weights, features, resize, precision, "is" in metrics)
        for side in sides:
            if isinstance(side, Statistics):
                check_statistics(side, chosen)
    counts = [fid_samples or (None if isinstance(side, Statistics) else len(side)) for side in sides]
    if fake is not None:
        check_metrics(metrics, chosen, counts[1], counts[0])
        needing = [name for name in metrics if METRICS.load(name).needs != "statistics"]
        for side in sides:
            if needing and isinstance(side, Statistics):
                raise UserError(f"metric {needing[0]} needs images; {side.name} holds only statistics")

    keep = keeps_features(metrics, max((count or 0 for count in counts), default=0))
    total = sum(count or 0 for count in counts)
    if fake is not None and spare_images(sides[0], counts) is not None:
        total += counts[1] or 0
    with ImageProgress(total) as progress:
        sets = [feature_set(side, count, seed, chosen, progress, keep) for side, count in zip(sides, counts)]
        if fake is None:
            baseline = None
        else:
            baseline = real_against_real(sides[0], counts, sets, seed, chosen, progress, keep)
    if save_stats is not None:
        if isinstance(sides[0], Statistics):
            raise UserError(f"--save-stats {save_stats}: {sides[0].name} holds statistics already")
        write_statistics(save_stats, sets[0].gaussian, {**chosen.protocol, "source": sides[0].name, **sets[0].notes})
    if fake is None:
        return []
    # Images that were skipped do not count.
    check_metrics(metrics, chosen, sets[1].count, sets[0].count)
    protocol = {"dataset": sides[0].name, "split": sides[0].split, "generated": sides[1].name, "seed": seed}
    unstated = [side.name for side in sides if isinstance(side, Statistics) and side.protocol is None]
    if unstated:
        protocol["protocol_not_stated_in"] = unstated
    rows = []
    for name in metrics:
        real_values, real_counts = baseline_values(name, baseline, seed)
        scores = score_rows(name, sets[1], sets[0], chosen, protocol, real_values)
        rows += [{**row, "real_vs_real_images": real_counts} for row in scores]
    return rows


def recorded_protocol(sides: Sequence[Statistics]) -> RecordedProtocol:
    """The extractor's protocol where every side is statistics from a file."""
    first, last = sides[0], sides[-1]
    check_protocols(first.name, first.protocol, last.name, last.protocol)
    return RecordedProtocol(first.protocol or last.protocol, first.gaussian.dimension)


def check_statistics(side: Statistics, extractor: FeatureExtractor) -> None:
    """Refuse statistics of other features than the extractor's."""
    check_protocols(side.name, side.protocol, "the extractor chosen", extractor.protocol)
    if side.gaussian.dimension != extractor.dimension:
        raise UserError(
            f"{side.name} has statistics of {side.gaussian.dimension} features; the extractor chosen has "
            f"{extractor.dimension}"
        )


def feature_set(
    side: ImageSet | Statistics,
    count: Count,
    seed: int,
    extractor: FeatureExtractor,
    progress: ImageProgress,
    keep: bool,
) -> FeatureSet:
    """The features of one side."""
    if isinstance(side, Statistics):
        return FeatureSet(side.gaussian.count, moments=side.gaussian)
    chosen = draw(side, count, seed)[0]
    result = cached(chosen, extractor, progress.part(count), keep)
    if isinstance(chosen, ImageFolder):
        chosen.warn()
    return result


def spare_images(side: ImageSet | Statistics, counts: Sequence[Count]) -> int | None:
    """How many real images are not drawn, or None where they are fewer than the generated ones, or none at all."""
    if isinstance(side, Statistics) or counts[1] is None or len(side) - counts[0] < counts[1]:
        return None
    return len(side) - counts[0]


def real_against_real(
    side: ImageSet | Statistics,
    counts: Sequence[Count],
    sets: Sequence[FeatureSet],
    seed: int,
    extractor: FeatureExtractor,
    progress: ImageProgress,
    keep: bool,
) -> tuple[FeatureSet, ...] | None:
    """Two disjoint sets of real images: at the counts of the score where there are enough, else halves.

    Returns:
        A pair of `FeatureSet` (in the generated images' place, as the real ones), or None.
    """
    real = sets[0]
    if isinstance(side, Statistics):
        return None
    if spare_images(side, counts) is not None:
        chosen = side.take(np.sort(draw(side, counts[0], seed)[1][: counts[1]]))
        return cached(chosen, extractor, progress.part(counts[1]), keep), real
    if real.features is None or real.count < 4:
        return None
    rows = np.random.default_rng(seed).permutation(real.count)
    return tuple(
        FeatureSet(len(half), real.features[half], None if real.logits is None else real.logits[half])
        for half in np.array_split(rows, 2)
    )


def baseline_values(
    name: str, baseline: tuple[FeatureSet, ...] | None, seed: int
) -> tuple[dict[str, Any] | None, list[int | None] | None]:
    """A metric for real against real images and their counts, or None twice where there are too few."""
    if baseline is None or min(part.count for part in baseline) < METRICS.load(name).minimum:
        return None, None
    try:
        return METRICS.load(name).compute(*baseline, seed), [part.count for part in baseline]
    except UserError:
        return None, None
