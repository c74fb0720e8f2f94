"""The extractor that a score asks for: by its name or by the place of a user's function, with what it offers."""

import contextlib
import importlib
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.extractor import check_feature_count
from tfgan_repro.metrics.inception_weights import find_weights
from tfgan_repro.metrics.networks import dtype_policy
from tfgan_repro.metrics.protocol import Scoring
from tfgan_repro.metrics.registries import EXTRACTORS


def find_extractor(
    name: Any = "auto",
    weights: Path | str | None = None,
    features: int | None = None,
    resize: str | None = None,
    precision: str = "float32",
    logits: bool = False,
) -> Any:
    """Build an extractor by name.

    Args:
        name: in `EXTRACTORS`, "package.module:function" for a function that returns a `KerasExtractor`, or "auto" for
            the 2015 network where its weights can be had and the embedded one, with a warning, where not. An extractor
            is returned as it is.
        weights: a path to Inception weights, or None.
        features: the number of features, or None for the extractor's own.
        resize: a name in `RESIZES`, or None for the extractor's own.
        precision: "float32", or "bfloat16" where the extractor offers it.
        logits: whether the Inception Score is wanted.

    Returns:
        A `KerasExtractor`.

    Raises:
        UserError: an extractor that cannot be had, or choices that it does not offer.
    """
    chosen = {"weights": weights, "features": features, "resize": resize}
    chosen["precision"] = None if precision == "float32" else precision
    chosen = {key: value for key, value in chosen.items() if value is not None}
    if not isinstance(name, str):
        refuse_choices(chosen, {}, getattr(name, "name", type(name).__name__))
        if not is_extractor(name):
            raise UserError(
                f"extractor: expected a name or a KerasExtractor, received {type(name).__name__}; "
                "KerasExtractor(model, ...) makes one of a Keras model"
            )
        return name
    if name == "auto":
        name = "2015" if chosen.keys() - {"resize"} or can_find_weights() else "embedded"
    build = EXTRACTORS.load(name) if ":" not in name else load_function(name)
    offered = inspect.signature(build).parameters
    refuse_choices(chosen, {*offered, "features"}, name)
    check_feature_count(features, getattr(build, "feature_counts", (features,)), name)
    options: dict[str, Any] = {key: value for key, value in chosen.items() if key in offered}
    if logits and "logits" in offered:
        options["logits"] = True
    try:
        inspect.signature(build).bind(**options)
    except TypeError as error:
        raise UserError(f"extractor {name}: {error}; every parameter needs a default") from error
    with dtype_policy("float32"):  # whatever precision a training runs in
        extractor = build(**options)
    if not is_extractor(extractor):
        raise UserError(f"extractor {name} gave {type(extractor).__name__}; expected a KerasExtractor")
    check_feature_count(features, (extractor.dimension,), name)
    return extractor


def extractor_of(scoring: Scoring) -> Any:
    """The extractor that a `Scoring` asks for; see `find_extractor`."""
    return find_extractor(
        scoring.extractor,
        scoring.inception_weights,
        scoring.features,
        scoring.resize,
        scoring.precision,
        "is" in scoring.metrics,
    )


def is_extractor(found: Any) -> bool:
    # What is known of features from files serves as well, and has no outputs.
    return hasattr(found, "protocol") and hasattr(found, "label")


def can_find_weights() -> bool:
    try:
        find_weights()
    except UserError as error:
        print(f"warning: {error}. Scoring with the embedded classifier instead: FD-embedded.", file=sys.stderr)
        return False
    return True


def refuse_choices(chosen: Mapping[str, Any], offered: Iterable[str], name: str) -> None:
    """Refuse choices that an extractor does not offer, by the names that they have on the command line."""
    for key, value in chosen.items():
        if key not in offered:
            flag = "--inception-weights" if key == "weights" else f"--{key}"
            raise UserError(f"{flag} {value}: the {name} extractor does not offer it")


def load_function(name: str) -> Callable[..., Any]:
    """The function at a place "package.module:function", from the working directory or any installed package."""
    module, _, function = EXTRACTORS.check(name).partition(":")
    with searched("."):
        try:
            found = getattr(importlib.import_module(module), function)
        except ModuleNotFoundError as error:
            raise UserError(f"extractor {name}: there is no module {error.name}") from error
        except AttributeError as error:
            raise UserError(f"extractor {name}: {error}") from error
    if not callable(found):
        raise UserError(f"extractor {name}: {function} is no function")
    return found


@contextlib.contextmanager
def searched(folder: str) -> Iterator[None]:
    """Import from a folder as well."""
    folder = str(Path(folder).resolve())  # what Python remembers of "." is of an earlier working directory
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
