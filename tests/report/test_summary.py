"""The summary of all runs, and the table that is put into a Markdown page."""

import json
import re
from pathlib import Path

import pytest
from conftest import ROOT
from made_runs import PROTOCOL, make_grid, make_run
from pages import Reader, page_of

from tfgan_repro.errors import UserError
from tfgan_repro.experiments.presets import EXPERIMENTS
from tfgan_repro.files import append_json_line
from tfgan_repro.report import scores
from tfgan_repro.report.runs import find_runs
from tfgan_repro.report.summary import BEGIN, END, include_table, included, markdown_table, summarise


def test_scores_that_are_no_numbers_do_not_spoil_the_summary(tmp_path):
    path = make_run(tmp_path, "run", {5: 1.0})
    append_json_line(path / "log.jsonl", {"step": 10, "d_loss": float("nan"), "g_loss": float("inf")})
    summary = summarise(find_runs(tmp_path), EXPERIMENTS)
    json.dumps(summary, allow_nan=False)
    assert summary["runs"][0]["final"] is None and summary["runs"][0]["best"]["value"] == 1.0
    assert "1.000" in Reader(page_of(tmp_path)).text


def test_images_that_could_not_be_scored_are_told_and_count_as_no_score(tmp_path):
    make_grid(tmp_path, "adam-vs-sgd", adam=(1.0, 1.1), sgd=(3.0, None, None))
    summary = summarise(find_runs(tmp_path), EXPERIMENTS)
    facts = {run["name"]: run for run in summary["runs"]}["adam-vs-sgd/sgd-seed1"]
    assert facts["final"] is None and facts["best"] == {"value": 1.0, "step": 5}
    assert facts["unscored"] == [{"step": 10, "why": "NaN"}]
    assert "3.000; 2 of 3 ended with images that are no numbers" in markdown_table(summary)
    text = Reader(page_of(tmp_path)).text
    assert "no score at step 10: NaN" in text and "no number" in text
    assert "3.000; 2 of 3 ended with images that are no numbers" in text


def test_a_training_without_any_score_is_no_unscored_one(tmp_path):
    make_run(tmp_path, "broken", {5: None, 10: None})
    make_run(tmp_path, "unscored", {})
    rows = [line.split(" | ") for line in markdown_table(summarise(find_runs(tmp_path), EXPERIMENTS)).splitlines()[2:]]
    assert [row[5] for row in rows] == ["1 of 1 ended with images that are no numbers", "–"]


def test_a_run_that_keeps_an_average_is_judged_by_it(tmp_path):
    later = {"schedule_to": "ema-half-life:1000", "schedule_images": 640}
    choices = {"averaged": {"ema_half_life": 1000}, "averaged later": later, "plain": {"ema_half_life": 0}}
    paths = {name: make_run(tmp_path, name, {10: 2.0}, config=config) for name, config in choices.items()}
    for path in paths.values():
        append_json_line(path / "evaluations.jsonl", {**PROTOCOL, "step": 10, "value": 9.0, "generator_weights": "raw"})
    values = {}
    for run in find_runs(tmp_path):
        ((protocol, _),) = scores.by_protocol(run).items()
        values[run.name] = scores.at_step(run, protocol, 10)["value"]
    assert values == {"averaged": 2.0, "averaged later": 2.0, "plain": 9.0}


def test_standing_statistics_are_another_protocol_and_come_second(tmp_path):
    path = make_run(tmp_path, "run", {10: 2.0})
    standing = {**PROTOCOL, "step": 10, "value": 9.0, "standing_statistics": "16 batches of 64"}
    append_json_line(path / "evaluations.jsonl", standing)
    (run,) = find_runs(tmp_path)
    chosen = scores.shared_protocol([run], 10)
    assert len(scores.by_protocol(run)) == 2 and scores.at_step(run, chosen, 10)["value"] == 2.0
    assert scores.protocol_words(standing).endswith(", standing statistics of 16 batches of 64")


def test_precision_and_recall_are_those_of_the_last_step_on_the_most_trusted_features(tmp_path):
    path = make_run(tmp_path, "run", {10: 2.0})
    rows = (("768", 5, 0.9), ("digits", 10, 0.8), ("mine", 10, 0.7), ("DINOv2", 10, 0.6), ("64", 10, 0.5))
    for features, step, value in rows:
        for kind in ("precision", "recall"):
            row = {**PROTOCOL, "metric": f"{kind}-{features}", "step": step, "value": value, "during_training": False}
            append_json_line(path / "evaluations.jsonl", row)
    (run,) = find_runs(tmp_path)
    assert scores.precision_and_recall(run) == "0.60, 0.60 on DINOv2 features (real 0.10, 0.10)"


def is_own(name):
    """Whether a run was made here, by `make demo` or without `--run-dir`: such runs are not kept (`.gitignore`)."""
    return re.fullmatch(r"demo|.*-\d{3}", name.partition("/")[0]) is not None


def test_the_kept_summary_and_the_table_are_those_of_the_kept_runs(monkeypatch):
    monkeypatch.chdir(ROOT)  # commands name a run as it was found
    summary = summarise([run for run in find_runs(Path("results")) if not is_own(run.name)], EXPERIMENTS)
    stored = json.loads((ROOT / "results" / "summary.json").read_text())
    if any(is_own(run["name"]) for run in stored["runs"]):
        pytest.skip("results/summary.json was made anew with runs of your own; git checkout results/summary.json")
    assert stored == json.loads(json.dumps(summary))
    page = (ROOT / "docs" / "results.md").read_text()
    assert included(page, markdown_table(summary)) == page


@pytest.mark.parametrize("text", ["", BEGIN, f"{END} {BEGIN}", f"{BEGIN} {END} {BEGIN} {END}"])
def test_a_readme_without_its_marks_is_refused(text):
    with pytest.raises(UserError, match="needs a line"):
        included(text, "table")


def test_a_readme_in_another_encoding_is_one_line(tmp_path):
    content = f"Gr\u00fc\u00dfe\n{BEGIN}\n{END}\n".encode("latin-1")
    (tmp_path / "page.md").write_bytes(content)
    with pytest.raises(UserError, match=r"page\.md is no text in UTF-8; save it as such"):
        include_table(tmp_path / "page.md", "| a |")
    assert (tmp_path / "page.md").read_bytes() == content
