"""What users call a data set: a short name, or a kind and a place, as in `folder:pictures`."""

import difflib
import os
import re
from typing import Any

from tfgan_repro.errors import UserError, unknown_name
from tfgan_repro.registry import Registry


# What places are called that are paths.
PATHS = ("PATH", "DIR", "FILE")


class DataSetNames(Registry):
    """A registry of short names (`cifar10`) and of kinds with a place (`folder:PATH`).

    Args:
        places: as in `Registry`; a name with a colon is a kind, followed by what its place is called.
    """

    def __init__(self, places: dict[str, str]) -> None:
        super().__init__("data set", places)
        self.kinds = {key.partition(":")[0]: key for key in places if ":" in key}

    def split(self, name: str) -> tuple[str, str]:
        """A name as its registered name and its place: `("folder:PATH", "pictures")`, `("cifar10", "cifar10")`.

        Raises:
            UserError: an unknown name, with the nearest ones.
        """
        if name in self and name not in self.kinds.values():
            return name, name
        kind, colon, place = str(name).partition(":")
        if kind in self.kinds:
            if not place:
                raise UserError(f"--dataset {name}: say {self.kinds[kind]}")
            return self.kinds[kind], place
        if colon:
            near = difflib.get_close_matches(kind, self.kinds, n=1, cutoff=0.4)
            hint = f"did you mean {near[0]}:{place}?" if near else f"known: {', '.join(self.kinds.values())}"
            raise UserError(f"unknown kind of data set {kind!r}; {hint}")
        if os.path.isdir(name):
            raise UserError(f"unknown data set {name!r}; did you mean folder:{name}?")
        raise unknown_name("data set", name, [key for key in self if ":" not in key] + list(self.kinds))

    def check(self, name: str) -> str:
        self.split(name)
        return name

    def absolute(self, name: str) -> str:
        """A name that means the same pictures from any working directory: `folder:faces` is `folder:/home/me/faces`.

        Links are left as they are. A name without a path (`cifar10`, `tfds:NAME`) is returned as it is.

        Raises:
            UserError: an unknown name.
        """
        registered, place = self.split(name)
        kind, colon, what = registered.partition(":")
        return f"{kind}:{os.path.abspath(place)}" if what in PATHS else name

    def load(self, name: str) -> Any:
        return super().load(self.split(name)[0] if name not in self else name)

    def is_name(self, name: str) -> bool:
        """Whether a word is a name of a data set at all, rather than a path."""
        return name in self or name.partition(":")[0] in self.kinds


def short_name(name: str) -> str:
    """A data set's name as part of a file name: `folder:../my faces/` is `folder-my_faces`."""
    kind, colon, place = name.partition(":")
    if not colon:
        return name
    last = os.path.basename(os.path.normpath(place)) or "root"
    return f"{kind}-{re.sub(r'[^A-Za-z0-9._-]+', '_', last)[:60]}"
