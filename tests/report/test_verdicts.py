"""Verdicts follow from the numbers, and from what the trainings behind them have in common."""

import json
from pathlib import Path

import pytest
from made_runs import PROTOCOL, make_grid, make_run

from tfgan_repro.experiments.experiment import Compared, Experiment, Gain, Order
from tfgan_repro.experiments.presets import EXPERIMENTS
from tfgan_repro.experiments.settings import preset
from tfgan_repro.files import append_json_line
from tfgan_repro.report.comparability import group_runs
from tfgan_repro.report.runs import find_runs
from tfgan_repro.report.scores import curve_spreads
from tfgan_repro.report.verdicts import judge

C_SCORE = {
    "metric": "FID-imagenet", "extractor": "imagenet", "resize": "nearest", "features": 2048, "dataset": "cifar10"
}  # fmt: skip


def verdict_of(tmp_path, name, number=0):
    return judge(EXPERIMENTS, group_runs(find_runs(tmp_path)))[name][number]


def verdict_on(tmp_path, claim, name="adam-vs-sgd"):
    """The verdict on a claim of ours about the runs of an experiment."""
    experiment = Experiment(name, "E", "made up", "shapes", (claim,))
    return judge({name: experiment}, group_runs(find_runs(tmp_path)))[name][0]


def make_side(folder, variant, values, overrides=None, experiment="adam-vs-sgd", seeds=None, **more):
    for seed, value in zip(seeds or range(len(values)), values):
        said = {"name": experiment, "variant": variant, "overrides": overrides or {}}
        name = f"{experiment}/{variant}-seed{seed}-{len(list(folder.rglob('config.json')))}"
        make_run(folder, name, {5: value * 0.9, 10: value}, said, {"seed": seed, **more})


@pytest.mark.parametrize(
    ("adam", "sgd", "word"),
    [
        ((1.0, 1.1, 0.9), (3.0, 3.1, 2.9), "reproduced"),
        ((3.0, 3.1, 2.9), (1.0, 1.1, 0.9), "not reproduced"),
        ((1.0, 2.0, 3.0), (1.5, 2.5, 3.5), "undecided"),
        ((1.0,), (3.0,), "undecided"),
    ],
)
def test_an_order_is_judged_by_the_interval_of_the_ratio(adam, sgd, word, tmp_path):
    make_grid(tmp_path, "adam-vs-sgd", adam=adam, sgd=sgd)
    verdict = verdict_of(tmp_path, "adam-vs-sgd")
    assert verdict.word == word, verdict
    if len(adam) == 1:
        assert "one seed says nothing of chance" in verdict.why


def test_report_ds_failure_needs_no_factor_of_two(tmp_path):
    """Distances of three trainings each, made once: for certain worse, by how much nobody knows and no report says."""
    digits = {"score": {"metric": "FD-digits", "extractor": "digits", "dataset": "mnist"}}
    for name, values in (("mnist-conv-fc", (18.1, 6.4, 12.5)), ("mnist-conv-fc-lr0.03", (237, 50.5, 64.0))):
        choices = preset(name).to_json()
        for seed, value in enumerate(values):
            config = {**choices, "steps": 10, "seed": seed}
            make_run(tmp_path, f"{name}-{seed}", {10: value}, {"name": name}, config, **digits)
    verdict = verdict_of(tmp_path, "mnist-conv-fc-lr0.03")
    assert verdict.word == "reproduced" and "8.09 (1.48 to 44.3) times" in verdict.why, verdict


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"batch_size": 16}, "batch_size 128 against 16"),
        ({"dataset": "mnist"}, "dataset shapes against mnist"),
        ({"width": 0.25}, "width 0.5 against 0.25"),
        ({"generator_learning_rate": 0.5}, "generator_learning_rate 0.0002 against 0.5"),
    ],
)
def test_trainings_must_be_alike_but_for_what_is_compared(overrides, said, tmp_path):
    make_side(tmp_path, "adam", (1.0, 1.1, 0.9))
    make_side(tmp_path, "sgd", (3.0, 3.1, 2.9), overrides)
    verdict = verdict_of(tmp_path, "adam-vs-sgd")
    assert verdict.word == "not comparable" and said in verdict.why


def test_a_long_training_is_not_better_than_a_short_one(tmp_path):
    make_side(tmp_path, "adam", (1.0, 1.1, 0.9), steps=10)
    for seed in range(3):
        said = {"name": "adam-vs-sgd", "variant": "sgd"}
        make_run(tmp_path, f"sgd-{seed}", {5: 3.0 + seed / 10}, said, {"seed": seed, "steps": 5}, log=(5,))
    verdict = verdict_of(tmp_path, "adam-vs-sgd")
    # Both have scores at step 5, where the shorter one ends, and are compared there.
    assert verdict.word == "reproduced" and "at step 5, where the shorter one ends: 0.8" in verdict.why


def test_lengths_without_a_score_in_common_are_not_comparable(tmp_path):
    make_side(tmp_path, "adam", (1.0, 1.1, 0.9))
    for seed in range(3):
        said = {"name": "adam-vs-sgd", "variant": "sgd"}
        make_run(tmp_path, f"sgd-{seed}", {7: 3.0 + seed / 10}, said, {"seed": seed, "steps": 7}, log=(7,))
    verdict = verdict_of(tmp_path, "adam-vs-sgd")
    assert verdict.word == "not comparable" and "10 against 7 steps" in verdict.why


def test_what_both_have_otherwise_is_said(tmp_path):
    make_side(tmp_path, "adam", (1.0, 1.1, 0.9), {"width": 0.25})
    make_side(tmp_path, "sgd", (3.0, 3.1, 2.9), {"width": 0.25})
    verdict = verdict_of(tmp_path, "adam-vs-sgd")
    assert verdict.word == "reproduced" and "both with width 0.25" in verdict.why


def test_what_is_compared_must_differ(tmp_path):
    alike = {"optimizer": "adam", "momentum": 0.0, "generator_learning_rate": 2e-4, "discriminator_learning_rate": 4e-4}
    make_side(tmp_path, "adam", (1.0, 1.1, 0.9))
    make_side(tmp_path, "sgd", (3.0, 3.1, 2.9), alike)
    verdict = verdict_of(tmp_path, "adam-vs-sgd")
    assert verdict.word == "not comparable" and "do not differ" in verdict.why


def test_a_run_that_lies_there_twice_is_one_seed(tmp_path):
    make_side(tmp_path, "adam", (1.0, 1.0), seeds=(0, 0))
    make_side(tmp_path, "sgd", (3.0, 3.0), seeds=(0, 0))
    verdict = verdict_of(tmp_path, "adam-vs-sgd")
    assert verdict.word == "undecided" and "one seed says nothing" in verdict.why


def test_seeds_without_variance_are_no_independent_trainings(tmp_path):
    make_side(tmp_path, "adam", (1.0, 1.0, 1.0))
    make_side(tmp_path, "sgd", (3.0, 3.0, 3.0))
    verdict = verdict_of(tmp_path, "adam-vs-sgd")
    assert verdict.word == "undecided" and "without variance" in verdict.why


def test_scores_of_images_of_different_sizes_are_not_compared(tmp_path):
    for name, score in (("adam", {}), ("sgd", {"image_size": 64})):
        for seed in range(3):
            said = {"name": "adam-vs-sgd", "variant": name}
            make_run(tmp_path, f"{name}-{seed}", {10: 1.0 + seed / 10}, said, {"seed": seed}, score)
    verdict = verdict_of(tmp_path, "adam-vs-sgd")
    assert verdict.word == "not comparable"
    assert "32 pixels a side, against" in verdict.why and "64 pixels a side" in verdict.why


B_SCORE = {"metric": "FID-768", "extractor": "2015", "features": 768, "dataset": "cifar10"}


def make_report_b(folder, at_one_size):
    """Report B's pair, scored while it trained at 64 and at 32 pixels, and once more afterwards where that is asked."""
    for name, variant, size, best in (
        ("cifar10-dcgan-64", "dcgan", 64, 1.6),
        ("cifar10-wgan-gp-acgan", "wgan-gp-acgan", 32, 0.6),
    ):
        for seed in range(3):
            said = {"name": name, "variant": variant, "report": "B"}
            score = {**B_SCORE, "image_size": size}
            run = make_run(folder, f"{name}-{seed}", {10: 1.0 + seed / 10}, said, {"seed": seed}, score)
            if at_one_size:
                row = {"step": 10, "value": best + seed / 50, **PROTOCOL, **score, "image_size": 32}
                append_json_line(run / "evaluations.jsonl", {**row, "during_training": False})


def test_report_bs_pair_is_compared_at_one_size(tmp_path):
    make_report_b(tmp_path / "apart", at_one_size=False)
    verdict = verdict_of(tmp_path / "apart", "cifar10-wgan-gp-acgan", 1)
    assert verdict.word == "not comparable" and "64 pixels a side" in verdict.why
    # What `evaluate.py --checkpoint RUN --image-size 32` adds to either run.
    make_report_b(tmp_path / "together", at_one_size=True)
    verdict = verdict_of(tmp_path / "together", "cifar10-wgan-gp-acgan", 1)
    assert verdict.word == "reproduced" and "0.620 (3 seeds) of cifar10-wgan-gp-acgan" in verdict.why, verdict


def test_report_bs_speed_is_told_and_not_judged(tmp_path):
    """The report's second model is the slower one by layers that ours has not: ours being faster contradicts nobody."""
    make_report_b(tmp_path, at_one_size=False)
    for path in tmp_path.glob("cifar10-*"):
        stored = json.loads((path / "config.json").read_text())
        (path / "config.json").write_text(json.dumps({**stored, "device": {"name": "A", "count": 1, "kind": "cpu"}}))
        seconds = (9.0 if "dcgan-64" in path.name else 3.0) + int(path.name[-1]) / 10
        (path / "log.jsonl").write_text(json.dumps({"step": 10, "seconds": seconds}) + "\n")
    verdict = verdict_of(tmp_path, "cifar10-dcgan-64", 1)
    assert verdict.word == "measured" and "milliseconds for a training image: 2.421 (3 seeds) of" in verdict.why


def test_trainings_that_a_report_does_not_rank_are_told_in_order(tmp_path):
    claim = Compared("compared", ("adam-vs-sgd:sgd", "adam-vs-sgd:adam", "adam-vs-sgd:not-run"))
    make_side(tmp_path, "adam", (1.0, 1.1, 0.9))
    assert verdict_on(tmp_path, claim).word == "not run"
    make_side(tmp_path / "other", "sgd", (3.0, 3.1, 2.9), {"dataset": "mnist"})
    verdict = verdict_on(tmp_path, claim)
    assert verdict.word == "not comparable" and "dataset" in verdict.why
    make_side(tmp_path, "sgd", (3.0, 3.1, 2.9))
    verdict = verdict_on(tmp_path, claim)
    assert verdict.word == "measured" and "0.997 (3 seeds) of adam-vs-sgd:adam, 2.999 (3 seeds) of" in verdict.why


def test_that_data_matter_more_than_the_model_is_not_won_against_a_worse_model(tmp_path):
    name = "preprocessing-raw-vs-cropped"
    for variant, value in (("cropped", 1.2), ("raw", 1.0), ("raw-sndcgan", 3.0)):
        values = (value, 1.05 * value, 0.95 * value)
        make_side(tmp_path, variant, values, experiment=name, dataset="folder:PATH")
    words = [verdict_of(tmp_path, name, number).word for number in (0, 1)]
    assert words == ["not reproduced", "measured"]


def test_what_only_an_eye_can_judge_has_a_conclusion(tmp_path):
    make_report_c(tmp_path, (89.0,))
    verdict = verdict_of(tmp_path, "cifar10-dcgan", 3)
    assert verdict.word == "by eye" and "animals and cars are hinted at" in verdict.why


def test_variants_with_other_choices_are_not_pooled(tmp_path):
    make_side(tmp_path, "adam", (1.0, 1.1), {"width": 0.25})
    make_side(tmp_path, "adam", (9.0,), {"width": 0.125}, seeds=(2,))
    make_side(tmp_path, "sgd", (6.0, 6.1), {"width": 0.25})
    groups = group_runs(find_runs(tmp_path))
    assert [len(groups[f"adam-vs-sgd:adam, width {width}"]) for width in (0.25, 0.125)] == [2, 1]
    verdict = verdict_of(tmp_path, "adam-vs-sgd")
    assert verdict.word == "reproduced" and "both with width 0.25" in verdict.why and "1.049 (2 seeds)" in verdict.why


@pytest.mark.parametrize(
    ("adam", "sgd", "word"),
    [
        ((1.0, 1.1, 1.2, 1.3), (None,) * 4, "reproduced"),
        ((None,) * 4, (1.0, 1.1, 1.2, 1.3), "not reproduced"),
        ((1.0, 1.1), (None, None), "undecided"),
        ((1.0, 1.1), (3.0, None), "undecided"),
        ((None, None), (None, None), "undecided"),
        ((1.0,), (None,), "undecided"),
    ],
)
def test_images_that_are_no_numbers_are_counted(adam, sgd, word, tmp_path):
    make_grid(tmp_path, "adam-vs-sgd", adam=adam, sgd=sgd)
    verdict = verdict_of(tmp_path, "adam-vs-sgd")
    assert verdict.word == word, verdict
    total = "one seed" if len(sgd) == 1 else f"{len(sgd)} seeds"
    assert f"{sgd.count(None)} of {total} of adam-vs-sgd:sgd" in verdict.why


def test_claims_that_share_trainings_are_a_family(tmp_path):
    for name, worse in (("adam-vs-sgd", "sgd"), ("leaky-vs-relu", "relu")):
        make_side(tmp_path, worse, (1.6, 1.9, 2.3), experiment=name)
    make_side(tmp_path, "adam", (1.0, 1.1, 0.9))
    verdicts = [verdict_of(tmp_path, name) for name in ("adam-vs-sgd", "leaky-vs-relu")]
    # The baseline lies there once and is both experiments'.
    assert all("by Holm's method over 2 claims that share trainings" in verdict.why for verdict in verdicts)
    assert all("(3 seeds) of" in verdict.why for verdict in verdicts)


def make_report_c(folder, values, overrides=None, count=200):
    """Runs of report C's DCGAN whose lowest scores are these."""
    for seed, value in enumerate(values):
        said = {"name": "cifar10-dcgan", "variant": "dcgan", "report": "C", "overrides": overrides or {}}
        curve = {500 * number: value * (1 + abs(number - 60) / 100) for number in range(1, 201)}
        rows = dict(list(curve.items())[60 - 1 : 60 - 1 + count] if count < 200 else curve)
        config = {"seed": seed, "steps": 100_000}
        make_run(folder, f"c/dcgan-seed{seed}", rows, said, config, C_SCORE, log=(500, 100_000))


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ((89.0, 90.0, 91.0), "reproduced"),
        ((50.0, 52.0, 51.0), "better"),
        ((120.0, 130.0, 125.0), "worse"),
        ((60.0, 120.0, 90.0), "undecided"),
        ((90.0,), "undecided"),
        ((91.0, 89.0), "undecided"),
    ],
)
def test_a_number_is_judged_by_the_interval_of_the_minima(values, word, tmp_path):
    make_report_c(tmp_path, values)
    verdict = verdict_of(tmp_path, "cifar10-dcgan")
    assert verdict.word == word, verdict


@pytest.mark.parametrize(("seeds", "share"), [((0, 1), "1 of 2 seeds"), ((1,), "its only seed")])
def test_a_critic_without_bounds_is_named_in_the_verdicts(tmp_path, seeds, share):
    """Report C's SAGAN, by numbers of the kept run; logs of before the sign say it as well."""
    for seed in seeds:
        said = {"name": "cifar10-sagan", "variant": "sagan", "report": "C"}
        run = make_run(tmp_path, f"c/sagan-seed{seed}", {10: 1.0}, said, {"seed": seed}, C_SCORE)
        append_json_line(run / "log.jsonl", {"step": 10, "d_real": 16.98, "d_fake": -147.48 if seed else -20.0})
    verdict = verdict_of(tmp_path, "cifar10-sagan")
    assert f"the critic of cifar10-sagan:sagan has no bounds in {share}," in verdict.why


def test_a_minimum_of_fewer_scores_is_not_comparable(tmp_path):
    make_report_c(tmp_path, (89.0, 90.0, 91.0), count=1)
    verdict = verdict_of(tmp_path, "cifar10-dcgan")
    assert verdict.word == "not comparable" and "1 such scores to take the lowest of, the report has 200" in verdict.why


def test_another_protocol_or_an_override_is_not_comparable(tmp_path):
    make_report_c(tmp_path / "narrow", (80.0,), {"width": 0.5})
    verdict = verdict_of(tmp_path / "narrow", "cifar10-dcgan")
    assert verdict.word == "not comparable" and "width 0.5 (not 1.0)" in verdict.why
    said = {"name": "cifar10-dcgan", "variant": "dcgan", "report": "C"}
    make_run(tmp_path / "other", "c/dcgan-seed0", {10: 2.0}, said)
    verdict = verdict_of(tmp_path / "other", "cifar10-dcgan")
    assert verdict.word == "not comparable"
    assert "evaluate.py --checkpoint RUN --protocol report-c" in verdict.why and "FD-embedded" in verdict.why


def test_the_command_that_would_be_comparable_names_the_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_run(Path("results"), "c/dcgan-seed0", {10: 2.0}, {"name": "cifar10-dcgan", "variant": "dcgan", "report": "C"})
    verdict = verdict_of("results", "cifar10-dcgan")
    assert "python evaluate.py --checkpoint results/c/dcgan-seed0 --protocol report-c" in verdict.why


def test_minima_are_of_equally_many_scores(tmp_path):
    claim = Order("adam-vs-sgd:adam", "adam-vs-sgd:sgd", "has the lower minimum", measure="minimum")
    make_side(tmp_path, "adam", (1.0, 1.1, 0.9))
    make_side(tmp_path, "sgd", (3.0, 3.1, 2.9))
    verdict = verdict_on(tmp_path, claim)
    assert verdict.word == "reproduced" and "the lowest FD-embedded of 2 scores: 0.897" in verdict.why
    said = {"name": "adam-vs-sgd", "variant": "sgd"}
    make_run(tmp_path, "more", {3: 2.0, 5: 3.0, 10: 3.0}, said, {"seed": 3})
    verdict = verdict_on(tmp_path, claim)
    assert verdict.word == "not comparable" and "minima of 2 and 3 scores" in verdict.why


@pytest.mark.parametrize(
    ("later", "improves", "word"),
    [
        ((0.5, 0.55, 0.45), True, "reproduced"),
        ((0.5, 0.55, 0.45), False, "not reproduced"),
        ((1.0, 1.02, 0.98), False, "reproduced"),
        ((1.2, 1.25, 1.3), True, "not reproduced"),
        ((0.5, 1.5, 1.0), True, "undecided"),
        ((0.5,), True, "undecided"),
    ],
)
def test_a_gain_is_judged_within_each_training(later, improves, word, tmp_path):
    for seed, value in enumerate(later):
        said = {"name": "adam-vs-sgd", "variant": "adam"}
        make_run(tmp_path, f"adam-{seed}", {5: seed + 1.0, 10: (seed + 1.0) * value}, said, {"seed": seed})
    claim = Gain("goes on", start=5 * 128, end=10 * 128, improves=improves)
    assert verdict_on(tmp_path, claim).word == word
    late = Gain("goes on", start=5 * 128, end=11 * 128, improves=improves)
    verdict = verdict_on(tmp_path, late)
    assert verdict.word == "not comparable"
    assert "sees 1,280 images, with repetition; the claim is about 1,408" in verdict.why


def test_what_was_not_run_or_not_finished_is_said(tmp_path):
    make_run(tmp_path, "a/adam-seed0", {5: 1.0}, {"name": "adam-vs-sgd", "variant": "adam"}, {"steps": 20})
    assert verdict_of(tmp_path, "adam-vs-sgd").word == "not run"
    assert verdict_of(tmp_path, "mnist-dcgan").word == "not run"


def test_best_and_final_are_kept_apart(tmp_path):
    make_grid(tmp_path, "adam-vs-sgd", adam=(1.0, 2.0))
    runs = group_runs(find_runs(tmp_path))["adam-vs-sgd:adam"]
    spreads = curve_spreads(runs)
    assert spreads["best"].values == pytest.approx((0.9, 1.8)) and spreads["final"].values == (1.0, 2.0)
    assert spreads["final"].text == "1.500 ± 0.707"
