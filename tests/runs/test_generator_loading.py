"""A generator loaded back from its run."""

import dataclasses
import shutil

import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.files import append_json_line
from tfgan_repro.models.generation import fixed_labels, fixed_latents, images_of
from tfgan_repro.runs.loading import class_numbers, find_checkpoint, generate, labels_for, load_generator


def test_the_ways_to_name_a_checkpoint(tiny_run):
    for path, step in (
        (tiny_run.path, 4),
        (tiny_run.generator_weights, 4),
        *((path, int(path.name[5:])) for path in tiny_run.checkpoints.iterdir()),
    ):
        run, weights, found = find_checkpoint(path)
        assert run.path.samefile(tiny_run.path) and weights.is_file() and found == step


def test_a_run_that_is_called_like_a_checkpoint_is_none(tiny_run, tmp_path):
    run = shutil.copytree(tiny_run.path, tmp_path / "step_9")
    for path, step in ((run, 4), (run / "generator.weights.h5", 4), (run / "checkpoints" / "step_00000002", 2)):
        assert find_checkpoint(path)[2] == step


def test_weights_without_checkpoints_tell_their_own_step(tiny_run, tmp_path):
    """A killed run has logged more than it has kept."""
    run = shutil.copytree(tiny_run.path, tmp_path / "copy", ignore=shutil.ignore_patterns("step_*"))
    append_json_line(run / "log.jsonl", {"step": 9})
    assert find_checkpoint(run)[2] == find_checkpoint(run / "generator.weights.h5")[2] == 4


def test_what_is_no_checkpoint_is_refused(tmp_path):
    with pytest.raises(UserError, match="no such checkpoint: .*gone"):
        find_checkpoint(tmp_path / "gone")
    with pytest.raises(UserError, match="is not a checkpoint: there is no config.json of a run beside it"):
        find_checkpoint(tmp_path)
    (tmp_path / "config.json").touch()
    with pytest.raises(UserError, match="config.json is not a checkpoint: give the run .*, or a .weights.h5 file"):
        find_checkpoint(tmp_path / "config.json")
    (tmp_path / "checkpoints").mkdir()
    with pytest.raises(UserError, match="checkpoints is not a checkpoint: give the run .*, or a .weights.h5 file"):
        find_checkpoint(tmp_path / "checkpoints")


def test_names_and_numbers(conditional_checkpoint):
    assert class_numbers(conditional_checkpoint, ("newts", "0", "newts")) == [2, 0, 2]
    assert class_numbers(conditional_checkpoint, list(conditional_checkpoint.classes)) == [0, 1, 2]
    digits = dataclasses.replace(conditional_checkpoint, classes={"1": 5, "0": 5})
    assert class_numbers(digits, ("0", "1")) == [1, 0], "a name before a number"


def test_chosen_classes_come_in_turn_and_others_as_often_as_in_training(conditional_checkpoint, plain_checkpoint):
    assert labels_for(conditional_checkpoint, 5, ("newts", "cats"), 1).tolist() == [2, 0, 2, 0, 2]
    np.testing.assert_array_equal(
        labels_for(conditional_checkpoint, 50, None, 1), fixed_labels(50, conditional_checkpoint.classes, 1)
    )
    assert labels_for(plain_checkpoint, 5, None, 1) is None


def test_what_is_no_class_is_refused(conditional_checkpoint, plain_checkpoint):
    with pytest.raises(UserError, match="unknown class 'cat'; did you mean cats?"):
        class_numbers(conditional_checkpoint, ("cat",))
    with pytest.raises(UserError, match="class 3: the classes are numbered from 0 to 2"):
        class_numbers(conditional_checkpoint, ("3",))
    with pytest.raises(UserError, match=r"\(dcgan\) is not a conditional model: its images"):
        class_numbers(plain_checkpoint, ("cats", "1"))
    with pytest.raises(UserError, match="no class was named"):
        class_numbers(conditional_checkpoint, ())


def test_images_of_a_run_are_its_generator_s(tiny_run):
    images = generate(tiny_run.path, 5, seed=3)
    assert images.shape == (5, 32, 32, 3) and images.dtype == np.uint8
    generator = load_generator(tiny_run.path)
    np.testing.assert_array_equal(images, images_of(generator, fixed_latents(5, generator.inputs[0].shape[-1], 3)))
    assert not np.array_equal(images, generate(tiny_run.path, 5, seed=4))
    with pytest.raises(UserError, match="count 0: must be a whole number from 1 on"):
        generate(tiny_run.path, 0)
    with pytest.raises(UserError, match="is not a conditional model"):
        generate(tiny_run.path, 2, labels=[0, 1])
