"""Checkpoints: complete or absent, weights and plain numbers only."""

import hashlib
import os
import shutil
import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np

from tfgan_repro.errors import UserError
from tfgan_repro.files import atomic_path, write_json

KEPT = 3


def write_checkpoint(run, gan, step):
    """Write both networks, both optimisers and the latents' generator; keep the last three checkpoints.

    The files are written into a hidden directory, which is renamed when all of them are on the disk. The generator
    alone is written beside them as the run's `generator.weights.h5`.

    Args:
        run: a `RunDirectory`.
        gan: a compiled `GAN`.
        step: generator updates so far.

    Returns:
        The checkpoint's directory.
    """
    target = run.checkpoints / f"step_{step:08d}"
    temporary = Path(tempfile.mkdtemp(dir=run.checkpoints, prefix=".step-"))
    try:
        gan.generator.save_weights(temporary / "generator.weights.h5")
        gan.discriminator.save_weights(temporary / "discriminator.weights.h5")
        np.savez(temporary / "state.npz", **training_state(gan))
        files = {path.name: flush_and_hash(path) for path in sorted(temporary.iterdir())}
        write_json(temporary / "manifest.json", {"step": step, "sha256": files})
        os.chmod(temporary, 0o755)
        os.replace(temporary, target)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    with atomic_path(run.generator_weights) as copy:
        shutil.copyfile(target / "generator.weights.h5", copy)
    for old in sorted(run.checkpoints.glob("step_*"))[:-KEPT]:
        shutil.rmtree(old)
    return target


def training_state(gan):
    """Everything besides the networks that training goes on from, as arrays by name."""
    state = {"latents/seed_generator": gan.seed_generator.state}
    for player in ("generator", "discriminator"):
        for index, variable in enumerate(getattr(gan, f"{player}_optimizer").variables):
            state[f"{player}_optimizer/{index:04d}"] = variable
    return {name: keras.ops.convert_to_numpy(value) for name, value in state.items()}


def flush_and_hash(path):
    """Force a file onto the disk and return its SHA-256."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        return hashlib.sha256(file.read()).hexdigest()


def load_generator_weights(generator, path):
    """Load `generator.weights.h5` into a generator built from the run's configuration.

    Raises:
        UserError: the file is absent, damaged or of another network.
    """
    if not Path(path).is_file():
        raise UserError(f"{path} does not exist; the run has not written a checkpoint yet")
    try:
        with warnings.catch_warnings():
            # Keras only warns of layers that the file lacks, and leaves them untrained.
            warnings.simplefilter("error", UserWarning)
            generator.load_weights(path)
    except (OSError, ValueError, KeyError, UserWarning) as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(f"{path} does not hold the weights of this run's generator: {reason}") from error
