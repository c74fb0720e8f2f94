"""A run on Weights & Biases; what that package writes lies in the run directory, in `wandb/`."""

import importlib.util
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tfgan_repro.errors import UserError
from tfgan_repro.runs.directory import RunDirectory, resuming
from tfgan_repro.types import Network

if TYPE_CHECKING:
    import numpy as np


PROJECT = "tfgan-repro"
# What the run is, and nothing of the machine: no host name, no usage, no code, no packages, no terminal's output.
SETTINGS = {
    "console": "off",
    "disable_code": True,
    "disable_git": True,
    "host": "",
    "silent": True,
    "x_disable_machine_info": True,
    "x_disable_meta": True,
    "x_disable_stats": True,
    "x_save_requirements": False,
}


def check_wandb() -> None:
    """Raise a `UserError` where Weights & Biases cannot be used; ask for its key on a terminal, as it does itself."""
    if importlib.util.find_spec("wandb") is None:
        raise UserError("--wandb: the package wandb is not installed; pip install wandb, or use --no-wandb")
    import wandb

    if os.environ.get("WANDB_MODE", "online") != "online":
        return
    try:
        wandb.login()
    except wandb.Error as error:
        raise UserError(f"--wandb: {error}; run wandb login, or set WANDB_MODE=offline, or use --no-wandb") from error


class WandbBoard:
    """Logs what `TensorBoard` writes, but for the networks' layers, to one run of Weights & Biases over all sessions.

    Points are placed by the training's own step, so that what a resumed run makes again may be logged again. What
    belongs to one step is sent together, when the next one comes.

    Raises:
        UserError: it cannot be begun.
    """

    def __init__(self, run: RunDirectory) -> None:
        import wandb

        self.wandb = wandb
        self.step = 0
        self.values: dict[str, Any] = {}
        new = not run.wandb.exists()
        name = identity(run)
        # Its own log goes there; by default it would lie in the user's cache.
        os.environ.setdefault("WANDB_CACHE_DIR", str(run.wandb / "cache"))
        try:
            self.run: Any = wandb.init(
                project=os.environ.get("WANDB_PROJECT", PROJECT),
                dir=str(run.path),
                id=name,
                name=run.path.name,
                resume="allow",
                settings=wandb.Settings(**SETTINGS),
            )
        except wandb.Error as error:
            if new:
                shutil.rmtree(run.wandb, ignore_errors=True)
            raise UserError(f"--wandb: {error}; go on with {resuming(run.path)} --no-wandb") from error
        self.run.define_metric("*", step_metric="step")
        offline = f"{self.run.settings.sync_dir} (wandb sync sends it)"
        where = offline if self.run.offline else self.run.url
        print(f"wandb run {self.run.id}: {where}", file=sys.stderr)

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        self.log(step, values)

    def picture(self, step: int, name: str, picture: "np.ndarray") -> None:
        self.log(step, {name: self.wandb.Image(picture.squeeze(2) if picture.shape[2] == 1 else picture)})

    def histogram(self, step: int, name: str, counts: "np.ndarray", edges: "np.ndarray") -> None:
        self.log(step, {name: self.wandb.Histogram(np_histogram=(counts.tolist(), edges.tolist()))})

    def text(self, step: int, name: str, text: str) -> None:
        self.attempt(lambda: self.run.summary.update({name: text}))

    def network(self, name: str, network: Network) -> None:
        """Nothing: its size is in the text on the cost."""

    def hyperparameters(self, values: Mapping[str, Any]) -> None:
        self.attempt(lambda: self.run.config.update(values, allow_val_change=True))

    def close(self) -> None:
        self.send()
        self.attempt(lambda: self.run.finish())

    def log(self, step: int, values: Mapping[str, Any]) -> None:
        if step != self.step:
            self.send()
        self.step = step
        self.values |= values

    def send(self) -> None:
        if self.values:
            self.attempt(lambda: self.run.log({"step": self.step, **self.values}))
        self.values = {}

    def attempt(self, action: Callable[[], Any]) -> None:
        """Do something; where Weights & Biases fails, say so once and train on without it."""
        if self.run is None:
            return
        try:
            action()
        except self.wandb.Error as error:
            self.run = None
            print(f"warning: wandb: {error}; training continues without it", file=sys.stderr)


def identity(run: RunDirectory) -> str:
    """The name by which Weights & Biases knows a run over all of its sessions; made at the first."""
    file = run.wandb / "id"
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_text(secrets.token_hex(4), encoding="utf-8")
    return file.read_text(encoding="utf-8")
