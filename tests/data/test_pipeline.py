import itertools
from dataclasses import replace

import numpy as np
import pytest

from tfgan_repro.data.pictures import Pictures
from tfgan_repro.backends.devices import Share
from tfgan_repro.data.pipeline import training_batches
from tfgan_repro.scaling import unscale


@pytest.fixture
def numbered():
    """Twenty images, each filled with its own number but for a bright left column."""
    images = np.broadcast_to(np.arange(20, dtype=np.uint8)[:, None, None, None], (20, 4, 4, 1)).copy()
    images[:, :, 0] = 255
    return Pictures("numbered", "train", images)


def batches(dataset, count):
    return [unscale(batch.numpy()) for batch in itertools.islice(dataset, count)]


def numbers(dataset, count):
    """What the images of the first `count` batches are numbered, one after the other."""
    return np.concatenate([batch[:, 0, 2, 0] for batch in batches(dataset, count)]).tolist()


def test_an_epoch_sees_every_image_once_and_the_next_in_another_order(numbered):
    seen = numbers(training_batches(numbered, 5), 8)
    first, second = seen[:20], seen[20:]
    assert sorted(first) == sorted(second) == list(range(20))
    assert first != second


def test_the_last_incomplete_batch_is_dropped(numbered):
    seen = numbers(training_batches(numbered, 8), 6)
    for epoch in range(3):
        shown = seen[16 * epoch : 16 * epoch + 16]
        assert len(set(shown)) == len(shown) == 16


def test_the_seed_decides_the_order(numbered):
    assert numbers(training_batches(numbered, 5, seed=1), 8) == numbers(training_batches(numbered, 5, seed=1), 8)
    assert numbers(training_batches(numbered, 5, seed=1), 4) != numbers(training_batches(numbered, 5, seed=2), 4)


def test_a_run_can_go_on_at_any_batch(numbered):
    whole = batches(training_batches(numbered, 5, seed=3, flip=True), 9)
    rest = batches(training_batches(numbered, 5, seed=3, flip=True, start=6), 3)
    np.testing.assert_array_equal(whole[6:], rest)


def test_flips_mirror_about_half_of_the_images_left_to_right(numbered):
    images = np.concatenate(batches(training_batches(numbered, 20, flip=True), 20))
    left, right = (images[:, :, 0, 0] == 255).all(axis=1), (images[:, :, -1, 0] == 255).all(axis=1)
    assert (left ^ right).all()
    assert 0.35 < right.mean() < 0.65


def test_batches_are_float32_between_minus_one_and_one(numbered):
    dataset = training_batches(numbered, 5)
    assert dataset.element_spec.shape == (5, 4, 4, 1)
    batch = next(iter(dataset)).numpy()
    assert batch.dtype == np.float32 and batch.min() >= -1 and batch.max() == 1


def test_labels_stay_with_their_images(numbered):
    labelled = replace(numbered, labels=np.arange(20, dtype=np.int32) % 3)
    for images, labels in itertools.islice(training_batches(labelled, 5, seed=3, flip=True, labels=True), 8):
        np.testing.assert_array_equal(unscale(images.numpy())[:, 0, 2, 0] % 3, labels)


@pytest.mark.parametrize("counts", [(4,), (2, 2), (1, 1, 1, 1)])
def test_shares_are_together_what_is_not_shared(numbered, counts):
    """Two minibatches of eight images among four replicas, of one process or of several; each reads its own only."""
    labelled = replace(numbered, labels=np.arange(20, dtype=np.int32))
    choices = {"seed": 3, "flip": True, "labels": True, "dequantize": True, "start": 1}
    whole, labels = next(iter(training_batches(labelled, 16, **choices)))
    parts = []
    for process, count in enumerate(counts):
        share = Share(minibatches=2, replicas=4, first=process * count, count=count)
        parts += itertools.islice(training_batches(labelled, 16, **choices, share=share), count)
    assert [images.shape[0] for images, _ in parts] == [4] * 4
    for shared, expected in zip(zip(*parts), (whole, labels)):
        # Of each part the first half belongs to the first minibatch.
        minibatches = np.stack([part.numpy().reshape(2, 2, *part.shape[1:]) for part in shared], axis=1)
        np.testing.assert_array_equal(minibatches.reshape(expected.shape), expected)


def test_dequantization_noise_fills_one_level_and_differs_between_batches(numbered):
    plain = itertools.islice(training_batches(numbered, 20), 2)
    noisy = itertools.islice(training_batches(numbered, 20, dequantize=True), 2)
    first, second = (b.numpy() - a.numpy() for a, b in zip(plain, noisy))
    assert 0 <= first.min() and first.max() <= 1 / 128 + 1e-6
    assert abs(first.mean() - 1 / 256) < 3e-4
    assert not np.array_equal(first, second)
