"""From the name of an experiment to a configuration, and the list of all of them."""

import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.experiments.presets import EXPERIMENTS
from tfgan_repro.experiments.selection import config_of, table


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"experiment": "cifar10-sgan"}, "unknown experiment 'cifar10-sgan'; did you mean cifar10-sagan"),
        ({"experiment": "adam-vs-sgd"}, "say adam-vs-sgd:adam or adam-vs-sgd:sgd"),
        ({"experiment": "adam-vs-sgd:adm"}, "unknown variant of adam-vs-sgd 'adm'; did you mean adam"),
        ({"experiment": "anime-dcgan"}, "needs pictures of yours: --dataset folder:PATH with faces of anime"),
        ({"experiment": "impressionism-dcgan"}, "needs pictures of yours: --dataset folder:PATH with impressionist"),
        ({"experiment": "cifar10-dcgan", "penalty": "r1"}, "--penalty r1 punishes each image's own gradient"),
        ({"experiment": 5}, "--experiment 5: expected str"),
        ({"from_": 5}, "--from 5: expected str"),
        ({"fid_samples": 500}, "--fid-samples needs --fid-every, without which a training is not scored"),
        ({"extractor": "2015", "resize": "clean"}, "--extractor needs --fid-every"),
    ],
)
def test_what_cannot_be_is_one_line(choices, message):
    with pytest.raises(UserError) as error:
        config_of(choices)
    assert message in str(error.value) and "\n" not in str(error.value)


def test_choices_about_scores_go_with_scores():
    assert config_of({"fid_samples": 500, "fid_every": 100}).fid_samples == 500
    assert config_of({"fid_samples": 500, "fid_every": 0}).fid_every == 0, "as a script may say it"
    assert config_of({"experiment": "adam-vs-sgd:adam", "extractor": "2015"}).extractor == "2015"


def test_no_epochs_leave_an_experiment_its_steps():
    assert config_of({"experiment": "cifar10-sagan", "epochs": None}).steps == 100_000


def test_the_list_has_report_data_set_and_claim():
    lines = table().splitlines()
    assert len([line for line in lines if not line.startswith(" ")]) == len(EXPERIMENTS) + 1
    (number,) = (number for number, line in enumerate(lines) if line.startswith("cifar10-dcgan "))
    assert lines[number].split()[1:] == ["C", "cifar10"] and "FID 89.68" in lines[number + 1]
    assert max(map(len, lines)) < 80
