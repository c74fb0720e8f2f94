"""The README: short, and its lines of Python run as they stand."""

import runpy

import numpy as np
from conftest import ROOT
from documents import blocks

README = ROOT / "README.md"


def test_the_readme_is_short():
    assert len(README.read_bytes()) <= 9_000


def test_the_lines_of_python_run(tmp_path, monkeypatch):
    """On 64 images instead of CIFAR-10's 50,000, with a small network and the embedded features."""
    import keras

    (code,) = blocks(README, "python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 13
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (64, 32, 32, 3)).astype(np.uint8), rng.integers(0, 10, (64, 1))
    monkeypatch.setattr(keras.datasets.cifar10, "load_data", lambda: ((images, labels), (images, labels)))
    code = code.replace("num_classes=10)", "num_classes=10, width=0.125)").replace("epochs=50", "epochs=1")
    code = code.replace("every=1)", 'every=1, extractor="embedded")')
    path = tmp_path / "readme.py"
    path.write_text(code, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    made = runpy.run_path(str(path))
    assert made["images"].shape == (64, 32, 32, 3)
    assert list((tmp_path / "samples").glob("*.png"))
