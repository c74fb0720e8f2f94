"""What a user's machine may bring: settings of Keras, a home that cannot be written, locales, streams, odd names.

Each row is one process that trains two steps; what is not obeyed is overruled, or refused in one line.
"""

import importlib
import json
import os
import subprocess
import sys

import pytest
from conftest import PYTHON_PATH, ROOT

from tfgan_repro import cli
from tfgan_repro.errors import UserError, encodable

TINY = ("--width", "0.0625", "--batch-size", "8", "--steps", "2", "--precision", "float32")


def train(tmp_path, run="run", words=(), streams="", **environment):
    """A tiny training in a shell, with the environment changed; None removes a variable."""
    values = {**os.environ, "PYTHONPATH": PYTHON_PATH, **environment}
    values = {name: value for name, value in values.items() if value is not None}
    program = [sys.executable, str(ROOT / "train.py"), *TINY, *words, "--run-dir", run]
    shell = ["sh", "-c", f'exec "$@" {streams}', "sh", *program]
    return subprocess.run(shell, cwd=tmp_path, env=values, capture_output=True, timeout=300, check=False)


def losses(path):
    return [json.loads(line)["d_loss"] for line in (path / "log.jsonl").read_text().splitlines()]


def test_what_keras_json_says_changes_nothing(command, tmp_path):
    """The same training as without one, under everything that it could say at once."""
    (tmp_path / "keras").mkdir()
    settings = {"floatx": "float64", "epsilon": 0.1, "backend": "torch", "image_data_format": "channels_first"}
    words = ("--instance-noise", "0.1", "--ema-half-life", "100", "--augmentation", "color", "--log-every", "1")
    (tmp_path / "keras" / "keras.json").write_text(json.dumps(settings))
    done = train(tmp_path, "own", words, KERAS_BACKEND=None)
    assert done.returncode == 0, done.stderr
    assert command("train.py", *TINY, *words, "--run-dir", "plain").returncode == 0
    assert losses(tmp_path / "own") == losses(tmp_path / "plain")


@pytest.mark.parametrize(
    ("content", "backend"),
    [
        ({}, "tensorflow"),
        ({"backend": "jax"}, "jax"),
        ({"backend": "torch"}, "tensorflow"),
        ({"backend": ["jax"]}, "tensorflow"),
        ({"floatx": "float16"}, "tensorflow"),
        ({"floatx": "float8"}, None),
        ({"epsilon": "small"}, None),
        ({"image_data_format": "sideways"}, None),
        ([], None),
        ("no JSON", "tensorflow"),
    ],
)
def test_the_backend_of_keras_json_is_obeyed_or_passed_over(content, backend, tmp_path, monkeypatch):
    """A file with which Keras could not be imported is refused."""
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "keras.json").write_text(content if isinstance(content, str) else json.dumps(content))
    if backend is None:
        with pytest.raises(UserError, match="Keras cannot use the settings in .*keras.json; fix or remove it"):
            cli.chosen_backend()
    else:
        assert cli.chosen_backend() == backend


def test_a_home_that_cannot_be_written_an_odd_locale_and_a_name_that_is_no_utf8(tmp_path):
    name = "r\udce9sultats $\\x$"
    environment = {"HOME": "/proc/none", "XDG_CACHE_HOME": None, "KERAS_HOME": None, "MPLCONFIGDIR": None}
    done = train(tmp_path, os.fsencode(name), LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii", **environment)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr and b"training.gif" in done.stdout
    assert (tmp_path / name / "losses.png").is_file()
    words = [sys.executable, "-m", "tfgan_repro.report", tmp_path, "--no-pictures"]
    report = subprocess.run(words, capture_output=True, cwd=ROOT, check=False)
    assert report.returncode == 0, report.stderr
    assert encodable(name) in (tmp_path / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("streams", ["<&- >&- 2>&-", ">/dev/full"])
def test_closed_and_full_streams(streams, tmp_path):
    """Nothing printed ends in a file of the run, and the run is finished."""
    done = train(tmp_path, streams=streams, HOME=None)
    assert done.stderr.count(b"Traceback") == 0
    assert done.returncode == (0 if "&" in streams else 2)
    assert (tmp_path / "run" / "training.gif").read_bytes().startswith(b"GIF8")
    assert b"step" not in (tmp_path / "run" / "generator.weights.h5").read_bytes()[:8]


@pytest.mark.parametrize(
    ("command", "words", "message"),
    [
        ("train", "--dataset folder:gone", "no such folder: gone"),
        ("train", "--dataset idx:gone", "no such folder: gone"),
        ("train", "--dataset npz:gone.npz", "no such file: gone.npz"),
        ("train", "--resume gone", "no such run directory: gone"),
        ("generate", "--checkpoint gone --output x.png", "no such checkpoint: gone"),
        ("evaluate", "--checkpoint gone", "no such checkpoint: gone"),
        ("evaluate", "--real gone/ --fake here", "gone/ is neither a folder, an .npz or .zip file, a data"),
        ("evaluate", "--real here --fake gone.npz", "no such file: gone.npz"),
        ("evaluate", "--real folder:gone --fake here", "no such folder: gone"),
    ],
)
def test_a_path_that_leads_nowhere_is_said_before_the_backend_is_loaded(
    command, words, message, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    monkeypatch.setattr(cli, "import_backend", lambda: pytest.fail("loaded for nothing"))
    with pytest.raises(UserError, match=f"^{message}"):
        importlib.import_module(f"tfgan_repro.cli.{command}").main(words.split())
