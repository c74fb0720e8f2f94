"""The worked examples of docs/extending.md are short programs that run."""

import runpy

import pytest
from conftest import ROOT
from documents import blocks

from tfgan_repro.data import SOURCES
from tfgan_repro.files import read_json_lines
from tfgan_repro.models import LOSSES, MODELS
from tfgan_repro.models.recipes import RECIPES

EXAMPLES = blocks(ROOT / "docs" / "extending.md", "python")


@pytest.fixture
def registries():
    """Whatever an example registers is forgotten again."""
    kept = [(registry, dict(registry)) for registry in (LOSSES, MODELS, SOURCES, RECIPES)]
    yield
    for registry, content in kept:
        registry.clear()
        registry.update(content)


@pytest.mark.parametrize(("code", "run"), list(zip(EXAMPLES, ("pearson", "dense", "stripes"), strict=True)))
def test_the_example_trains(code, run, registries, tmp_path, monkeypatch, capsys):
    assert len(code.splitlines()) <= 40
    path = tmp_path / "example.py"
    path.write_text(code, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(path), run_name="__main__")
    assert [row["step"] for row in read_json_lines(tmp_path / run / "log.jsonl")] == [4]
    assert (tmp_path / run / "final_images").is_dir()
    assert str(run) in capsys.readouterr().out
