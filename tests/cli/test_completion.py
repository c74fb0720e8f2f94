"""The Tab key: what argcomplete answers a shell."""

import os
import subprocess
import sys

import pytest
from conftest import ROOT

from tfgan_repro.models import AUGMENTATIONS


def completions(tmp_path, line):
    """What the shell would offer after a command line of `train.py`."""
    pytest.importorskip("argcomplete", reason='argcomplete is not installed: pip install "tfgan-repro[completion]"')
    answer = tmp_path / "answer"
    asked = {"_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line)), "_ARGCOMPLETE_IFS": "\n"}
    program = [sys.executable, "-X", "importtime", str(ROOT / "train.py")]
    environment = {**os.environ, **asked, "_ARGCOMPLETE_STDOUT_FILENAME": str(answer)}
    errors = subprocess.run(program, env=environment, capture_output=True, text=True, check=True).stderr
    assert "argcomplete" in errors and "tensorflow" not in errors
    return [word.strip() for word in answer.read_text().split("\n")]


def test_options_are_completed(tmp_path):
    assert set(completions(tmp_path, "train.py --generator-l")) == {"--generator-learning-rate"}


def test_names_are_completed(tmp_path):
    assert set(completions(tmp_path, "train.py --model sa")) == {"sagan", "sagan-resnet"}


def test_lists_are_completed_name_by_name(tmp_path):
    answer = set(completions(tmp_path, "train.py --augmentation color,"))
    assert answer == {f"color,{name}" for name in AUGMENTATIONS if name not in ("color", "none")}


def test_argcomplete_is_not_imported_otherwise():
    program = [sys.executable, "-X", "importtime", str(ROOT / "train.py"), "--help"]
    assert "argcomplete" not in subprocess.run(program, capture_output=True, text=True, check=True).stderr
