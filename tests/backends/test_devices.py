"""Several devices and several processes train as one device does."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import PYTHON_PATH
from killing import start, values, words
from two_devices import CASES

from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError
from tfgan_repro.files import read_json_lines
from tfgan_repro.backends import tensorflow_devices
from tfgan_repro.backends.devices import Devices
from tfgan_repro.training.session import train
from tfgan_repro.runs.directory import RunDirectory

TOLERANCE = 1e-5


# The one that is quick enough for always.
QUICK = "adam"


@pytest.fixture(
    scope="module", params=[case if case == QUICK else pytest.param(case, marks=pytest.mark.long) for case in CASES]
)
def case(request):
    return request.param


@pytest.fixture(scope="module")
def found(case, tmp_path_factory):
    """What ten steps leave behind on one device and on two, arrays by name each."""
    path = tmp_path_factory.mktemp("devices") / "found.npz"
    script = Path(__file__).with_name("two_devices.py")
    environment = {**os.environ, "PYTHONPATH": PYTHON_PATH}
    done = subprocess.run([sys.executable, script, path, case], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    with np.load(path) as stored:
        both = dict(stored)
    return [
        {name.removeprefix(f"{strategy}|"): array for name, array in both.items() if name.startswith(f"{strategy}|")}
        for strategy in ("none", "mirrored")
    ]


def distance(first, second, greatest=0.0):
    """The length of the difference over that of the first, or its greatest: a velocity may just be crossing zero."""
    first, second = first.astype(np.float64), second.astype(np.float64)
    return np.linalg.norm(first - second) / max(np.linalg.norm(first), greatest, 1e-30)


def named(arrays, kind):
    return {name.removeprefix(f"{kind}|"): array for name, array in arrays.items() if name.startswith(f"{kind}|")}


def test_two_devices_end_with_the_weights_of_one(case, found):
    """Optimisers, the average, random state and all; where batch statistics are not shared they must differ."""
    one, two = (named(arrays, "weight") for arrays in found)
    greatest = named(found[0], "greatest")
    assert found[0]["replicas"] == 1 and found[1]["replicas"] == 2
    assert set(one) == set(two) and len(one) > 20
    # Synchronised variances are differences of large numbers, which costs a digit.
    tolerance = 10 * TOLERANCE if case == "synchronised" else TOLERANCE
    apart = {name: distance(one[name], two[name], greatest[name]) for name in one}
    far = {name: value for name, value in apart.items() if value > tolerance}
    assert bool(far) == (case == "per replica"), far
    # The steps were large enough for that to mean something.
    before = named(found[0], "before")
    assert np.median([distance(before[name], one[name], greatest[name]) for name in before]) > 100 * TOLERANCE


def test_both_devices_agree_on_every_variable(found):
    spread = named(found[1], "spread")
    assert len(spread) > 20 and {name for name, value in spread.items() if value != 0} == set()


def test_the_metrics_are_those_of_one_device(case, found):
    one, two = (named(arrays, "metric") for arrays in found)
    assert set(one) == set(two) and {"d_loss", "g_loss", "d_gradient_norm", "g_gradient_norm"} <= set(one)
    for name in one:
        if name == "d_accuracy" and case == "all that is random":
            # A critic ranks pairs, and a device has other pairs than the whole minibatch.
            continue
        close = 0.5 if case == "per replica" else 1e-4
        np.testing.assert_allclose(two[name], one[name], rtol=close, atol=close, err_msg=name)


def test_devices_draw_different_latents(found):
    one, two = (arrays["latents"] for arrays in found)
    np.testing.assert_array_equal(one, two)
    assert len(np.unique(two, axis=0)) == len(two) == 8


def test_images_come_from_both_devices_in_order(case, found):
    one, two = (arrays["images"].astype(int) for arrays in found)
    assert one.shape == two.shape and len(one) == 7
    assert len(np.unique(two.reshape(7, -1), axis=0)) == 7
    assert case == "per replica" or np.abs(one - two).max() <= 1


# Small, and nothing in it depends on how images are grouped into batches but the rounding.
SIZE = {"model": "conv-fc", "width": 0.0625, "batch_size": 8, "image_size": 16, "precision": "float32"}
RUN = {**SIZE, "steps": 20, "log_every": 5, "checkpoint_every": 5, "ema_half_life": 100}


def start_two(*arguments):
    """Two processes of `train.py` that find each other on this machine."""
    with socket.socket() as first, socket.socket() as second:
        for free in (first, second):
            free.bind(("localhost", 0))
        addresses = [f"localhost:{free.getsockname()[1]}" for free in (first, second)]
    configs = [{"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}} for index in range(2)]
    return [start(*arguments, env={**os.environ, "TF_CONFIG": json.dumps(config)}) for config in configs]


def ends(processes):
    """Exit codes, and what was said on either stream."""
    said = [b"".join(process.communicate(timeout=300)).decode() for process in processes]
    return [process.returncode for process in processes], said


@pytest.mark.long
def test_two_processes_one_of_them_killed_end_where_one_would(tmp_path):
    """The survivor says what to do in one line; only the chief writes."""
    run = RunDirectory(tmp_path / "runs" / "run")
    processes = start_two(*words({**RUN, "strategy": "multiworker", "run_dir": run.path}))
    while not run.list_checkpoints() and processes[0].poll() is None:
        time.sleep(0.01)
    processes[1].kill()
    codes, said = ends(processes)
    assert codes[0] == 2 and "another process has died" in said[0], said
    assert "--resume" in said[0] and "Traceback" not in said[0]
    reached = max(run.list_checkpoints())
    assert 5 <= reached < 20

    codes, said = ends(start_two("--resume", run.path))
    assert codes == [0, 0], said
    assert f"run directory  {run.path}" in said[0] and "run directory" not in said[1]
    stored = json.loads(run.config.read_text())
    assert stored["replicas"] == 2 and stored["config"]["strategy"] == "multiworker"
    assert [row["step"] for row in read_json_lines(run.log)] == [5, 10, 15, 20]
    assert [path.name for path in run.path.parent.iterdir()] == ["run"]

    whole = train(TrainConfig.from_choices(**RUN, run_dir=str(tmp_path / "whole"))).run
    one, two = values(whole), values(run)
    assert set(one) == set(two)
    assert {name: distance(one[name], two[name]) for name in one if distance(one[name], two[name]) > TOLERANCE} == {}


@pytest.mark.parametrize(
    ("strategy", "reason"),
    [
        ("mirrored", "needs two devices or more; here is one CPU"),
        ("multiworker", "needs TF_CONFIG, here not set; in the first process e.g."),
        ("tpu", "no TPU 'local'"),
    ],
)
def test_devices_that_are_not_there_are_one_line(strategy, reason, monkeypatch):
    for name in ("TF_CONFIG", "TPU_NAME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UserError, match=f"^--strategy {strategy}.* {reason}"):
        tensorflow_devices.find(strategy, 8)


def test_shares_that_are_not_equal_are_one_line(monkeypatch):
    three = Devices()
    three.strategy, three.replicas = "mirrored", 3
    monkeypatch.setattr(tensorflow_devices, "mirrored", lambda batch_size: three)
    with pytest.raises(UserError, match="--batch-size 128 cannot be shared equally among 3 replicas .* multiple of 3"):
        tensorflow_devices.find("mirrored", 128)
    assert tensorflow_devices.find("mirrored", 129) is three


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (None, None),
        ("{", None),
        ("[]", None),
        ({"cluster": {}}, None),
        ({"cluster": {"worker": ["a:1", "b:2"]}}, None),
        ({"cluster": {"worker": ["a:1", "b:2"]}, "task": {"type": "worker", "index": 2}}, None),
        ({"cluster": {"worker": ["a:1", "b:2"]}, "task": {"type": "ps", "index": 0}}, None),
        ({"cluster": {"worker": ["a:1", "b:2"]}, "task": {"type": "worker", "index": 1}}, (2, 1)),
        ({"cluster": {"chief": ["c:1"], "worker": ["a:1", "b:2"]}, "task": {"type": "worker", "index": 1}}, (3, 2)),
        ({"cluster": {"chief": ["c:1"], "worker": ["a:1", "b:2"]}, "task": {"type": "chief", "index": 0}}, (3, 0)),
    ],
)
def test_the_cluster_is_read(config, expected, monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if config is not None:
        monkeypatch.setenv("TF_CONFIG", config if isinstance(config, str) else json.dumps(config))
    assert tensorflow_devices.cluster() == expected


def test_what_cannot_be_is_exit_code_2(command):
    done = command("train.py", "--strategy", "multiworker", TF_CONFIG="{}")
    start, said = done.stderr.splitlines()
    assert done.returncode == 2 and said.startswith("error: --strategy multiworker needs TF_CONFIG, here {};")


def test_jax_refuses_strategies_of_tensorflow(command):
    pytest.importorskip("jax")
    done = command("train.py", "--strategy", "mirrored", KERAS_BACKEND="jax")
    start, said = done.stderr.splitlines()
    assert done.returncode == 2 and said.startswith("error: --strategy mirrored is TensorFlow's")
