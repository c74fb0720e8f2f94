"""Which extractor a score is computed with."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tfgan_repro.errors import UserError
from tfgan_repro.metrics import EXTRACTORS
from tfgan_repro.metrics.inception_weights import find_weights

if TYPE_CHECKING:
    from tfgan_repro.metrics.extractor import Extractor

CLASSIFIERS = ("embedded", "digits")  # the package's own


def find_extractor(
    name: str = "auto",
    weights: Path | str | None = None,
    features: int | None = None,
    resize: str | None = None,
    precision: str = "float32",
    logits: bool = False,
) -> "Extractor":
    """Build an extractor by name.

    Args:
        name: "2015", "imagenet", "embedded", "digits", or "auto" for the 2015 network where its weights can be had and
            the embedded one, with a warning, where not.
        weights: a path to Inception weights, or None.
        features: the number of features, or None for the most that there are.
        resize: a name in `tfgan_repro.metrics.RESIZES`, or None for the extractor's own.
        precision: "float32", or "bfloat16" for the 2015 network.
        logits: whether the Inception Score is wanted.

    Returns:
        An `Extractor`.

    Raises:
        UserError: an extractor asked for by name that cannot be had, or options that do not fit it.
    """
    if name != "auto":
        EXTRACTORS.check(name)
    if name == "auto":
        try:
            weights, name = find_weights(weights), "2015"
        except UserError as error:
            if weights or features or precision != "float32":
                raise
            print(f"warning: {error}. Scoring with the embedded classifier instead: FD-embedded.", file=sys.stderr)
            name = "embedded"
    elif name == "2015":
        weights = find_weights(weights)
    if name == "2015":
        return EXTRACTORS.load(name)(weights, features, resize, precision, logits)
    if precision != "float32":
        raise UserError(f"--precision {precision}: only the 2015 extractor has it; {name} is float32")
    if name in CLASSIFIERS:
        if features not in (None, 128):
            raise UserError(f"--features {features}: the {name} extractor has 128")
        if weights is not None:
            raise UserError(f"--inception-weights {weights}: the {name} extractor brings its own weights")
        return EXTRACTORS.load(name)(resize)
    if logits:
        raise UserError("the Inception Score needs logits, which the imagenet extractor does not have")
    return EXTRACTORS.load(name)(weights, features, resize)
