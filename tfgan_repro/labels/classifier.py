"""A classifier of frozen features, and the labels that it gives; saved as plain data."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import softmax

from tfgan_repro.errors import UserError
from tfgan_repro.files import atomic_path, file_hash, write_json
from tfgan_repro.labels.features import PictureFeatures
from tfgan_repro.labels.label_files import Labels
from tfgan_repro.npz import read_npz
from tfgan_repro.types import FeatureExtractor

ARRAYS, DESCRIPTION = "classifier.npz", "classifier.json"


@dataclass(frozen=True, eq=False)
class Scaling:
    """What brings features to mean 0 and, summed over the dimensions, variance 1, whatever the extractor.

    The square root comes first: averaged activations have long tails (Perronnin et al. 2010, power normalisation).

    Attributes:
        mean: float64 `[dimension]`, of the roots.
        scale: float64 `[dimension]`.
    """

    mean: np.ndarray
    scale: np.ndarray

    @classmethod
    def of(cls, features: np.ndarray) -> "Scaling":
        """From all features of a folder: they are there in any case, and steadier than those of a few labelled."""
        roots = signed_root(features)
        # A dimension that never changes says nothing: divided by infinity it is 0.
        deviation = np.where(np.ptp(roots, axis=0) > 0, roots.std(axis=0), np.inf)
        return cls(roots.mean(axis=0), deviation * np.sqrt(features.shape[1]))

    def __call__(self, features: np.ndarray) -> np.ndarray:
        return (signed_root(features) - self.mean) / self.scale


def signed_root(features: np.ndarray) -> np.ndarray:
    features = np.asarray(features, np.float64)
    return np.sign(features) * np.sqrt(np.abs(features))


@dataclass(frozen=True, eq=False)
class Classifier:
    """Features in, probabilities out.

    Attributes:
        classes: their names, a tuple.
        column: the CSV column that the labels came from and go to.
        scaling: a `Scaling`.
        layers: float64 `[inputs + 1, outputs]` each, the bias in the last row, a ReLU between two of them.
        temperature: what the logits are divided by (Guo et al. 2017).
        extractor: the protocol of the extractor that made the features.
        quality: what was found by cross-validation, a dictionary that can be written as JSON.
    """

    classes: tuple
    column: str
    scaling: Scaling
    layers: tuple
    temperature: float
    extractor: dict
    quality: dict

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """The probabilities `[count, classes]` of features `[count, dimension]`."""
        values = self.scaling(features)
        for index, layer in enumerate(self.layers):
            values = (np.maximum(values, 0) if index else values) @ layer[:-1] + layer[-1]
        return softmax(values / self.temperature, axis=1)

    @property
    def extractor_choices(self) -> dict[str, Any]:
        """What `find_label_extractor` takes to find the extractor again, by parameter."""
        return {key: self.extractor[key] for key in ("extractor", "features", "resize", "precision")}

    def check_extractor(self, extractor: FeatureExtractor) -> None:
        """Raise a `UserError` that names what differs where features are of another extractor."""
        for key, wanted in self.extractor.items():
            if (received := extractor.protocol.get(key)) != wanted:
                raise UserError(f"the classifier was trained on features with {key} {wanted}, these have {received}")

    def save(self, folder: Path | str) -> None:
        """Write `classifier.npz` and `classifier.json`, numbers and text only, into a folder that exists."""
        folder = Path(folder)
        *hidden, weights = self.layers
        arrays = {f"hidden_{index}": layer for index, layer in enumerate(hidden)} | {"weights": weights}
        with atomic_path(folder / ARRAYS) as temporary:
            np.savez(temporary, mean=self.scaling.mean, scale=self.scaling.scale, **arrays)
        write_json(
            folder / DESCRIPTION,
            {
                "classes": self.classes,
                "column": self.column,
                "temperature": self.temperature,
                "extractor": self.extractor,
                "arrays_sha256": file_hash(folder / ARRAYS),
                **self.quality,
            },
        )

    @classmethod
    def load(cls, folder: Path | str) -> "Classifier":
        """Read what `save` wrote.

        Raises:
            UserError: absent, damaged, or two files that do not belong together.
        """
        path = Path(folder) / DESCRIPTION
        try:
            quality = json.loads(path.read_text(encoding="utf-8"))
            facts = [quality.pop(key) for key in ("classes", "column", "temperature", "extractor", "arrays_sha256")]
        except FileNotFoundError:
            raise UserError(f"no classifier in {folder}: {DESCRIPTION} is absent") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(f"{path} cannot be read as a classifier: {error}") from error
        classes, column, temperature, extractor, digest = facts
        arrays = read_npz(path.with_name(ARRAYS))
        if file_hash(path.with_name(ARRAYS)) != digest:
            raise UserError(f"{path.with_name(ARRAYS)} does not belong to {path}; train the classifier again")
        scaling = Scaling(arrays["mean"], arrays["scale"])
        layers = *(arrays[name] for name in sorted(arrays) if name.startswith("hidden_")), arrays["weights"]
        return cls(tuple(classes), column, scaling, layers, temperature, extractor, quality)


@dataclass(frozen=True)
class Synthesis:
    """What became of each picture, in the order of the `PictureFeatures`.

    Attributes:
        files: their names.
        labels: the class of each, or None below the confidence.
        confidence: float64 `[count]`; 1 for what a person labelled.
        by_hand: bool `[count]`.
    """

    files: list
    labels: list
    confidence: np.ndarray
    by_hand: np.ndarray

    def rows(self) -> list[list[str]]:
        """`[file, label, confidence]` of each labelled picture, as text."""
        known = zip(self.files, self.labels, self.confidence)
        return [[file, label, f"{confidence:.4f}"] for file, label, confidence in known if label is not None]

    def summary(self) -> dict[str, Any]:
        """Counts and the expected error, a dictionary that can be written as JSON.

        `expected_error` is the mean of 1 - confidence over the synthesised labels, None where there are none.
        """
        given = np.array([label is not None for label in self.labels])
        new = given & ~self.by_hand
        kept = [label for label in self.labels if label is not None]
        return {
            "pictures": len(self.files),
            "by_hand": int(self.by_hand.sum()),
            "synthesised": int(new.sum()),
            "left_out": int((~given).sum()),
            "expected_error": float(np.mean(1 - self.confidence[new])) if new.any() else None,
            "classes": {name: kept.count(name) for name in sorted(set(kept))},
        }


def synthesise(
    classifier: Classifier, pictures: PictureFeatures, confidence: float, labels: Labels
) -> Synthesis:
    """Label every picture of a folder.

    Args:
        confidence: the probability from which on a label is given.
        labels: what a person said, which is kept as it is: also that a picture belongs to no class.

    Raises:
        UserError: labels of absent files.
    """
    rows, known = pictures.rows_of(labels.classes)
    probabilities = classifier.probabilities(pictures.features)
    best = probabilities.max(axis=1)
    given = [
        classifier.classes[index] if sure else None
        for index, sure in zip(probabilities.argmax(axis=1), best >= confidence)
    ]
    by_hand = np.zeros(len(given), bool)
    by_hand[rows], best[rows] = True, 1.0
    for row, name in zip(rows, known):
        given[row] = name
    none = labels.seen - labels.classes.keys()
    given = [None if file in none else name for file, name in zip(pictures.files, given)]
    return Synthesis(pictures.files, given, best, by_hand)
