"""The words of the command line, each mistake in a process of its own where it must not import TensorFlow."""

import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT

from tfgan_repro.cli import labels, train
from tfgan_repro.cli.train import build_parser, main
from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError


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


def chosen(*words):
    """The choices of a configuration in what the parser makes of some words."""
    known = TrainConfig.__dataclass_fields__
    return {name: value for name, value in vars(build_parser().parse_args(words)).items() if name in known}


def test_no_words_choose_nothing():
    assert chosen() == {}


def test_what_is_said_is_what_differs():
    assert chosen("--width", "0.5", "--no-flip", "--steps", "7") == {"width": 0.5, "flip": False, "steps": 7}


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
        (["--steps", "many"], "argument --steps: 'many' is no whole number"),
        (["--steps", "1.5e0"], "argument --steps: '1.5e0' is no whole number"),
        (["--stepz", "3"], "unknown option --stepz; did you mean --steps?"),
        (["--dataset", "./photos"], "no such folder: ./photos; a folder of pictures is --dataset folder:PATH"),
        (["--epochs", "3", "--steps", "5"], "--steps 5 and --epochs 3: give one of them"),
        (["--model", "sagan", "--discriminator-conditioning", "none"], "must be known to both networks or to none"),
        (["--augmentation", "adda"], "unknown augmentation 'adda'; did you mean ada"),
        (["--augmentation", "ada", "--augmentation-probability", "2"], "--augmentation-probability 2.0: a probability"),
        (["--augmentation-target", "0.6"], "--augmentation-target 0.6 needs an --augmentation that has a probability"),
        (["--from", "gone"], "--from gone: no such run"),
        (["--freeze-discriminator", "2"], "--freeze-discriminator 2 needs --from"),
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


def test_a_mistake_that_only_the_networks_know_is_the_last_line(command, tmp_path):
    """Before it stands what was started, which is known at once."""
    done = command("train.py", "--image-size", "33")
    assert done.returncode == 2 and done.stdout == ""
    first, last = done.stderr.splitlines()
    assert first.startswith("dcgan on shapes, 20,000 images 33x33, ")
    assert first.endswith(", 30,000 steps, tuned recipe -> results/dcgan-shapes-000")
    assert last.startswith("error: dcgan cannot make images of 33 pixels a side")
    assert list(tmp_path.glob("results")) == []


@pytest.mark.parametrize(
    ("bfloat16", "accelerator", "backend", "words", "said"),
    [
        (True, False, "tensorflow", [], ", CPU bfloat16, "),
        (False, False, "tensorflow", [], ", CPU float32, "),
        (True, False, "jax", [], ", CPU float32, "),
        (True, False, "tensorflow", ["--precision", "float32"], ", CPU float32, "),
        (True, True, "tensorflow", ["--precision", "bfloat16"], "32x32, bfloat16, 30,000"),
        (True, True, "tensorflow", [], "32x32, 30,000 steps"),
    ],
)
def test_the_first_line_tells_what_will_compute(bfloat16, accelerator, backend, words, said, monkeypatch):
    monkeypatch.setattr(train, "cpu_has_bfloat16", lambda: bfloat16)
    monkeypatch.setattr(train, "has_only_a_processor", lambda: not accelerator)
    monkeypatch.setenv("KERAS_BACKEND", backend)
    config = TrainConfig.from_choices(**chosen(*words), run_dir="new")
    assert said in train.start_text(config)


@pytest.mark.parametrize(
    ("option", "meant"),
    [
        ("--modle", "--model"),
        ("--fid-sample", "--fid-samples"),
        ("--step", "--steps"),
        ("--batch_size", "--batch-size"),
        ("--batch_size=3", "--batch-size"),
        ("--lr", "--generator-learning-rate and --discriminator-learning-rate"),
        ("--n_epochs", "--epochs"),
        ("--z_dim", "--latent-dim"),
        ("--dataroot", "--dataset folder:PATH"),
        ("--finetune", "--from"),
    ],
)
def test_a_mistyped_option_gets_a_suggestion(option, meant):
    with pytest.raises(UserError) as error:
        build_parser().parse_args([option, "3"])
    assert str(error.value) == f"unknown option {option}; did you mean {meant}? (see {build_parser().prog} --help)"


def test_words_that_nothing_takes():
    refused = {"--zzzzzz": "unknown option --zzzzzz (see", "dcgan": "'dcgan': a word too many (see"}
    for word, message in refused.items():
        with pytest.raises(UserError) as error:
            build_parser().parse_args([word])
        assert str(error.value).startswith(message)


def test_a_mistyped_option_that_is_required_is_not_called_missing():
    with pytest.raises(UserError, match="unknown option --cuont; did you mean --count?"):
        labels.build_parser().parse_args(["suggest", "faces", "--cuont", "5", "--output", "x"])
    with pytest.raises(UserError, match="the following arguments are required: --count"):
        labels.build_parser().parse_args(["suggest", "faces", "--output", "x"])


def test_a_folder_or_file_is_offered_with_its_kind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    (tmp_path / "faces.zip").touch()
    for name, meant in (("./photos", "folder:./photos"), ("photos", "folder:photos"), ("faces.zip", "zip:faces.zip")):
        with pytest.raises(UserError, match=f"unknown data set '{name}'; did you mean {meant}?"):
            main(["--dataset", name])


@pytest.mark.parametrize(("word", "steps"), [("1e3", 1000), ("1_000", 1000), ("2.5e2", 250), ("-3", -3)])
def test_whole_numbers_are_understood(word, steps):
    assert vars(build_parser().parse_args(["--steps", word]))["steps"] == steps


def test_what_is_said_beside_a_run_that_goes_on_is_not_held_against_the_defaults(tmp_path, monkeypatch):
    """Under the default model this loss needs a bound on the critic, which the run may have."""
    (tmp_path / "config.json").touch()
    said = []

    def resume(path, choices, *others):
        said.append(choices)
        raise UserError("reached")

    monkeypatch.setattr("tfgan_repro.training.session.resume", resume)
    with pytest.raises(UserError, match="reached"):
        main(["--resume", str(tmp_path), "--loss", "wasserstein"])
    assert said == [{"loss": "wasserstein"}]
    with pytest.raises(UserError, match="unknown loss 'wassersteen'"):
        main(["--resume", str(tmp_path), "--loss", "wassersteen"])


def test_training_ends_with_where_everything_is(command, tmp_path):
    done = command(
        "train.py", "--steps", 3, "--batch-size", 8, "--width", 0.125, "--fid-every", 3, "--fid-samples", 20,
        "--extractor", "embedded",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "results/dcgan-shapes-000/training.gif" in done.stdout and "FD-embedded" in done.stdout
    assert "step 3/3" in done.stderr and "WARNING" not in done.stderr
