"""Callbacks say before which step they must not be left out."""

import pytest

import numpy as np

from tfgan_repro.training.callbacks import Checkpoints, SampleGrids, Scores, TrainingLog, has_grid
from tfgan_repro.training.histograms import Histograms
from tfgan_repro.training.steps import Sitting, StepCallback

TOTAL = 130


@pytest.fixture
def sitting():
    return Sitting(None, 0, TOTAL)


def dues(callback):
    """The steps at which a loop stops that makes all steps in between in one go."""
    steps = [0]
    while steps[-1] < TOTAL:
        steps.append(callback.next_due(steps[-1]))
    return steps[1:]


def test_grids_and_histograms_come_at_three_times_the_squares_and_at_the_end(sitting):
    expected = [step for step in range(1, TOTAL + 1) if has_grid(step) or step == TOTAL]
    assert dues(SampleGrids(sitting, None, 1, {})) == dues(Histograms(sitting, None, np.zeros(0), None)) == expected


@pytest.mark.parametrize("every", [1, 7, 100, 1000])
def test_whatever_comes_every_so_many_steps_is_due_when_it_acts(sitting, every):
    expected = [step for step in range(1, TOTAL + 1) if sitting.is_due(step, every)]
    callbacks = [
        TrainingLog(sitting, None, every, 1, None),
        Scores(sitting, None, every, None, 10, {}),
        Checkpoints(sitting, every, None, None, {}),
    ]
    assert [dues(callback) for callback in callbacks] == 3 * [expected]


def test_what_says_nothing_is_due_at_the_end(sitting):
    assert dues(StepCallback(sitting)) == [TOTAL]
    assert sitting.next_due(5, 0) == TOTAL
