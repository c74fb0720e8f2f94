"""The documents: no broken link, no outdated picture, nothing left out."""

import re
import sys
from urllib.parse import unquote

import pytest
from conftest import ROOT
from documents import blocks, documents, prose

from tfgan_repro.experiments.presets import EXPERIMENTS
from tfgan_repro.report.comparability import group_runs
from tfgan_repro.report.power import deviation_of, power_table
from tfgan_repro.report.runs import find_runs
from tfgan_repro.training.health import SIGNS

PICTURES = ROOT / "docs" / "pictures"
LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(path):
    """The anchors of a document's headings, as GitHub and MkDocs name them."""
    headings = re.findall(r"^#+ (.*)$", prose(path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_every_link_leads_somewhere(path):
    broken = []
    for link in LINK.findall(prose(path.read_text(encoding="utf-8"))):
        if re.match(r"https?:|mailto:", link):
            continue
        file, _, anchor = unquote(link).partition("#")
        target = path.parent / file if file else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_links_are_found_and_anchors_named():
    """The test above looks at something."""
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert len(LINK.findall(prose(text))) >= 10
    assert "why-1000-images-mislead" in anchors(ROOT / "docs" / "scores.md")


def test_no_document_is_left_out_of_the_pages_or_of_the_start():
    text, start = ((ROOT / name).read_text(encoding="utf-8") for name in ("mkdocs.yml", "docs/index.md"))
    for path in (ROOT / "docs").glob("*.md"):
        assert f": {path.name}\n" in text
        assert path.name == "index.md" or f"({path.name})" in start


def test_mkdocs_builds_strictly(tmp_path):
    for package in ("mkdocs", "material", "mkdocstrings"):
        pytest.importorskip(package, reason='MkDocs is not installed: pip install "tfgan-repro[docs]"')
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    # `Abort`, where there is any warning.
    build(load_config(str(ROOT / "mkdocs.yml"), site_dir=str(tmp_path / "site"), strict=True))
    assert "Quick start" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")


def test_the_picture_of_the_rooms_is_that_of_the_imports(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(ROOT / "tools"), *sys.path])
    import draw_rooms

    assert ("training", "models") in draw_rooms.edges() and ("data", "training") not in draw_rooms.edges()
    drawn = (PICTURES / "rooms.svg").read_text(encoding="utf-8")
    found = set(re.findall(r"<title>(\w+) imports (\w+)</title>", drawn))
    assert found == draw_rooms.edges(), "python tools/draw_rooms.py --output docs/pictures/rooms.svg"
    assert drawn == draw_rooms.svg()


def test_the_code_that_is_walked_through_is_that_of_the_step():
    source = (ROOT / "tfgan_repro" / "models" / "gan.py").read_text(encoding="utf-8")
    excerpts = blocks(ROOT / "docs" / "read_the_code.md", "python")
    assert len(excerpts) >= 5
    assert [excerpt for excerpt in excerpts if excerpt not in source] == []


def test_every_experiment_is_told_of():
    text = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    assert [name for name in EXPERIMENTS if f"`{name}`" not in text] == []


def test_every_statement_of_a_report_names_its_experiments():
    text = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    told = text.partition("## What each states")[2].partition("### A critic without bounds")[0]
    reports = re.split(r"^### ([A-E]),", told, flags=re.MULTILINE)[1:]
    assert reports[::2] == list("ABCDE")
    for letter, part in zip(reports[::2], reports[1::2]):
        rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| ")][1:]
        assert len(rows) >= 7
        for statement, names, faithful in rows:
            named = re.findall(r"`([^`]+)`", names)
            assert named, statement
            assert {EXPERIMENTS[name].report for name in named} == {letter}, statement
            assert re.match(r"exact|our reading|deviation|contradicted|measured instead|by eye", faithful), faithful


def test_what_seeds_can_see_is_that_of_the_kept_runs():
    text = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    deviation, count = deviation_of(group_runs(find_runs(ROOT / "results")))
    assert power_table(deviation) in text
    assert f"({deviation:.3f} on the natural logarithm, pooled over {count} trainings of" in " ".join(text.split())


def test_every_sign_of_health_is_told_and_shown():
    text = (ROOT / "docs" / "health.md").read_text(encoding="utf-8")
    for name in ("healthy", *SIGNS):
        assert f"### {name}\n" in text and f"(pictures/{name}.png)" in text


def test_the_pictures_are_small():
    sizes = {path.name: path.stat().st_size for path in PICTURES.iterdir()}
    assert max(sizes.values()) < 300_000 and sum(sizes.values()) < 1_200_000, sizes
