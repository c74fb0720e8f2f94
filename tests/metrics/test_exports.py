"""`from tfgan_repro.metrics import ...` for all that the package offers, without loading it all."""

import subprocess
import sys
from pathlib import Path

import pytest

import tfgan_repro.metrics as metrics
from tfgan_repro.metrics.dinov2 import PRESETS
from tfgan_repro.metrics.inception import FEATURE_LAYERS
from tfgan_repro.metrics.registries import FEATURES


def test_every_export_exists_and_no_module_hides_it():
    modules = {path.stem for path in Path(metrics.__file__).parent.glob("*.py")}
    for name in metrics.EXPORTS:
        assert getattr(metrics, name).__name__ == name
        assert name not in modules  # importing such a module would put it in the export's place
    assert set(metrics.EXPORTS) <= set(dir(metrics))


def test_every_registered_name_can_be_loaded():
    for name in metrics.METRICS:
        assert metrics.METRICS.load(name).needs in ("statistics", "features", "logits", "labels")


def test_the_numbers_of_features_that_help_names_are_those_that_there_are():
    counts = {"2015": FEATURE_LAYERS, "dinov2": PRESETS}
    for name in metrics.EXTRACTORS:
        assert sorted(metrics.EXTRACTORS.fact(name, "features", ())) == sorted(counts.get(name, ()))
        build = metrics.EXTRACTORS.load(name)
        assert name in counts or len(build.feature_counts) == 1
    assert "2048, 768, 192, 64 (2015), or 1024, 384, 768, 1536 (dinov2)" in FEATURES


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'fid_score'"):
        metrics.fid_score


def test_distances_need_no_tensorflow():
    program = (
        "import sys\n"
        "from tfgan_repro.metrics import frechet_distance, kernel_distance, precision_and_recall, inception_score\n"
        "assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(metrics.__file__).parents[2])
