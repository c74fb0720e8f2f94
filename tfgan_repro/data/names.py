"""What users call a data set, a short name or a kind and a place as in `folder:pictures`."""

import difflib
import os
import re
from collections.abc import Mapping
from typing import Any

from tfgan_repro.errors import UserError, unknown_name
from tfgan_repro.registry import Entry, Registry

FILES = {".zip": "zip", ".npz": "npz"}  # the kind of a set that is one file, by its ending
# What places are called that are paths.
PATHS = ("PATH", "DIR", "FILE")


class DataSetNames(Registry):
    """A registry of short names (`cifar10`) and of kinds with a place (`folder:PATH`).

    Args:
        places: as in `Registry`; a name with a colon is a kind, followed by what its place is called.
    """

    def __init__(self, places: Mapping[str, Entry | str]) -> None:
        super().__init__("data set", places)
        self.kinds = {key.partition(":")[0]: key for key in places if ":" in key}

    def split(self, name: str) -> tuple[str, str]:
        """A name as its registered name and its place: `("folder:PATH", "pictures")`, `("cifar10", "cifar10")`.

        Raises:
            UserError: an unknown name, with the nearest ones.
        """
        if not isinstance(name, str):
            kind = type(name).__name__
            raise UserError(f"a {kind} is no name of a data set: give a text, 'cifar10' or 'folder:PATH'")
        if name in self and name not in self.kinds.values():
            return name, name
        kind, colon, place = name.partition(":")
        if kind in self.kinds:
            if not place:
                raise UserError(f"--dataset {name}: say {self.kinds[kind]}")
            # No shell does that behind a colon.
            return self.kinds[kind], os.path.expanduser(place)
        if os.path.isdir(name):
            raise UserError(f"unknown data set {name!r}; did you mean folder:{name}?")
        if os.path.isfile(name) and (kind_of_file := FILES.get(os.path.splitext(name)[1].lower())):
            raise UserError(f"unknown data set {name!r}; did you mean {kind_of_file}:{name}?")
        if is_path(name):
            raise UserError(f"no such folder: {name}; a folder of pictures is --dataset folder:PATH")
        if colon:
            near = difflib.get_close_matches(kind, self.kinds, n=1, cutoff=0.4)
            hint = f"did you mean {near[0]}:{place}?" if near else f"known: {', '.join(self.kinds.values())}"
            raise UserError(f"unknown kind of data set {kind!r}; {hint}")
        raise unknown_name("data set", name, [key for key in self if ":" not in key] + list(self.kinds))

    def check(self, name: str) -> str:
        self.split(name)
        return name

    def check_place(self, name: str) -> None:
        """Raise a `UserError` where the path in a name leads nowhere, which can be said before anything is loaded."""
        registered, place = self.split(name)
        what = registered.partition(":")[2]
        if what in PATHS and not os.path.exists(place):
            raise UserError(f"no such {'file' if what == 'FILE' else 'folder'}: {place}")

    def absolute(self, name: str) -> str:
        """A name that means the same pictures from any working directory: `folder:faces` is `folder:/home/me/faces`.

        Links are left as they are. A name without a path (`cifar10`, `tfds:NAME`) is returned as it is.

        Raises:
            UserError: an unknown name.
        """
        registered, place = self.split(name)
        kind, colon, what = registered.partition(":")
        return f"{kind}:{os.path.abspath(place)}" if what in PATHS else name

    def last_part(self, name: str) -> str:
        """A name that does not tell where pictures lie: `folder:/home/me/faces` is `folder:faces`.

        A name without a path is returned as it is.
        """
        kind, colon, what = self.split(name)[0].partition(":")
        return f"{kind}:{os.path.basename(self.absolute(name)) or what}" if what in PATHS else name

    def may_be_moved(self, name: str, other: str) -> bool:
        """Whether two names may mean the same pictures: the same name, or two places of one kind."""
        registered = self.split(name)[0]
        return name == other or (registered.partition(":")[2] in PATHS and registered == self.split(other)[0])

    def load(self, name: str) -> Any:
        return super().load(self.split(name)[0])

    def is_name(self, name: str) -> bool:
        """Whether a word is a name of a data set at all, rather than a path."""
        return name in self or name.partition(":")[0] in self.kinds


def is_path(name: str) -> bool:
    """Whether a word that is no name of a data set looks like the path of one."""
    return name.startswith((".", "~", "/")) or name.endswith("/") or os.path.exists(name)


def short_name(name: str) -> str:
    """A data set's name as part of a file name: `folder:../my faces/` is `folder-my_faces`."""
    kind, colon, place = name.partition(":")
    if not colon:
        return name
    last = os.path.basename(os.path.normpath(place)) or "root"
    return f"{kind}-{re.sub(r'[^A-Za-z0-9._-]+', '_', last)[:60]}"
