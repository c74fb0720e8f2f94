import numpy as np
import pytest

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.statistics import Gaussian
from tfgan_repro.metrics.statistics_file import check_protocols, read_statistics, write_statistics

PROTOCOL = {"extractor": "2015", "weights_sha256": "ab", "features": 4, "resize": "clean", "precision": "float32"}
FEATURES = np.random.default_rng(0).normal(size=(30, 4))


def test_written_statistics_come_back_with_their_protocol(tmp_path):
    gaussian = Gaussian.of_features(FEATURES)
    write_statistics(tmp_path / "a.npz", gaussian, PROTOCOL)
    read, protocol = read_statistics(tmp_path / "a.npz")
    np.testing.assert_array_equal(read.mean, gaussian.mean)
    np.testing.assert_allclose(read.covariance, gaussian.covariance, rtol=1e-15)
    assert (read.count, protocol) == (30, PROTOCOL)


def test_files_as_pytorch_fid_writes_them_are_read(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", mu=FEATURES.mean(0), sigma=np.cov(FEATURES, rowvar=False))
    read, protocol = read_statistics(tmp_path / "a.npz")
    assert read.count is None and protocol is None and read.dimension == 4


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": np.zeros(3)}, "holds no statistics .mu, sigma., only images"),
        ({"mu": np.zeros(3), "sigma": np.eye(4)}, r"a\.npz: a mean of shape"),
        ({"mu": np.full(2, np.nan), "sigma": np.eye(2)}, r"a\.npz: the statistics contain NaN"),
        ({"mu": np.zeros(2), "sigma": np.eye(2), "protocol": np.array("no JSON")}, r"a\.npz: "),
        ({"mu": np.array(["x"]), "sigma": np.eye(1)}, r"a\.npz: "),
    ],
)
def test_what_are_no_statistics_is_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(UserError, match=message):
        read_statistics(tmp_path / "a.npz")


@pytest.mark.parametrize("key", PROTOCOL)
def test_different_protocols_are_not_mixed(key):
    check_protocols("a", PROTOCOL, "b", dict(PROTOCOL))
    check_protocols("a", PROTOCOL, "b", None)
    with pytest.raises(UserError, match=f"a and b were made by different protocols: {key} is"):
        check_protocols("a", PROTOCOL, "b", {**PROTOCOL, key: "other"})


def test_files_that_cannot_be_written_are_refused(tmp_path):
    with pytest.raises(UserError, match="cannot write .*nowhere"):
        write_statistics(tmp_path / "nowhere" / "a.npz", Gaussian.of_features(FEATURES), PROTOCOL)
    with pytest.raises(UserError, match="must end in .npz"):
        write_statistics(tmp_path / "a.txt", Gaussian.of_features(FEATURES), PROTOCOL)
