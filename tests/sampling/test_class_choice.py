import dataclasses

import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.sampling.classes import class_numbers, picture_labels
from tfgan_repro.models.generation import fixed_labels


def test_names_and_numbers(conditional_checkpoint):
    assert class_numbers(("newts", "0", "newts"), conditional_checkpoint) == [2, 0, 2]
    assert class_numbers(None, conditional_checkpoint) == [0, 1, 2]
    digits = dataclasses.replace(conditional_checkpoint, classes={"1": 5, "0": 5})
    assert class_numbers(("0", "1"), digits) == [1, 0], "a name before a number"


def test_chosen_classes_come_in_turn_and_others_as_often_as_in_training(conditional_checkpoint, plain_checkpoint):
    assert picture_labels(conditional_checkpoint, 5, ("newts", "cats"), 1).tolist() == [2, 0, 2, 0, 2]
    np.testing.assert_array_equal(
        picture_labels(conditional_checkpoint, 50, None, 1), fixed_labels(50, conditional_checkpoint.classes, 1)
    )
    assert picture_labels(plain_checkpoint, 5, None, 1) is None


def test_what_is_no_class_is_refused(conditional_checkpoint, plain_checkpoint):
    with pytest.raises(UserError, match="unknown class 'cat'; did you mean cats?"):
        class_numbers(("cat",), conditional_checkpoint)
    with pytest.raises(UserError, match="--classes 3: the classes are numbered from 0 to 2"):
        class_numbers(("3",), conditional_checkpoint)
    with pytest.raises(UserError, match=r"--classes cats,1: .* \(dcgan\) is not a conditional model"):
        class_numbers(("cats", "1"), plain_checkpoint)
    with pytest.raises(UserError, match=r"--class-sweep: .* is not a conditional model"):
        class_numbers(None, plain_checkpoint)
