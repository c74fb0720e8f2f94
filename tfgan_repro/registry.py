"""Names that users type, bound to code that is imported when it is asked for."""

import importlib
from typing import Any

from tfgan_repro.errors import unknown_name


class Registry(dict):
    """A dictionary from a name to the place of its code, written `"package.module:attribute"`.

    Listing the names imports nothing, so that `--help` answers at once.

    Args:
        kind: what the names stand for, e.g. "model"; used in error messages.
        places: the names and places.
    """

    def __init__(self, kind: str, places: dict[str, str]) -> None:
        super().__init__(places)
        self.kind = kind

    def check(self, name: str) -> str:
        """Return the name, or raise the `UserError` that tells the nearest names."""
        if name not in self:
            raise unknown_name(self.kind, name, self)
        return name

    def load(self, name: str) -> Any:
        """Import and return what the name stands for.

        Raises:
            UserError: an unknown name.
        """
        module, attribute = self[self.check(name)].split(":")
        return getattr(importlib.import_module(module), attribute)
