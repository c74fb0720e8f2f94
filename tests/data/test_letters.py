"""The embedded letters: readable, balanced, and the same each time."""

import numpy as np

from tfgan_repro.data import load_pictures
from tfgan_repro.data.letters import CLASS_NAMES, draw_split


def test_sets_are_balanced_drawn_alike_and_different():
    train, test = load_pictures("letters"), load_pictures("letters", "test")
    assert train.images.shape == (20_000, 32, 32, 3) and test.images.shape == (2_000, 32, 32, 3)
    assert train.classes == dict.fromkeys(CLASS_NAMES, 2000) and test.classes == dict.fromkeys(CLASS_NAMES, 200)
    np.testing.assert_array_equal(draw_split("test")[0], test.images)
    assert not np.array_equal(train.images[:2000], test.images)


def test_letters_are_whole_bright_and_told_apart_by_their_nearest_neighbour():
    images, labels = draw_split("test")
    grey = images.max(axis=3).astype(np.float32)
    # Nothing reaches the edge, whose pixels have the background's colour.
    assert (grey[:, 0].std(axis=1) < 2).mean() > 0.99 and (grey.max(axis=(1, 2)) > 200).all()
    grey = grey.reshape(len(grey), -1)
    grey -= grey.mean(axis=1, keepdims=True)
    grey /= np.linalg.norm(grey, axis=1, keepdims=True)
    nearest = (grey[:500] @ grey[500:].T).argmax(axis=1)
    assert (labels[500:][nearest] == labels[:500]).mean() > 0.95
