"""Every choice of a run, in one place."""

import dataclasses
import json
import math
import os
from dataclasses import dataclass, field
from typing import Any

from tfgan_repro.data import SOURCES
from tfgan_repro.data.preparation import BAD_IMAGES, COLOURS, CROPS, DUPLICATES, Preparation
from tfgan_repro.errors import UserError, shortened, unknown_name
from tfgan_repro.experiments.selection import preset_choices
from tfgan_repro.metrics import EXTRACTORS, RESIZES
from tfgan_repro.models import LOSSES, MODELS, PENALTIES
from tfgan_repro.recipes import RECIPES
from tfgan_repro.registry import Registry
from tfgan_repro.rules import check_combination


def names(kind: str, *known: str) -> Registry:
    """A `Registry` of words that stand for nothing to be imported."""
    return Registry(kind, dict.fromkeys(known, ""))


PRECISIONS = names("precision", "auto", "float32", "bfloat16")
ON_FAILURE = names("reaction", "warn", "stop", "rollback")
AUTO_EXTRACTORS = Registry("extractor", {"auto": "", **EXTRACTORS})
GENERATOR_CONDITIONINGS = names("generator conditioning", "none", "concatenation", "batch-normalization")
DISCRIMINATOR_CONDITIONINGS = names("discriminator conditioning", "none", "concatenation", "projection", "classifier")
NORMALIZATIONS = names("normalization", "batch", "layer", "none")
SPECTRAL_NORMALIZATIONS = names("spectral normalization", "none", "discriminator", "both")
DOWNSAMPLINGS = names("downsampling", "stride", "average-pooling")
DISCRIMINATOR_BATCHES = names("kind of discriminator batches", "separate", "joint")
STRATEGIES = names("strategy", "auto", "none", "mirrored", "multiworker", "tpu")
BATCH_NORMALIZATIONS = names("kind of batch normalization", "per-replica", "synchronized")
OPTIMIZERS = names("optimizer", "adam", "sgd", "rmsprop")
AUGMENTATIONS = ("color", "translation", "cutout")


def choice(
    default: Any,
    group: str,
    text: str,
    *,
    names: Registry | None = None,
    low: float | None = None,
    high: float | None = None,
    metavar: str | None = None,
    kind: str = "training",
) -> Any:
    """A field of `TrainConfig` with what the command line and the validation need to know.

    Args:
        default: the value where nothing is said.
        group: the heading in `--help`.
        text: the explanation in `--help`.
        names: a `Registry` of the values allowed.
        low: the smallest value allowed.
        high: the bound that the value stays below.
        metavar: what `--help` calls the value.
        kind: what it decides: the "training"; a "place" on this machine; the "machine" that computes; or the "output",
            which is written more or less often, whatever is trained.
    """
    return field(
        default=default,
        metadata={
            "group": group,
            "help": text,
            "names": names,
            "low": low,
            "high": high,
            "metavar": metavar,
            "kind": kind,
        },
    )


PREPARING = "how pictures are prepared"
TINY = 1e-12  # the lower bound of what must be above zero
MOST = 2**31  # what every whole number stays below: more is a slip of the keyboard
MOST_PIXELS = 4097  # a side


@dataclass(frozen=True)
class TrainConfig:
    """Every choice of a run; the defaults are report C's DCGAN.

    Raises:
        UserError: a value of the wrong type, out of range or unknown.
    """

    experiment: str | None = choice(
        None, "what to train", "of a report, NAME or NAME:VARIANT; what is said beside it wins", metavar="NAME"
    )
    model: str = choice("dcgan", "what to train", "the networks", names=MODELS)
    dataset: str = choice("shapes", "what to train", "the pictures", names=SOURCES)
    data_dir: str | None = choice(
        None,
        "what to train",
        "where TensorFlow Datasets keeps its sets (TFDS_DATA_DIR, ...)",
        metavar="DIR",
        kind="place",
    )
    image_size: int | None = choice(
        None,
        "what to train",
        "pixels a side; resized with antialiasing (the set's own)",
        low=1,
        high=MOST_PIXELS,
        metavar="N",
    )
    flip: bool = choice(False, "what to train", "mirror images at random")
    dequantize: bool = choice(False, "what to train", "add noise of one pixel level, U(0, 1/128)")

    crop: str = choice("center", PREPARING, "what is kept of a picture", names=CROPS)
    colours: str = choice("keep", PREPARING, "grey sets stay grey, or all become one kind", names=COLOURS)
    label_column: str | None = choice(
        None, PREPARING, "of labels.csv or attributes.csv, for classes (the folders)", metavar="NAME"
    )
    trim_borders: bool = choice(False, PREPARING, "cut black bars off")
    min_size: int = choice(1, PREPARING, "leave out pictures of fewer pixels a side", low=1, metavar="N")
    duplicates: str = choice("auto", PREPARING, "copies of a picture to leave out", names=DUPLICATES)
    test_percent: float = choice(
        10.0, PREPARING, "held out of a set that has no test split", low=0, high=100, metavar="X"
    )
    on_bad_image: str = choice("skip", PREPARING, "about files that are no pictures", names=BAD_IMAGES)

    latent_dim: int = choice(100, "the networks", "length of a latent vector", low=1, high=4097, metavar="N")
    width: float = choice(1.0, "the networks", "factor on every channel count", low=TINY, high=64, metavar="X")
    generator_conditioning: str = choice(
        "none", "the networks", "how the generator is told the class", names=GENERATOR_CONDITIONINGS
    )
    discriminator_conditioning: str = choice(
        "none", "the networks", "how the discriminator is told the class", names=DISCRIMINATOR_CONDITIONINGS
    )
    discriminator_normalization: str = choice("batch", "the networks", "after convolutions", names=NORMALIZATIONS)
    spectral_normalization: str = choice("none", "the networks", "of which network", names=SPECTRAL_NORMALIZATIONS)
    attention: bool = choice(False, "the networks", "self-attention in both")
    downsampling: str = choice("stride", "the networks", "how the discriminator shrinks images", names=DOWNSAMPLINGS)
    leaky_slope: float = choice(0.2, "the networks", "of rectifiers below 0; 0 for ReLU", low=0, high=1, metavar="X")
    dropout: float = choice(0.0, "the networks", "probability of leaving a feature out", low=0, high=1, metavar="X")

    steps: int = choice(30_000, "how to train", "generator updates", low=1, metavar="N")
    batch_size: int = choice(128, "how to train", "images a minibatch", low=2, metavar="N")
    loss: str = choice("non-saturating", "how to train", "the adversarial loss", names=LOSSES)
    discriminator_steps: int = choice(
        1, "how to train", "discriminator updates before each generator update", low=1, metavar="N"
    )
    optimizer: str = choice("adam", "how to train", "of both networks", names=OPTIMIZERS)
    generator_learning_rate: float = choice(1e-4, "how to train", "step size", low=TINY, high=10, metavar="X")
    discriminator_learning_rate: float = choice(4e-4, "how to train", "step size", low=TINY, high=10, metavar="X")
    learning_rate_decay_steps: int = choice(
        0, "how to train", "generator updates until both rates have fallen linearly to 0; 0: never", low=0, metavar="N"
    )
    beta_1: float = choice(0.5, "how to train", "Adam's decay of the mean", low=0, high=1, metavar="X")
    beta_2: float = choice(0.999, "how to train", "Adam's decay of the variance", low=0, high=1, metavar="X")
    momentum: float = choice(0.0, "how to train", "of SGD and RMSprop", low=0, high=1, metavar="X")
    precision: str = choice("auto", "how to train", "of the networks' arithmetic", names=PRECISIONS, kind="machine")
    strategy: str = choice(
        "auto", "how to train", "which devices share each minibatch (docs/scaling.md)", names=STRATEGIES, kind="machine"
    )
    batch_normalization: str = choice(
        "per-replica", "how to train", "statistics of each device's share or of all", names=BATCH_NORMALIZATIONS
    )
    seed: int = choice(0, "how to train", "fixes the run", low=0, high=2**31, metavar="N")

    label_smoothing: float = choice(
        0.1, "techniques", "real labels are 1 minus this (one-sided)", low=0, high=1, metavar="X"
    )
    label_flipping: float = choice(
        0.0, "techniques", "probability of taking a real image for a generated one and back", low=0, high=1, metavar="X"
    )
    penalty: str = choice("none", "techniques", "on the discriminator's slope", names=PENALTIES)
    penalty_weight: float = choice(10.0, "techniques", "factor on the penalty", low=0, metavar="X")
    weight_clip: float = choice(0.0, "techniques", "bound on the discriminator's weights; 0: none", low=0, metavar="X")
    classifier_weight: float = choice(1.0, "techniques", "factor on the class losses", low=0, metavar="X")
    discriminator_batches: str = choice(
        "separate", "techniques", "real and generated images in the discriminator", names=DISCRIMINATOR_BATCHES
    )
    instance_noise: float = choice(
        0.0, "techniques", "deviation of noise on what the discriminator sees", low=0, metavar="X"
    )
    instance_noise_steps: int = choice(
        0, "techniques", "generator updates until it has fallen linearly to 0; 0: never", low=0, metavar="N"
    )
    augmentation: str = choice(
        "none", "techniques", f"of what the discriminator sees: {','.join(AUGMENTATIONS)}, or some", metavar="NAMES"
    )
    ema_half_life: float = choice(
        0.0, "techniques", "images until the sampling generator half forgets; 0: no average", low=0, metavar="X"
    )
    ema_start: int = choice(0, "techniques", "generator updates before the average begins", low=0, metavar="N")

    fid_every: int = choice(0, "scores", "steps between scores; 0 for none", low=0, metavar="N")
    fid_samples: int = choice(1000, "scores", "generated and real images in a score", low=2, metavar="N")
    extractor: str = choice("auto", "scores", "the features that distances are computed on", names=AUTO_EXTRACTORS)
    inception_weights: str | None = choice(
        None, "scores", "the Inception weights (TFGAN_REPRO_INCEPTION_WEIGHTS)", metavar="FILE", kind="place"
    )
    features: int | None = choice(None, "scores", "2048 or 768 features (what the weights allow)", low=1, metavar="N")
    resize: str | None = choice(None, "scores", "to the extractor's size (the extractor's own)", names=RESIZES)

    results_dir: str = choice("results", "output", "where run directories are made", metavar="DIR", kind="place")
    run_dir: str | None = choice(
        None, "output", "this run's directory (RESULTS/MODEL-DATASET-NNN)", metavar="DIR", kind="place"
    )
    log_every: int = choice(100, "output", "steps between lines of log.jsonl", low=1, metavar="N", kind="output")
    checkpoint_every: int = choice(1000, "output", "steps between checkpoints", low=1, metavar="N", kind="output")
    wandb: bool = choice(False, "output", "log to Weights & Biases as well (pip install wandb)", kind="output")
    on_failure: str = choice(
        "warn", "output", "on NaN, mode collapse or a vanishing gradient", names=ON_FAILURE, metavar="DO"
    )

    def __post_init__(self) -> None:
        for spec in dataclasses.fields(self):
            check_value(spec, getattr(self, spec.name))
        if self.augmentation != "none":
            for name in self.augmentation.split(","):
                if name not in AUGMENTATIONS:
                    raise unknown_name("augmentation", name, AUGMENTATIONS)
        check_combination(self)

    @classmethod
    def from_choices(cls, **choices: Any) -> "TrainConfig":
        """The configuration of what was chosen; where nothing was, of the experiment, then of the model's recipe.

        Raises:
            UserError: as the constructor, or as `preset_choices`.
        """
        name = choices.get("experiment")
        choices = {**(preset_choices(name, choices) if name else {}), **choices}
        model = choices.get("model", cls.model)
        return cls(**{**RECIPES.get(model, {}), **choices})

    @property
    def preparation(self) -> Preparation:
        """The `Preparation` of the pictures."""
        return Preparation(**{spec.name: getattr(self, spec.name) for spec in dataclasses.fields(Preparation)})

    def to_json(self) -> dict[str, Any]:
        """A dictionary that `json` can write and `from_json` reads back."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "TrainConfig":
        """The configuration written by `to_json`.

        Raises:
            UserError: not a dictionary, an unknown key, or a bad value.
        """
        if not isinstance(values, dict):
            raise UserError(f"a configuration is a JSON object, not {shortened(json.dumps(values))}")
        known = {spec.name for spec in dataclasses.fields(cls)}
        for name in values:
            if name not in known:
                raise unknown_name("configuration key", name, known)
        return cls(**values)


def choices_of(kind: type, config: TrainConfig) -> dict[str, Any]:
    """The keywords that a dataclass such as `Architecture` shares with a `TrainConfig`."""
    known = {spec.name for spec in dataclasses.fields(config)}
    return {spec.name: getattr(config, spec.name) for spec in dataclasses.fields(kind) if spec.name in known}


def fields_of_kind(*kinds: str) -> frozenset[str]:
    """The names of the fields of `TrainConfig` that decide something of these kinds; see `choice`."""
    return frozenset(spec.name for spec in dataclasses.fields(TrainConfig) if spec.metadata["kind"] in kinds)


def option_name(field_name: str) -> str:
    """The command line's name of a field: `batch_size` is `--batch-size`."""
    return "--" + field_name.replace("_", "-")


def check_value(spec: dataclasses.Field, value: Any) -> None:
    """Raise a `UserError` where a field's value is of the wrong type, out of range or unknown."""
    option, bounds = option_name(spec.name), spec.metadata
    # An int is a fine float (JSON does not always keep the point), but a bool is no int.
    kinds: Any = (float, int) if spec.type is float else spec.type
    if not isinstance(value, kinds) or (isinstance(value, bool) and spec.type is not bool):
        raise UserError(f"{option} {shortened(repr(value))}: expected {type_name(spec.type)}")
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
    shown = shortened(repr(value))
    if low is not None and value < low:
        raise UserError(f"{option} {shown}: must be {'above 0' if low == TINY else f'at least {low}'}")
    if high is not None and value >= high:
        raise UserError(f"{option} {shown}: must be below {high}")


def check_text(option: str, value: str) -> None:
    """Raise a `UserError` where a text can be no file's name, nor any other."""
    try:
        if value and b"\0" not in os.fsencode(value):
            return
    except UnicodeEncodeError:
        pass
    raise UserError(f"{option} {shortened(repr(value))}: no file can have this name, and nothing else has it")


def type_name(kind: Any) -> str:
    return getattr(kind, "__name__", str(kind).replace(" | None", ""))
