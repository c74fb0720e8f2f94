"""Verdicts follow from the numbers."""

from pathlib import Path

import pytest
from made_runs import make_grid, make_run
from scipy import stats

from tfgan_repro.experiments.presets import EXPERIMENTS
from tfgan_repro.report.runs import find_runs
from tfgan_repro.report.scores import Spread, curve_spreads
from tfgan_repro.report.summary import group_runs
from tfgan_repro.report.verdicts import interval, judge

C_SCORE = {
    "metric": "FID-imagenet", "extractor": "imagenet", "resize": "nearest", "features": 2048, "dataset": "cifar10"
}  # fmt: skip


def verdict_of(tmp_path, name, number=0):
    experiment = EXPERIMENTS[name]
    return judge(experiment.claims[number], group_runs(find_runs(tmp_path)), experiment)


@pytest.mark.parametrize(
    ("adam", "sgd", "word"),
    [
        ((1.0, 1.1, 0.9), (3.0, 3.1, 2.9), "reproduced"),
        ((3.0, 3.1, 2.9), (1.0, 1.1, 0.9), "not reproduced"),
        ((1.0, 2.0, 3.0), (1.5, 2.5, 3.5), "undecided"),
        ((1.0,), (3.0,), "undecided"),
    ],
)
def test_an_order_is_judged_by_the_interval_of_the_difference(adam, sgd, word, tmp_path):
    make_grid(tmp_path, "adam-vs-sgd", adam=adam, sgd=sgd)
    verdict = verdict_of(tmp_path, "adam-vs-sgd")
    assert verdict.word == word, verdict
    if len(adam) == 1:
        assert "one seed says nothing of chance" in verdict.why


@pytest.mark.parametrize(
    ("adam", "sgd", "word"),
    [
        ((1.0, 1.1), (None, None), "reproduced"),
        ((None, None), (1.0, 1.1), "not reproduced"),
        ((1.0, 1.1), (3.0, None), "undecided"),
        ((None, None), (None, None), "undecided"),
        ((1.0,), (None,), "undecided"),
    ],
)
def test_images_that_are_no_numbers_are_worse_than_any_others(adam, sgd, word, tmp_path):
    make_grid(tmp_path, "adam-vs-sgd", adam=adam, sgd=sgd)
    verdict = verdict_of(tmp_path, "adam-vs-sgd")
    assert verdict.word == word, verdict
    assert f"{sgd.count(None)} of {'one seed' if len(sgd) == 1 else '2 seeds'} of adam-vs-sgd:sgd" in verdict.why


def test_the_interval_is_welchs():
    first, second = (3.0, 3.4, 2.9), (1.0, 1.1, 0.9, 1.3)
    expected = stats.ttest_ind(first, second, equal_var=False).confidence_interval(0.95)
    assert interval(Spread(first), Spread(second)) == pytest.approx((expected.low, expected.high))
    assert interval(Spread((2.0, 2.0)), Spread((1.0, 1.0))) == (1.0, 1.0)


def test_a_failure_must_be_twice_as_far(tmp_path):
    for name, values in (("mnist-conv-fc", (1.0, 1.1)), ("mnist-conv-fc-lr0.03", (1.6, 1.61))):
        for seed, value in enumerate(values):
            said = {"name": name, "variant": "conv-fc", "report": "D"}
            make_run(tmp_path, f"{name}/conv-fc-seed{seed}", {10: value}, said, {"seed": seed})
    assert verdict_of(tmp_path, "mnist-conv-fc-lr0.03").word == "undecided"


@pytest.mark.parametrize(
    ("values", "word"),
    [((91.0, 85.0), "reproduced"), ((50.0, 52.0), "better"), ((120.0, 130.0), "worse")],
)
def test_a_number_is_judged_by_the_best_under_the_reports_protocol(values, word, tmp_path):
    for seed, value in enumerate(values):
        said = {"name": "cifar10-dcgan", "variant": "dcgan", "report": "C"}
        make_run(tmp_path, f"c/dcgan-seed{seed}", {5: value, 10: value * 2}, said, {"seed": seed}, C_SCORE)
    verdict = verdict_of(tmp_path, "cifar10-dcgan")
    assert verdict.word == word and "2 seeds" in verdict.why


def test_another_protocol_or_an_override_is_not_comparable(tmp_path):
    said = {"name": "cifar10-dcgan", "variant": "dcgan", "report": "C"}
    make_run(tmp_path, "c/dcgan-seed0", {10: 2.0}, said)
    verdict = verdict_of(tmp_path, "cifar10-dcgan")
    assert verdict.word == "not comparable"
    assert "evaluate.py --checkpoint RUN --protocol report-c" in verdict.why and "FD-embedded" in verdict.why
    make_run(tmp_path, "c/dcgan-seed1", {10: 80.0}, {**said, "overrides": {"width": 0.5}}, {"seed": 1}, C_SCORE)
    verdict = verdict_of(tmp_path, "cifar10-dcgan")
    assert verdict.word == "not comparable" and "width 0.5" in verdict.why


def test_the_command_that_would_be_comparable_names_the_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_run(Path("results"), "c/dcgan-seed0", {10: 2.0}, {"name": "cifar10-dcgan", "variant": "dcgan", "report": "C"})
    verdict = verdict_of("results", "cifar10-dcgan")
    assert "python evaluate.py --checkpoint results/c/dcgan-seed0 --protocol report-c" in verdict.why


def test_what_was_not_run_or_not_finished_is_said(tmp_path):
    make_run(tmp_path, "a/adam-seed0", {5: 1.0}, {"name": "adam-vs-sgd", "variant": "adam"}, {"steps": 20})
    assert verdict_of(tmp_path, "adam-vs-sgd").word == "not run"
    assert verdict_of(tmp_path, "mnist-dcgan").word == "not run"


def test_best_and_final_are_kept_apart(tmp_path):
    make_grid(tmp_path, "adam-vs-sgd", adam=(1.0, 2.0))
    (runs,) = group_runs(find_runs(tmp_path)).values()
    spreads = curve_spreads(runs)
    assert spreads["best"].values == pytest.approx((0.9, 1.8)) and spreads["final"].values == (1.0, 2.0)
    assert spreads["final"].text == "1.500 ± 0.707"
