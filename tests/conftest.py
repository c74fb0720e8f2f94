"""Shared fixtures: a tiny finished run, and real data where it lies beside the checkout."""

import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import forked
import numpy as np
import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parent.parent
# Of the processes that tests start: this checkout, and whatever the tests themselves were given.
PYTHON_PATH = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
# Real images and weights are not part of the project; a directory of them is used where there is one.
TEST_DATA = Path(os.environ.get("TFGAN_REPRO_TEST_DATA", ROOT.parent / "shared"))

# Begun last, one of these would keep a single process busy for minutes after the other has finished.
SLOW_FILES = (
    *("test_resume.py", "test_precision.py", "test_devices.py", "test_evaluation.py", "test_health_monitor.py"),
    *("test_session.py", "test_surroundings.py", "test_family.py"),
)


def pytest_configure(config):
    """Whatever runs tests prepares for it; the process that only hands them out is spared six seconds of imports."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        import quick  # noqa: F401


def pytest_collection_modifyitems(items):
    order = {name: place for place, name in enumerate(SLOW_FILES)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


@pytest.fixture(autouse=True)
def isolation(tmp_path, monkeypatch):
    """No test sees the user's cache or weights, or another test's precision."""
    import keras

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("TFGAN_REPRO_INCEPTION_WEIGHTS", raising=False)
    keras.mixed_precision.set_dtype_policy("float32")
    yield
    keras.mixed_precision.set_dtype_policy("float32")


def tiny_config(**changes):
    """A `TrainConfig` that trains in seconds."""
    from tfgan_repro.config import TrainConfig

    values = {"steps": 4, "batch_size": 8, "width": 0.125, "log_every": 2, "checkpoint_every": 2, **changes}
    return TrainConfig(**values)


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory):
    """A finished run of four steps on shapes, scored every second step."""
    import quick

    from tfgan_repro.training.session import train

    folder = tmp_path_factory.mktemp("tiny")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        patch.setattr("tfgan_repro.training.boards.cost_text", quick.cost_text)
        return train(tiny_config(run_dir=str(folder / "run"), fid_every=2, fid_samples=50, extractor="embedded")).run


def checkpoint_of(folder, classes, **choices):
    """A `Checkpoint` of an untrained tiny generator of 16x16 images."""
    from tfgan_repro.config import TrainConfig
    from tfgan_repro.files import append_json_line
    from tfgan_repro.runs.loading import Checkpoint, build_gan
    from tfgan_repro.runs.directory import RunDirectory

    config = TrainConfig.from_choices(**{"latent_dim": 4, "width": 0.0625, **choices})
    generator = build_gan(config, (16, 16, 3), len(classes)).generator
    random = np.random.default_rng(0)
    for variable in generator.trainable_variables:
        # Large weights, so that latents and classes can be told apart in the images.
        variable.assign(variable + random.normal(0, 0.5, tuple(variable.shape)))
    append_json_line(folder / "log.jsonl", {"step": 7})
    return Checkpoint(generator, config, classes, RunDirectory(folder), 7, "raw")


@pytest.fixture
def plain_checkpoint(tmp_path):
    """An unconditional checkpoint, of plain Keras layers."""
    return checkpoint_of(tmp_path, {})


@pytest.fixture
def conditional_checkpoint(tmp_path):
    """A conditional checkpoint with self-attention and other layers of this package."""
    return checkpoint_of(tmp_path, {"cats": 30, "dogs": 60, "newts": 10}, model="sagan")


@pytest.fixture
def command(tmp_path):
    """Runs one of the root scripts in a process of its own and returns it with its output."""

    def run(script, *words, timeout=300, **environment):
        program = [sys.executable, str(ROOT / script), *map(str, words)]
        return forked.run(program, tmp_path, {**os.environ, **environment}, timeout)

    return run


@pytest.fixture(scope="session")
def cifar10_dir(pytestconfig):
    """A TFDS directory with the real CIFAR-10, made when the suite first runs here and kept beside pytest's cache."""
    script = TEST_DATA / "datasets" / "prepare.py"
    if not script.exists():
        pytest.skip(f"no test data at {TEST_DATA}: the real CIFAR-10 is needed")
    folder = pytestconfig.cache.mkdir("tfds")
    with FileLock(f"{folder}.lock"):
        subprocess.run([sys.executable, script, "--data-dir", folder, "cifar10"], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def mnist_dir():
    """A folder with the real MNIST's four files."""
    folder = TEST_DATA / "datasets" / "mnist"
    if not folder.exists():
        pytest.skip(f"no test data at {TEST_DATA}: the real MNIST is needed")
    return folder


@pytest.fixture(scope="session")
def inception_weights():
    """The real 2015 Inception weights, up to 768 features."""
    path = TEST_DATA / "weights" / "inception_2015_to_mixed_7.npz"
    if not path.exists():
        pytest.skip(f"no test data at {TEST_DATA}: the 2015 Inception weights are needed")
    return path
