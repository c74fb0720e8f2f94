"""The statistics: against SciPy's own tests, on the reviewers' counterexamples, and by simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from tfgan_repro.report.inference import (
    compare_failures,
    compare_means,
    compare_to_bounds,
    count_against_half,
    holm,
    pooled_deviation,
    power,
)


def test_two_means_are_compared_by_welchs_test_on_logarithms():
    first, second = (3.0, 3.4, 2.9), (1.0, 1.1, 0.9, 1.3)
    expected = stats.ttest_ind(np.log(first), np.log(second), equal_var=False)
    evidence = compare_means(first, second)
    interval = expected.confidence_interval(0.95)
    assert (evidence.low, evidence.high) == pytest.approx((math.exp(interval.low), math.exp(interval.high)))
    assert evidence.p == pytest.approx(expected.pvalue) and evidence.holds


def test_a_ratio_is_judged_the_same_from_either_side():
    first, second = (3.0, 3.4, 2.9), (1.0, 1.1, 0.9)
    there, back = compare_means(first, second), compare_means(second, first)
    assert there.p == pytest.approx(back.p) and there.holds and not back.holds
    assert (there.ratio, there.low) == pytest.approx((1 / back.ratio, 1 / back.high))


def test_values_that_differ_by_rounding_only_have_no_variance():
    nearly = [100.0, 100.0 * (1 + 2**-50), 100.0]
    assert compare_to_bounds(nearly, 1 / 1.1, 1.1) is None
    assert compare_means(nearly, (50.0, 51.0)) is compare_means((50.0, 51.0), nearly) is None


def test_failures_that_lie_far_apart_are_told_from_what_works():
    """On the scores themselves the difference was undecided; as a ratio it is 1.5 to 44 times."""
    evidence = compare_means((237, 50.5, 64.0), (18.1, 6.4, 12.5))
    assert evidence.p < 0.05 and evidence.holds
    assert (evidence.low, evidence.high) == pytest.approx((1.5, 44), rel=0.03)


@pytest.mark.parametrize(
    ("values", "decided", "holds"),
    [
        ((89, 90, 91), True, True),
        ((60, 120, 90), False, True),
        ((40, 41, 42), True, False),
        ((120, 122, 125), True, False),
        ((97, 98, 99), False, True),
    ],
)
def test_a_number_needs_an_interval_within_the_tolerance(values, decided, holds):
    evidence = compare_to_bounds([value / 90 for value in values], 1 / 1.1, 1.1)
    assert (evidence.p < 0.05, evidence.holds) == (decided, holds)
    inside = 1 / 1.1 < evidence.low and evidence.high < 1.1
    outside = evidence.high < 1 / 1.1 or evidence.low > 1.1
    assert decided == (inside or outside)


def test_values_without_variance_have_no_interval():
    assert compare_means((2.0, 2.0), (1.0, 1.0)) is None
    assert compare_means((2.0, 2.1), (1.0, 1.0)) is None
    assert compare_to_bounds((1.0, 1.0, 1.0), 0.9, 1.1) is None


def test_counts_are_tested_exactly():
    assert compare_failures((0, 4), (4, 4)).p == pytest.approx(2 / math.comb(8, 4))
    assert compare_failures((0, 3), (3, 3)).p > 0.05
    assert compare_failures((0, 4), (4, 4)).holds and not compare_failures((4, 4), (0, 4)).holds
    assert count_against_half(6, 6).p < 0.05 < count_against_half(5, 5).p
    assert count_against_half(3, 3).low == pytest.approx(0.025 ** (1 / 3))


def test_holm_corrects_step_by_step():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.2]) == [0.2] and holm([0.6, 0.7]) == [1.0, 1.0]


def test_power_grows_with_seeds_and_with_the_ratio_and_is_the_level_where_there_is_nothing():
    assert power(3, 1.5, 0.3) < power(5, 1.5, 0.3) < power(5, 2, 0.3)
    assert power(20, 2, 0.3) > 0.99
    assert 0.03 < power(10, 1, 0.3) < 0.06
    # A formula exists for equal variances, whose test is as good as the same with many seeds.
    shift = math.log(1.2) / (0.3 * math.sqrt(2 / 30))
    assert power(30, 1.2, 0.3) == pytest.approx(stats.nct.sf(stats.t.isf(0.025, 58), 58, shift), abs=0.01)


def test_the_deviation_is_pooled_over_groups():
    groups = [(1.0, math.e), (2.0, 2.0 * math.e, 2.0 * math.e**2)]
    assert pooled_deviation(groups) == pytest.approx(math.sqrt((0.5 + 2) / 3))
