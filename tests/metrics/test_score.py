"""Features in the cache, and scores with their protocol."""

import numpy as np
import pytest
from PIL import Image

from tfgan_repro.errors import UserError
from tfgan_repro.metrics import features as features_module
from tfgan_repro.metrics.embedded import EmbeddedExtractor
from tfgan_repro.metrics.features import cache_directory, cached, extract
from tfgan_repro.metrics.frechet import feature_distance
from tfgan_repro.metrics.folder import ImageFolder
from tfgan_repro.metrics.images import ImageArray, draw
from tfgan_repro.metrics.registries import Metric
from tfgan_repro.metrics.rows import score_rows
from tfgan_repro.metrics.score import Reference
from tfgan_repro.metrics.printing import score_table

RANDOM = np.random.default_rng(0)
EVERY = ("fid", "kid", "kid-full", "is", "prdc", "nearest", "diversity")
KEYS = {
    "metric", "value", "real_vs_real", "extractor", "weights_sha256", "features", "resize", "precision",
    "generated_images", "real_images", "dataset", "split", "seed",
}  # fmt: skip


def images(count, low=0):
    return RANDOM.integers(low, 256, (count, 32, 32, 3), dtype=np.uint8)


REAL, TRAIN = ImageArray(images(60), "noise", "test"), ImageArray(images(80), "noise", "train")
FAKE = images(50, low=90)


@pytest.fixture(scope="module")
def extractor():
    return EmbeddedExtractor()


@pytest.fixture
def counted(extractor, monkeypatch):
    """The extractor, with the number of sets that it was given."""
    calls = []
    outputs = extractor.outputs
    monkeypatch.setattr(extractor, "outputs", lambda *args: (calls.append(1), outputs(*args))[1])
    return calls


def test_a_score_is_the_distance_with_its_protocol(extractor):
    reference = Reference(extractor, REAL, 60, TRAIN, seed=3)
    score = reference.score(FAKE)
    assert KEYS <= set(score)
    assert score["metric"] == "FD-embedded"
    assert score["value"] == pytest.approx(feature_distance(extractor(FAKE), extractor(REAL)), rel=1e-9)
    assert score["interval"][0] < score["value"] < score["interval"][1]
    assert score["real_vs_real"] == reference.real_vs_real < score["value"]
    assert (score["generated_images"], score["real_images"], score["seed"]) == (50, 60, 3)
    assert (score["dataset"], score["split"]) == ("noise", "test")


def test_every_metric_gives_rows_that_json_can_hold(extractor):
    import json

    rows = Reference(extractor, REAL, 60, TRAIN, metrics=EVERY).scores(FAKE)
    by_name = {row["metric"].removesuffix("-embedded"): row for row in rows}
    assert list(by_name) == [
        "FD", "KD", "KD-full", "IS", "precision", "recall", "density", "coverage", "authenticity", "diversity"
    ]  # fmt: skip
    for row in rows:
        assert KEYS <= set(json.loads(json.dumps(row, allow_nan=False)))
        assert isinstance(row["real_vs_real"], float)
    assert by_name["IS"]["splits"] == 10 and by_name["coverage"]["k"] == 5
    # Copies are looked for among the training images.
    assert (by_name["authenticity"]["split"], by_name["FD"]["split"]) == ("train", "test")
    text = score_table(rows)
    assert "FD-embedded" in text and "against 60 test images of noise" in text and "train images of noise" in text
    assert all(len(line) < 120 for line in text.splitlines())


def test_copies_of_training_images_are_found_whichever_split_is_scored_against(extractor):
    for real, baseline in ((REAL, TRAIN), (TRAIN, REAL)):
        reference = Reference(extractor, real, 60, baseline, metrics=("nearest",), seed=1)
        copies = reference.score(TRAIN.images)
        assert copies["split"] == "train"
        # 60 of 80 training images were drawn; their copies are found.
        assert copies["value"] <= 20 / 80
        assert copies["real_vs_real"] > copies["value"]


def test_the_closest_pairs_are_told_by_their_places_in_the_whole_set(extractor):
    for _ in range(2):  # the second time from the cache
        row = Reference(extractor, REAL, 60, TRAIN, metrics=("nearest",), seed=1).score(TRAIN.images)
        assert len(row["closest"]) == 5
        for pair in row["closest"]:
            np.testing.assert_array_equal(TRAIN.images[pair["generated"]], TRAIN.images[pair["real"]])
    first = row["closest"][0]
    assert score_table([row]).splitlines()[-5].split() == [str(first["generated"]), str(first["real"]), "0.000"]


def test_the_closest_files_are_told_by_name_unless_some_were_skipped(extractor, tmp_path):
    for number, image in enumerate(REAL.images[:20]):
        (tmp_path / "deep").mkdir(exist_ok=True)
        Image.fromarray(image).save(tmp_path / "deep" / f"{number:02d}.png")
    for _ in range(2):
        row = Reference(extractor, ImageFolder(tmp_path), 10, metrics=("nearest",)).score(REAL.images[:20])
        copies = [pair for pair in row["closest"] if pair["distance"] < 1e-3]
        assert copies and all(pair["real"] == f"deep/{pair['generated']:02d}.png" for pair in copies)
    (tmp_path / "deep" / "07.png").write_bytes(b"half")
    for _ in range(2):
        row = Reference(extractor, ImageFolder(tmp_path, "skip"), metrics=("nearest",)).score(REAL.images[:20])
        assert {pair["real"] for pair in row["closest"]} == {None}
    assert score_table([row]).splitlines()[-1].split()[1] == "unknown"


def test_too_few_images_are_refused_before_anything_is_computed(extractor, counted):
    with pytest.raises(UserError, match="metric prdc needs at least 6 generated images, not 5"):
        Reference(extractor, REAL, 5, TRAIN, metrics=("prdc",))
    with pytest.raises(UserError, match="a score of 61 images needs as many from noise; there are 60"):
        Reference(extractor, REAL, 61, TRAIN)
    assert not counted
    reference = Reference(extractor, REAL, 60, TRAIN)
    with pytest.raises(UserError, match="metric fid needs at least 2 generated images, not 1"):
        reference.score(FAKE[:1])


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"metrics": ()}, "name one or more of"),
        ({"metrics": "fid,FID"}, "unknown metric 'FID'"),
        ({"count": 6.5}, "count 6.5: must be a whole number"),
        ({"seed": -1}, "seed -1: must be a whole number"),
    ],
)
def test_choices_of_a_reference_are_checked_as_those_of_a_command(extractor, choices, message):
    assert Reference(extractor, REAL, metrics="kid, fid").metrics == ("kid", "fid")
    with pytest.raises(UserError, match=message):
        Reference(extractor, REAL, **choices)


def test_a_score_that_is_no_number_is_refused(extractor, monkeypatch):
    broken = Metric(lambda generated, real, seed: {"FID": {"value": np.nan}}, needs="features")
    monkeypatch.setattr("tfgan_repro.metrics.frechet.FID", broken)
    features = extract(REAL, extractor)
    with pytest.raises(UserError, match="FD-embedded is not a number"):
        score_rows("fid", features, features, extractor, {"dataset": "noise", "split": None, "seed": 0})


def test_damaged_images_do_not_reach_the_cache(extractor, monkeypatch):
    def broken(*args):
        yield {"features": np.full((60, 128), np.nan, np.float32), "logits": np.zeros((60, 10), np.float32)}

    monkeypatch.setattr(extractor, "outputs", broken)
    with pytest.raises(UserError, match="NaN or infinity"):
        cached(REAL, extractor)
    assert not cache_directory().exists()


def test_large_sets_are_scored_from_sums_without_an_interval(extractor, monkeypatch):
    monkeypatch.setattr("tfgan_repro.metrics.requirements.KEEP_UP_TO", 10)
    row = Reference(extractor, REAL, 60, TRAIN).score(FAKE)
    assert row["interval"] is None and "needs the features" in row["interval_method"]
    assert features_module.KEEP_UP_TO > 10_000
    assert row["value"] == pytest.approx(feature_distance(extractor(FAKE), extractor(REAL)), rel=1e-6)
    assert "FD-embedded" in score_table([row])


def test_a_reference_needs_no_more_than_real_images(extractor):
    """Images in, score out: real images that were not drawn stand for a perfect generator, or the halves do."""
    reference = Reference(extractor, REAL.images, 20)
    row = reference.score(FAKE)
    assert row["real_vs_real_images"] == [10, 10] and row["image_size"] == 32
    assert reference.score(FAKE[:15])["real_vs_real_images"] == [15, 20]
    assert Reference("embedded", REAL.images).score(FAKE)["dataset"] == "array"
    floats = FAKE / 127.5 - 1
    assert reference.score(floats)["value"] == row["value"]


def test_training_images_may_be_more_than_test_images(extractor):
    """As in CIFAR-10's usual protocol: generated images against all training images, of which there are five times."""
    reference = Reference(extractor, TRAIN, 80, REAL, metrics=("fid", "prdc", "nearest"))
    rows = {row["metric"]: row for row in reference.scores(FAKE)}
    fid = rows["FD-embedded"]
    assert (fid["real_images"], fid["real_vs_real_images"]) == (80, [60, 80])
    assert fid["real_vs_real"] == pytest.approx(feature_distance(extractor(REAL), extractor(TRAIN)), rel=1e-6)
    assert "real against real: 60 against 80 real images" in score_table(list(rows.values()))
    (row,) = Reference(extractor, TRAIN, 60, REAL).scores(FAKE)
    assert "real_vs_real_images" not in row


def test_images_of_other_sizes_are_told_apart(extractor):
    (row,) = Reference(extractor, REAL, 60, TRAIN).scores(FAKE[:, :16, :16])
    assert (row["image_size"], row["real_image_size"]) == (16, 32)


def test_the_value_of_real_images_is_computed_once(extractor, counted, monkeypatch):
    first = Reference(extractor, REAL, 60, TRAIN, metrics=("fid", "prdc"))
    assert len(counted) == 2
    again = Reference(extractor, REAL, 60, TRAIN, metrics=("fid", "prdc"))
    assert len(counted) == 2
    assert again.floors.results(None) == first.floors.results(None)
    assert again.real_vs_real == pytest.approx(
        feature_distance(extractor(draw(TRAIN, 60, 0)[0].images), extractor(REAL)), rel=1e-6
    )
    # Another seed draws other images.
    assert Reference(extractor, REAL, 60, TRAIN, seed=1).real_vs_real != first.real_vs_real


def test_only_sets_whose_features_are_needed_are_announced(extractor):
    announced, done = [], []

    def announce(count):
        announced.append(count)
        return done.append

    def reference(**options):
        return Reference(extractor, REAL, 40, announce=announce, **options)

    reference(baseline=TRAIN)
    assert (announced, done) == ([40, 40], [40, 40])
    for file in cache_directory().glob("*.npz"):
        file.unlink()
    announced.clear()
    reference(baseline=TRAIN)  # the value of real images is known
    assert announced == [40]
    announced.clear()
    reference(baseline=TRAIN, metrics=("nearest",))  # looks for copies of the training images
    assert announced == [40]
    announced.clear()
    # The 20 images that were not drawn are enough for a score of 15, but not of 30.
    for count, expected in ((30, []), (15, [15]), (15, [])):
        alone = reference()
        alone.floors.announce(count)
        assert announced == expected
        alone.floors.results(count)
        announced.clear()


def test_a_floor_that_is_known_needs_no_second_set_of_real_images(extractor, counted):
    value = Reference(extractor, REAL, 60, TRAIN).real_vs_real
    for file in cache_directory().glob("*.npz"):
        file.unlink()
    counted.clear()
    assert Reference(extractor, REAL, 60, TRAIN).real_vs_real == value
    assert len(counted) == 1
    # A damaged file is none.
    for file in (cache_directory() / "floors").iterdir():
        file.write_text("{")
    assert Reference(extractor, REAL, 60, TRAIN).real_vs_real == pytest.approx(value)
