"""Checkpoints: complete or absent, checked when they are read, weights and plain numbers only."""

import hashlib
import json
import os
import shutil
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import keras
import numpy as np

from tfgan_repro.errors import UserError, first_line
from tfgan_repro.files import atomic_path, file_hash, read_json_lines, write_json
from tfgan_repro.models.networks import random_states_of
from tfgan_repro.runs.curves import curve_of
from tfgan_repro.runs.directory import RunDirectory
from tfgan_repro.types import Network

if TYPE_CHECKING:
    from tfgan_repro.models.gan import GAN

KEPT = 3
MANIFEST = "manifest.json"
# The generator that samples: the average of its weights where there is one, which is then in training under a name
# of its own.
GENERATOR, TRAINED_GENERATOR = "generator.weights.h5", "trained_generator.weights.h5"
DISCRIMINATOR, STATE = "discriminator.weights.h5", "state.npz"
STEP = "step"  # what a file of the generator's weights says of itself, wherever it is copied to
# A hash of what else the manifest says.
SEAL = "manifest_sha256"


class DamagedCheckpoint(Exception):
    """A checkpoint that does not hold what its manifest says."""


def write_checkpoint(run: RunDirectory, gan: "GAN", step: int, states: dict[str, Any], good_until: int = 0) -> Path:
    """Write both networks, both optimisers, the latents' generator and the state of the callbacks.

    The files are written into a hidden directory, which is renamed when all of them are on the disk. The generator
    alone is written beside them as the run's `generator.weights.h5`, unless it is broken (NaN). The last three
    checkpoints stay, the one with the best score, and the last healthy one.

    Args:
        run: a `RunDirectory`.
        gan: a compiled `GAN`.
        step: generator updates so far.
        states: what a resumed run must know, JSON: the states of `TrainingLog` ("log") and `HealthMonitor` ("health"),
            and what it was trained with and has recorded by then.
        good_until: the last step at which the run is known to have been healthy.

    Returns:
        The checkpoint's directory.
    """
    target = run.checkpoints / f"step_{step:08d}"
    temporary = Path(tempfile.mkdtemp(dir=run.checkpoints, prefix=".step-"))
    try:
        for name, network in networks_of(gan).items():
            network.save_weights(temporary / name)
        with h5py.File(temporary / GENERATOR, "a") as file:
            file.attrs[STEP] = step
        # NumPy's hints take each array for `allow_pickle`.
        np.savez(temporary / STATE, **training_state(gan))  # type: ignore[arg-type]
        files = {path.name: flush_and_hash(path) for path in sorted(temporary.iterdir())}
        manifest = {"step": step, **states, "sha256": files}
        write_json(temporary / MANIFEST, {**manifest, SEAL: seal_of(manifest)})
        os.chmod(temporary, 0o755)
        aside = temporary.with_name(f"{temporary.name}-aside")
        if target.exists():
            # A damaged one that a resumed run has passed over, or the one that a rollback returns to. Renamed, because
            # a process that is killed while it removes one has neither of them.
            os.replace(target, aside)
        os.replace(temporary, target)
        flush_directory(run.checkpoints)
        shutil.rmtree(aside, ignore_errors=True)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    if all_finite(gan.sampling_generator):
        with atomic_path(run.generator_weights) as copy:
            shutil.copyfile(target / GENERATOR, copy)
    prune(run, good_until)
    return target


def all_finite(network: Network) -> bool:
    """Whether every weight of a network is a finite number."""
    return all(bool(keras.ops.all(keras.ops.isfinite(weight))) for weight in network.weights)


def networks_of(gan: "GAN") -> dict[str, Network]:
    """The networks of a checkpoint by the names of their files."""
    networks = {GENERATOR: gan.sampling_generator, DISCRIMINATOR: gan.discriminator}
    return networks | ({TRAINED_GENERATOR: gan.generator} if gan.average else {})


def training_variables(gan: "GAN") -> dict[str, keras.Variable]:
    """Everything besides the networks that training goes on from, as Keras variables by name."""
    variables = {
        "latents/seed_generator": gan.seed_generator.state,
        "step": gan.step,
        **({} if gan.images is None else {"images": gan.images}),
    }
    for variable in gan.augmentation.variables:
        variables[f"augmentation/{variable.name}"] = variable
    for name in ("generator_optimizer", "discriminator_optimizer", "fake_loss_optimizer"):
        if optimizer := getattr(gan, name):
            variables |= {f"{name}/{index:04d}": variable for index, variable in enumerate(optimizer.variables)}
    for player in ("generator", "discriminator"):
        states = random_states_of(getattr(gan, player))
        variables |= {f"{player}/random/{index:04d}": variable for index, variable in enumerate(states)}
    return variables


def training_state(gan: "GAN") -> dict[str, np.ndarray]:
    """The values of `training_variables` as NumPy arrays."""
    return {name: keras.ops.convert_to_numpy(value) for name, value in training_variables(gan).items()}


def seal_of(manifest: dict[str, Any]) -> str:
    """A hash of a manifest's values, whatever their order and the spaces between them."""
    values = {name: value for name, value in manifest.items() if name != SEAL}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def flush_and_hash(path: Path) -> str:
    """Force a file onto the disk and return its SHA-256."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
    return file_hash(path)


def flush_directory(path: Path) -> None:
    """Force a directory's names onto the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def step_in(weights: Path) -> int | None:
    """The step that a file of generator weights says it is of; None where it says none, as in earlier versions."""
    try:
        with h5py.File(weights) as file:
            step = file.attrs.get(STEP)
    except OSError:
        return None  # whoever loads it will say why
    return None if step is None else int(step)


def checkpoint_with(run: RunDirectory, weights: Path) -> int | None:
    """The step of the newest checkpoint that holds a file of generator weights, by its content; None for none."""
    digest = file_hash(weights)
    for step, path in reversed(run.list_checkpoints().items()):
        for name in (GENERATOR, TRAINED_GENERATOR):
            file = path / name
            if file.is_file() and file_hash(file) == digest:
                return step
    return None


def prune(run: RunDirectory, good_until: int = 0) -> None:
    """Remove all checkpoints but the last three, the one with the best score, and the last up to `good_until`."""
    checkpoints = run.list_checkpoints()
    scored = [row for row in curve_of(read_json_lines(run.evaluations)) if row["step"] in checkpoints]
    kept = set(list(checkpoints)[-KEPT:])
    kept.update([step for step in checkpoints if step <= good_until][-1:])
    if scored:
        kept.add(min(scored, key=lambda row: row["value"])["step"])
    for step in set(checkpoints) - kept:
        remove_checkpoint(checkpoints[step])


def remove_checkpoint(path: Path) -> None:
    """Remove a checkpoint, its manifest first: what is left of it by a kill is no checkpoint."""
    (path / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(path)


def remove_unfinished(run: RunDirectory) -> None:
    """Remove what a killed process has left of the files and the checkpoint that it was writing."""
    for folder in (run.path, run.samples, run.final_images, run.checkpoints):
        for path in folder.glob(".*-*"):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def verify_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint's manifest and compare its files with it.

    Returns:
        The manifest.

    Raises:
        DamagedCheckpoint: something is missing or differs; the message says what.
    """
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        expected = dict(manifest["sha256"])
        if not {GENERATOR, DISCRIMINATOR, STATE} <= set(expected) or path.name != f"step_{manifest['step']:08d}":
            raise KeyError(MANIFEST)
        # Those of earlier versions have none.
        if manifest.get(SEAL, seal_of(manifest)) != seal_of(manifest):
            raise ValueError(SEAL)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DamagedCheckpoint(f"{MANIFEST} cannot be read") from error
    for name, digest in expected.items():
        try:
            same = file_hash(path / name) == digest
        except OSError as error:
            raise DamagedCheckpoint(f"{name} cannot be read") from error
        if not same:
            raise DamagedCheckpoint(f"{name} is damaged")
    return manifest


def restore_checkpoint(path: Path, gan: "GAN") -> None:
    """Load a verified checkpoint into a compiled `GAN` of the same configuration.

    Raises:
        UserError: it does not fit the networks.
    """
    try:
        for name, network in networks_of(gan).items():
            load_weights(network, path / name)
        with np.load(path / STATE, allow_pickle=False) as stored:
            # Older versions kept a factor beside the learning rates, which have it.
            state = {name: value for name, value in stored.items() if name != "learning_rate_scale"}
    except (OSError, ValueError, KeyError, UserWarning, zipfile.BadZipFile) as error:
        reason = first_line(error)
        raise UserError(f"{path} does not fit the networks of config.json and the data: {reason}") from error
    variables = training_variables(gan)
    shapes = {name: tuple(variable.shape) for name, variable in variables.items()}
    if {name: value.shape for name, value in state.items()} != shapes:
        raise UserError(f"{path} does not fit the networks of config.json and the data: {STATE} is of others")
    for name, variable in variables.items():
        variable.assign(state[name])


def load_weights(network: Network, path: Path | str) -> None:
    """`load_weights` of Keras, which only warns of layers that the file lacks, and leaves them untrained."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        network.load_weights(path)


def load_generator_weights(generator: Network, path: Path | str) -> None:
    """Load `generator.weights.h5` into a generator built from the run's configuration.

    Raises:
        UserError: the file is absent, damaged or of another network.
    """
    if not Path(path).is_file():
        raise UserError(f"{path} does not exist: the run has written no checkpoint yet, or its weights were removed")
    try:
        load_weights(generator, path)
    except (OSError, ValueError, KeyError, UserWarning) as error:
        raise UserError(f"{path} does not hold the weights of this run's generator: {first_line(error)}") from error
