"""Something that is done once another package has been imported, whoever imports it and whenever."""

import sys
from collections.abc import Callable
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class Watch(MetaPathFinder):
    """Finds a module as it is found without this, and acts as soon as it has been executed.

    Args:
        name: of the module.
        action: what is done then.
    """

    def __init__(self, name: str, action: Callable[[], Any]) -> None:
        self.name, self.action = name, action

    def find_spec(self, fullname: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        others = [finder for finder in sys.meta_path if finder is not self]
        spec = next(filter(None, (finder.find_spec(fullname, path, target) for finder in others)), None)
        if spec is not None and spec.loader is not None:
            # To look for a module does not yet import it: that is seen by its being executed.
            execute = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                if self in sys.meta_path:
                    sys.meta_path.remove(self)
                    self.action()

            setattr(spec.loader, "exec_module", exec_module)
        return spec


def after_import(name: str, action: Callable[[], Any]) -> None:
    """Act once a module is there: now, where it is there already."""
    if name in sys.modules:
        action()
    else:
        sys.meta_path.insert(0, Watch(name, action))
