"""How a score is asked for, and what is known of it afterwards."""

import json
import subprocess
import sys

import pytest
from conftest import ROOT

from tfgan_repro.errors import UserError
from tfgan_repro.metrics.protocol import Protocol, Scoring, metric_label

OLD_ROW = {
    "step": 250, "metric": "FD-embedded", "value": 2.27, "real_vs_real": 0.16, "interval": [2.0, 2.5],
    "extractor": "embedded", "weights_sha256": "0a67", "features": 128, "resize": "antialias", "precision": "float32",
    "generated_images": 400, "real_images": 400, "dataset": "cifar10", "split": "test", "seed": 2,
    "generator_weights": "raw", "during_training": True,
}  # fmt: skip


def test_a_named_protocol_is_shorthand_that_choices_override():
    report_c = Scoring.of("report-c")
    assert (report_c.extractor, report_c.resize, report_c.fid_samples) == ("imagenet", "nearest", 1000)
    assert Scoring.of("report-c", resize="clean", seed=None).resize == "clean"
    assert Scoring.of(report_c, metrics="kid").metrics == ("kid",)
    assert Scoring.of() == Scoring()


def test_metrics_are_names_or_one_string_each_once():
    assert Scoring(metrics="fid, kid,fid").metrics == Scoring(metrics=["fid", "kid"]).metrics == ("fid", "kid")


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"metrics": ()}, "--metrics: name one or more of fid, "),
        ({"metrics": "fid,kidd"}, "unknown metric 'kidd'; did you mean kid"),
        ({"precision": "float16"}, "unknown precision 'float16'"),
        ({"split": "dev"}, "unknown split 'dev'"),
        ({"fid_samples": 1}, "--fid-samples 1: must be a whole number from 2 on"),
        ({"fid_samples": 10.0}, "--fid-samples 10.0: must be a whole number from 2 on"),
        ({"seed": -1}, "--seed -1: must be a whole number from 0 on"),
        ({"extractor": "vgg"}, "unknown extractor 'vgg'"),
        ({"extractor": "my module:f"}, "extractor my module:f: expected package.module:function"),
        ({"sample": 3}, "unknown choice of a score 'sample'"),
        ({"protocol": "report-x"}, "unknown protocol 'report-x'; did you mean report-c?"),
    ],
)
def test_choices_that_are_none_are_refused(choices, message):
    with pytest.raises(UserError, match=message):
        Scoring.of(**choices)


def test_a_line_of_an_earlier_version_is_read():
    protocol = Protocol.of(OLD_ROW)
    assert (protocol.metric, protocol.generated_images, protocol.image_size) == ("FD-embedded", 400, None)
    assert {key: OLD_ROW[key] for key in protocol.as_row()} == protocol.as_row()


def test_scores_of_two_protocols_are_told_apart():
    old = Protocol.of(OLD_ROW)
    assert old.differences(Protocol.of(OLD_ROW)) == {}
    # The earlier version did not say the image size.
    assert old.differences(Protocol.of({**OLD_ROW, "image_size": 64})) == {}
    small, large = (Protocol.of({**OLD_ROW, "image_size": size, "seed": size}) for size in (32, 64))
    assert small.differences(large) == {"image_size": (32, 64), "seed": (32, 64)}
    json.dumps(small.as_row())


def test_choices_cost_no_import_of_arrays():
    program = "import sys, tfgan_repro.metrics.protocol; assert not {'numpy', 'keras'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


@pytest.mark.parametrize(
    ("metric", "extractor", "features", "label"),
    [
        ("FID", "2015", 2048, "FID"),
        ("FID", "2015", 768, "FID-768"),
        ("IS", "2015", 768, "IS"),
        ("FID", "imagenet", 2048, "FID-imagenet"),
        ("FID-infinity", "embedded", 128, "FD-infinity-embedded"),
        ("KID", "embedded", 128, "KD-embedded"),
        ("FID", None, 2048, "FD-unknown-2048"),
    ],
)
def test_only_2048_features_of_the_2015_network_are_called_fid(metric, extractor, features, label):
    assert metric_label(metric, extractor, features) == label
