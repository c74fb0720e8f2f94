import pytest

from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError


def test_json_round_trip():
    config = TrainConfig(dataset="mnist", width=0.5, flip=True, image_size=64)
    assert TrainConfig.from_json(config.to_json()) == config


def test_defaults_are_report_c():
    config = TrainConfig()
    assert (config.latent_dim, config.batch_size) == (100, 128)
    assert (config.generator_learning_rate, config.discriminator_learning_rate) == (1e-4, 4e-4)
    assert (config.beta_1, config.label_smoothing) == (0.5, 0.1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "dcgna"}, "unknown model 'dcgna'; did you mean dcgan?"),
        ({"dataset": "cifar"}, "unknown data set 'cifar'; did you mean cifar10?"),
        ({"loss": "zzz"}, "unknown loss 'zzz'; known: non-saturating, saturating, "),
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
