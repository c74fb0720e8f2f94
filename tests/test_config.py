import pytest

from tfgan_repro.config import AUGMENTATIONS, OPTIMIZERS, TrainConfig, choices_of
from tfgan_repro.errors import UserError
from tfgan_repro.models import MODELS
from tfgan_repro.models.augmentation import POLICIES
from tfgan_repro.models.techniques import Techniques
from tfgan_repro.models.architecture import Architecture
from tfgan_repro.recipes import RECIPES
from tfgan_repro.runs.building import OPTIMIZERS as OPTIMIZER_CODE


def test_json_round_trip():
    config = TrainConfig(dataset="mnist", width=0.5, flip=True, image_size=64)
    assert TrainConfig.from_json(config.to_json()) == config


def test_the_parts_of_a_configuration_have_its_defaults():
    config = TrainConfig()
    assert choices_of(Architecture, config).items() <= choices_of(Architecture, Architecture()).items()
    differing = {"label_smoothing"}  # a loss by itself is not smoothed
    assert choices_of(Techniques, config).keys() == choices_of(Techniques, Techniques()).keys()
    for name, value in choices_of(Techniques, Techniques()).items():
        assert (getattr(config, name) == value) == (name not in differing), name


@pytest.mark.parametrize("model", MODELS)
def test_what_is_not_chosen_comes_from_the_recipe(model):
    config = TrainConfig.from_choices(model=model, steps=7)
    expected = {**TrainConfig().to_json(), **RECIPES[model], "model": model, "steps": 7}
    assert config.to_json() == expected


def test_defaults_are_report_c():
    config = TrainConfig()
    assert (config.latent_dim, config.batch_size) == (100, 128)
    assert (config.generator_learning_rate, config.discriminator_learning_rate) == (1e-4, 4e-4)
    assert (config.beta_1, config.label_smoothing) == (0.5, 0.1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "dcgna"}, "unknown model 'dcgna'; did you mean dcgan or sndcgan?"),
        ({"dataset": "cifar"}, "unknown data set 'cifar'; did you mean cifar10 or cifar100?"),
        ({"loss": "zzz"}, "unknown loss 'zzz'; known: hinge, least-squares, non-saturating, saturating, wasserstein"),
        ({"augmentation": "color,cut"}, "unknown augmentation 'cut'; did you mean cutout?"),
        ({"steps": 0}, "--steps 0: must be at least 1"),
        ({"batch_size": -3}, "--batch-size -3: must be at least 2"),
        ({"width": 0.0}, "--width 0.0: must be above 0"),
        ({"width": float("nan")}, "--width nan: must be a finite number"),
        ({"beta_1": 1.0}, "--beta-1 1.0: must be below 1"),
        ({"steps": 1.5}, "--steps 1.5: expected int"),
        ({"steps": True}, "--steps True: expected int"),
        ({"data_dir": 3}, "--data-dir 3: expected str"),
    ],
)
def test_bad_values_are_named(change, message):
    with pytest.raises(UserError) as error:
        TrainConfig(**change)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("values", "message"),
    [([], "a configuration is a JSON object, not []"), ({"stepz": 3}, "unknown configuration key 'stepz'; did you")],
)
def test_bad_json_is_named(values, message):
    with pytest.raises(UserError, match=message.replace("[", r"\[").replace("]", r"\]")):
        TrainConfig.from_json(values)


def test_the_words_of_the_configuration_have_code_behind_them():
    assert set(AUGMENTATIONS) == set(POLICIES)
    assert set(OPTIMIZERS) == set(OPTIMIZER_CODE)
