"""What an experiment is, and what a claim can be. Plain data: nothing here knows how anything is trained."""

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Number:
    """The report gives a score, the lowest of a training.

    Attributes:
        value: the report's.
        metric: what this package calls it.
        protocol: what a score of ours must say of itself to be comparable, by key of `evaluations.jsonl`.
        words: the same for people.
        command: what makes such a score of a run, with `RUN` in the place of its directory.
        scores: how many scores of a training the report took the lowest of.
    """

    value: float
    metric: str
    protocol: dict
    words: str
    command: str
    scores: int


# What an `Order` compares: the score at the end, the lowest score, the score at the end over the distance between two
# sets of real images (so that data sets of unequal difficulty can be told apart), or the time for an image.
Measure = Literal["final", "minimum", "above-floor", "seconds"]


@dataclass(frozen=True)
class Order:
    """The report says that one training is better than another.

    Attributes:
        better: an experiment, or `experiment:variant`.
        worse: another one.
        words: the claim.
        factor: how many times the better one's distance the worse one's must be; 1 where any difference counts.
        measure: what is compared; less is better.
        data_sets: whether the claim is about the data sets, which may differ then.
    """

    better: str
    worse: str
    words: str
    factor: float = 1.0
    measure: Measure = "final"
    data_sets: bool = False


@dataclass(frozen=True)
class Gain:
    """The report says that a training keeps improving for a while, or that it does not.

    Attributes:
        words: the claim.
        start: training images seen (with repetition) where the while begins.
        end: where it ends.
        improves: whether it improves.
    """

    words: str
    start: int
    end: int
    improves: bool


@dataclass(frozen=True)
class BestStep:
    """The report says where a training has its best score.

    Attributes:
        words: the claim.
        step: the report's.
        until: how far a training must go for the place of its best to say something.
        tolerance: the factor that still counts as there.
    """

    words: str
    step: int
    until: int
    tolerance: float


@dataclass(frozen=True)
class Settles:
    """The report says that a loss swings at first and settles later, or that it comes down.

    Attributes:
        words: the claim.
        loss: `d_loss` or `g_loss` of `log.jsonl`.
        by: what must be less at the end than at the start.
    """

    words: str
    loss: str
    by: Literal["scatter", "mean"] = "scatter"


@dataclass(frozen=True)
class Absent:
    """The report says that a training does not end in some trouble.

    Attributes:
        words: the claim.
        sign: of `tfgan_repro.training.health`.
        until: how far a training must go for its absence to say something.
    """

    words: str
    sign: str
    until: int


@dataclass(frozen=True)
class Distance:
    """A stand-in for an eye: how far generated images are from real ones, in units of real images' own distance.

    Attributes:
        words: the report's claim.
        factor: the bound on the distance over that between two sets of real images.
        close: whether the distance must be below the bound, or else above it.
        images: training images seen (with repetition) until then; None for the end.
    """

    words: str
    factor: float
    close: bool
    images: int | None = None


@dataclass(frozen=True)
class Level:
    """A stand-in for an eye: a score of the finished training reaches a share of what real images have.

    Attributes:
        words: the report's claim.
        metric: what this package calls the score; more is better.
        share: of the score of real images.
        command: what makes such a score of a run, with `RUN` in the place of its directory.
        since: the step from which on the report saw it; a shorter training says nothing.
    """

    words: str
    metric: str
    share: float
    command: str
    since: int = 0


@dataclass(frozen=True)
class Compared:
    """The report compares trainings and does not say which is ahead, or ours cannot: what is measured is only told.

    Attributes:
        words: what is compared.
        trainings: experiments, or `experiment:variant`, at least two.
        measure: what is compared; less is better.
        data_sets: whether they are of different data sets.
    """

    words: str
    trainings: tuple[str, ...]
    measure: Measure = "final"
    data_sets: bool = False


@dataclass(frozen=True)
class ByEye:
    """The report judges its pictures by eye, and nothing measured can stand for it.

    Attributes:
        words: the claim.
        seen: what the kept runs' pictures show.
    """

    words: str
    seen: str


Claim = Number | Order | Gain | BestStep | Settles | Absent | Distance | Level | Compared | ByEye


def without(choices: dict[str, Any], variants: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Choices by option, but for those that the variants make."""
    return {name: value for name, value in choices.items() if not any(name in each for each in variants.values())}


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
        claims: what is checked, each a `Claim`.
    """

    name: str
    report: str
    claim: str
    dataset: str | None
    claims: tuple[Claim, ...]
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

    def of_variant(self, variant: str) -> dict[str, Any]:
        """The choices of one training, without the data set."""
        return {**self.choices, **self.variants.get(variant, {})}
