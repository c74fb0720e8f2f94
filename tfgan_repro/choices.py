"""What a choice is: a field of a dataclass that knows its range, its names, and what the command line says of it."""

import dataclasses
import math
import numbers
import operator
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from tfgan_repro.errors import UserError, shortened, unknown_name
from tfgan_repro.registry import NONE, Registry

# What a choice decides, for whatever compares or lists the choices of a run:
# "training" what is trained and how; "score" how it is measured; "preset" where the other choices come from;
# "seed"; "machine" what computes, and in which precision; "place" where files lie; "output" what is written, and when.
Kind = Literal["training", "score", "preset", "seed", "machine", "place", "output"]
TINY = 1e-12  # the lower bound of what must be above zero
MOST = 2**31  # what every whole number stays below: more is a slip of the keyboard


def choice(
    default: Any,
    group: str,
    text: str,
    *,
    names: Registry | None = None,
    several: bool = False,
    weighted: bool = False,
    low: float | None = None,
    high: float | None = None,
    metavar: str | None = None,
    kind: Kind = "training",
    changeable: bool = False,
) -> Any:
    """A field of a dataclass with what the command line and the checks need to know.

    Args:
        default: the value where nothing is said.
        group: the heading in `--help`.
        text: the explanation in `--help`.
        names: a `Registry` of the values allowed.
        several: whether the value is a list of them, "NAME,NAME" ("none" for an empty one); without names a list of
            whole numbers, "25,45".
        weighted: whether each name of such a list may bring a weight, "NAME:10".
        low: the smallest value allowed.
        high: the bound that the value stays below.
        metavar: what `--help` calls the value.
        kind: what the choice decides.
        changeable: whether a resumed run may go on with another value: it says nothing about the steps already made.
    """
    metadata = {
        "group": group,
        "help": text,
        "names": names,
        "several": several,
        "weighted": weighted,
        "low": low,
        "high": high,
        "metavar": metavar,
        "kind": kind,
        "changeable": changeable,
    }
    return dataclasses.field(default=default, metadata=metadata)


def option_name(field_name: str) -> str:
    """The command line's name of a field: `batch_size` is `--batch-size`, and `from_`, a word of Python's, `--from`."""
    return "--" + field_name.rstrip("_").replace("_", "-")


def words_of(choices: Mapping[str, Any]) -> list[str]:
    """Choices by field name as words of a command line; `tfgan_repro.cli.train` understands them."""
    words: list[str] = []
    for name, value in choices.items():
        option = option_name(name)
        if isinstance(value, bool):
            words.append(option if value else option.replace("--", "--no-", 1))
        elif value is not None:
            words += [option, str(value)]
    return words


def check_fields(choices: Any) -> None:
    """Check every field of a frozen dataclass, and keep it in its one form; for `__post_init__`.

    Raises:
        UserError: as `checked`.
    """
    for spec in dataclasses.fields(choices):
        # The dataclass is frozen for everybody else.
        object.__setattr__(choices, spec.name, checked(spec, getattr(choices, spec.name)))


def each_checked(fields: Mapping[str, dataclasses.Field], choices: Mapping[str, Any]) -> dict[str, Any]:
    """Choices by field name, each `checked` by itself.

    Raises:
        UserError: as `checked`, or no field has the name.
    """
    for name in choices:
        if name not in fields:
            raise unknown_name("choice", name, fields)
    return {name: checked(fields[name], value) for name, value in choices.items()}


def checked(spec: dataclasses.Field, value: Any) -> Any:
    """A field's value in the one form in which it is kept: Python's own numbers, lists of names as text.

    Args:
        spec: a field made by `choice`.
        value: as a user gave it: NumPy's numbers are welcome, and any iterable or mapping where `several` may be given.

    Raises:
        UserError: a value of the wrong type, out of range or unknown.
    """
    # NumPy's scalars, and nothing else that could be meant.
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        value = value.item()
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if spec.metadata["several"] and isinstance(value, (str, Mapping, list, tuple)) and value:
        return text_of_list(spec, value) if spec.metadata["names"] is not None else text_of_numbers(spec, value)
    check_value(spec, value)
    return value


def text_of_list(spec: dataclasses.Field, value: "str | Iterable[str] | Mapping[str, float]") -> str:
    """A list of names as `config.json` and the command line have it: "color,cutout", "r1:10,r2", "none"."""
    if not all(isinstance(word, str) for word in value):
        pairs_too = ", or a dictionary from names to weights" if spec.metadata["weighted"] else ""
        raise UserError(f"{option_name(spec.name)} {shortened(repr(value))}: expected names{pairs_too}")
    pairs = spec.metadata["names"].pairs(value)
    weights = [weight for weight in pairs.values() if weight is not None]
    if weights and not spec.metadata["weighted"]:
        raise UserError(f"{option_name(spec.name)} {shortened(value)}: takes names without weights")
    words = [name if weight is None else f"{name}:{weight:.10g}" for name, weight in pairs.items()]
    return ",".join(words) or NONE


def text_of_numbers(spec: dataclasses.Field, value: str | Iterable[Any]) -> str:
    """A list of whole numbers as `config.json` and the command line have it, in order: "25,45"."""
    words = [str(word).strip() for word in (value.split(",") if isinstance(value, str) else value)]
    fits = all(re.fullmatch("[0-9]{1,12}", word) for word in words)
    numbers = sorted(set(map(int, words))) if fits else [0]
    if numbers[0] < 1 or numbers[-1] >= MOST:
        raise UserError(f"{option_name(spec.name)} {shortened(value)}: must be whole numbers from 1 on, with commas")
    return ",".join(map(str, numbers))


def numbers_of(text: str | None) -> tuple[int, ...]:
    """The whole numbers in what `text_of_numbers` returns; none for None."""
    return tuple(map(int, text.split(","))) if text else ()


def check_value(spec: dataclasses.Field, value: Any) -> None:
    """Raise a `UserError` where a field's value is of the wrong type, out of range or unknown."""
    option, bounds = option_name(spec.name), spec.metadata
    # An int is a fine float (JSON does not always keep the point), but a bool is no int.
    kinds: Any = (float, int) if spec.type is float else spec.type
    if not isinstance(value, kinds) or (isinstance(value, bool) and spec.type is not bool):
        said = " ".join(repr(value).split())  # that of an array has several lines
        raise UserError(f"{option} {shortened(said)}: expected {type_name(spec.type)}")
    if value is None:
        return
    if bounds["names"] is not None:
        bounds["names"].check(value)
    if isinstance(value, str):
        check_text(option, value)
    if isinstance(value, float) and not math.isfinite(value):
        raise UserError(f"{option} {value}: must be a finite number")
    low, high = bounds["low"], bounds["high"]
    if high is None and isinstance(value, int):
        high = MOST
    said = shortened(repr(value))
    if low is not None and value < low:
        raise UserError(f"{option} {said}: must be {'above 0' if low == TINY else f'at least {low}'}")
    if high is not None and value >= high:
        raise UserError(f"{option} {said}: must be below {high}")


def as_whole(name: str, value: Any, low: int = 0) -> int:
    """A number of a user's, NumPy's included, as Python's.

    Raises:
        UserError: it is no whole number, or below the lowest.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = low - 1
    if number < low or isinstance(value, bool):
        raise UserError(f"{name} {shortened(repr(value))}: must be a whole number from {low} on")
    return number


def check_positive(option: str, value: float | None) -> None:
    """Raise a `UserError` where a number is said that is not above 0, or none."""
    # Written so that nan is refused too.
    if value is not None and not (isinstance(value, numbers.Real) and 0 < value < math.inf):
        raise UserError(f"{option} {value}: must be a number above 0")


def check_text(option: str, value: str) -> None:
    """Raise a `UserError` where a text can be no file's name, nor any other."""
    try:
        if value and b"\0" not in os.fsencode(value):
            return
    except UnicodeEncodeError:
        pass
    raise UserError(f"{option} {shortened(repr(value))}: no file can have this name, and nothing else has it")


def type_name(kind: Any) -> str:
    """The name of a field's type, without `None`."""
    return getattr(kind, "__name__", str(kind).replace(" | None", ""))
