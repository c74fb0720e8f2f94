"""Which classes the pictures are of."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tfgan_repro.errors import UserError, unknown_name
from tfgan_repro.models.generation import fixed_labels, is_conditional

if TYPE_CHECKING:
    from tfgan_repro.runs.evaluation import Checkpoint


def class_numbers(words: Sequence[str] | None, checkpoint: "Checkpoint") -> list[int]:
    """The numbers of the classes that a user has chosen.

    Args:
        words: names or numbers, or None for all classes. Where a name looks like a number, it is the name.
        checkpoint: a `Checkpoint`.

    Returns:
        A list of ints.

    Raises:
        UserError: an unknown class, or a model that knows none.
    """
    names = list(checkpoint.classes)
    if not is_conditional(checkpoint.generator):
        said = f"--classes {','.join(words)}" if words else "--class-sweep"
        raise UserError(f"{said}: {checkpoint.run.path} ({checkpoint.config.model}) is not a conditional model")
    if words is None:
        return list(range(len(names)))
    return [class_number(word, names) for word in words]


def class_number(word: str, names: Sequence[str]) -> int:
    if word in names:
        return names.index(word)
    if word.isdecimal():
        if int(word) < len(names):
            return int(word)
        raise UserError(f"--classes {word}: the classes are numbered from 0 to {len(names) - 1}")
    raise unknown_name("class", word, names)


def picture_labels(checkpoint: "Checkpoint", count: int, words: Sequence[str] | None, seed: int) -> np.ndarray | None:
    """Labels of pictures: the chosen classes in turn, or all as frequent as in the training set.

    Returns:
        int32 `[count]`, or None for an unconditional generator.

    Raises:
        UserError: as `class_numbers`.
    """
    if words is not None:
        return np.resize(np.array(class_numbers(words, checkpoint), np.int32), count)
    return fixed_labels(count, checkpoint.classes, seed) if is_conditional(checkpoint.generator) else None
