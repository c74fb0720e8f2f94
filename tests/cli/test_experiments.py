"""The command that lists and runs the reports' experiments, as far as nothing is trained."""

import pytest

from tfgan_repro.cli.experiments import build_parser, main
from tfgan_repro.errors import UserError


def test_options_of_a_training_are_options_of_the_runner_but_for_its_own():
    said = vars(build_parser().parse_args(["run", "mnist-dcgan", "--width", "0.5", "--seeds", "1"]))
    assert said.items() >= {"names": ["mnist-dcgan"], "width": 0.5, "seeds": 1}.items()
    for option in ("--seed", "--run-dir", "--experiment"):
        with pytest.raises(UserError, match=f"unknown option {option}"):
            build_parser().parse_args(["run", "mnist-dcgan", option, "1"])


def test_the_experiments_are_listed(capsys):
    main(["list"])
    assert capsys.readouterr().out.startswith("experiment ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--seeds", "0"], "--seeds 0: must be a whole number from 1 on"),
        (["--budget-minutes", "0"], "--budget-minutes 0.0: must be a number above 0"),
        (["--budget-minutes", "nan"], "--budget-minutes nan: must be a number above 0"),
    ],
)
def test_numbers_out_of_range_are_refused(words, message):
    with pytest.raises(UserError, match=message):
        main(["run", "mnist-dcgan", *words])
