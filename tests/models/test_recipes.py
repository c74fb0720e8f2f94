"""What each model is trained with where nothing is said."""

import pytest

from tfgan_repro.config import TrainConfig
from tfgan_repro.models import MODELS
from tfgan_repro.models.recipes import NAMES, recipe_of


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("model", MODELS)
def test_every_recipe_is_a_valid_configuration(model, name):
    assert TrainConfig.from_choices(model=model, recipe=name).model == model


def test_a_recipe_that_a_model_lacks_is_its_published_one():
    assert recipe_of("dcgan", "paper") == recipe_of("dcgan", "report")
    assert recipe_of("r3gan", "report") == recipe_of("r3gan", "paper") != recipe_of("r3gan", "tuned")


def test_the_paper_departs_from_the_report_in_its_discriminator_steps():
    assert [recipe_of("wgan-gp-acgan", name)["discriminator_steps"] for name in NAMES] == [5, 1, 5]


def test_a_tuned_sagan_is_still_a_conditional_sagan_with_smoothing_and_the_wasserstein_loss():
    tuned, report = (recipe_of("sagan", name) for name in ("tuned", "report"))
    for choice in ("loss", "label_smoothing", "attention", "spectral_normalization", "generator_conditioning"):
        assert tuned[choice] == report[choice]
    assert tuned["discriminator_conditioning"] != "none"


def test_a_model_without_any_has_what_all_others_differ_from():
    assert recipe_of("another") == recipe_of("dcgan", "report")
