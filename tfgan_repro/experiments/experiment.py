"""What an experiment is, and what a claim can be. Plain data: nothing here knows how anything is trained."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Number:
    """The report gives a score.

    Attributes:
        value: the report's, the best of a training.
        metric: what this package calls it.
        protocol: what a score of ours must say of itself to be comparable, by key of `evaluations.jsonl`.
        words: the same for people.
        command: what makes such a score of a run, with `RUN` in the place of its directory.
    """

    value: float
    metric: str
    protocol: dict
    words: str
    command: str


@dataclass(frozen=True)
class Order:
    """The report says that one training ends better than another.

    Attributes:
        better: an experiment, or `experiment:variant`.
        worse: another one.
        words: the claim.
        factor: how many times the better one's distance the worse one's must be; 1 where any difference counts.
    """

    better: str
    worse: str
    words: str
    factor: float = 1.0


@dataclass(frozen=True)
class ByEye:
    """The report judges its pictures by eye, and so must the reader.

    Attributes:
        words: the claim.
    """

    words: str


@dataclass(frozen=True)
class Experiment:
    """One experiment of a report.

    Attributes:
        name: on the command line.
        report: its letter.
        claim: what the report says came out, in one line.
        dataset: the data set, or None where the pictures must be brought.
        brings: which pictures the user must bring where `dataset` is None.
        stated: the choices that the report states, by field of `TrainConfig`.
        ours: the choices it is silent about: `(value, why)` by field.
        variants: what is compared, further choices by a name; one variant without any for a single training.
        claims: what is checked: `Number`, `Order` or `ByEye`.
    """

    name: str
    report: str
    claim: str
    dataset: str | None
    claims: tuple
    stated: dict = field(default_factory=dict)
    ours: dict = field(default_factory=dict)
    variants: dict = field(default_factory=dict)
    brings: str = ""

    @property
    def choices(self) -> dict[str, Any]:
        """All choices that the variants share, without the data set."""
        return {**self.stated, **{name: value for name, (value, _) in self.ours.items()}}

    @property
    def is_comparison(self) -> bool:
        """Whether it is a grid of several trainings."""
        return bool(self.variants)

    @property
    def variant_names(self) -> tuple[str, ...]:
        """The names of its trainings; a single one is called after its model."""
        return tuple(self.variants) or (self.choices["model"],)

    @property
    def axis(self) -> Any:
        """What a comparison varies: the values by option."""
        values: dict = {}
        for choices in self.variants.values():
            for name, value in choices.items():
                values.setdefault(name, []).append(value)
        return values

    def of_variant(self, variant: str) -> dict[str, Any]:
        """The choices of one training, without the data set."""
        return {**self.choices, **self.variants.get(variant, {})}
