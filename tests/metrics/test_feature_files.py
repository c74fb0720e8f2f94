import pickle

import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.feature_files import (
    check_protocols,
    feature_table,
    features_path,
    named_features,
    read_features,
    write_features,
)
from tfgan_repro.metrics.features import FeatureSet

PROTOCOL = {"extractor": "2015", "weights_sha256": "ab", "features": 4, "resize": "clean", "precision": "float32"}
FEATURES = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
MOMENTS = {"mu": FEATURES.mean(0, dtype=np.float64), "sigma": np.cov(FEATURES.astype(np.float64), rowvar=False)}


def test_written_statistics_come_back_with_their_protocol(tmp_path):
    features = FeatureSet(30, FEATURES)
    write_features(tmp_path / "a.npz", features, PROTOCOL)
    stored = read_features(tmp_path / "a.npz")
    np.testing.assert_array_equal(stored.features.gaussian.mean, features.gaussian.mean)
    np.testing.assert_allclose(stored.features.gaussian.covariance, features.gaussian.covariance, rtol=1e-15)
    assert (stored.features.count, stored.protocol, stored.has_features) == (30, PROTOCOL, False)


def test_features_come_back_where_they_were_kept(tmp_path):
    logits, labels = FEATURES[:, :2], np.arange(30) % 3
    write_features(tmp_path / "a.npz", FeatureSet(30, FEATURES, logits, labels=labels), PROTOCOL, keep=True)
    stored = read_features(tmp_path / "a.npz").take(np.array([3, 5]))
    np.testing.assert_array_equal(stored.features.features, FEATURES[[3, 5]])
    np.testing.assert_array_equal(stored.features.logits, logits[[3, 5]])
    np.testing.assert_array_equal(stored.features.labels, labels[[3, 5]])


@pytest.mark.parametrize(
    ("arrays", "has_features"),
    [
        (MOMENTS, False),  # pytorch-fid, clean-fid, torch-fidelity, StudioGAN's moments
        ({**MOMENTS, "arr_0": np.zeros((2, 8, 8, 3), np.uint8), "mu_s": np.zeros(3)}, False),  # guided-diffusion
        ({"feats": FEATURES}, True),  # clean-fid's KID
        ({"real_feats": FEATURES, "real_probs": FEATURES, "real_labels": np.zeros(30)}, True),  # StudioGAN
    ],
)
def test_files_of_other_tools_are_read(tmp_path, arrays, has_features):
    np.savez_compressed(tmp_path / "a.npz", **arrays)
    stored = read_features(tmp_path / "a.npz")
    assert (stored.protocol, stored.has_features) == (None, has_features)
    assert stored.features.count == (30 if has_features else None)
    np.testing.assert_allclose(stored.features.gaussian.mean, MOMENTS["mu"], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(stored.features.gaussian.covariance, MOMENTS["sigma"], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": np.zeros(3)}, r"holds no statistics .mu, sigma. and no features, only images"),
        ({"mu": np.zeros(3), "sigma": np.eye(4)}, r"a\.npz: a mean of shape"),
        ({"mu": np.full(2, np.nan), "sigma": np.eye(2)}, r"a\.npz: the statistics contain NaN"),
        ({"mu": np.zeros(2), "sigma": np.eye(2), "protocol": np.array("no JSON")}, r"a\.npz: "),
        ({"mu": np.array(["x"]), "sigma": np.eye(1)}, r"a\.npz: "),
        ({"feats": np.full((4, 2), np.nan)}, r"a\.npz: features contain NaN"),
        ({"features": FEATURES, "labels": np.zeros(3)}, r"a\.npz: it has 3 labels for 30 features"),
    ],
)
def test_what_are_no_statistics_is_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(UserError, match=message):
        read_features(tmp_path / "a.npz")


class Bomb:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def test_files_that_could_run_code_are_not_read(tmp_path):
    (tmp_path / "stats.pt").write_bytes(pickle.dumps(Bomb(tmp_path / "ran")))
    with pytest.raises(UserError, match="files of .pt can run code when they are read, so they are not; load it in"):
        read_features(tmp_path / "stats.pt")
    np.savez(tmp_path / "stats.npz", mu=np.array([Bomb(tmp_path / "ran")], object), sigma=np.eye(1))
    with pytest.raises(UserError, match=r"stats\.npz cannot be read as \.npz: it holds pickled objects"):
        read_features(tmp_path / "stats.npz")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("key", PROTOCOL)
def test_different_protocols_are_not_mixed(key):
    check_protocols("a", PROTOCOL, "b", dict(PROTOCOL))
    check_protocols("a", PROTOCOL, "b", None)
    # Files of earlier versions do not say the layer.
    check_protocols("a", PROTOCOL, "b", {**PROTOCOL, "layer": "mixed_10"})
    with pytest.raises(UserError, match=f"a and b were made by different protocols: {key} is"):
        check_protocols("a", PROTOCOL, "b", {**PROTOCOL, key: "other"})


def test_statistics_with_a_name_are_kept_in_the_cache_and_listed():
    assert "no statistics were saved" in feature_table()
    write_features("faces-64", FeatureSet(30, FEATURES), {**PROTOCOL, "source": "photographs/"})
    write_features("birds", FeatureSet(30, FEATURES), PROTOCOL, keep=True)
    assert list(named_features()) == ["birds", "faces-64"]
    assert read_features("faces-64").name == "faces-64"
    lines = feature_table().splitlines()
    assert lines[0].split() == ["name", "images", "features", "extractor", "resize", "of"]
    assert lines[1].split()[:3] == ["birds", "30", "kept"] and "2015 (4)" in lines[1]
    assert "statistics only" in lines[2] and lines[2].endswith("photographs/")


@pytest.mark.parametrize("name", ["../outside", "a b", "statistics.txt", ""])
def test_what_is_neither_a_name_nor_an_npz_file_is_refused(name):
    with pytest.raises(UserError, match=f"^{name}: the name must end in .npz, or hold only letters"):
        features_path(name)


def test_files_that_cannot_be_written_are_refused(tmp_path):
    with pytest.raises(UserError, match="cannot write .*nowhere"):
        write_features(tmp_path / "nowhere" / "a.npz", FeatureSet(30, FEATURES), PROTOCOL)
    sums = FeatureSet(30, moments=FeatureSet(30, FEATURES).gaussian)
    with pytest.raises(UserError, match="--save-features: the features of so many images are not kept"):
        write_features(tmp_path / "a.npz", sums, PROTOCOL, keep=True)
    assert not list(tmp_path.glob("*.npz"))
