"""From labels to a calibrated classifier, its files, and labels for the rest."""

import json

import numpy as np
import pytest
from labelled_pictures import blobs

from tfgan_repro.errors import UserError
from tfgan_repro.labels.classifier import ARRAYS, DESCRIPTION, Classifier, Scaling, synthesise
from tfgan_repro.labels.features import PictureFeatures
from tfgan_repro.labels.label_files import Labels
from tfgan_repro.labels.suggestion import suggest_files
from tfgan_repro.labels.training import train_classifier
from tfgan_repro.labels.views import confusion_text, write_confusion_plot
from tfgan_repro.report.grids import read_png

PROTOCOL = {"extractor": "blobs", "weights_sha256": "0123", "features": 16, "resize": "none", "precision": "float32"}


class Protocol:
    def __init__(self, **changes):
        self.protocol = {**PROTOCOL, **changes}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """2,000 pictures of three classes that overlap, as `PictureFeatures` and the truth."""
    features, classes = blobs((1000, 700, 300), distance=2.0)
    files = [f"{index:04d}.png" for index in range(len(features))]
    truth = {file: "abc"[index] for file, index in zip(files, classes)}
    return PictureFeatures(tmp_path_factory.mktemp("none"), files, features), truth


@pytest.fixture(scope="module")
def labels(pictures):
    return dict(list(pictures[1].items())[:200])


@pytest.fixture(scope="module", params=["logistic", "network"])
def classifier(request, pictures, labels):
    return train_classifier(pictures[0], Labels(labels, "kind"), PROTOCOL, head=request.param)


def test_cross_validation_tells_the_accuracy_on_the_rest(pictures, labels, classifier):
    everything, truth = pictures
    result = synthesise(classifier, everything, 0.0, Labels())
    right = np.array([label == truth[file] for file, label in zip(result.files, result.labels)])[200:]
    quality = classifier.quality
    assert quality["accuracy"] == pytest.approx(right.mean(), abs=0.06) and right.mean() > 0.75
    assert quality["expected_accuracy"] == pytest.approx(right.mean(), abs=0.06)
    confusion = np.array(quality["confusion"])
    assert confusion.sum() == quality["labels"] == 200
    assert quality["accuracy"] == np.trace(confusion) / 200
    assert confusion.sum(axis=1).tolist() == [list(labels.values()).count(name) for name in "abc"]


def test_hard_pictures_do_not_make_it_seem_worse_than_it_is(pictures):
    everything, truth = pictures
    labels = Labels()
    for seed in range(8):
        found = suggest_files(everything, labels, 40, seed)
        labels.classes |= {file: truth[file] for file, _ in found}
        labels.seen |= {file for file, _ in found}
        labels.random |= {file for file, reason in found if reason == "random"}
    classifier = train_classifier(everything, labels, PROTOCOL)
    assert classifier.quality["judged_on"] == 80 and classifier.quality["drawn_at_random"]
    result = synthesise(classifier, everything, 0.0, labels)
    wrong = np.mean([label != truth[file] for file, label, _ in result.rows() if file not in labels.classes])
    assert result.summary()["expected_error"] == pytest.approx(wrong, abs=0.06)
    labels.random = set()
    unaware = train_classifier(everything, labels, PROTOCOL)
    assert unaware.quality["judged_on"] == 320 and not unaware.quality["drawn_at_random"]
    assert unaware.quality["accuracy"] < classifier.quality["accuracy"] - 0.05


@pytest.mark.parametrize("confidence", [0.0, 0.7, 0.9])
def test_the_expected_error_is_near_the_real_one(pictures, labels, classifier, confidence):
    everything, truth = pictures
    result = synthesise(classifier, everything, confidence, Labels(labels))
    summary = result.summary()
    rest = {file: label for file, label, _ in result.rows() if file not in labels}
    wrong = np.mean([label != truth[file] for file, label in rest.items()])
    assert summary["expected_error"] == pytest.approx(wrong, abs=0.05)
    assert summary["by_hand"] == 200 and summary["synthesised"] == len(rest)
    assert summary["left_out"] == 2000 - 200 - len(rest)
    assert (summary["left_out"] == 0) == (confidence == 0)
    assert sum(summary["classes"].values()) == 200 + len(rest)


def test_a_higher_confidence_leaves_out_more_and_errs_less(pictures, classifier):
    known = [synthesise(classifier, pictures[0], confidence, Labels()) for confidence in (0, 0.6, 0.8, 0.95)]
    summaries = [synthesis.summary() for synthesis in known]
    assert (np.diff([summary["synthesised"] for summary in summaries]) < 0).all()
    assert (np.diff([summary["expected_error"] for summary in summaries]) < 0).all()


def test_what_a_person_labelled_is_kept(pictures, classifier):
    everything, truth = pictures
    file = everything.files[0]
    other = next(name for name in "abc" if name != truth[file])
    none = everything.files[1]
    rows = synthesise(classifier, everything, 0.0, Labels({file: other}, seen={file, none})).rows()
    assert [file, other, "1.0000"] in rows
    assert [name for name, *_ in rows] == [name for name in everything.files if name != none]
    assert synthesise(classifier, everything, 1.0, Labels()).summary()["expected_error"] is None


def test_a_saved_classifier_answers_the_same(tmp_path, pictures, classifier):
    classifier.save(tmp_path)
    loaded = Classifier.load(tmp_path)
    features = pictures[0].features
    np.testing.assert_array_equal(loaded.probabilities(features), classifier.probabilities(features))
    assert (loaded.classes, loaded.column, loaded.quality) == (classifier.classes, "kind", classifier.quality)
    loaded.check_extractor(Protocol())
    # Nothing in the files can execute when they are loaded.
    with np.load(tmp_path / ARRAYS, allow_pickle=False) as arrays:
        hidden = ["hidden_0"] * (classifier.quality["head"] == "network")
        assert sorted(arrays.files) == [*hidden, "mean", "scale", "weights"]


@pytest.mark.parametrize("change", [{"weights_sha256": "4567"}, {"precision": "bfloat16"}, {"extractor": "2015"}])
def test_features_of_another_extractor_are_refused(classifier, change):
    (key,) = change
    with pytest.raises(UserError, match=f"with {key} {PROTOCOL[key]}, these have {change[key]}"):
        classifier.check_extractor(Protocol(**change))


def test_damaged_classifiers_are_refused(tmp_path, classifier):
    with pytest.raises(UserError, match="no classifier in .*classifier.json is absent"):
        Classifier.load(tmp_path)
    classifier.save(tmp_path)
    arrays, description = (tmp_path / ARRAYS).read_bytes(), (tmp_path / DESCRIPTION).read_text()
    with np.load(tmp_path / ARRAYS) as stored:
        np.savez(tmp_path / ARRAYS, **{**stored, "weights": stored["weights"] + 1})
    with pytest.raises(UserError, match="does not belong to"):
        Classifier.load(tmp_path)
    (tmp_path / ARRAYS).write_bytes(arrays[:100])
    with pytest.raises(UserError, match="cannot be read as .npz"):
        Classifier.load(tmp_path)
    for text in ("{", "[]", json.dumps({"classes": []}), description[:-20]):
        (tmp_path / DESCRIPTION).write_text(text)
        with pytest.raises(UserError, match="cannot be read as a classifier"):
            Classifier.load(tmp_path)


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({}, "0 labels of no class: a classifier needs two classes"),
        ({"0000.png": "a", "0001.png": "a"}, "2 labels of a: a classifier needs two classes"),
        ({"0000.png": "a", "0001.png": "a", "0002.png": "b"}, "only one picture is labelled b"),
        ({"0000.png": "a", "x.png": "a", "0002.png": "b", "0003.png": "b"}, r"1 of 4 labelled files .* x\.png"),
    ],
)
def test_labels_that_cannot_be_learned_from_are_refused(pictures, chosen, message):
    with pytest.raises(UserError, match=message):
        train_classifier(pictures[0], Labels(chosen), PROTOCOL)


def test_scaling_gives_every_extractor_the_same_spread():
    features = np.random.default_rng(0).gamma(0.5, 3.0, (500, 8)) * 10.0 ** np.arange(-4, 4)
    features[:, 3] = 7.0  # never changes
    scaled = Scaling.of(features)(features)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-9)
    assert scaled.var(axis=0).sum() == pytest.approx(7 / 8)
    assert np.isfinite(Scaling.of(-features)(-features)).all()


def test_the_confusion_matrix_is_drawn_and_written(tmp_path, classifier):
    write_confusion_plot(tmp_path / "confusion.png", classifier)
    height, width, _ = read_png(tmp_path / "confusion.png").shape
    assert 200 < height < 1000 and 200 < width < 1000
    first, *rows = confusion_text(classifier).splitlines()
    assert first.split() == ["a", "b", "c"]
    assert [list(map(int, row.split()[1:])) for row in rows] == classifier.quality["confusion"]
