"""Labels for picture sets that came without: pick pictures to label, learn from them, label the rest.

Report E calls it active label synthesis. A classifier learns from frozen features of a few labelled pictures; pictures
to label next are those it is unsure of. See `python -m tfgan_repro.labels --help`.
"""

from tfgan_repro.errors import require_package
from tfgan_repro.metrics import EXTRACTORS
from tfgan_repro.registry import Registry

OWN_EXTRACTORS = {"colours": "tfgan_repro.labels.features:ColourHistogram"}
LABEL_EXTRACTORS = Registry("extractor", {"auto": "", **EXTRACTORS, **OWN_EXTRACTORS})
# Each is a tuple of scikit-learn estimators, of which cross-validation chooses one.
HEADS = Registry(
    "head",
    {"logistic": "tfgan_repro.labels.training:LOGISTIC", "network": "tfgan_repro.labels.training:NETWORK"},
)


def require_scikit_learn() -> None:
    """Raise a `UserError` where scikit-learn is absent."""
    require_package("sklearn", "scikit-learn", "tfgan-labels", "labels")
