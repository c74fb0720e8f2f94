"""A failing run's return to a healthy checkpoint, from which it goes on with smaller learning rates."""

import sys
from typing import TYPE_CHECKING, Any

import keras

from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError
from tfgan_repro.runs.checkpoints import SEAL, remove_checkpoint, restore_checkpoint, write_checkpoint
from tfgan_repro.runs.directory import RunDirectory
from tfgan_repro.training.health_monitor import Failure, HealthMonitor
from tfgan_repro.training.resume import newest_whole, rewind

if TYPE_CHECKING:
    from tfgan_repro.models.gan import GAN

# By how much a rollback makes the learning rates smaller.
FACTOR = 0.5


def roll_back(
    run: RunDirectory, config: TrainConfig, gan: "GAN", monitor: HealthMonitor, failure: Failure
) -> dict[str, Any]:
    """Return to the newest checkpoint from before a failure began, and forget what came after it.

    What is done survives a kill at any moment: first the later checkpoints go, so that a resumed run meets the same
    failure again and does the same; then the healthy one is written anew, with the smaller learning rates.

    Args:
        run: the `RunDirectory`, held by this process.
        config: its `TrainConfig`.
        gan: what is trained.
        monitor: the `HealthMonitor` that has stopped the training.
        failure: what for.

    Returns:
        The checkpoint's manifest, with the rollback in the states of the callbacks.

    Raises:
        UserError: there is no such checkpoint; nothing was removed then.
    """
    good_until, checkpoints = monitor.health.good_until, run.list_checkpoints()
    restart = newest_whole({step: path for step, path in checkpoints.items() if step <= good_until})
    if not restart.checkpoint:
        raise UserError(f"stopped at step {failure.step}: {failure.reason}; no healthy checkpoint to return to")
    step, manifest = restart.step, restart.manifest
    restore_checkpoint(restart.checkpoint, gan)
    for later in reversed([each for each in checkpoints if each > step]):
        remove_checkpoint(checkpoints[later])
    # The checkpoint's rates, and what it says of its health, know only of the rollbacks before it.
    health, scale = manifest["health"], FACTOR ** (len(monitor.rollbacks) + 1)
    known = len(health["rollbacks"])
    scale_learning_rates(gan, scale / FACTOR**known)
    rollback = {"from_step": failure.step, "to_step": step, "sign": failure.sign, "learning_rate_scale": scale}
    rollbacks = [*monitor.rollbacks, rollback]
    manifest["health"] = {**health, "rollbacks": rollbacks, "unlogged": health["unlogged"] + rollbacks[known:]}
    states = {name: value for name, value in manifest.items() if name not in ("step", "sha256", SEAL)}
    write_checkpoint(run, gan, step, states, good_until)
    rewind(run, config, step)
    begin_end = f"from step {failure.step} to {step}"
    print(f"rollback {len(rollbacks)}: {begin_end}, both learning rates times {scale:g}", file=sys.stderr)
    return manifest


def scale_learning_rates(gan: "GAN", factor: float) -> None:
    """Multiply the learning rates of both networks, where these are no schedules."""
    for optimizer in (gan.generator_optimizer, gan.discriminator_optimizer):
        if isinstance(rate := optimizer.learning_rate, keras.Variable):
            rate.assign(rate * factor)
