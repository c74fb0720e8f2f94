"""The page, from files alone."""

import base64
import dataclasses
import io
import json

import numpy as np
import pytest
from conftest import ROOT
from made_runs import PROTOCOL, make_grid, make_run
from pages import Reader, page_of
from PIL import Image

from tfgan_repro.errors import UserError
from tfgan_repro.experiments.presets import EXPERIMENTS
from tfgan_repro.files import append_json_line
from tfgan_repro.report.cards import numbers
from tfgan_repro.report.embedding import BAR, DETAILS, animation
from tfgan_repro.report.grids import repeated, write_png
from tfgan_repro.report.page import best_run, build_page, core_hours
from tfgan_repro.report.run_section import run_section
from tfgan_repro.report.runs import find_runs, read_run
from tfgan_repro.report.summary import markdown_table, summarise

HOSTILE = "<img src=x onerror=alert(1)>\"'&"


def test_the_kept_runs_fit_on_one_page_that_needs_nothing_else():
    page = page_of(ROOT / "results")
    reader = Reader(page)
    assert len(page.encode()) < 6_000_000
    assert all(image["src"].startswith("data:image/webp;base64,") and image["alt"] for image in reader.all("img"))
    assert all(link["href"].startswith("#") for link in reader.all("a"))
    assert all(chart.get("aria-label") for chart in reader.all("svg") if chart.get("role") == "img")
    ids = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link["href"][1:] for link in reader.all("a")} <= set(ids)
    assert "dcgan-cifar10" in reader.text and "FID-768" in reader.text


def order_of(page, *words):
    """Where words stand in a page, which has each of them."""
    places = [page.index(word) for word in words]
    return places == sorted(places)


def test_pictures_come_first_then_claims_curves_and_the_table_with_the_seeds_folded(tmp_path):
    make_grid(tmp_path, "adam-vs-sgd", adam=(1.0, 1.1), sgd=(2.0, 2.2))
    page = page_of(tmp_path)
    assert order_of(page, 'id="gallery"', 'id="reports"', 'id="curves"', 'id="runs"', 'id="each"')
    reader = Reader(page)
    shown = [image["alt"] for image in reader.all("img")]
    assert shown[0] == "animation: generated images of adam-vs-sgd/adam-seed0, from step 0 to step 10"
    for variant in ("adam", "sgd"):
        assert f"generated images of adam-vs-sgd:{variant}, seed 0, at step 10" in shown
    assert "adam-vs-sgd:adam (2 seeds)" in reader.text and "1.100 at the end" in reader.text
    assert not [details for details in reader.all("details") if "open" in details]


def test_the_numbers_of_a_comparison_say_whose_they_are(tmp_path):
    """Where no claim is about the score at the end as well."""
    experiment = EXPERIMENTS["two-rates-vs-one"]
    make_grid(tmp_path, experiment.name, **dict.fromkeys(experiment.variant_names, (1.0, 1.1)))
    found = numbers(experiment, summarise(find_runs(tmp_path), EXPERIMENTS))
    assert [whose for _, whose in found] == [f"FD-embedded, {variant}" for variant in experiment.variant_names]


def test_a_run_whose_images_became_constant_or_whose_grids_are_damaged_is_shown_as_far_as_it_can_be(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3)).astype(np.uint8)
    collapsed = make_run(tmp_path, "collapsed", {10: 3.0})  # constant at steps 5 and 10
    write_png(collapsed / "samples" / "step_00000000.png", noise)
    for name, damaged in (("damaged", (5,)), ("lost", (5, 10))):
        samples = make_run(tmp_path, name, {10: 3.0}) / "samples"
        for step in damaged:
            grid = samples / f"step_{step:08d}.png"
            grid.write_bytes(grid.read_bytes()[:60])
    images = [image["alt"] for image in Reader(page_of(tmp_path)).all("img")]
    moving = [alt.split(",")[0].split()[-1] for alt in images if alt.startswith("animation: ")]
    assert set(moving) == {"collapsed", "damaged"}


def test_a_film_of_constant_and_other_grids_is_made_smaller_by_one_factor(tmp_path):
    run = make_run(tmp_path, "run", {10: 3.0})
    small = np.random.default_rng(0).integers(0, 256, (20, 20, 3)).astype(np.uint8)
    write_png(run / "samples" / "step_00000000.png", small)  # as before grids were enlarged
    write_png(run / "samples" / "step_00000005.png", repeated(small, 2))
    film = animation(read_run(run, "run"), "film", DETAILS[0])
    frames = Image.open(io.BytesIO(base64.b64decode(film.source.partition(",")[2])))
    assert frames.n_frames == 3 and frames.size == (20, 20 + BAR)


def test_the_best_run_of_each_data_set_is_found_under_its_most_trusted_score(tmp_path):
    fid = {"metric": "FID", "extractor": "2015"}
    make_run(tmp_path, "tiny", {10: 0.01})
    make_run(tmp_path, "good", {10: 20.0}, score=fid)
    make_run(tmp_path, "poor", {10: 30.0}, score=fid)
    make_run(tmp_path, "digits", {10: 3.0}, config={"dataset": "mnist"})
    page = page_of(tmp_path)
    tiles = Reader(page[page.index('id="gallery"') : page.index('id="curves"')])
    assert "FID 20.000 (real images: 0.100)" in tiles.text and "FD-embedded 3.000" in tiles.text
    assert "poor" not in tiles.text and "tiny" not in tiles.text


def test_a_distance_on_features_of_the_users_own_is_shown_and_trusted_least(tmp_path):
    make_run(tmp_path, "own", {5: 7.0, 10: 5.0}, score={"metric": "FD-mobile", "extractor": "mobile"})
    text = Reader(page_of(tmp_path)).text
    assert "FD-mobile 5.000 at best (step 10), 5.000 at the end" in text and "Not scored" not in text
    make_run(tmp_path, "known", {10: 8.0})
    for metric in ("FD-infinity-embedded", "FD-per-class-embedded", "KD-mobile"):
        append_json_line(tmp_path / "known/evaluations.jsonl", {**PROTOCOL, "metric": metric, "step": 10, "value": 0.1})
    page = page_of(tmp_path)
    tiles = Reader(page[page.index('id="gallery"') : page.index('id="curves"')]).text
    assert "FD-embedded 8.000" in tiles and "mobile" not in tiles


def test_runs_of_several_image_sizes_are_ranked_by_what_real_images_score(tmp_path):
    for name, value, side in (("small", 3.0, 28), ("large", 4.0, 32), ("also-small", 5.0, 28)):
        make_run(tmp_path, name, {10: value}, score={"image_size": side, "real_vs_real": 0.1 if side == 28 else 1.0})
    run, row = best_run(find_runs(tmp_path))
    assert run.name == "large" and row["value"] == 4.0
    titles = Reader(page_of(tmp_path)).text
    assert "shapes: FD-embedded, image size 28" in titles and "shapes: FD-embedded, image size 32" in titles


@pytest.mark.parametrize(("low", "caption"), [(0.5, "Score, logarithmic; "), (0.0, "Score; ")])
def test_the_caption_of_a_score_tells_the_scale_that_is_drawn(tmp_path, low, caption):
    row = {"interval": [low, 2.0], "interval_method": "95 %, jackknife"}
    text = Reader(page_of(make_run(tmp_path, "run", {5: 1.5, 10: 1.0}, score=row))).text
    assert caption in text


def test_only_scores_of_equally_many_images_are_ranked(tmp_path):
    more = {"generated_images": 5000, "real_images": 5000}
    make_run(tmp_path, "poor", {10: 5.0})
    make_run(tmp_path, "good", {10: 4.0}, score={**more, "real_vs_real": 0.02})
    assert best_run(find_runs(tmp_path))[0].name == "good", "of as many runs the more images count"
    make_run(tmp_path, "fair", {10: 4.5})
    assert best_run(find_runs(tmp_path))[0].name == "fair"
    path = make_run(tmp_path, "best", {10: 6.0}, score={**more, "real_vs_real": 1.0})
    append_json_line(path / "evaluations.jsonl", {**PROTOCOL, "step": 10, "value": 3.0})
    assert best_run(find_runs(tmp_path))[1]["value"] == 3.0


def test_a_verdict_by_eye_tells_what_is_seen_beside_the_pictures(tmp_path):
    make_run(tmp_path, "c/dcgan-seed0", {10: 1.0}, {"name": "cifar10-dcgan", "variant": "dcgan", "report": "C"})
    make_run(tmp_path, "other", {10: 1.0})
    page = page_of(tmp_path)
    assert order_of(page, "good at sea and sky, bad at animals and cars: as in the report", "<summary>Why")


def test_a_page_of_own_runs_has_the_folders_name_opens_them_and_lists_no_experiment(tmp_path):
    for name in ("one", "two"):
        make_run(tmp_path / "faces", name, {10: 1.0})
    reader = Reader(page_of(tmp_path / "faces"))
    assert "Runs in faces" in reader.text and "Five reports" not in reader.text
    assert len([details for details in reader.all("details") if "open" in details]) == 2
    assert "reproduced" not in reader.text and "experiment" not in reader.text


@pytest.mark.parametrize("commit, words", [("0a1b", "keras 3.12; commit 0a1b."), (None, "keras 3.12.")])
def test_an_installed_package_has_no_commit(tmp_path, commit, words):
    run = dataclasses.replace(
        read_run(make_run(tmp_path, "run", {}), "run"), facts={"versions": {"keras": "3.12"}, "git_commit": commit}
    )
    assert run_section(run, "run-0", DETAILS[0], False, None, False)["versions"] == f"Made with {words}"


def test_a_run_that_is_called_like_an_experiment_is_none_of_it(tmp_path):
    for name in ("anime-conditional", "two"):
        make_run(tmp_path, name, {10: 1.0})
    assert 'id="reports"' not in page_of(tmp_path)


def test_a_look_for_leaks_is_shown_without_a_protocol_that_it_does_not_have(tmp_path):
    run = make_run(tmp_path, "demo", {10: 1.0})
    look = {"metric": "augmentation-leak", "value": 0.04, "real_vs_real": 0.06, "kind": "ada-blit", "step": 10}
    append_json_line(run / "evaluations.jsonl", {**look, "generated_images": 500, "real_images": 250, "health": []})
    page = page_of(run)
    assert "augmentation-leak: 500 generated against 250 images of 32 pixels a side" in page


def test_a_single_runs_page_opens_at_its_pictures(tmp_path):
    page = page_of(make_run(tmp_path, "demo", {5: 2.0, 10: 1.0}))
    reader = Reader(page)
    assert order_of(page, "<h1>demo</h1>", "animation: generated images", "loss", "Configuration")
    assert 'id="gallery"' not in page and "All runs" not in reader.text


def test_curves_are_drawn_against_core_hours_where_the_device_is_known(tmp_path):
    device = {"device": {"kind": "cpu", "name": "Model 7", "count": 2}}
    for name in ("one", "two"):
        path = make_run(tmp_path, name, {5: 2.0, 10: 1.0})
        stored = json.loads((path / "config.json").read_text())
        if name == "one":
            (path / "config.json").write_text(json.dumps({**stored, **device}))
    charts = [chart["aria-label"] for chart in Reader(page_of(tmp_path)).all("svg") if "aria-label" in chart]
    assert charts[:2] == ["shapes: FD-embedded against steps", "shapes: FD-embedded against core-hours"]
    # 20 seconds on two cores.
    assert core_hours(find_runs(tmp_path)[0]) == pytest.approx(40 / 3600) and core_hours(find_runs(tmp_path)[1]) is None


def test_a_run_that_went_on_with_other_cores_costs_what_each_session_had(tmp_path):
    device = {"device": {"kind": "cpu", "name": "Model 7", "count": 2}}
    path = make_run(tmp_path, "moved", {5: 2.0, 10: 1.0})
    (path / "config.json").write_text(json.dumps({**json.loads((path / "config.json").read_text()), **device}))
    rows = [{"step": 5, "seconds": 10.0, "device_seconds": 10.0}, {"step": 10, "seconds": 20.0, "device_seconds": 30.0}]
    (path / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (run,) = find_runs(tmp_path)
    assert [3600 * core_hours(run, row) for row in (*run.log, None)] == pytest.approx([10, 30, 30])


def test_text_from_files_is_escaped(tmp_path):
    path = make_run(
        tmp_path,
        HOSTILE.replace("/", "_"),
        {10: 1.0},
        {"name": HOSTILE, "variant": HOSTILE, "overrides": {HOSTILE: HOSTILE}},
        {"model": HOSTILE, "dataset": "</script><script>alert(1)</script>"},
        {"interval_method": HOSTILE, "dataset": HOSTILE},
        health=[HOSTILE],
    )
    (path / "report").mkdir()
    entry = {"file": "../../../etc/passwd", "title": HOSTILE, "alternative": HOSTILE, "caption": HOSTILE}
    reasons = [{"title": HOSTILE, "why": HOSTILE}]
    (path / "report" / "pictures.json").write_text(json.dumps({"pictures": [entry], "left_out": reasons}))
    reader = Reader(page_of(tmp_path))
    assert len(reader.all("script")) == 1
    assert all(image["src"].startswith("data:") and "onerror" not in image for image in reader.all("img"))
    assert HOSTILE in reader.text
    table = markdown_table(summarise(find_runs(tmp_path), EXPERIMENTS))
    assert "<img" not in table.replace("\\<", "")


def test_precision_and_recall_stand_beside_a_distance(tmp_path):
    run = make_run(tmp_path, "run", {10: 1.0})
    make_run(tmp_path, "other", {10: 2.0})
    for metric, value in (("precision-embedded", 0.9), ("recall-embedded", 0.5)):
        append_json_line(run / "evaluations.jsonl", {**PROTOCOL, "metric": metric, "value": value, "step": 10})
    for metric, value, real in (("precision-768", 0.7, 0.76), ("recall-768", 0.03, 0.74)):
        row = {**PROTOCOL, "metric": metric, "value": value, "real_vs_real": real, "step": 10, "during_training": False}
        append_json_line(run / "evaluations.jsonl", row)
    words = "0.70, 0.03 on 768 features (real 0.76, 0.74)"
    assert Reader(page_of(tmp_path)).text.count(words) == 2, "in the gallery and in the table"
    assert words in markdown_table(summarise(find_runs(tmp_path), EXPERIMENTS))


def test_a_run_that_was_stopped_between_two_lines_of_its_log_counts_as_it_is_scored(tmp_path):
    make_run(tmp_path, "whole", {10: 2.0})
    run = make_run(tmp_path, "stopped", {5: 3.0}, config={"steps": 20})
    append_json_line(run / "evaluations.jsonl", {**PROTOCOL, "value": 1.0, "step": 12, "during_training": False})
    stopped = read_run(run, "stopped")
    assert stopped.done == 12 and not stopped.finished
    assert best_run(find_runs(tmp_path))[0].name == "stopped"


def test_a_score_that_is_tiny_by_nature_is_printed_times_a_thousand(tmp_path):
    run = make_run(tmp_path, "run", {10: 1.0})
    row = {**PROTOCOL, "metric": "KID-768", "value": 0.00125, "real_vs_real": 0.00002, "step": 10}
    append_json_line(run / "evaluations.jsonl", {**row, "interval": [0.001, 0.002], "during_training": False})
    text = Reader(page_of(tmp_path)).text
    assert all(word in text for word in ("KID-768 x 1,000", "1.250", "1.000 to 2.000", "0.02"))


def test_a_comparison_shows_its_verdict_and_both_variants(tmp_path):
    make_grid(tmp_path, "adam-vs-sgd", adam=(1.0, 1.1, 0.9), sgd=(9.0, 9.1, 8.9))
    reader = Reader(page_of(tmp_path))
    assert "✔ reproduced" in reader.text and "1.000 ± 0.100" in reader.text
    assert "Mean over the seeds" in reader.text
    assert "cifar10-sagan" not in reader.text, "an experiment without a run is not listed"


def test_a_comparison_that_the_report_does_not_rank_shows_what_was_measured(tmp_path):
    make_grid(tmp_path, "reused-vs-fresh-latents", reused=(1.0, 1.1), fresh=(2.0, 2.1))
    reader = Reader(page_of(tmp_path))
    for words in ("≡ measured", "1.050 ± 0.0707", "FD-embedded, fresh", "no order is tested"):
        assert words in reader.text


def test_a_card_names_the_models_that_were_trained(tmp_path):
    make_grid(tmp_path, "gan-variants", dcgan=(1.0,), sagan=(2.0,))
    assert "<p>dcgan, sagan on shapes, 10 steps, 1 seed;" in page_of(tmp_path)


def test_signs_of_trouble_and_the_source_of_choices_are_shown(tmp_path):
    said = {"name": "cifar10-dcgan", "variant": "dcgan", "report": "C", "overrides": {"steps": 10}}
    config = {"beta_1": 0.5, "label_smoothing": 0.1}
    make_run(tmp_path, "c/dcgan-seed0", {10: 1.0}, said, config, health=["mode-collapse"])
    text = Reader(page_of(tmp_path)).text
    assert "mode-collapse: 2 times, from step 5 to step 10" in text
    assert "report C" in text and "ours: the report says neither by how much" in text and "override" in text


def test_a_page_that_would_be_too_large_gets_coarser_pictures_or_is_refused(monkeypatch):
    runs = [read_run(ROOT / "results" / name, name) for name in ("anime", "portraits")]
    whole = len(build_page(runs, EXPERIMENTS).encode())
    monkeypatch.setattr("tfgan_repro.report.page.LIMIT", whole)
    assert len(build_page(runs, EXPERIMENTS).encode()) < whole
    monkeypatch.setattr("tfgan_repro.report.page.LIMIT", 10_000)
    with pytest.raises(UserError, match="would be larger than 10,000 bytes"):
        build_page(runs, EXPERIMENTS)


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ({"kind": "cpu", "name": "Model <7>", "count": 2}, "on 2 cores of Model <7>"),
        ({"kind": "gpu", "name": "Model 8", "count": 1}, "on 1 x Model 8"),
        (None, "the device is not recorded"),
        ("text", "the device is not recorded"),
    ],
)
def test_the_device_is_shown(device, words, tmp_path):
    path = make_run(tmp_path, "run", {10: 1.0})
    stored = json.loads((path / "config.json").read_text())
    (path / "config.json").write_text(json.dumps({**stored, "device": device}))
    assert words in Reader(page_of(tmp_path)).text
    assert summarise(find_runs(tmp_path), EXPERIMENTS)["runs"][0]["device"] == (
        None if "not recorded" in words else words.removeprefix("on ")
    )
