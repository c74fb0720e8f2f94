"""One image set against another, without a run."""

import numpy as np
import pytest
from PIL import Image

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.embedded import EmbeddedExtractor
from tfgan_repro.metrics.extractor import KerasExtractor
from tfgan_repro.metrics.frechet import feature_distance
from tfgan_repro.metrics.images import ImageArray
from tfgan_repro.metrics.statistics import Gaussian
from tfgan_repro.runs.comparison import compare, open_side
from tfgan_repro.runs.loading import load_checkpoint

RANDOM = np.random.default_rng(0)
REAL, FAKE = (RANDOM.integers(low, 256, (30, 16, 16, 3), dtype=np.uint8) for low in (0, 60))


@pytest.fixture
def files(tmp_path):
    """The same images as folders and as .npz files."""
    for name, images in (("real", REAL), ("fake", FAKE)):
        np.savez(tmp_path / f"{name}.npz", images)
        (tmp_path / name).mkdir()
        for index, image in enumerate(images):
            Image.fromarray(image).save(tmp_path / name / f"{index:02d}.png")
    return tmp_path


def score(real, fake, **options):
    return compare(str(real), str(fake), extractor="embedded", **options)


def test_folders_arrays_and_statistics_give_one_distance(files):
    extractor = EmbeddedExtractor()
    expected = feature_distance(extractor(FAKE), extractor(REAL))
    for name in ("real", "fake"):
        assert compare(str(files / name), None, extractor="embedded", save_stats=str(files / f"{name}_stats.npz")) == []
    for real in ("real", "real.npz", "real_stats.npz"):
        for fake in ("fake", "fake.npz", "fake_stats.npz"):
            (row,) = score(files / real, files / fake)
            assert row["value"] == pytest.approx(expected, rel=1e-5), (real, fake)
            assert (row["metric"], row["generated_images"], row["real_images"]) == ("FD-embedded", 30, 30)


def test_real_against_real_is_at_the_same_counts_where_there_are_enough(files):
    (row,) = score(files / "real", files / "fake", fid_samples=15)
    assert row["real_vs_real_images"] == [15, 15] and row["generated_images"] == 15
    (row,) = score(files / "real", files / "fake")
    assert row["real_vs_real_images"] == [15, 15] and row["generated_images"] == 30
    # What is left of the real images is another set than the one scored against.
    assert row["real_vs_real"] > 0


def test_a_data_set_is_named_like_a_folder(files):
    (row,) = score("shapes", files / "fake", fid_samples=20, split="train")
    assert (row["dataset"], row["split"], row["real_images"]) == ("shapes", "train", 20)


def test_statistics_of_other_programs_are_compared_but_said_to_be_unknown(files):
    gaussian = Gaussian.of_features(EmbeddedExtractor()(REAL))
    np.savez(files / "foreign.npz", mu=gaussian.mean, sigma=gaussian.covariance)
    (row,) = score(files / "foreign.npz", files / "fake")
    assert row["protocol_not_stated_in"] == [str(files / "foreign.npz")] and row["real_images"] is None
    (row,) = compare(files / "foreign.npz", files / "foreign.npz")
    assert row["metric"] == "FD-unknown-128" and abs(row["value"]) < 1e-9 and row["extractor"] is None


def test_other_dimensions_and_protocols_are_refused(files):
    np.savez(files / "short.npz", mu=np.zeros(64), sigma=np.eye(64))
    with pytest.raises(UserError, match="short.npz has statistics of 64 features; the extractor chosen has 128"):
        score(files / "short.npz", files / "fake")
    compare(str(files / "real"), None, extractor="embedded", resize="clean", save_stats=str(files / "clean.npz"))
    with pytest.raises(UserError, match="clean.npz and the extractor chosen.*resize is clean and antialias"):
        score(files / "clean.npz", files / "fake")
    compare(str(files / "real"), None, extractor="embedded", save_stats=str(files / "other.npz"))
    with pytest.raises(UserError, match="different protocols: resize"):
        score(files / "clean.npz", files / "other.npz")


@pytest.mark.parametrize(
    "choice", [{"extractor": "digits"}, {"resize": "clean"}, {"features": 64}, {"inception_weights": "x.h5"}]
)
def test_a_choice_of_the_extractor_is_refused_where_both_sides_come_from_files(files, choice):
    for name in ("real", "fake"):
        compare(files / f"{name}.npz", save_stats=files / f"{name}_stats.npz", extractor="embedded")
    sides = files / "real_stats.npz", files / "fake_stats.npz"
    (name,) = choice
    with pytest.raises(UserError, match=f"--{name.replace('_', '-')} .*: both sides hold what an extractor has made"):
        compare(*sides, **choice)
    assert compare(*sides) == compare(*sides, extractor="embedded", resize="antialias", features=128)


def test_saved_statistics_say_of_which_split_and_size_they_are(files):
    compare("shapes", save_stats="train-shapes", split="train", image_size=16, extractor="embedded", fid_samples=40)
    (row,) = compare("train-shapes", files / "fake.npz", extractor="embedded")
    assert (row["split"], row["image_size"]) == ("train", 16) and "real_image_size" not in row
    with pytest.raises(UserError, match="^--image-size 32: train-shapes was made of images of 16 pixels a side$"):
        compare("train-shapes", files / "fake.npz", extractor="embedded", image_size=32)


def test_metrics_that_need_images_refuse_statistics(files):
    np.savez(files / "stats.npz", mu=np.zeros(128), sigma=np.eye(128))
    with pytest.raises(UserError, match="metric kid needs images or features; .*stats.npz holds only statistics"):
        score(files / "stats.npz", files / "fake", metrics=("fid", "kid"))


def test_bad_images_are_refused_or_named_in_the_protocol(files, capsys):
    (files / "fake" / "07.png").write_bytes(b"half")
    with pytest.raises(UserError, match="07.png cannot be decoded"):
        score(files / "real", files / "fake")
    for _ in range(2):  # the second time from the cache
        (row,) = score(files / "real", files / "fake", on_bad_image="skip")
        assert row["generated_images"] == 29
        (line,) = row["generated_notes"]["skipped"]
        assert "07.png: cannot be decoded" in line
        assert "warning: skipped" in capsys.readouterr().err


def test_nothing_is_written_where_the_images_cannot_be_read(files):
    (files / "real" / "00.png").write_bytes(b"half")
    with pytest.raises(UserError, match="00.png"):
        compare(str(files / "real"), None, extractor="embedded", save_stats=str(files / "stats.npz"))
    assert not (files / "stats.npz").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing", "nothing is neither a folder, an .npz or .zip file, a data set, nor statistics in the cache"),
        ("none.npz", "no such file: .*none.npz"),
        ("file.txt", "file.txt is neither a folder nor an .npz or .zip file"),
        ("empty", "empty holds no images"),
    ],
)
def test_what_is_no_image_set_is_refused(name, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=message):
        open_side(name)


def test_one_side_alone_is_refused_unless_its_statistics_are_kept(files):
    with pytest.raises(UserError, match="there is nothing to compare with: give fake as well, or save_stats"):
        compare(str(files / "real"), extractor="embedded")


def test_one_image_is_refused(tmp_path):
    np.savez(tmp_path / "one.npz", images=REAL[:1])
    np.savez(tmp_path / "many.npz", images=REAL)
    with pytest.raises(UserError, match="metric fid needs at least 2 generated images, not 1"):
        score(tmp_path / "many.npz", tmp_path / "one.npz")
    assert isinstance(open_side(tmp_path / "one.npz"), ImageArray)


def test_arrays_and_runs_are_sides_as_well(files, tiny_run):
    (expected,) = score(files / "real", files / "fake")
    for fake in (FAKE, FAKE / 127.5 - 1):
        (row,) = compare(REAL, fake, extractor="embedded")
        assert row["value"] == pytest.approx(expected["value"], rel=1e-5)
        assert (row["dataset"], row["generated"]) == ("array", "array")
    (row,) = compare(REAL, tiny_run.path, extractor="embedded", fid_samples=20)
    assert row["generated"] == str(tiny_run.path) and row["generated_images"] == 20
    assert (row["step"], row["generator_weights"]) == (load_checkpoint(tiny_run.path).step, "raw")
    (row,) = compare(tiny_run.path, FAKE, extractor="embedded", fid_samples=20)
    assert row["real_generator_weights"] == "raw" and not {"step", "generator_weights"} & set(row)


def test_features_that_were_saved_serve_every_metric(files):
    metrics = ("fid", "kid", "prdc", "is", "vendi", "mind")
    options = {"metrics": metrics, "extractor": "embedded"}
    expected = compare(str(files / "real"), str(files / "fake"), **options)
    for name in ("real", "fake"):
        compare(str(files / name), save_stats=name, save_features=True, extractor="embedded")
    for real, fake in (("real", "fake"), ("real", files / "fake")):
        rows = compare(real, fake, **options)
        assert [row["metric"] for row in rows] == [row["metric"] for row in expected]
        for row, wanted in zip(rows, expected):
            assert row["value"] == pytest.approx(wanted["value"], rel=1e-4), row["metric"]
            assert row["real_vs_real"] == pytest.approx(wanted["real_vs_real"], rel=1e-4)
    (row,) = compare("real", "fake", fid_samples=15)
    assert (row["generated_images"], row["real_vs_real_images"]) == (15, [15, 15])


def test_statistics_with_a_name_are_found_by_it(files, monkeypatch):
    monkeypatch.chdir(files.parent)
    compare(str(files / "real"), save_stats="kept", extractor="embedded")
    (row,) = compare("kept", str(files / "fake"), extractor="embedded")
    assert row["dataset"] == "kept" and row["value"] > 0
    with pytest.raises(UserError, match="nor statistics in the cache .*kept"):
        compare("kpet", str(files / "fake"))
    with pytest.raises(UserError, match="--save-stats shapes: that is the name of a data set"):
        compare(str(files / "real"), save_stats="shapes", extractor="embedded")
    with pytest.raises(UserError, match="--save-stats real: a file or folder here has that name"):
        monkeypatch.chdir(files)
        compare("real", save_stats="real", extractor="embedded")
    with pytest.raises(UserError, match="--save-features goes with --save-stats"):
        compare(str(files / "real"), str(files / "fake"), save_features=True)


def test_statistics_that_cannot_be_written_are_refused_before_anything_is_extracted(files, monkeypatch):
    monkeypatch.setattr("tfgan_repro.runs.comparison.open_side", lambda *_: pytest.fail("the work began"))
    (files / "taken.npz").mkdir()
    with pytest.raises(UserError, match="taken.npz is a folder; name a file"):
        compare(str(files / "real"), save_stats=files / "taken.npz", extractor="embedded")
    with pytest.raises(UserError, match="no folder can be made there"):
        compare(str(files / "real"), save_stats=files / "real.npz" / "deeper" / "x.npz", extractor="embedded")


def test_statistics_replace_statistics_but_not_images(files):
    images = (files / "real.npz").read_bytes()
    with pytest.raises(UserError, match="--save-stats .*real.npz is there and holds no statistics"):
        compare(files / "real.npz", save_stats=files / "real.npz", extractor="embedded")
    assert (files / "real.npz").read_bytes() == images
    for name in ("real", "fake"):
        compare(files / name, save_stats=files / "stats.npz", extractor="embedded")
    (row,) = score(files / "stats.npz", files / "fake")
    assert row["value"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    "choices, message",
    [
        ({"metrics": "fid,fid-per-class"}, "fid-per-class needs labels on both sides"),
        ({"metrics": "fid,fid-infinity"}, "fid-infinity needs at least 256 generated images, not 30"),
        ({"save_stats": "kept", "save_features": True}, "--save-features: the features of so many images are not kept"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_extracted(files, monkeypatch, choices, message):
    monkeypatch.setattr("tfgan_repro.metrics.requirements.KEEP_UP_TO", 20)
    monkeypatch.setattr(KerasExtractor, "outputs", lambda *_: pytest.fail("features are extracted"))
    with pytest.raises(UserError, match=message):
        compare(str(files / "real"), str(files / "fake"), extractor="embedded", **choices)


def test_images_can_be_brought_to_one_size_first(files):
    large = REAL.repeat(2, axis=1).repeat(2, axis=2)
    (row,) = compare(REAL, large, extractor="embedded")
    assert (row["image_size"], row["real_image_size"]) == (32, 16)
    (row,) = compare(REAL, large, extractor="embedded", image_size=16)
    assert row["image_size"] == 16 and "real_image_size" not in row
    with pytest.raises(UserError, match="--image-size 16: .* holds files, which are scored at"):
        compare(str(files / "real"), FAKE, image_size=16)


def test_pickles_of_other_tools_are_refused(files):
    (files / "stats.pt").write_bytes(b"anything")
    with pytest.raises(UserError, match="files of .pt can run code"):
        score(files / "stats.pt", files / "fake")
