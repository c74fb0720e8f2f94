"""Curves as they are laid out for a page."""

import math

import pytest

from tfgan_repro.report.charts import BOTTOM, HEIGHT, LEFT, MOST_POINTS, RIGHT, TOP, WIDTH, Line, Scale, chart


def test_the_corners_of_a_curve_are_those_of_the_frame():
    made = chart("a curve", [Line("one", [(0, 1.0), (50, 5.0), (100, 3.0)], dots=True)], "loss")
    assert made.lines[0].dots[0] == (f"{LEFT:.1f}", f"{HEIGHT - BOTTOM:.1f}")
    assert made.lines[0].dots[1][1] == f"{TOP:.1f}" and made.lines[0].dots[2][0] == f"{WIDTH - RIGHT:.1f}"


def test_what_is_no_number_is_a_gap_and_nothing_at_all_is_no_chart():
    made = chart("a curve", [Line("one", [(0, 1.0), (1, 2.0), (2, math.nan), (3, 1.0)])], "loss")
    assert made.lines[0].path.count("M") == 2 and made.lines[0].path.count("L") == 1
    assert chart("nothing", [Line("one", [(0, math.nan)])], "loss") is None


def test_long_curves_are_thinned_and_keep_their_ends():
    made = chart("a curve", [Line("one", [(step, 1.0 + step) for step in range(5000)], dots=True)], "loss")
    assert len(made.lines[0].dots) == MOST_POINTS and made.lines[0].dots[-1][0] == f"{WIDTH - RIGHT:.1f}"


def test_lines_differ_without_their_colours():
    made = chart("curves", [Line(str(number), [(0, 1.0), (1, 2.0)]) for number in range(12)], "loss")
    assert len({(line.style, line.dashes) for line in made.lines}) == 12


@pytest.mark.parametrize(
    ("low", "high", "logarithmic", "ticks"),
    [(0, 100, False, [0, 20, 40, 60, 80, 100]), (1, 100, True, [1, 2, 5, 10, 20, 50, 100]), (3, 3, False, [2, 3, 4])],
)
def test_ticks_are_round_and_within_the_range(low, high, logarithmic, ticks):
    assert Scale(low, high, 0, 1, logarithmic).ticks() == ticks


def test_equal_factors_are_equally_far_apart_on_a_logarithmic_scale():
    scale = Scale(1, 100, 0, 1, logarithmic=True)
    assert scale(10) == pytest.approx(0.5) and scale(100) == pytest.approx(1)
