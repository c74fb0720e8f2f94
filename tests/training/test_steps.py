"""Callbacks count by the model's step, and say before which step they must not be left out."""

from types import SimpleNamespace

import numpy as np
import pytest

from tfgan_repro.training.boards import Histograms
from tfgan_repro.training.callbacks import FID, SampleGrid, TrainingLog
from tfgan_repro.training.recording import Checkpoints
from tfgan_repro.training.steps import StepCallback, has_grid

TOTAL = 130


def begun(callback, total=TOTAL, step=0, epochs=1):
    """A callback at the beginning of a training."""
    callback.set_model(SimpleNamespace(step=np.array(step), stop_training=False))
    callback.set_params({"epochs": epochs, "steps": None if total is None else (total - step) // epochs})
    StepCallback.on_train_begin(callback)
    return callback


def dues(callback):
    """The steps at which a loop stops that makes all steps in between in one go."""
    steps = [0]
    while steps[-1] < TOTAL:
        steps.append(callback.next_due(steps[-1]))
    return steps[1:]


def test_grids_and_histograms_come_at_three_times_the_squares_and_at_the_end():
    expected = [step for step in range(1, TOTAL + 1) if has_grid(step) or step == TOTAL]
    assert expected[:3] == [3, 12, 27]
    assert dues(begun(SampleGrid("samples"))) == dues(begun(Histograms(None, None))) == expected


def test_further_grids_come_when_they_are_wanted():
    expected = sorted({step for step in range(1, TOTAL + 1) if has_grid(step) or step in (5, 12, TOTAL)} | {5})
    assert dues(begun(SampleGrid("samples", also=(12, 5)))) == expected


@pytest.mark.parametrize("every", [1, 7, 100, 1000])
def test_whatever_comes_every_so_many_steps_is_due_when_it_acts(every, monkeypatch):
    monkeypatch.setattr("tfgan_repro.training.callbacks.as_reference", lambda *arguments: None)
    expected = [step for step in range(1, TOTAL + 1) if step % every == 0 or step == TOTAL]
    callbacks = [
        TrainingLog("log.jsonl", every),
        FID(None, every, unit="steps"),
        Checkpoints(None, every, None, None, None, {}),
        SampleGrid("samples", every),
    ]
    assert [dues(begun(callback)) for callback in callbacks] == 4 * [expected]


def test_what_says_nothing_is_due_at_the_end():
    assert dues(begun(StepCallback())) == [TOTAL]


class Counter(StepCallback):
    """Notes the steps at which it acts."""

    def __init__(self, every):
        super().__init__(every)
        self.found = []

    def on_due(self, step):
        self.found.append(step)


@pytest.mark.parametrize(
    ("at_once", "expected"), [(1, [5, 10, 13]), (2, [6, 10, 13]), (4, [8, 12, 13]), (20, [13])]
)
@pytest.mark.parametrize("total", [13, None])
def test_steps_made_at_once_are_acted_on_as_soon_as_possible(at_once, expected, total):
    """Also where the length of the training is not known before its end."""
    counter = begun(Counter(5), total)
    for step in [*range(at_once, 13, at_once), 13]:
        counter.model.step = np.array(step)
        counter.on_train_batch_end(0)
    counter.on_train_end()
    assert counter.found == expected


def test_counting_goes_on_over_epochs_and_trainings():
    counter = begun(Counter(10), total=24, epochs=2)
    for step in range(1, 25):
        counter.model.step = np.array(step)
        counter.on_train_batch_end((step - 1) % 12)
    counter.on_train_end()
    begun(counter, total=30, step=24)
    counter.model.step = np.array(30)
    counter.on_train_batch_end(5)
    assert counter.found == [10, 20, 24, 30]
