"""Every command in the README and in docs/ is one that the programs understand; some are run."""

import importlib
import shlex

import pytest
from conftest import ROOT
from documents import PROGRAMS, blocks, commands

from tfgan_repro.config import TrainConfig

PLACES = {
    "train.py": "train",
    "evaluate.py": "evaluate",
    **{f"tfgan_repro.{name}": name for name in PROGRAMS[2:]},
    **{f"tfgan-{command}": command for command in PROGRAMS},
}
# Words that stand for a number.
NUMBERS = {"N": "7"}


def program(words):
    """What a command starts and the words after it: `python -m tfgan_repro.data export` is `tfgan_repro.data`."""
    words = words[1:] if words[0] == "python" else words
    words = words[1:] if words[0] == "-m" else words
    return words[0], [NUMBERS.get(word, word) for word in words[1:]]


@pytest.mark.parametrize("command", commands(), ids=lambda command: f"{command.file}: {' '.join(command.words)}"[:100])
def test_the_command_is_understood(command, capsys):
    name, words = program(command.words)
    if name in PLACES:
        module = importlib.import_module(f"tfgan_repro.cli.{PLACES[name]}")
        try:
            choices = vars(module.build_parser().parse_args(words))
        except SystemExit as end:  # --help, --list-experiments
            assert end.code in (0, None) and capsys.readouterr().out
            return
        if PLACES[name] == "train" and "..." not in words:
            known = TrainConfig.__dataclass_fields__
            TrainConfig.from_choices(**{key: value for key, value in choices.items() if key in known})
    elif name == "make":
        text = (ROOT / "Makefile").read_text(encoding="utf-8")
        assert all(f"\n{target}:" in text for target in words)
    elif name in ("build", "twine", "pytest", "flake8", "mypy", "pip", "venv"):
        return
    else:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert [word for word in words if word.startswith("-") and f'"{word}"' not in text] == []


def test_commands_are_found():
    """The test above looks at something, and every program is documented."""
    assert {PLACES.get(program(command.words)[0]) for command in commands()} >= set(PLACES.values())


def test_the_commands_on_classes_and_attention_run(tmp_path, monkeypatch, capsys):
    """As they stand in docs/pictures.md, one after the other."""
    monkeypatch.chdir(tmp_path)
    text = [code for code in blocks(ROOT / "docs" / "pictures.md", "sh") if "--checkpoint run" in code]
    lines = [line for code in text for line in code.splitlines()]
    assert len(lines) >= 4
    for line in lines:
        name, words = program(shlex.split(line))
        try:
            importlib.import_module(f"tfgan_repro.cli.{PLACES[name]}").main(words)
        except SystemExit as end:
            assert end.code == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"run", "two.zip", "sweep.png", "looks.png"}
