"""Two independent automatic differentiations of the same training step agree.

Both backends start from equal weights and get equal images, latents and other random numbers. What is compared is each
weight tensor after three steps, by the length of the difference over the length of the tensor: a single weight that
happens to lie near 0 has no relative precision of its own. The descent is SGD with momentum, but for the cases that
are about other optimisers: the first step of Adam is about the learning rate whatever the gradient's size, so that
rounding decides wherever a gradient is 0 but for rounding (a bias before a normalisation).
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from backend_steps import CASES
from conftest import PYTHON_PATH

TOLERANCE = 1e-5


# Each kind of thing once; the others are for `make test-long`.
QUICK = {
    "model dcgan",
    "model sagan-resnet",
    "model wgan-gp-acgan",
    "loss wasserstein",
    "penalty r1",
    "adam",
    "joint batches",
    "augmentation",
    "ada",
    "average",
}
every_case = pytest.mark.parametrize(
    "case", [case if case in QUICK else pytest.param(case, marks=pytest.mark.long) for case in CASES]
)


@pytest.fixture(scope="module")
def results(request, tmp_path_factory):
    """What each backend makes of the cases that are to be tested: arrays by "case|kind|name"."""
    for backend in ("tensorflow", "jax"):
        if importlib.util.find_spec(backend) is None:
            pytest.skip(f"{backend} is not installed")
    folder, found = tmp_path_factory.mktemp("backends"), {}
    items = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    cases = sorted({item.callspec.params["case"] for item in items})
    for backend in ("tensorflow", "jax"):
        path = folder / f"{backend}.npz"
        done = subprocess.run(
            [sys.executable, Path(__file__).with_name("backend_steps.py"), path, *cases],
            capture_output=True,
            text=True,
            # Each program runs three times only, so that the compiler's efforts would cost more than they save.
            env={
                **os.environ,
                "KERAS_BACKEND": backend,
                "PYTHONPATH": PYTHON_PATH,
                "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",
            },
        )
        assert done.returncode == 0, done.stderr
        with np.load(path) as stored:
            found[backend] = dict(stored)
    return found


def of_case(results, case, kind):
    """Pairs of arrays by name, TensorFlow's and JAX's."""
    prefix = f"{case}|{kind}|"
    ours, theirs = (
        {name.removeprefix(prefix): array for name, array in results[backend].items() if name.startswith(prefix)}
        for backend in ("tensorflow", "jax")
    )
    assert set(ours) == set(theirs) != set()
    return {name: (ours[name].astype(np.float64), theirs[name].astype(np.float64)) for name in ours}


def distance(pair):
    """The length of the difference over that of the first."""
    first, second = pair
    return np.linalg.norm(first - second) / np.linalg.norm(first)


@every_case
def test_three_steps_give_the_same_weights(results, case):
    before, after = of_case(results, case, "before"), of_case(results, case, "after")
    assert all(np.array_equal(*pair) for pair in before.values())
    assert all(np.isfinite(ours).all() for ours, _ in after.values())
    far = {name: distance(pair) for name, pair in after.items() if distance(pair) > TOLERANCE}
    assert not far
    # The steps were large enough for that to mean something.
    moved = [distance((before[name][0], after[name][0])) for name in after]
    assert np.median(moved) > 10 * TOLERANCE


@every_case
def test_three_steps_give_the_same_metrics(results, case):
    for name, (ours, theirs) in of_case(results, case, "metrics").items():
        np.testing.assert_allclose(theirs, ours, rtol=1e-3, atol=1e-4, err_msg=name)
