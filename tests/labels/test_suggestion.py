"""Which pictures are suggested."""

import numpy as np
import pytest
from labelled_pictures import blobs

from tfgan_repro.errors import UserError
from tfgan_repro.labels.features import PictureFeatures
from tfgan_repro.labels.label_files import Labels
from tfgan_repro.labels.suggestion import choose_rows, suggest_files, uncertainty


def generator(seed=0):
    return np.random.default_rng(seed)


def chosen_of(features, labelled, classes, count, seed=0):
    """The rows chosen among all that are not labelled, and the reasons."""
    free = np.setdiff1d(np.arange(len(features)), labelled)
    judged = np.zeros(len(labelled), bool)
    return choose_rows(features, free, np.array(labelled, int), list(classes), judged, count, generator(seed))


def unsureness(features, labelled, classes):
    return uncertainty(features, labelled, classes, np.zeros(len(labelled), bool))


def test_without_labels_every_cluster_is_represented():
    features, classes = blobs((200, 200, 15, 15), distance=100.0)
    chosen, reasons = chosen_of(features, [], [], 5)
    assert reasons == ["random"] + ["typical"] * 4
    assert sorted(classes[chosen[1:]]) == [0, 1, 2, 3]
    # Typical ones: no further from the middle of their class than most of it.
    for row in chosen[1:]:
        members = features[classes == classes[row]]
        distances = np.linalg.norm(members - members.mean(axis=0), axis=1)
        assert np.linalg.norm(features[row] - members.mean(axis=0)) < np.median(distances)


def test_with_labels_the_border_between_classes_is_preferred():
    features, classes = blobs((300, 300), distance=4.0)
    known = np.concatenate([np.flatnonzero(classes == value)[:20] for value in (0, 1)])
    unsure = unsureness(features, known, classes[known])
    assert unsure.min() >= 0 and unsure.max() <= 1
    chosen, reasons = chosen_of(features, known, classes[known], 40)
    assert not np.isin(chosen, known).any() and len(set(chosen)) == 40
    assert unsure[chosen[10:]].min() > np.quantile(np.delete(unsure, known), 0.9)
    assert reasons == ["random"] * 10 + ["unsure"] * 30


def test_a_quarter_is_drawn_from_all_alike(monkeypatch):
    monkeypatch.setattr("tfgan_repro.labels.suggestion.uncertainty", lambda features, *rest: features[:, 0])
    features, classes = blobs((100, 100), distance=4.0)
    known = np.arange(10)
    counts = np.zeros(200)
    for seed in range(300):
        chosen, reasons = chosen_of(features, known, classes[known], 40, seed)
        counts[chosen[np.array(reasons) == "random"]] += 1
    assert counts.sum() == 3000 and counts[:10].sum() == 0
    # Each of the 190 is drawn 15.8 times, with a deviation of 3.9.
    assert counts[10:].min() > 3 and counts[10:].max() < 33


def test_near_copies_are_suggested_once():
    # Ten of the unsure rows are nearly the same.
    random_state = generator()
    copies = np.array([[0.0, 3.0]]) + random_state.normal(size=(10, 2)) * 1e-2
    others = random_state.normal(size=(10, 2)) * [0.3, 1] - [0, 2]
    labelled = np.array([[-1.0, 0.0], [-1.1, 0.1], [1.0, 0.0], [1.1, 0.1]])
    features = np.concatenate([labelled, copies, others])
    unsure = unsureness(features, np.arange(4), [0, 0, 1, 1])
    assert unsure[4:14].min() > np.median(unsure[14:])
    chosen, _ = chosen_of(features, np.arange(4), [0, 0, 1, 1], 3)  # too few for a random one
    assert (chosen >= 4).all() and (chosen < 14).sum() == 1


@pytest.mark.parametrize("classes", [["a"], ["a", "a"], ["a", "b"], ["a", "a", "b"]])
def test_few_labels_are_enough(classes):
    features, _ = blobs((20, 20))
    known = np.arange(len(classes))
    chosen, _ = chosen_of(features, known, classes, 10)
    assert len(set(chosen)) == 10 and not np.isin(chosen, known).any()


def test_copies_are_suggested_where_nothing_else_is_left():
    features = np.zeros((9, 3))
    for known, classes in (([], []), ([0, 1], ["a", "b"])):
        assert len(set(chosen_of(features, known, classes, 5)[0])) == 5


def test_the_same_seed_suggests_the_same():
    features, _ = blobs((50, 50))
    first, second, other = (chosen_of(features, [], [], 10, seed)[0] for seed in (0, 0, 1))
    assert np.array_equal(first, second) and not np.array_equal(first, other)


def test_nothing_is_suggested_twice(tmp_path):
    features, _ = blobs((4, 4))
    pictures = PictureFeatures(tmp_path, [f"{index}.png" for index in range(8)], features)
    labels = Labels({"0.png": "a", "3.png": "b"}, seen={"0.png", "3.png", "5.png"})
    found = suggest_files(pictures, labels, 100)
    assert sorted(file for file, _ in found) == ["1.png", "2.png", "4.png", "6.png", "7.png"]
    with pytest.raises(UserError, match="every picture in .* was shown already"):
        suggest_files(pictures, Labels(seen=set(pictures.files)), 1)
    with pytest.raises(UserError, match=r"1 of 2 labelled files are not in .*: 9\.png"):
        suggest_files(pictures, Labels({"0.png": "a", "9.png": "b"}), 1)
