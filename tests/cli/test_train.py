"""The words of the command line, each mistake in a process of its own where it must not import TensorFlow."""

import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT

from tfgan_repro.cli.train import build_parser


def test_help_imports_neither_tensorflow_nor_numpy():
    program = (
        "import sys, runpy; sys.path.insert(0, sys.argv[1]); script = sys.argv[2]\n"
        "sys.argv = [script, '--help']\n"
        "try: runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "except SystemExit as stop: assert not stop.code\n"
        "assert not {'tensorflow', 'keras', 'numpy', 'matplotlib'} & set(sys.modules)"
    )
    for script in ("train.py", "evaluate.py"):
        done = subprocess.run(
            [sys.executable, "-c", program, ROOT, ROOT / script], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "--checkpoint" in done.stdout


def test_help_fits_eighty_columns_and_shows_defaults():
    os.environ["COLUMNS"] = "80"
    text = build_parser().format_help()
    assert max(map(len, text.splitlines())) <= 80
    assert "(30,000)" in text and "(0.1)" in text and "how to train:" in text


def test_no_words_are_the_default_configuration():
    assert vars(build_parser().parse_args([])) == {"resume": None, "max_minutes": None, "dry_run": False}


def test_what_is_said_is_what_differs():
    choices = vars(build_parser().parse_args(["--width", "0.5", "--no-flip", "--steps", "7"]))
    assert choices.items() >= {"width": 0.5, "flip": False, "steps": 7}.items() and len(choices) == 6


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--model", "dcgn"], "unknown model 'dcgn'; did you mean dcgan or "),
        (["--dataset", "cifar01"], "unknown data set 'cifar01'; did you mean cifar10 or cifar100?"),
        (["--loss", "nonsaturating"], "unknown loss 'nonsaturating'; did you mean non-saturating or "),
        (["--extractor", "2016"], "unknown extractor '2016'; did you mean 2015?"),
        (["--steps", "0"], "--steps 0: must be at least 1"),
        (["--batch-size", "-5"], "--batch-size -5: must be at least 2"),
        (["--width", "nan"], "--width nan: must be a finite number"),
        (["--steps", "many"], "argument --steps: invalid int value: 'many'"),
        (["--stepz", "3"], "unrecognized arguments: --stepz 3"),
        (["--step", "3"], "unrecognized arguments: --step 3"),
        (["--model", "sagan", "--discriminator-conditioning", "none"], "must be known to both networks or to none"),
        (["--image-size", "33"], "dcgan cannot make images of 33 pixels a side"),
        (["--run-dir", "."], ". exists already; choose another --run-dir, or remove it"),
        (["--results-dir", "/dev/null/run"], "cannot make the run directory: Not a directory"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(words, message, command, tmp_path):
    done = command("train.py", *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.fullmatch(r"error: .*\n", done.stderr), done.stderr
    assert message in done.stderr
    assert list(tmp_path.glob("results")) == []


def test_a_dry_run_describes_and_leaves_nothing(command, tmp_path):
    done = command("train.py", "--dry-run", "--width", "0.5")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for text in ('"width": 0.5', "generator", "discriminator", "(None, 4, 4, 128)", "GFLOP", "20,000 images of shapes"):
        assert text in done.stdout, text
    assert {path.name for path in tmp_path.iterdir()} <= {"cache", "keras"}


def test_a_model_brings_its_recipe_and_what_is_said_wins(command):
    done = command("train.py", "--dry-run", "--model", "sngan-resnet", "--width", "0.125", "--discriminator-steps", "2")
    assert done.returncode == 0, done.stderr
    for text in ('"loss": "hinge"', '"discriminator_steps": 2', '"latent_dim": 128', "label_projection", "GFLOP"):
        assert text in done.stdout, text


def test_training_ends_with_where_everything_is(command, tmp_path):
    done = command(
        "train.py", "--steps", 3, "--batch-size", 8, "--width", 0.125, "--fid-every", 3, "--fid-samples", 20,
        "--extractor", "embedded",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "results/dcgan-shapes-000/training.gif" in done.stdout and "FD-embedded" in done.stdout
    assert "step 3/3" in done.stderr and "WARNING" not in done.stderr
