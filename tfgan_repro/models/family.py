"""What a named model adds to a `GAN`: networks of a family, built for an image size, and a recipe."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras

from tfgan_repro.choices import as_whole
from tfgan_repro.errors import UserError, unknown_name
from tfgan_repro.models.architecture import Architecture, as_image_shape
from tfgan_repro.models.gan import GAN
from tfgan_repro.models.options import NetworkChoices, TrainingChoices
from tfgan_repro.models.recipes import NAMES, TUNED_FOR_CLASSES, recipe_of
from tfgan_repro.models.rules import check_choices
from tfgan_repro.types import Network


class NamedGAN(GAN):
    """A `GAN` whose networks come from a family, with a recipe's choices where nothing else is said.

    Args:
        image_shape: `(height, width, channels)`, square.
        num_classes: of the labels; 0 for a set without. A recipe that does without classes leaves them out, unless a
            conditioning is named; the tuned `DCGAN` uses them.
        recipe: "tuned", the best known for these networks, or "report" or "paper", as published, where there is one.
        **choices: fields of `NetworkChoices`, such as `latent_dim` and `width`; the recipe's where not given; `seed`.

    Raises:
        UserError: the networks cannot make that image size, need labels where there are none, or an unknown choice or
            recipe.
    """

    model: str  # the name in `tfgan_repro.models.MODELS` and in the recipes

    def __init__(
        self,
        image_shape: Sequence[int] = (32, 32, 3),
        num_classes: int = 0,
        recipe: str = "tuned",
        name: str | None = None,
        **choices: Any,
    ) -> None:
        shape = as_image_shape(image_shape)
        num_classes = as_whole("num_classes", num_classes)
        seed = as_whole("seed", choices.pop("seed", 0))
        taken = recipe_of(self.model, NAMES.check(recipe))
        if num_classes and recipe == "tuned":
            taken = {**taken, **TUNED_FOR_CLASSES.get(self.model, {})}
        known = NetworkChoices.__dataclass_fields__
        for choice in choices:
            if choice in TrainingChoices.__dataclass_fields__:
                raise UserError(f"{choice} is a choice of the training: give it to compile({choice}=...)")
            if choice not in known:
                raise unknown_name("choice", choice, [*known, "seed"])
        chosen = {**{name: value for name, value in taken.items() if name in known}, **choices}
        chosen = check_choices(chosen, {"model": self.model, "image_size": shape[0]})
        architecture = Architecture(shape, num_classes, seed, **chosen)
        super().__init__(
            self.build_generator(architecture),
            self.build_discriminator(architecture),
            seed=architecture.seed,
            name=name or self.model.replace("-", "_"),
        )
        self.architecture, self.recipe, self.recipe_name = architecture, taken, recipe
        self.network_choices = {**dataclasses.asdict(architecture), "model": self.model}
        self.num_classes = architecture.num_classes or None

    @staticmethod
    def build_generator(architecture: Architecture) -> Network:
        """The generator.

        Returns:
            A functional model from latents `[batch, latent_dim]` (and labels `[batch]` if conditional) to float32
            images `[batch, height, width, channels]` in [-1, 1].

        Raises:
            UserError: it cannot make that image size.
        """
        raise NotImplementedError

    @staticmethod
    def build_discriminator(architecture: Architecture) -> Network:
        """The discriminator.

        Returns:
            A functional model from images `[batch, height, width, channels]` in [-1, 1] (and labels `[batch]` where
            they are concatenated or projected) to float32 logits `[batch, 1]`, and class logits
            `[batch, num_classes]` with a classifier.

        Raises:
            UserError: it cannot take that image size.
        """
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        choices = {"recipe": self.recipe_name, "name": self.name}
        return {**dataclasses.asdict(self.architecture), **choices, **self.state_config()}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "GAN":
        return cls.in_state(**config)


def registered(family: type[NamedGAN]) -> type[NamedGAN]:
    """Decorates a family, so that a saved model loads without `custom_objects`."""
    return keras.saving.register_keras_serializable("tfgan_repro")(family)
