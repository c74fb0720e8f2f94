"""A linear classifier on frozen features: fitted, calibrated, saved as plain data."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.files import atomic_path, write_json
from tfgan_repro.labels.logistic import logits_of, probabilities_of
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
        weights: float64 `[dimension + 1, classes]`, as `fit_logistic` returns them.
        temperature: what the logits are divided by.
        extractor: the protocol of the extractor that made the features.
        quality: what was found by cross-validation, a dictionary that can be written as JSON.
    """

    classes: tuple
    column: str
    scaling: Scaling
    weights: np.ndarray
    temperature: float
    extractor: dict
    quality: dict

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """The probabilities `[count, classes]` of features `[count, dimension]`."""
        return probabilities_of(logits_of(self.scaling(features), self.weights), self.temperature)

    def check_extractor(self, extractor: FeatureExtractor) -> None:
        """Refuse features of another extractor.

        Raises:
            UserError: naming what differs.
        """
        for key, wanted in self.extractor.items():
            if (received := extractor.protocol.get(key)) != wanted:
                raise UserError(f"the classifier was trained on features with {key} {wanted}, these have {received}")

    def save(self, folder: Path | str) -> None:
        """Write `classifier.npz` and `classifier.json`, numbers and text only, into a folder that exists."""
        folder = Path(folder)
        with atomic_path(folder / ARRAYS) as temporary:
            np.savez(temporary, weights=self.weights, mean=self.scaling.mean, scale=self.scaling.scale)
        write_json(
            folder / DESCRIPTION,
            {
                "classes": self.classes,
                "column": self.column,
                "temperature": self.temperature,
                "extractor": self.extractor,
                "arrays_sha256": digest_of(folder / ARRAYS),
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
            named = [quality.pop(key) for key in ("classes", "column", "temperature", "extractor", "arrays_sha256")]
        except FileNotFoundError:
            raise UserError(f"no classifier in {folder}: {DESCRIPTION} is absent") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(f"{path} cannot be read as a classifier: {error}") from error
        classes, column, temperature, extractor, digest = named
        arrays = read_npz(path.with_name(ARRAYS))
        if digest_of(path.with_name(ARRAYS)) != digest:
            raise UserError(f"{path.with_name(ARRAYS)} does not belong to {path}; train the classifier again")
        scaling = Scaling(arrays["mean"], arrays["scale"])
        return cls(tuple(classes), column, scaling, arrays["weights"], temperature, extractor, quality)


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
