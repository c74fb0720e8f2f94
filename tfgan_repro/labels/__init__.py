"""Labels for picture sets that came without: pick pictures to label, learn from them, label the rest.

Report E calls it active label synthesis. Frozen features of an extractor, a linear classifier on them, and pictures
chosen where that classifier is unsure; see `python -m tfgan_repro.labels --help`.
"""

from tfgan_repro.metrics import EXTRACTORS
from tfgan_repro.registry import Registry

OWN_EXTRACTORS = {"colours": "tfgan_repro.labels.colours:ColourHistogram"}
LABEL_EXTRACTORS = Registry("extractor", {"auto": "", **EXTRACTORS, **OWN_EXTRACTORS})
