"""Batches that are drawn within a compiled program."""

import numpy as np
import pytest

from tfgan_repro.data.pictures import Pictures
from tfgan_repro.data.pipeline import BatchOptions

pytest.importorskip("jax", reason="jax is not installed")
from tfgan_repro.data import jax_pipeline  # noqa: E402

COUNT, BATCH = 23, 4
CHOICES = {"seed": 3, "flip": False, "start": 0, "labels": True, "dequantize": False}


@pytest.fixture
def pictures():
    """Pictures of one colour each, their left half a level darker."""
    images = np.repeat(np.arange(1, COUNT + 1, dtype=np.uint8), 8 * 8 * 3).reshape(COUNT, 8, 8, 3)
    images[:, :, :4] -= 1
    return Pictures("numbers", "train", images, np.arange(COUNT, dtype=np.int32), tuple(map(str, range(COUNT))))


def drawn(batches, numbers):
    """The batches of some numbers."""
    return [[np.asarray(part) for part in batches.draw(batches.load(number), number)] for number in numbers]


def made(pictures, **changes):
    return jax_pipeline.training_batches(pictures, BatchOptions(BATCH, **{**CHOICES, **changes}))


def test_an_epoch_has_each_picture_once_with_its_label_and_the_next_another_order(pictures):
    batches = made(pictures)
    assert isinstance(batches, jax_pipeline.ResidentBatches)
    epochs = [drawn(batches, range(first, first + COUNT // BATCH)) for first in (0, COUNT // BATCH)]
    orders = [np.concatenate([labels for _, labels in epoch]) for epoch in epochs]
    assert all(len(set(order)) == COUNT // BATCH * BATCH for order in orders)
    assert not np.array_equal(*orders)
    for images, labels in epochs[0]:
        assert images.dtype == np.float32 and images.shape == (BATCH, 8, 8, 3)
        np.testing.assert_allclose(images[:, 0, -1, 0], (labels + 1) / 127.5 - 1, rtol=1e-6)


def test_a_batch_depends_on_the_seed_and_its_number_only(pictures):
    choices = {"flip": True, "dequantize": True}
    ((images, labels),) = drawn(made(pictures, **choices), [7])
    ((again, same),) = drawn(made(pictures, start=7, **choices), [7])
    ((other, _),) = drawn(made(pictures, seed=4, **choices), [7])
    np.testing.assert_array_equal(images, again)
    np.testing.assert_array_equal(labels, same)
    assert not np.array_equal(images, other)


def test_batches_can_be_looked_at_one_by_one(pictures):
    batches = made(pictures, start=2)
    for found, expected in zip(batches, drawn(batches, range(2, 9))):
        np.testing.assert_array_equal(found[0], expected[0])
        np.testing.assert_array_equal(found[1], expected[1])
    assert next(iter(made(pictures, labels=False))).shape == (BATCH, 8, 8, 3)


def test_half_of_the_pictures_are_flipped_and_noise_stays_within_a_level(pictures):
    flipped = []
    for (plain, _), (treated, _) in zip(
        drawn(made(pictures), range(40)), drawn(made(pictures, flip=True, dequantize=True), range(40))
    ):
        mirrored = treated[:, 0, 0, 0] > treated[:, 0, -1, 0]
        expected = np.where(mirrored[:, None, None, None], plain[:, :, ::-1], plain)
        noise = treated - expected
        assert -1e-6 < noise.min() and noise.max() < 1 / 128 + 1e-6
        flipped += mirrored.tolist()
    # A level is 1/127.5, the noise less: what is darker tells the sides apart in most pictures.
    assert 0.3 < np.mean(flipped) < 0.7


def test_a_set_brought_in_pieces_gives_the_same_batches(pictures, monkeypatch):
    whole = made(pictures, flip=True)
    monkeypatch.setattr(jax_pipeline, "RESIDENT", 0)
    monkeypatch.setattr(jax_pipeline, "PIECE", 2 * BATCH * 8 * 8 * 3)
    pieces = made(pictures, flip=True)
    assert isinstance(pieces, jax_pipeline.StreamedBatches)
    numbers = [*range(12), 3, 0]
    for (images, labels), (others, their_labels) in zip(drawn(whole, numbers), drawn(pieces, numbers)):
        np.testing.assert_array_equal(images, others)
        np.testing.assert_array_equal(labels, their_labels)
    # Two batches a piece, five an epoch.
    assert [pieces.until(number) for number in range(6)] == [2, 2, 4, 4, 5, 7]
