"""The judgement of numbers, each sign by numbers that show it and by numbers recorded from a healthy run."""

import json
import math
import re

import numpy as np
import pytest

from tfgan_repro.training.health import SIGNS, Diversity, Health, Interval, score_trend, seen, spaced

HEALTHY = {
    "d_loss": 0.58,
    "g_loss": 3.5,
    "d_real": 0.79,
    "d_fake": 0.105,
    "d_accuracy": 0.97,
    "d_gradient_norm": 16.1,
    "g_gradient_norm": 18.7,
    "augmentation_probability": 0.3,
}
# The DCGAN of report C on CIFAR-10, steps 100, 200, 300, 1000, 2000, ..., 7000: D(real), D(fake), both gradient norms.
RECORDED = [
    (0.854, 0.047, 4.4, 40.7),
    (0.852, 0.047, 5.8, 35.2),
    (0.804, 0.087, 11.2, 33.9),
    (0.790, 0.105, 16.1, 18.7),
    (0.838, 0.061, 10.8, 15.9),
    (0.810, 0.091, 13.8, 15.2),
    (0.800, 0.096, 10.3, 14.2),
    (0.804, 0.092, 10.9, 15.6),
    (0.801, 0.100, 18.7, 21.4),
    (0.831, 0.068, 12.4, 17.0),
]
RECORDED_SCORES = [7.12, 4.38, 5.83, 4.28, 3.41, 3.22, 3.10, 3.01, 3.17, 2.31, 2.10, 2.55, 2.13, 1.95, 2.01, 2.35]
RAW = {"probabilities": False, "d_accuracy": 0.93}
REAL = Diversity(0.9, 0.0, 1.0)


def interval(step=200, **shown):
    """A healthy interval of 100 steps but for what is said of it: attributes of `Interval`, or means."""
    attributes = {"diversity": REAL, "change": 1e-3, "largest_norm": 20.0}
    attributes |= {name: value for name, value in shown.items() if name not in HEALTHY}
    means = HEALTHY | {name: value for name, value in shown.items() if name in HEALTHY}
    return Interval(step, step - 100, means, **attributes)


def test_a_recorded_healthy_run_shows_nothing():
    health = Health()
    for index, (d_real, d_fake, d_norm, g_norm) in enumerate(RECORDED):
        # The accuracy was not recorded: the highest is the most suspicious.
        numbers = {"d_real": d_real, "d_fake": d_fake, "d_gradient_norm": d_norm, "g_gradient_norm": g_norm}
        begun, _ = health.judge(interval(100 * (index + 1), d_accuracy=1.0, **numbers))
        assert begun == {} and health.flags == []
        assert health.good_until == 100 * (index + 1)
    for count in range(len(RECORDED_SCORES) + 1):
        assert seen(interval(scores=RECORDED_SCORES[:count])) == {}


@pytest.mark.parametrize(
    ("sign", "shown", "reason"),
    [
        ("augmentation-limit", {"augmentation_probability": 0.93}, "their probability is 0.93; above 0.8 they leak"),
        ("augmentation-limit", {"augmentation_probability": 0.93}, r"narrower networks .--width., or --from"),
        ("non-finite", {"g_loss": math.nan}, "g_loss not a finite number"),
        ("non-finite", {"d_gradient_norm": math.inf}, "d_gradient_norm not a finite number"),
        ("non-finite", {"broken": "weights that are NaN", "diversity": None}, "weights that are NaN"),
        ("vanishing-gradient", {"g_gradient_norm": 0.9, "d_accuracy": 0.99}, "gradient norm 0.9, before up to 20"),
        ("mode-collapse", {"diversity": Diversity(0.03, 0.0)}, "differ 3.0% as much as real ones"),
        ("mode-collapse", {"diversity": Diversity(0.8, 0.4)}, "40% of the generated images are near copies"),
        ("mode-collapse", {"diversity": Diversity(0.8, 0.0, 0.2)}, "cover 20% of the classes"),
        ("overpowered", {"d_fake": 0.0005, "d_accuracy": 1.0}, r"right on 100.0%, .* D\(fake\) 0.0005"),
        ("useless", {"d_accuracy": 0.5, "d_real": 0.9, "d_fake": 0.9}, "right on 50.0%, D.real. 0.9,"),
        (
            "useless",
            {"d_accuracy": 0.51, "d_real": 3.0, "d_fake": 1.0, "relativistic": True, "probabilities": False},
            "51.0% of real images above generated ones",
        ),
        ("useless", {"d_accuracy": 0.5, "d_real": -3.0, "d_fake": -2.9, "probabilities": False}, "D.real. -3,"),
        # Recorded from report C's SAGAN on CIFAR-10, step 9,700.
        (
            "unbounded",
            {"d_real": 16.98, "d_fake": -147.48, "farthest": 110.9, **RAW},
            "is 164, and no two .* than 111.* none, or layer with --penalty gradient",
        ),
        ("frozen", {"change": 0.0}, "weights change by 0 of their size a step"),
        ("frozen", {"change": 5e-9}, "weights change by 5e-09"),
        ("no-progress", {"scores": [2.9, 3.0, 3.1, 3.0, 3.0, 3.1, 2.9, 3.0]}, "the last 8 scores improve by"),
        # Recorded from a run with learning rates of 0.1.
        ("oscillation", {"scores": [8.19, 11.82, 4.58, 10.95, 7.5, 6.26, 7.4, 8.07]}, "scatter 32% around"),
        ("no-progress", {"scores": [2, 2, 2, 2, 3, 3, 3, 3]}, "improve by -"),
        ("oscillation", {"scores": [2, 9, 2, 9, 2, 9, 2, 9]}, "scatter .* around their trend"),
    ],
)
def test_each_sign_is_seen_and_said_when_it_lasts(sign, shown, reason):
    reasons = seen(interval(**shown))
    assert list(reasons) == [sign]
    assert re.search(reason, reasons[sign])
    health = Health({"streaks": {}, "flags": [], "norms": [], "good_until": 100})
    said = [health.judge(interval(step, **shown))[0] for step in (200, 300, 400, 500)]
    patience = SIGNS[sign].patience
    assert [list(begun) for begun in said] == [[sign] if turn == patience else [] for turn in (1, 2, 3, 4)]
    assert health.flags == [sign]
    # What a rollback returns to lies before the first interval that showed a failure, not before the warning.
    assert health.good_until == (100 if SIGNS[sign].failure else 500)
    assert health.judge(interval(600)) == ({}, [sign])
    assert health.flags == [] and health.good_until == 600


@pytest.mark.parametrize(
    "shown",
    [
        {"g_gradient_norm": 1.1, "d_accuracy": 0.99},
        {"g_gradient_norm": 0.5, "d_accuracy": 0.9},
        {"g_gradient_norm": 0.5, "d_accuracy": 0.99, "largest_norm": None},
        {"diversity": Diversity(0.11, 0.24, 0.5)},
        {"diversity": Diversity(0.9, 0.0, None)},
        # Recorded from a healthy run with batches of 16 at a width of 0.25.
        {"d_fake": 0.0029, "d_accuracy": 1.0},
        {"d_fake": 0.0005, "d_accuracy": 0.99},
        # A critic's raw outputs may be anything.
        {"d_fake": -20.0, "d_real": 15.0, "d_accuracy": 1.0, "probabilities": False},
        {"d_fake": 6.0, "d_real": 9.0, "d_accuracy": 0.5, "probabilities": False},
        {"augmentation_probability": 0.8},
        {"change": 1e-7},
        {"change": None},
        {"d_accuracy": 0.56, "d_real": 0.5, "d_fake": 0.5},
        {"d_accuracy": 0.5, "d_real": 0.6, "d_fake": 0.55},
        {"scores": [3.0] * 7},
        # Recorded from a short healthy run: rising, but with a new best in the window.
        {"scores": [6.83, 6.7, 6.56, 8.89, 8.68, 7.26, 5.48, 6.21, 7.77, 7.89, 9.19, 8.53]},
        {"scores": [4.0, 3.9, 3.9, 3.8, 3.8, 3.7, 3.6, 3.6]},
    ],
)
def test_what_lies_on_the_healthy_side_of_a_threshold_is_not_said(shown):
    assert seen(interval(**shown)) == {}


def test_a_sign_that_comes_and_goes_is_not_said():
    health = Health()
    for step in range(200, 1000, 100):
        bad = step % 300 != 0
        begun, _ = health.judge(interval(step, diversity=Diversity(0.01, 1.0) if bad else REAL))
        assert begun == {}


def test_the_first_steps_are_not_judged_but_remembered():
    """A run that is ill from its first step on must not be rolled back into its illness."""
    health = Health()
    ill = Diversity(0.01, 1.0)
    for step in range(10, 80, 10):
        begun, _ = health.judge(Interval(step, step - 10, HEALTHY, diversity=ill))
        assert begun == {}
    begun, _ = health.judge(Interval(80, 70, HEALTHY, diversity=ill))
    assert list(begun) == ["mode-collapse"] and health.good_until == 0


def test_numbers_that_are_not_finite_are_said_from_the_first_step_and_within_an_interval():
    health = Health()
    assert health.alarm("non-finite") and not health.alarm("non-finite")
    begun, ended = health.judge(Interval(10, 0, {**HEALTHY, "d_loss": math.nan}, broken="weights that are NaN"))
    assert (begun, ended) == ({}, []) and health.flags == ["non-finite"]
    assert list(Health().judge(Interval(10, 0, {**HEALTHY, "d_loss": math.nan}))[0]) == ["non-finite"]


def test_a_vanished_gradient_does_not_become_the_standard():
    health = Health()
    assert health.largest_norm is None
    for step in range(100, 600, 100):
        health.judge(interval(step))
    for step in range(600, 9000, 100):
        health.judge(interval(step, g_gradient_norm=0.1, d_accuracy=1.0, largest_norm=health.largest_norm))
    assert health.largest_norm == HEALTHY["g_gradient_norm"]
    assert health.flags == ["vanishing-gradient"]


def test_the_state_is_json_and_goes_on_where_it_was():
    whole, first = Health(), Health()
    intervals = [interval(step, diversity=Diversity(0.01, 1.0)) for step in range(100, 600, 100)]
    for each in intervals[:3]:
        whole.judge(each), first.judge(each)
    second = Health(json.loads(json.dumps(first.state)))
    for each in intervals[3:]:
        assert second.judge(each) == whole.judge(each)
        assert second.state == whole.state


def test_the_trend_of_scores_is_the_fitted_improvement():
    falling = [10 * 0.9**index for index in range(20)]
    improvement, scatter = score_trend(falling)
    assert improvement == pytest.approx(1 - 0.9**7) and scatter == pytest.approx(0, abs=1e-9)
    assert score_trend([np.nan] * 8) is None and score_trend([0.0] * 8) is None


def test_scores_that_follow_too_soon_are_left_out():
    assert spaced([(40, 9.0), (80, 8.0), (140, 7.0), (200, 6.0), (240, 5.0)]) == (9.0, 7.0, 5.0)
    assert spaced([(500, 3.0), (1000, 2.0)]) == (3.0, 2.0)
