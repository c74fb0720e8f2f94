"""JAX's own loop does for a user and for a run what Keras' does."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import PYTHON_PATH
from jax_loop import STEPS

pytestmark = pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What `jax_loop.py` has written."""
    path = tmp_path_factory.mktemp("jax") / "found.json"
    environment = {"KERAS_BACKEND": "jax", "PYTHONPATH": PYTHON_PATH, "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}
    program = [sys.executable, Path(__file__).with_name("jax_loop.py"), path]
    done = subprocess.run(program, capture_output=True, text=True, env={**os.environ, **environment})
    assert done.returncode == 0, done.stderr
    return json.loads(path.read_text())


@pytest.mark.parametrize(
    ("platform", "facts", "expected"),
    [
        ("cpu", {}, False),
        ("gpu", {"compute_capability": "7.5"}, False),
        ("gpu", {"compute_capability": "10.0"}, True),
        ("gpu", {"compute_capability": "gfx942"}, False),
        ("tpu", {}, True),
    ],
)
def test_any_device_can_be_asked_for_bfloat16(monkeypatch, platform, facts, expected):
    from tfgan_repro.backends import jax as backend

    monkeypatch.setattr(backend.jax, "local_devices", lambda: [SimpleNamespace(platform=platform, **facts)])
    assert backend.prefers_bfloat16() == expected


def test_the_cost_of_a_step_is_known_on_accelerators_too():
    """Whose compilers count nothing before they have compiled."""
    program = """
import jax
from tfgan_repro import DCGAN
from tfgan_repro.backends.jax_training import step_operations

count = jax.stages.Lowered.cost_analysis
jax.stages.Lowered.cost_analysis = lambda lowered: count(lowered) if jax.config.jax_default_device else None
gan = DCGAN(image_shape=(16, 16, 3), width=0.0625)
gan.compile()
print(step_operations(gan, (4, 16, 16, 3)))
"""
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": PYTHON_PATH}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert done.returncode == 0 and float(done.stdout) > 1e6, done.stderr


def test_a_step_is_not_counted_where_jax_is_told_to_leave_the_processor_out():
    """As JAX_PLATFORMS=cuda does."""
    program = """
from types import SimpleNamespace

import jax
from tfgan_repro.training.boards import cost_text

def local_devices(backend=None):
    raise RuntimeError("Unknown backend cpu")

jax.local_devices = local_devices
network = SimpleNamespace(name="network", layers=[], count_params=lambda: 0)
print(cost_text(SimpleNamespace(generator=network, discriminator=network), (4, 16, 16, 3)))
"""
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": PYTHON_PATH}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert done.stdout.startswith("A step sees 4 real images.\n"), done.stderr


def test_held_out_images_are_judged_after_an_epoch(found):
    assert {"val_d_loss", "val_g_loss", "val_d_accuracy"} <= set(found["history"])
    assert np.isfinite(found["history"]["val_d_loss"]).all()


def test_batches_of_its_own_kind_are_held_out_too(found):
    assert np.isfinite(found["held_out"]["val_d_loss"]).all()


def test_a_users_callback_sees_each_step_and_its_numbers(found):
    assert found["begun"] == [batch for batch, *_ in found["steps"]] == list(range(STEPS))
    assert np.mean(found["ended"]) == pytest.approx(found["history"]["d_loss"][0], rel=1e-5)


def test_the_history_has_what_a_callback_adds_to_an_epochs_logs(found):
    assert found["history"]["fid"] == [7.0]


def test_a_metric_of_a_subclass_is_kept_from_step_to_step_and_begins_anew_with_an_epoch(found):
    for history in found["subclass"]:
        assert history["loudness"] == pytest.approx(history["d_loss"], rel=1e-5)


def test_the_probability_of_augmentations_follows_the_discriminator(found):
    """Down by 4 steps of 8 images in 500, every fourth step, because less than 0.9 of the signs are for "real"."""
    probabilities, signs = np.array(found["steps"])[:, 1:].T
    assert all(sum(signs[first : first + 4]) / 4 < 0.9 for first in (0, 4))
    np.testing.assert_allclose(probabilities, [0.5] * 4 + [0.436] * 4 + [0.372], rtol=1e-5)


def test_a_step_takes_as_many_batches_as_it_has_discriminator_updates(found):
    assert found["rounds"] == [2, 6]


def test_a_dry_run_times_steps_as_a_training_makes_them(found):
    """Many a call: a call of one step costs several times what the step does on a GPU."""
    assert not found["timed_one_by_one"]


def test_batches_that_the_networks_are_not_made_for_are_refused(found):
    assert found["refused"] == [
        "11 images are too few for 3 discriminator steps of 4 images",
        "the images are (8, 8, 3), and the networks are made for (16, 16, 3)",
        "a conditional model is trained on images and labels; this data set has no labels",
    ]


def test_a_run_begins_with_the_networks_of_another_and_keeps_what_is_frozen(found):
    kernel, bias, *others = found["moved"]
    assert kernel == bias == 0.0
    assert found["step"] == 1 and others and all(moved > 1e-4 for moved in others)


def test_layers_frozen_after_a_fit_stay_as_they_are(found):
    first, frozen, *others = found["frozen"]
    assert frozen == 0.0 and all(moved > 0.0 for moved in (first, *others))


def test_an_interrupted_fit_goes_on_with_its_epoch(found):
    assert found["restored"] == [[2], 6]
