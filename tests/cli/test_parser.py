"""What every command says of itself."""

import importlib

import pytest
from documents import PROGRAMS


def parsers(parser):
    """A parser and those of its commands."""
    yield parser
    for action in parser._actions:
        if hasattr(action, "choices") and isinstance(action.choices, dict):
            yield from action.choices.values()


def build_parser(command):
    return importlib.import_module(f"tfgan_repro.cli.{command}").build_parser()


@pytest.mark.parametrize("command", PROGRAMS)
@pytest.mark.parametrize("installed", [True, False])
def test_a_command_is_called_as_the_user_called_it(command, installed, monkeypatch):
    """The console script is told in the console script's help, the module or file in theirs."""
    monkeypatch.setattr("sys.argv", [f"/somewhere/bin/tfgan-{command}" if installed else f"{command}.py"])
    script = f"python {command}.py" if command in PROGRAMS[:2] else f"python -m tfgan_repro.{command}"
    name, other = (f"tfgan-{command}", "python ") if installed else (script, "tfgan-")
    parser = build_parser(command)
    text = parser.format_help()
    assert text.startswith(f"usage: {name} ")
    assert f"\n  {name} " in text and other not in text


@pytest.mark.parametrize("command", PROGRAMS)
@pytest.mark.parametrize("argument", ["train.py", "/somewhere/bin/tfgan-train"])
def test_help_fits_80_columns(command, argument, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.argv", [argument])
    for parser in parsers(build_parser(command)):
        assert [line for line in parser.format_help().splitlines() if len(line) > 79] == []
