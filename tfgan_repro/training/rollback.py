"""Going back to the last healthy checkpoint with smaller learning rates."""

import sys
from typing import TYPE_CHECKING, Any

import keras

from tfgan_repro.errors import UserError
from tfgan_repro.runs.checkpoints import (
    DamagedCheckpoint,
    list_checkpoints,
    load_checkpoint,
    remove_checkpoint,
    verify_checkpoint,
    write_checkpoint,
)
from tfgan_repro.training.resume import rewind

if TYPE_CHECKING:
    from tfgan_repro.config import TrainConfig
    from tfgan_repro.models.gan import GAN
    from tfgan_repro.training.health_monitor import HealthMonitor
    from tfgan_repro.runs.directory import RunDirectory

FACTOR = 0.5


def roll_back(
    run: "RunDirectory", config: "TrainConfig", gan: "GAN", monitor: "HealthMonitor"
) -> tuple[int, dict[str, Any]]:
    """Return to the newest checkpoint from before a failure began, and forget what came after it.

    What is done survives a kill at any moment: first the later checkpoints go, so that a resumed run meets the same
    failure again and does the same; then the healthy one is written anew, with the smaller learning rates.

    Args:
        run: the `RunDirectory`, held by this process.
        config: its `TrainConfig`.
        gan: the compiled `GAN`.
        monitor: the `HealthMonitor` that has stopped the training.

    Returns:
        The step, and the states of the callbacks after it, with the rollback in them.

    Raises:
        UserError: there is no such checkpoint.
    """
    # There is one, or nobody would roll back.
    failure: dict[str, Any] = monitor.failure  # type: ignore[assignment]
    good_until = monitor.health.good_until
    step, states = load_newest(run, gan, good_until)
    if step is None:
        raise UserError(f"stopped at step {failure['step']}: {failure['reason']}; no healthy checkpoint to return to")
    scale = FACTOR ** (len(monitor.rollbacks) + 1)
    # The checkpoint's rates know only of the rollbacks before it.
    for optimizer in (gan.generator_optimizer, gan.discriminator_optimizer):
        if isinstance(rate := optimizer.learning_rate, keras.Variable):
            rate.assign(rate * scale / FACTOR ** len(states["health"]["rollbacks"]))
    rollback = {"from_step": failure["step"], "to_step": step, "sign": failure["sign"], "learning_rate_scale": scale}
    health = states["health"]
    # The checkpoint knows only of rollbacks before it.
    health["unlogged"] += [*monitor.rollbacks, rollback][len(health["rollbacks"]) :]
    health["rollbacks"] = [*monitor.rollbacks, rollback]
    write_checkpoint(run, gan, step, states, good_until)
    rewind(run, config, step)
    count = len(health["rollbacks"])
    begin_end = f"from step {failure['step']} to {step}"
    print(f"rollback {count}: {begin_end}, both learning rates times {scale:g}", file=sys.stderr)
    return step, states


def load_newest(run: "RunDirectory", gan: "GAN", until: int) -> tuple[int | None, Any]:
    """Load the newest whole checkpoint up to a step, and remove those after it.

    Returns:
        The step, and the states of the callbacks; None twice where there is none.
    """
    for step, path in reversed(list_checkpoints(run).items()):
        if step <= until:
            try:
                manifest = verify_checkpoint(path)
                load_checkpoint(path, gan)
                return step, {name: manifest[name] for name in ("log", "health")}
            except DamagedCheckpoint as error:
                print(f"warning: {path}: {error}; trying the checkpoint before it", file=sys.stderr)
        remove_checkpoint(path)
    return None, None
