"""What a user may call a side of a comparison, as far as that can be told before anything is loaded."""

import os

from tfgan_repro.data import SOURCES
from tfgan_repro.data.prepared import refuse_prepared
from tfgan_repro.errors import UserError
from tfgan_repro.metrics.feature_files import PICKLES, named_features
from tfgan_repro.metrics.folder import is_archive


def is_data_set(side: str | os.PathLike) -> bool:
    """Whether a side is a data set by its name, rather than what has that path."""
    return not os.path.exists(side) and SOURCES.is_name(str(side))


def check_side(side: str | os.PathLike) -> None:
    """Raise a `UserError` where a path or a name leads neither to a set of images nor to features."""
    name, suffix = str(side), os.path.splitext(side)[1]
    refuse_prepared(name, f"name it prepared:{side}")
    if os.path.isdir(side) or (os.path.exists(side) and (suffix in (".npz", *PICKLES) or is_archive(side))):
        return
    if os.path.exists(side):
        raise UserError(f"{side} is neither a folder nor an .npz or .zip file")
    if SOURCES.is_name(name):
        SOURCES.check_place(name)
    elif suffix in (".npz", ".zip"):
        raise UserError(f"no such file: {side}")
    elif name not in named_features():
        names = ", ".join([*SOURCES, *named_features()])
        raise UserError(
            f"{side} is neither a folder, an .npz or .zip file, a data set, nor statistics in the cache ({names})"
        )
