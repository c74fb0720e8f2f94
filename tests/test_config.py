"""A configuration: what it takes, what it refuses, and what its files say."""

import numpy as np
import pytest

from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError
from tfgan_repro.models import MODELS
from tfgan_repro.models.recipes import recipe_of


def test_json_round_trip():
    config = TrainConfig(dataset="mnist", width=0.5, flip=True, image_size=64, augmentation="color,cutout")
    assert TrainConfig.from_json(config.to_json()) == config


@pytest.mark.parametrize("model", MODELS)
def test_what_is_chosen_wins_over_the_recipe(model):
    recipe = recipe_of(model, "tuned")
    config = TrainConfig.from_choices(model=model, steps=7)
    assert config.steps == 7
    assert all(getattr(config, name) == value for name, value in recipe.items() if name != "steps")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "dcgna"}, "unknown model 'dcgna'; did you mean dcgan or sndcgan"),
        ({"dataset": "cifar"}, "unknown data set 'cifar'; did you mean cifar10 or cifar100?"),
        ({"loss": "wassersten"}, "unknown loss 'wassersten'; did you mean wasserstein?"),
        ({"augmentation": "color,cut"}, "unknown augmentation 'cut'; did you mean cutout or ada-cutout?"),
        ({"augmentation": "color,color"}, "augmentation 'color' is named twice"),
        ({"augmentation": "color,none"}, "augmentation 'none' does not go with others"),
        ({"augmentation": "color:2"}, "--augmentation color:2: takes names without weights"),
        ({"penalty": "r3:10"}, "unknown penalty 'r3'; did you mean r2 or r1?"),
        ({"penalty": "r1:ten"}, "penalty 'r1': its weight must be a number from 0 on, not 'ten'"),
        ({"penalty": "r1:-1"}, "penalty 'r1': its weight must be a number from 0 on, not '-1'"),
        ({"penalty": [("r1", 10)]}, "--penalty [('r1', 10)]: expected names, or a dictionary from names to weights"),
        ({"steps": 0}, "--steps 0: must be at least 1"),
        ({"batch_size": -3}, "--batch-size -3: must be at least 2"),
        ({"width": 0.0}, "--width 0.0: must be above 0"),
        ({"width": float("nan")}, "--width nan: must be a finite number"),
        ({"beta_1": 1.0}, "--beta-1 1.0: must be below 1"),
        ({"steps": 1.5}, "--steps 1.5: expected int"),
        ({"steps": True}, "--steps True: expected int"),
        ({"data_dir": 3}, "--data-dir 3: expected str"),
        ({"dataset": np.zeros((3, 2))}, "--dataset array([[0., 0.], [0., 0.], [0., 0.]]): expected str"),
    ],
)
def test_bad_values_are_named(change, message):
    with pytest.raises(UserError) as error:
        TrainConfig(**change)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("values", "message"),
    [([], "a configuration is a JSON object, not []"), ({"stepz": 3}, "unknown configuration key 'stepz'; did you")],
)
def test_bad_json_is_named(values, message):
    with pytest.raises(UserError, match=message.replace("[", r"\[").replace("]", r"\]")):
        TrainConfig.from_json(values)


def test_configurations_of_earlier_versions_are_read():
    """What they wrote of penalties and augmentation, and no recipe."""
    config = TrainConfig.from_json(
        {"penalty": "gradient", "penalty_weight": 3.0, "discriminator_normalization": "none", "augmentation": "color"}
    )
    assert (config.penalty, config.penalty_weight, config.augmentation) == ("gradient", 3.0, "color")
    assert config.recipe == "report"
    # A class loss has a meaning only with a classifier; without one, runs of then and of now are of equal choices.
    assert config.class_loss == TrainConfig().class_loss == "both"
    classified = {"generator_conditioning": "concatenation", "discriminator_conditioning": "classifier"}
    assert TrainConfig.from_json(classified).class_loss == "real"


def test_what_is_read_from_a_place_is_the_same_from_any_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = TrainConfig(dataset="folder:faces", data_dir="sets", inception_weights="../w.npz")
    places = {"dataset": f"folder:{tmp_path}/faces", "data_dir": f"{tmp_path}/sets"}
    assert config.absolute_places == {**places, "inception_weights": f"{tmp_path.parent}/w.npz"}
    assert TrainConfig(data_dir="gs://sets").absolute_places == {"dataset": "shapes", "data_dir": "gs://sets"}


def test_epochs_become_steps_when_the_images_are_counted():
    config = TrainConfig.from_choices(epochs=3, batch_size=10, discriminator_steps=2)
    operative = config.of_images(105)
    assert (operative.steps, operative.epochs) == (15, None)
    assert TrainConfig(steps=9, batch_size=105).of_images(105).steps == 9
    with pytest.raises(UserError, match="--batch-size 106 times --discriminator-steps 1 is 106 images a step; shapes"):
        TrainConfig(steps=9, batch_size=106).of_images(105)
    sampled = TrainConfig(steps=9, batch_size=10, sample_epochs="2,4", sample_steps="7").of_images(35)
    assert (sampled.sample_steps, sampled.sample_epochs) == ("6,7,12", None)
    with pytest.raises(UserError, match="--steps 5 and --epochs 3: give one of them"):
        TrainConfig.from_choices(epochs=3, steps=5)
