"""Features and their statistics in files: this package's, with their protocol, and those that other tools write.

| tool | arrays read |
|---|---|
| pytorch-fid, torch-fidelity's .npz, guided-diffusion, StudioGAN (`_moments.npz`) | `mu`, `sigma` |
| clean-fid | `mu`, `sigma`; of KID `feats` |
| StudioGAN (`_feats.npz`) | `real_feats` |
| this package | `mu`, `sigma`, `count`, `protocol`; with --save-features `features`, `logits`, `labels` |
"""

import contextlib
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.files import atomic_path, cache_directory, make_place
from tfgan_repro.metrics.features import FeatureSet
from tfgan_repro.metrics.printing import count
from tfgan_repro.metrics.protocol import metric_label
from tfgan_repro.metrics.statistics import Gaussian, checked_features
from tfgan_repro.npz import read_npz
from tfgan_repro.text_tables import aligned

# What two sides of a score must have in common, where both say it.
COMPARED = ("extractor", "weights_sha256", "features", "resize", "precision", "layer", "input_size", "scaling")
# By which names features go.
FEATURE_ARRAYS = ("features", "feats", "real_feats")
# Files of these kinds can hold code, which reading them would run.
PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".ckpt")
NAME = re.compile(r"[A-Za-z0-9][\w-]*")


@dataclass(eq=False)
class StoredFeatures:
    """Features or statistics from a file, in an image set's place.

    Attributes:
        name: of the file, or the name that they were saved under.
        features: a `FeatureSet`, without features where the file holds only statistics.
        protocol: how they were made, or None where the file does not say.
    """

    name: str
    features: FeatureSet
    protocol: dict[str, Any] | None

    @property
    def split(self) -> str | None:
        """Of the data set that they are of, where the file says it."""
        return (self.protocol or {}).get("split")

    @property
    def labels(self) -> np.ndarray | None:
        return self.features.labels

    @property
    def has_features(self) -> bool:
        return self.features.features is not None

    def __len__(self) -> int:
        return self.features.count

    def take(self, rows: np.ndarray) -> "StoredFeatures":
        """The features of the given images, in their order."""
        return StoredFeatures(self.name, self.features.take(rows), self.protocol)


class StoredExtractor:
    """What is known of the extractor behind features from files.

    Args:
        sides: what is compared; all of it comes from files.

    Raises:
        UserError: the files were made by different protocols.
    """

    def __init__(self, sides: Sequence[StoredFeatures]) -> None:
        first, last = sides[0], sides[-1]
        check_protocols(first.name, first.protocol, last.name, last.protocol)
        stated = first.protocol or last.protocol or {}
        self.dimension = first.features.gaussian.dimension
        self.has_logits = all(side.features.logits is not None for side in sides)
        self.protocol: dict[str, Any] = {**{key: stated.get(key) for key in COMPARED}, "features": self.dimension}

    def label(self, metric: str) -> str:
        """What a metric on these features is called."""
        return metric_label(metric, self.protocol["extractor"], self.dimension)


def is_name(text: str) -> bool:
    """Whether something is a name for statistics in the cache, rather than a path."""
    return bool(NAME.fullmatch(text))


def features_path(name: Path | str) -> Path:
    """Where features are written to or read from: an `.npz` file, or a name's place in the cache.

    Raises:
        UserError: neither.
    """
    if str(name).endswith(".npz"):
        return Path(name)
    if not is_name(str(name)):
        raise UserError(f"{name}: the name must end in .npz, or hold only letters, digits, - and _")
    return cache_directory() / "statistics" / f"{name}.npz"


def make_features_place(name: Path | str) -> None:
    """Make the folder that features will be written to, before there are any.

    Raises:
        UserError: no such name, one that would be taken for a path, no folder can be made there, or a file that holds
            something else is there.
    """
    if is_name(str(name)) and Path(name).exists():
        raise UserError(f"--save-stats {name}: a file or folder here has that name and would be taken; choose another")
    path = features_path(name)
    make_place(path)
    if path.exists() and not holds_statistics(path):
        raise UserError(f"--save-stats {name}: {path} is there and holds no statistics; choose another name")


def holds_statistics(path: Path) -> bool:
    """Whether a file is an `.npz` of statistics, without reading these."""
    with contextlib.suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        return {"mu.npy", "sigma.npy"} <= set(archive.namelist())
    return False


def named_features() -> dict[str, Path]:
    """What was saved by name: a dictionary from the names, in their order, to the files."""
    return {path.stem: path for path in sorted((cache_directory() / "statistics").glob("*.npz"))}


def write_features(name: Path | str, features: FeatureSet, protocol: dict[str, Any], keep: bool = False) -> None:
    """Write statistics, atomically, and the features themselves if they are to be kept.

    Args:
        name: an `.npz` file, or a name under which the cache keeps them.
        features: a `FeatureSet`.
        protocol: how they were made, a dictionary that JSON can hold.
        keep: whether to write features, logits and labels as well.

    Raises:
        UserError: no such name, or the file cannot be written.
    """
    path = features_path(name)
    arrays: dict[str, Any] = {
        "mu": features.gaussian.mean,
        "sigma": features.gaussian.covariance,
        "count": np.array(features.count, np.int64),
        "protocol": np.array(json.dumps(protocol)),
    }
    if keep:
        if features.features is None:
            raise too_many_features()
        found = {"features": features.features, "logits": features.logits, "labels": features.labels}
        arrays |= {key: value for key, value in found.items() if value is not None}
    try:
        if is_name(str(name)):
            path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as temporary:
            np.savez(temporary, **arrays)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}") from error


def too_many_features() -> UserError:
    return UserError("--save-features: the features of so many images are not kept; lower --fid-samples")


def holds_features(arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether an `.npz` file of these arrays holds features or statistics, rather than images."""
    return {"mu", "sigma"} <= set(arrays) or any(
        name in arrays and np.ndim(arrays[name]) == 2 for name in FEATURE_ARRAYS
    )


def read_features(path: Path | str) -> StoredFeatures:
    """Read features or statistics that this package or another tool has written.

    Args:
        path: an `.npz` with `mu` and `sigma`, or with features (see above), or the name of statistics in the cache.

    Returns:
        A `StoredFeatures`.

    Raises:
        UserError: absent, damaged, none of these, or of a kind that could run code.
    """
    if Path(path).suffix in PICKLES:
        raise UserError(
            f"{path}: files of {Path(path).suffix} can run code when they are read, so they are not; load it in its "
            "own program and write numpy.savez('statistics.npz', mu=mean, sigma=covariance) or features=array"
        )
    return stored_features(read_npz(features_path(path)), path)


def stored_features(arrays: Mapping[str, np.ndarray], path: Path | str) -> StoredFeatures:
    """The features or statistics among a file's arrays; see `read_features`."""
    if not holds_features(arrays):
        held = ", ".join(sorted(arrays)) or "nothing"
        raise UserError(f"{path} holds no statistics (mu, sigma) and no features, only {held}")
    try:
        protocol = json.loads(str(arrays["protocol"])) if "protocol" in arrays else None
        if protocol is not None and not isinstance(protocol, dict):
            raise ValueError("its protocol is no JSON object")
        features = feature_set(arrays)
        features.image_size = (protocol or {}).get("image_size")
        return StoredFeatures(str(path), features, protocol)
    except (UserError, ValueError, TypeError) as error:
        raise UserError(f"{path}: {error}") from error


def feature_set(arrays: Mapping[str, np.ndarray]) -> FeatureSet:
    """The `FeatureSet` of a file's arrays."""
    found = [arrays[name] for name in FEATURE_ARRAYS if name in arrays]
    if not found:
        count = int(arrays["count"]) if "count" in arrays else None
        return FeatureSet(count, moments=Gaussian.of_moments(arrays["mu"], arrays["sigma"]))
    features = checked_features(found[0], minimum=2).astype(np.float32)
    for name in ("logits", "labels"):
        if name in arrays and len(arrays[name]) != len(features):
            raise ValueError(f"it has {len(arrays[name])} {name} for {len(features)} features")
    places = np.arange(len(features))
    return FeatureSet(len(features), features, arrays.get("logits"), labels=arrays.get("labels"), places=places)


def check_protocols(
    name_1: str, protocol_1: dict[str, Any] | None, name_2: str, protocol_2: dict[str, Any] | None
) -> None:
    """Refuse to compare what was made in different ways; what a protocol does not say passes.

    Raises:
        UserError: the first difference, with both values.
    """
    if protocol_1 is None or protocol_2 is None:
        return
    for key in COMPARED:
        if key in protocol_1 and key in protocol_2 and protocol_1[key] != protocol_2[key]:
            raise UserError(
                f"{name_1} and {name_2} were made by different protocols: {key} is {protocol_1[key]} and "
                f"{protocol_2[key]}"
            )


def feature_table() -> str:
    """What was saved under a name: of what, how many images, and by which protocol."""
    cells = [("name", "images", "features", "extractor", "resize", "of")]
    for name in named_features():
        try:
            stored = read_features(name)
        except UserError as error:
            cells.append((name, "", "", "", "", str(error)))
            continue
        protocol, held = stored.protocol or {}, "kept" if stored.has_features else "statistics only"
        kind = f"{protocol.get('extractor')} ({stored.features.gaussian.dimension})"
        images = count(stored.features.count)
        cells.append((name, images, held, kind, str(protocol.get("resize")), str(protocol.get("source"))))
    if len(cells) == 1:
        return "no statistics were saved under a name yet: use --real SET --save-stats NAME"
    return "\n".join(aligned(cells))
