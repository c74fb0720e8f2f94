"""The programs of docs/python.md run as they stand."""

import runpy

import pytest
from conftest import ROOT
from documents import blocks

PROGRAMS = blocks(ROOT / "docs" / "python.md", "python")


@pytest.mark.parametrize("code", PROGRAMS, ids=range(len(PROGRAMS)))
def test_the_program_runs(code, tmp_path, monkeypatch):
    path = tmp_path / "program.py"
    path.write_text(code, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(path), run_name="__main__")
