"""Which extractor a score is computed with."""

import sys

from tfgan_repro.errors import UserError
from tfgan_repro.metrics import EXTRACTORS
from tfgan_repro.metrics.inception_weights import find_weights


def find_extractor(name="auto", weights=None, features=None, resize=None):
    """Build an extractor by name.

    Args:
        name: "2015", "imagenet", "embedded", or "auto" for the 2015 network where its weights can be had and the
            embedded one, with a warning, where not.
        weights: a path to Inception weights, or None.
        features: the number of features, or None for the most that there are.
        resize: a name in `tfgan_repro.metrics.RESIZES`, or None for the extractor's own.

    Returns:
        An `Extractor`.

    Raises:
        UserError: an extractor asked for by name that cannot be had, or options that do not fit it.
    """
    if name == "auto":
        try:
            path = find_weights(weights)
        except UserError as error:
            if weights or features:
                raise
            print(f"warning: {error}. Scoring with the embedded classifier instead: FD-embedded.", file=sys.stderr)
            return EXTRACTORS.load("embedded")(resize)
        return EXTRACTORS.load("2015")(path, features, resize)
    if name == "embedded":
        if features not in (None, 128):
            raise UserError(f"--features {features}: the embedded extractor has 128")
        return EXTRACTORS.load("embedded")(resize)
    if name == "2015":
        weights = find_weights(weights)
    return EXTRACTORS.load(name)(weights, features, resize)
