"""Counts, pixel statistics and samples of the pictures kept."""

import numpy as np

from tfgan_repro.data.collection import FileCollection
from tfgan_repro.data.summary import Sample, Summary

IMAGES = np.random.default_rng(0).integers(0, 256, (9, 4, 4, 3), dtype=np.uint8)


def test_classes_without_training_pictures_leave_no_trace_in_the_statistics():
    collection = FileCollection("any", [], str, class_names=("cats", "dogs", "eels"))
    summary = Summary(collection)
    for index, image in enumerate(IMAGES):
        label = index % 3
        # The first class comes in the test split only.
        summary.add("test" if label == 0 or index > 6 else "train", label, image)
    assert summary.settle_classes() == {1: 0, 2: 1}
    kept = np.delete(IMAGES, [0, 3, 6], axis=0)
    report = summary.to_json()
    assert report["kept"] == {"train": 4, "test": 2} and report["class_names"] == ["dogs", "eels"]
    assert report["classes"] == {"train": {"dogs": 2, "eels": 2}, "test": {"dogs": 1, "eels": 1}}
    assert report["left_out"] == {"is of a class without training pictures": {"count": 3, "first": ["cats"]}}
    np.testing.assert_allclose(report["pixel_mean"], kept.mean(axis=(0, 1, 2)), atol=1e-3)
    np.testing.assert_allclose(report["pixel_spread"], kept.std(axis=(0, 1, 2)), atol=1e-3)


def test_published_sets_keep_classes_without_pictures():
    collection = FileCollection("any", [], str, class_names=("cats", "dogs"))
    collection.published = True
    summary = Summary(collection)
    summary.add("train", 1, IMAGES[0])
    assert summary.settle_classes() == {0: 0, 1: 1} and summary.classes("train") == {"cats": 0, "dogs": 1}


def test_each_picture_is_as_likely_in_a_sample_as_any_other():
    counts = np.zeros(20)
    for seed in range(300):
        sample = Sample(5, 8)
        sample.random = np.random.default_rng(seed)
        for number in range(20):
            sample.add(np.full((1, 1, 1), number, np.uint8))
        counts[sample.images().ravel()] += 1
    # 75 of 300 for each; five standard deviations either way.
    assert counts.sum() == 1500 and np.abs(counts - 75).max() < 5 * np.sqrt(300 * 0.25 * 0.75)


def test_a_sample_of_large_pictures_is_small():
    sample = Sample(2, 8)
    for _ in range(9):
        sample.add(np.zeros((64, 32, 3), np.uint8))
    assert [pixels.shape for pixels in sample.kept] == [(8, 4, 3)] * 2 and sample.images().shape == (2, 8, 4, 3)
