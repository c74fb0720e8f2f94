"""Names that users type, bound to code that is imported when it is asked for."""

import importlib
import math
from collections.abc import Iterable, Mapping
from typing import Any

from tfgan_repro.errors import UserError, shortened, unknown_name

NONE = "none"  # what users write where a list of names is empty


class Entry:
    """The place of a name's code, and what the checks must know of it before it is imported.

    Args:
        place: `"package.module:attribute"`; empty where the name is only a word.
        **facts: e.g. `needs_slope=True` of a penalty; what they mean is said where the registry stands.
    """

    def __init__(self, place: str = "", **facts: Any) -> None:
        self.place, self.facts = place, facts


class Registry(dict[str, Entry]):
    """A dictionary from a name to its `Entry`.

    Listing names and reading their facts imports nothing, so that `--help` answers at once.

    Args:
        kind: what the names stand for, e.g. "model"; used in error messages.
        entries: by name an `Entry`, or the place alone.
    """

    def __init__(self, kind: str, entries: Mapping[str, Entry | str]) -> None:
        super().__init__()
        self.kind = kind
        for name, entry in entries.items():
            self[name] = entry

    def __setitem__(self, name: str, entry: Entry | str) -> None:
        super().__setitem__(name, Entry(entry) if isinstance(entry, str) else entry)

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
        module, attribute = self[self.check(name)].place.split(":")
        return getattr(importlib.import_module(module), attribute)

    def name_of(self, value: Any) -> Any:
        """The name that an object has here; what has none, as it is."""
        return next((name for name, entry in self.items() if entry.place and self.load(name) is value), value)

    def fact(self, name: str, fact: str, default: Any = None) -> Any:
        """What is known of a name, or the default.

        Raises:
            UserError: an unknown name.
        """
        return self[self.check(name)].facts.get(fact, default)

    def several(self, names: str | Iterable[str]) -> tuple[str, ...]:
        """The names in a list such as "color,cutout", in their order; none for "none".

        Args:
            names: with commas between, or any iterable of names.

        Raises:
            UserError: an unknown name, or one that is there twice.
        """
        return tuple(self.pairs(names))

    def pairs(self, names: str | Iterable[str] | Mapping[str, float]) -> dict[str, float | None]:
        """The names in a list such as "r1:10,r2", each with its weight, or None; an empty dictionary for "none".

        Args:
            names: with commas between; or an iterable of such words; or a mapping from names to weights.

        Raises:
            UserError: an unknown name, one that is there twice, or a weight that is no number from 0 on.
        """
        words = names.split(",") if isinstance(names, str) else names
        # No branch and no annotation of its own: training steps come by here while TensorFlow rewrites them.
        found = list(words.items()) if isinstance(words, Mapping) else [split_weight(word) for word in words]
        if [name for name, _ in found] == [NONE]:
            return {}
        pairs: dict[str, float | None] = {}
        for name, weight in found:
            if name == NONE:
                raise UserError(f"{self.kind} {NONE!r} does not go with others")
            if self.check(name) in pairs:
                raise UserError(f"{self.kind} {name!r} is named twice")
            pairs[name] = None if weight is None else check_weight(self.kind, name, weight)
        return pairs


class Names(Registry):
    """A registry of words that stand for no code of their own.

    Args:
        kind: as of `Registry`.
        *names: the words.
    """

    def __init__(self, kind: str, *names: str) -> None:
        super().__init__(kind, dict.fromkeys(names, ""))


def split_weight(word: str) -> tuple[str, str | None]:
    """A word such as "r1:10" as a name and its weight, which is None where the word has none."""
    name, colon, weight = word.strip().partition(":")
    return name, weight if colon else None


def check_weight(kind: str, name: str, weight: Any) -> float:
    """A weight as a number, or the `UserError` that says what it must be."""
    try:
        number = float(weight)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number < math.inf:
        raise UserError(f"{kind} {name!r}: its weight must be a number from 0 on, not {shortened(repr(weight))}")
    return number
