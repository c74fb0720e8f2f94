"""Scores of a run, from its checkpoint."""

import pytest

from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError
from tfgan_repro.files import read_json_lines
from tfgan_repro.metrics.extractor import KerasExtractor
from tfgan_repro.metrics.protocol import Scoring
from tfgan_repro.runs.evaluation import evaluate, with_weights_of
from tfgan_repro.training.session import train


def test_a_score_after_training_is_the_one_during_it(tiny_run):
    """The same latents against the same real images: what was logged at the last step comes out again."""
    logged = [row for row in read_json_lines(tiny_run.evaluations) if row.get("during_training")][-1]
    rows = evaluate(tiny_run.path, fid_samples=50, extractor="embedded", seed=2)
    assert [row["metric"] for row in rows] == ["FD-embedded"]
    assert rows[0]["value"] == pytest.approx(logged["value"], rel=1e-3)
    assert rows[0]["weights_sha256"] == logged["weights_sha256"]
    assert read_json_lines(tiny_run.evaluations)[-1] == rows[0] | {"interval": list(rows[0]["interval"])}


def test_a_seed_repeats_a_score(tiny_run):
    options = {"fid_samples": 20, "extractor": "embedded"}
    first, second, other = (evaluate(tiny_run.path, seed=seed, **options)[0] for seed in (5, 5, 6))
    assert first["value"] == second["value"] != other["value"]


def test_splits_change_sides(tiny_run):
    options = {"fid_samples": 20, "extractor": "embedded"}
    test, train = (evaluate(tiny_run.path, split=split, **options)[0] for split in ("test", "train"))
    assert (test["split"], train["split"]) == ("test", "train")
    assert test["real_vs_real"] == pytest.approx(train["real_vs_real"], rel=1e-9)


def test_more_images_than_there_are_is_refused(tiny_run):
    with pytest.raises(UserError, match="there are"):
        evaluate(tiny_run.path, fid_samples=10**6, extractor="embedded")


def test_an_extractor_has_the_weights_that_the_run_found_it_with(tmp_path):
    weights = tmp_path / "weights.npz"
    config = TrainConfig.from_choices(inception_weights=str(weights), fid_every=1)
    assert with_weights_of(config, Scoring()) == Scoring()
    weights.touch()
    assert with_weights_of(config, Scoring()) == Scoring(inception_weights=str(weights))
    for scoring in (Scoring(extractor="embedded"), Scoring(inception_weights="others.npz")):
        assert with_weights_of(config, scoring) == scoring


@pytest.fixture(scope="module")
def conditional_run(cifar10_dir, tmp_path_factory):
    """A conditional run of two steps on CIFAR-10 with an average of the generator's weights."""
    folder = tmp_path_factory.mktemp("conditional")
    return train(
        TrainConfig.from_choices(
            model="dcgan",
            dataset="cifar10",
            data_dir=str(cifar10_dir),
            steps=2,
            batch_size=8,
            width=0.0625,
            generator_conditioning="batch-normalization",
            discriminator_conditioning="projection",
            ema_half_life=100.0,
            run_dir=str(folder / "run"),
        )
    ).run


def test_a_conditional_model_is_scored_by_class_and_for_agreement(conditional_run):
    rows = evaluate(conditional_run.path, fid_samples=60, extractor="embedded", metrics=("fid", "fid-per-class"))
    assert [row["metric"] for row in rows] == ["FD-embedded", "FD-per-class-embedded", "class-agreement"]
    per_class, agreement = rows[1:]
    assert len(per_class["per_class"]) == 10
    assert per_class["value"] == pytest.approx(sum(per_class["per_class"].values()) / 10)
    assert per_class["real_vs_real"] < per_class["value"], "two steps make no pictures"
    assert list(agreement["per_class"])[:2] == ["airplane", "automobile"]
    # The classifier's accuracy on the real test images.
    assert agreement["real_vs_real"] == pytest.approx(0.8814, abs=2e-3)
    assert 0 <= agreement["value"] < 0.5
    assert {row["generator_weights"] for row in rows} == {"ema"}


def test_the_trained_weights_beside_the_average_are_called_raw(conditional_run):
    newest = max(conditional_run.checkpoints.iterdir())
    (row, _) = evaluate(newest / "trained_generator.weights.h5", fid_samples=20, extractor="embedded")
    assert row["generator_weights"] == "raw"


def test_standing_statistics_change_the_images_and_are_in_the_protocol(tiny_run):
    options = {"fid_samples": 20, "extractor": "embedded"}
    plain, standing = (evaluate(tiny_run.path, standing_stats=n, **options)[0] for n in (0, 5))
    assert standing["standing_statistics"] == "5 batches of 8"
    assert "standing_statistics" not in plain
    assert standing["value"] != plain["value"]


def test_scores_by_class_need_a_conditional_model(tiny_run, monkeypatch):
    monkeypatch.setattr(KerasExtractor, "outputs", lambda *_: pytest.fail("features are extracted"))
    for metric in ("fid-per-class", "classification-accuracy"):
        with pytest.raises(UserError, match=f"{metric} needs labels on both sides"):
            evaluate(tiny_run.path, fid_samples=60, extractor="embedded", metrics=("fid", metric))


def test_a_run_is_scored_at_another_size(tiny_run):
    options = {"fid_samples": 20, "extractor": "embedded"}
    own, small = (evaluate(tiny_run.path, image_size=size, **options)[0] for size in (None, 16))
    assert (own["image_size"], small["image_size"]) == (32, 16)
    assert own["value"] != small["value"]


def test_agreement_of_any_labelled_set_is_seen_by_a_classifier_of_its_own(tmp_path):
    run = train(
        TrainConfig.from_choices(
            model="dcgan",
            dataset="shapes",
            steps=1,
            batch_size=8,
            width=0.0625,
            generator_conditioning="batch-normalization",
            discriminator_conditioning="projection",
            run_dir=str(tmp_path / "run"),
        )
    ).run
    options = {"fid_samples": 60, "extractor": "embedded", "metrics": ("fid", "classification-accuracy")}
    rows = evaluate(run.path, **options)
    assert [row["metric"] for row in rows] == ["FD-embedded", "classification-accuracy-embedded", "class-agreement"]
    accuracy, agreement = rows[1:]
    assert agreement["classifier"].startswith("softmax regression on the features of")
    assert agreement["value"] < 0.5 < agreement["real_vs_real"], "one step makes no pictures; real ones are known"
    assert accuracy["real_vs_real"] > accuracy["value"]
    assert len(agreement["per_class"]) > 1 and agreement["image_size"] == 32
    # Whichever split is scored against, real images that the classifier has not learnt from say how good it is.
    *_, other = evaluate(run.path, fid_samples=60, extractor="embedded", split="train")
    assert other == agreement and other["split"] == "test"
