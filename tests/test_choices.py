"""Choices in the one form in which they are kept, and as words of a command line."""

from pathlib import Path

import numpy as np
import pytest

from tfgan_repro.choices import numbers_of, words_of
from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError


@pytest.mark.parametrize(
    "said", ["r1:10,gradient", "r1:10.0, gradient", {"r1": 10, "gradient": None}, ["r1:10", "gradient"]]
)
def test_a_list_of_names_has_one_form(said):
    config = TrainConfig(penalty=said, discriminator_normalization="none")
    assert config.penalty == "r1:10,gradient" == config.to_json()["penalty"]


@pytest.mark.parametrize("said", ["45,25", [25, 45], (45, np.int64(25), 25)])
def test_a_list_of_numbers_has_one_form(said):
    assert TrainConfig(sample_steps=said).sample_steps == "25,45"


@pytest.mark.parametrize("said", ["", "0", "3,x", "1.5", "-1", "9999999999", [None], ["", 3]])
def test_a_bad_list_of_numbers_is_refused(said):
    with pytest.raises(UserError, match="--sample-epochs"):
        TrainConfig(sample_epochs=said)


def test_numbers_of_numpy_become_those_of_python():
    config = TrainConfig(steps=np.int64(7), width=np.float32(0.5), flip=np.bool_(True), seed=np.array(3))
    assert [type(value) for value in (config.steps, config.width, config.flip, config.seed)] == [int, float, bool, int]
    with pytest.raises(UserError, match="--steps 0: must be at least 1"):
        TrainConfig(steps=np.uint8(0))


def test_a_path_is_as_good_as_its_text():
    assert TrainConfig(run_dir=Path("runs") / "first").run_dir == str(Path("runs/first"))


def test_a_list_of_numbers_is_read_back():
    assert numbers_of(TrainConfig(sample_steps=[45, 25]).sample_steps) == (25, 45)
    assert numbers_of(None) == ()


def test_choices_become_the_words_that_a_command_line_has():
    choices = {"batch_size": 8, "flip": True, "attention": False, "from_": "a run", "image_size": None}
    assert words_of(choices) == ["--batch-size", "8", "--flip", "--no-attention", "--from", "a run"]
