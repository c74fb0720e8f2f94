"""Every choice of a run, in one place."""

import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tfgan_repro.backends import PRECISIONS, STRATEGIES
from tfgan_repro.choices import Kind, check_fields, choice, each_checked, numbers_of
from tfgan_repro.data import SOURCES, load_pictures
from tfgan_repro.data.preparation import PREPARING, Preparation
from tfgan_repro.errors import UserError, shortened, unknown_name
from tfgan_repro.metrics.registries import AUTO_EXTRACTORS, FEATURES, RESIZES
from tfgan_repro.models import MODELS, recipes
from tfgan_repro.models.options import LOSS, NETWORKS, TECHNIQUES, NetworkChoices, TrainingChoices
from tfgan_repro.models.rules import check_combination
from tfgan_repro.registry import Names

if TYPE_CHECKING:
    from tfgan_repro.data.pictures import PictureSet

ON_FAILURE = Names("reaction", "warn", "stop", "rollback")

WHAT, HOW, SCORES, OUTPUT = "what to train", "how to train", "scores", "output"
GROUPS = (WHAT, PREPARING, NETWORKS, HOW, LOSS, TECHNIQUES, SCORES, OUTPUT)  # in the order of `--help`


@dataclass(frozen=True)
class TrainConfig(TrainingChoices, NetworkChoices, Preparation):
    """Every choice of a run. A field by itself has the default that stands here; `from_choices` follows the recipe.

    Raises:
        UserError: a value of the wrong type, out of range or unknown, or values that contradict each other.
    """

    experiment: str | None = choice(
        None, WHAT, "of a report, NAME or NAME:VARIANT; other options override it", metavar="NAME", kind="preset"
    )
    recipe: str = choice(
        "tuned", WHAT, "source of the choices that are not given (of an experiment: report)", names=recipes.NAMES,
        kind="preset",
    )  # fmt: skip
    from_: str | None = choice(
        None, WHAT, "begin with the networks of a run, or of a checkpoint in it; what else is not chosen is taken from "
        "it: the networks, the loss, techniques, --batch-size, --flip, --dequantize", metavar="RUN",
    )  # fmt: skip
    model: str = choice("dcgan", WHAT, "the networks", names=MODELS)
    dataset: str = choice("shapes", WHAT, "the pictures", names=SOURCES)
    data_dir: str | None = choice(
        None, WHAT, "where TensorFlow Datasets keeps its sets (TFDS_DATA_DIR, ...)", metavar="DIR", kind="place",
        changeable=True,
    )  # fmt: skip
    flip: bool = choice(False, WHAT, "mirror images at random")
    dequantize: bool = choice(False, WHAT, "add noise of one pixel level, U(0, 1/128)")

    steps: int = choice(30_000, HOW, "generator updates", low=1, metavar="N", changeable=True)
    epochs: int | None = choice(None, HOW, "passes over the training images, instead of --steps", low=1, metavar="N")
    batch_size: int = choice(128, HOW, "images a minibatch", low=2, metavar="N")
    precision: str = choice("auto", HOW, "of the networks' arithmetic", names=PRECISIONS, kind="machine")
    strategy: str = choice(
        "auto", HOW, "which devices share each minibatch (docs/scaling.md)", names=STRATEGIES, kind="machine",
        changeable=True,
    )  # fmt: skip
    seed: int = choice(0, HOW, "fixes the run", low=0, high=2**31, metavar="N", kind="seed")

    fid_every: int = choice(0, SCORES, "steps between scores; 0 for none", low=0, metavar="N", kind="score")
    fid_samples: int = choice(
        1000, SCORES, "generated and real images in a score", low=2, metavar="N", kind="score"
    )
    extractor: str = choice(
        "auto", SCORES, "the features that distances are computed on", names=AUTO_EXTRACTORS, kind="score"
    )
    inception_weights: str | None = choice(
        None, SCORES, "the extractor's weights (TFGAN_REPRO_INCEPTION_WEIGHTS, TFGAN_REPRO_DINOV2_WEIGHTS)",
        metavar="FILE", kind="place", changeable=True,
    )  # fmt: skip
    features: int | None = choice(
        None, SCORES, f"how many: {FEATURES}", low=1, metavar="N", kind="score"
    )
    resize: str | None = choice(
        None, SCORES, "to the extractor's size (the extractor's own)", names=RESIZES, kind="score"
    )

    results_dir: str = choice("results", OUTPUT, "where run directories are made", metavar="DIR", kind="place")
    run_dir: str | None = choice(
        None, OUTPUT, "this run's directory (RESULTS/MODEL-DATASET-NNN)", metavar="DIR", kind="place"
    )
    log_every: int = choice(100, OUTPUT, "steps between lines of log.jsonl", low=1, metavar="N", kind="output")
    checkpoint_every: int = choice(1000, OUTPUT, "steps between checkpoints", low=1, metavar="N", kind="output")
    sample_steps: str | None = choice(
        None, OUTPUT, "extra steps at which a grid of samples is written", several=True, metavar="N,N",
        kind="output",
    )  # fmt: skip
    sample_epochs: str | None = choice(
        None, OUTPUT, "the same in epochs", several=True, metavar="N,N", kind="output"
    )
    wandb: bool = choice(
        False, OUTPUT, "log to Weights & Biases as well (pip install wandb)", kind="output", changeable=True
    )
    on_failure: str = choice(
        "warn", OUTPUT, "on NaN, mode collapse or a vanishing gradient", names=ON_FAILURE, metavar="DO",
        changeable=True,
    )  # fmt: skip

    def __post_init__(self) -> None:
        check_fields(self)
        check_combination(vars(self))

    @classmethod
    def checked(cls, choices: Mapping[str, Any]) -> dict[str, Any]:
        """Choices by name, each checked by itself: they need not go together, nor with the defaults of the others.

        Raises:
            UserError: an unknown choice, or a value of the wrong type, out of range or unknown.
        """
        return each_checked(cls.__dataclass_fields__, choices)

    @classmethod
    def from_choices(cls, **choices: Any) -> "TrainConfig":
        """The configuration of what was chosen; where nothing was, of the model's recipe.

        Raises:
            UserError: as the constructor; an unknown choice, or both `steps` and `epochs`.
        """
        if "steps" in choices and choices.get("epochs") is not None:
            raise UserError(f"--steps {choices['steps']} and --epochs {choices['epochs']}: give one of them")
        choices = cls.checked(choices)
        model, recipe = (str(choices.get(name, getattr(cls, name))) for name in ("model", "recipe"))
        return cls(**{**recipes.recipe_of(model, recipe), **choices})

    @property
    def preparation(self) -> Preparation:
        """The `Preparation` of the pictures."""
        return Preparation(**choices_of(Preparation, self))

    def load_pictures(self, split: str, data_dir: str | None = None, image_size: int | None = None) -> "PictureSet":
        """Load a split as `tfgan_repro.data.load_pictures` does, with what is not given here as it was chosen."""
        return load_pictures(self.dataset, split, data_dir or self.data_dir, image_size, self.preparation)

    @property
    def absolute_dataset(self) -> str:
        """The data set by a name that means the same pictures from any working directory."""
        return SOURCES.absolute(self.dataset)

    @property
    def absolute_places(self) -> dict[str, Any]:
        """What is read from a place, by field, so that it is the same from any working directory."""
        places = {name: getattr(self, name) for name in ("from_", "data_dir", "inception_weights")}
        # TensorFlow Datasets reads from addresses (gs://...) too.
        paths = {
            name: path if "://" in path else os.path.abspath(os.path.expanduser(path))
            for name, path in places.items()
            if path is not None
        }
        return {"dataset": self.absolute_dataset, **paths}

    @property
    def images_per_step(self) -> int:
        """Real images that a step sees."""
        return self.batch_size * self.discriminator_steps

    def of_images(self, count: int) -> "TrainConfig":
        """The same with steps in the place of epochs, which they are on so many training images.

        Raises:
            UserError: a step would see more.
        """
        epoch = count // self.images_per_step
        if not epoch:
            raise UserError(
                f"--batch-size {self.batch_size} times --discriminator-steps {self.discriminator_steps} is "
                f"{self.images_per_step} images a step; {self.dataset} has only {count}"
            )
        changes: dict[str, Any] = {}
        if self.epochs is not None:
            changes |= {"steps": self.epochs * epoch, "epochs": None}
        if self.sample_epochs is not None:
            steps = [number * epoch for number in numbers_of(self.sample_epochs)]
            changes |= {"sample_steps": [*numbers_of(self.sample_steps), *steps], "sample_epochs": None}
        return dataclasses.replace(self, **changes)

    def beside_recipe(self, *kinds: Kind) -> dict[str, Any]:
        """The choices of some kinds that differ from the model's recipe, by field; without model and data set."""
        usual = TrainConfig.from_choices(model=self.model, recipe=self.recipe)
        compared = fields_of_kind(*kinds) - {"model", "dataset"}
        return {name: value for name, value in vars(self).items() if name in compared and value != getattr(usual, name)}

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
        # Runs without these entries are from before there was a choice; without a classifier the second is none.
        classified = values.get("discriminator_conditioning") == "classifier"
        before = {"recipe": "report", **({"class_loss": "real"} if classified else {})}
        return cls(**{**before, **values})


def choices_of(kind: type, config: TrainConfig) -> dict[str, Any]:
    """The choices of a `TrainConfig` that are those of a dataclass that it is made from, such as `NetworkChoices`."""
    return {spec.name: getattr(config, spec.name) for spec in dataclasses.fields(kind)}


def fields_of_kind(*kinds: Kind) -> frozenset[str]:
    """The names of the fields of `TrainConfig` that decide something of these kinds; see `choice`."""
    return frozenset(spec.name for spec in dataclasses.fields(TrainConfig) if spec.metadata["kind"] in kinds)


def changeable_fields() -> frozenset[str]:
    """The names of the fields of `TrainConfig` that a resumed run may change; see `choice`."""
    return frozenset(spec.name for spec in dataclasses.fields(TrainConfig) if spec.metadata["changeable"])
