"""Augmentations that have come through to generated images."""

import numpy as np
import pytest

from tfgan_repro.data import load_pictures
from tfgan_repro.files import append_json_line
from tfgan_repro.runs.directory import RunDirectory
from tfgan_repro.training import leaks
from tfgan_repro.training.diversity import DiversityMeter


@pytest.fixture(scope="module")
def letters():
    return load_pictures("letters", "train")


@pytest.fixture(scope="module")
def detector(letters):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leaks, "REAL_IMAGES", 400)
        return leaks.LeakDetector(DiversityMeter(letters), "ada-color,ada-cutout")


def test_real_images_do_not_look_augmented(letters, detector):
    leak = detector.look(letters.read(np.arange(1, 401, 4)))
    assert leak.share < 0.2 and leak.false_positives < 0.2 and not leak.is_one
    assert leak.found > 0.6 and (leak.generated_images, leak.real_images) == (100, 100)


@pytest.mark.parametrize("kind", ["ada-color", "ada-cutout"])
def test_a_leak_is_seen_and_named(letters, detector, kind):
    images = letters.read(np.arange(1, 401, 4))
    images[:50] = leaks.augmented(images[:50], kind)
    leak = detector.look(images)
    assert leak.is_one and leak.kind == kind and 0.25 < leak.share < 0.7
    assert f"look augmented, most of them by {kind}; so do" in str(leak)


def test_large_images_are_augmented_a_few_at_a_time(letters, monkeypatch):
    images, counts = letters.read(np.arange(10)), []

    class Listener(leaks.Augmentation):
        def call(self, images, seed):
            counts.append(len(images))
            return super().call(images, seed)

    monkeypatch.setattr(leaks, "Augmentation", Listener)
    monkeypatch.setattr(leaks, "MOST_VALUES", 4 * images[0].size)
    seen = leaks.augmented(images, "ada-color")
    assert counts == [4, 4, 2] and seen.shape == images.shape and (seen != images).any(axis=(1, 2, 3)).all()


def test_blur_is_no_leak(letters, detector):
    assert not detector.look(leaks.smoothed(letters.read(np.arange(1, 401, 4)))).is_one


def test_all_groups_of_ada_are_looked_for(letters, detector):
    assert detector.kinds == ["ada-color", "ada-cutout"]
    assert set(leaks.PARTS["ada"]) == {"ada-blit", "ada-geometry", "ada-color"}


def test_the_line_of_the_evaluations_names_the_sign_only_where_there_is_one():
    leak = leaks.Leak(0.4, 0.06, 0.8, "ada-cutout", 500, 250)
    row = leaks.evaluation_of(leak, 7)
    assert (row["metric"], row["value"], row["real_vs_real"], row["step"]) == ("augmentation-leak", 0.4, 0.06, 7)
    assert row["health"] == ["augmentation-leak"]
    assert leaks.evaluation_of(leaks.Leak(0.1, 0.06, 0.8, "ada-cutout", 500, 250), 7)["health"] == []


def test_a_step_that_was_looked_at_is_not_looked_at_again(tmp_path, detector, monkeypatch):
    run = RunDirectory(tmp_path)
    append_json_line(run.evaluations, leaks.evaluation_of(leaks.Leak(0.1, 0.06, 0.8, "ada-cutout", 500, 250), 2000))
    monkeypatch.setattr(leaks, "sampling_generator", lambda *arguments: pytest.fail("it was"))
    leaks.look_for_leaks(run, 2000, None, detector.meter, "ada-cutout")
    with pytest.raises(pytest.fail.Exception):
        leaks.look_for_leaks(run, 3000, None, detector.meter, "ada-cutout")
