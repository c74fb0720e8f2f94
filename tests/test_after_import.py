"""An action that waits for a module."""

import importlib.util
import sys

import pytest

from tfgan_repro.after_import import after_import


@pytest.fixture
def awaited(tmp_path, monkeypatch):
    """The name of a module that is not imported yet."""
    (tmp_path / "awaited_module.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    yield "awaited_module"
    sys.modules.pop("awaited_module", None)


def test_it_comes_after_the_import_and_once(awaited):
    seen, before = [], list(sys.meta_path)
    after_import(awaited, lambda: seen.append(sys.modules[awaited].value))
    assert importlib.util.find_spec(awaited) is not None and seen == []
    importlib.import_module(awaited)
    assert seen == [1] and sys.meta_path == before
    after_import(awaited, lambda: seen.append("at once"))
    assert seen == [1, "at once"]


def test_a_module_that_is_not_there_is_missed_as_ever(awaited):
    after_import("no_such_module_anywhere", lambda: None)
    with pytest.raises(ModuleNotFoundError, match="No module named 'no_such_module_anywhere'"):
        importlib.import_module("no_such_module_anywhere")
