"""What a run would be and cost, found by making its first steps and throwing them away."""

import json
import resource
import statistics
import time
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from tfgan_repro.backends import backend_module
from tfgan_repro.backends.devices import Devices
from tfgan_repro.config import TrainConfig
from tfgan_repro.runs.directory import RunDirectory
from tfgan_repro.training.session import TrainingSession
from tfgan_repro.training.steps import NEVER

# What is timed, at least; and the most steps, of the quickest networks.
TIMED_STEPS, TIMED_SECONDS, MOST_STEPS = 5, 1.0, 100_000


class StepTimer(keras.callbacks.Callback):
    """Measures the seconds of each step but those of the first call, most of which is compiling; ends the training."""

    def next_due(self, step: int) -> int:
        """Never: JAX makes as many steps a call as in a training, where a call of a single one is mostly overhead."""
        return NEVER

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.seconds: list[float] = []
        self.previous: float | None = None

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        now = time.perf_counter()
        # A call may make several steps, with a loss for each.
        count = np.size((logs or {}).get("d_loss", 0.0))
        if self.previous is not None:
            self.seconds += [(now - self.previous) / count] * count
        self.previous = now
        self.model.stop_training = len(self.seconds) >= TIMED_STEPS and sum(self.seconds) >= TIMED_SECONDS


@dataclass(frozen=True)
class DryRun:
    """What a run would be. `str` of it is for people.

    Attributes:
        config: the operative `TrainConfig`.
        pictures: what the data set was understood as, for people.
        seconds: of a training step.
        memory: the most bytes that this process has taken.
        device_memory: and of an accelerator's own memory; 0 where there is none.
        operations: floating point operations of a step; None where nobody counts them.
        parameters: of both networks, by name.
        tables: both networks, layer by layer.
        done: the steps that a run to be resumed has made.
    """

    config: TrainConfig
    pictures: str
    seconds: float
    memory: int
    device_memory: int
    operations: float | None
    parameters: dict[str, int]
    tables: str
    done: int = 0

    @property
    def left(self) -> int:
        """The steps to be made."""
        return self.config.steps - self.done

    @property
    def hours(self) -> float:
        """Of these, without scores, pictures and checkpoints."""
        return self.left * self.seconds / 3600

    @property
    def differing(self) -> dict[str, Any]:
        """The choices that differ from the model's recipe."""
        return self.config.beside_recipe("training", "score")

    def __str__(self) -> str:
        config, differing = self.config, self.differing
        choices = ", ".join(f"{name} {value}" for name, value in differing.items()) or "none"
        networks = ", ".join(f"{name} {count:,}" for name, count in self.parameters.items())
        of_device = f", and {self.device_memory / 1e9:.1f} GB of the device's" if self.device_memory else ""
        rows = {
            "seconds a step": f"{self.seconds:.3g} (batches of {config.batch_size}, {config.precision})",
            "hours in all": f"{self.hours:.2g} for {self.left:,} steps, without scores and checkpoints",
            "memory": f"{self.memory / 1e9:.1f} GB{of_device}",
            "parameters": networks,
            "a step costs": "not known here" if self.operations is None else f"{self.operations / 1e9:.4g} GFLOP",
            "recipe": f"{config.recipe}, of {config.model}",
            "other choices": f"{choices} (all of them: --dry-run --json)",
            "pictures": self.pictures.replace("\n", f"\n{'':<16}"),
        }
        return "\n".join([*(f"{name:<16}{text}" for name, text in rows.items()), "", self.tables])

    def json_text(self) -> str:
        """Everything but the tables, with the whole configuration, as JSON."""
        facts = {
            "seconds_per_step": self.seconds,
            "hours": self.hours,
            "memory_bytes": self.memory,
            "device_memory_bytes": self.device_memory,
            "operations_per_step": self.operations,
            "parameters": self.parameters,
            "differs_from_recipe": self.differing,
            "config": self.config.to_json(),
        }
        return json.dumps(facts, indent=2)


def dry_run(config: TrainConfig, run: RunDirectory | None = None, accept_changed_data: bool = False) -> DryRun:
    """Find out what a run would be without leaving anything behind.

    Args:
        config: of the run.
        run: the one that would go on with it; None for a new one.
        accept_changed_data: as in `resume`.

    Raises:
        UserError: the run could not start, or go on.
    """
    # On one device, so that no other machine is waited for.
    session = TrainingSession(config, devices=Devices())
    done = session.look_ahead(run, accept_changed_data).step
    config, pictures, gan = session.config, session.material.pictures, session.gan
    timer = StepTimer()
    session.fit([timer], MOST_STEPS)
    networks = {"generator": gan.generator, "discriminator": gan.discriminator}
    tables: list[str] = []
    for network in networks.values():
        network.summary(print_fn=tables.append, line_length=80)
    shape = (config.images_per_step, *pictures.image_shape)
    return DryRun(
        config,
        str(pictures.description),
        statistics.median(timer.seconds),
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        backend_module().device_memory(),
        backend_module("tfgan_repro.backends.{}_training").step_operations(gan, shape),
        {name: network.count_params() for name, network in networks.items()},
        "\n".join(tables),
        done,
    )
