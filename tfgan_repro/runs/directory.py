"""One run is one directory, which describes itself."""

import contextlib
import errno
import itertools
import json
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tfgan_repro.backends import backend_name
from tfgan_repro.config import TrainConfig
from tfgan_repro.data import check_beside
from tfgan_repro.data.names import short_name
from tfgan_repro.data.preparation import MOST_PIXELS
from tfgan_repro.errors import UserError, shortened
from tfgan_repro.files import current_umask, read_json_lines, write_json
from tfgan_repro.metrics.printing import number
from tfgan_repro.runs.environment import environment

CONFIG = "config.json"  # what makes a directory a run
FINAL_IMAGES = 10  # single pictures that a finished run has


class RunDirectory:
    """The files of a run, by name.

    Args:
        path: the directory.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.config = self.path / CONFIG
        self.log = self.path / "log.jsonl"
        self.evaluations = self.path / "evaluations.jsonl"
        self.samples = self.path / "samples"
        self.animation = self.path / "training.gif"
        self.loss_plot = self.path / "losses.png"
        self.score_plot = self.path / "fid.png"
        self.final_images = self.path / "final_images"
        self.checkpoints = self.path / "checkpoints"
        self.lock = self.path / ".lock"
        self.tensorboard = self.path / "tensorboard"
        self.wandb = self.path / "wandb"
        self.generator_weights = self.path / "generator.weights.h5"

    def summary(self) -> str:
        """Where the results are, and the last score if there is one, in a few lines."""
        lines = [f"run directory  {self.path}"]
        for text, path in (
            ("animation", self.animation),
            ("losses", self.loss_plot),
            ("scores", self.score_plot),
            ("final images", self.final_images),
            ("generator", self.generator_weights),
        ):
            if path.exists():
                lines.append(f"{text:<13}  {path}")
        scores = [row for row in read_json_lines(self.evaluations) if row.get("during_training")]
        for row in scores[-1:]:
            value = f"none, {row['why']}," if row["value"] is None else number(row["value"])
            lines.append(
                f"{row['metric']:<13}  {value} at step {row['step']:,} "
                f"(real against real images: {number(row['real_vs_real'])})"
            )
        return "\n".join(lines)

    def list_checkpoints(self) -> dict[int, Path]:
        """Its checkpoints by step, the oldest first."""
        return entries_by_step(self.checkpoints, r"step_(\d{8,})")

    @classmethod
    def create(
        cls, config: TrainConfig, image_shape: tuple[int, ...], classes: dict[str, int], facts: Any = None
    ) -> "RunDirectory":
        """Make the directory of a new run: `config.run_dir`, or the first free number under `config.results_dir`.

        It is filled under a hidden name and then renamed, which is atomic: whoever sees it sees it whole, and two
        processes never share one.

        Args:
            config: the operative `TrainConfig`, which is written into it.
            image_shape: `(height, width, channels)` of the images that the networks make.
            classes: the training images of each class, by its name; empty without labels.
            facts: what else `config.json` says, a dictionary, or None.

        Raises:
            UserError: the directory exists or cannot be made.
        """
        parent = Path(config.results_dir) if config.run_dir is None else Path(config.run_dir).parent
        try:
            parent.mkdir(parents=True, exist_ok=True)
            hidden = cls(tempfile.mkdtemp(dir=parent, prefix=".run-"))
            try:
                for folder in (hidden.samples, hidden.final_images, hidden.checkpoints, hidden.tensorboard):
                    folder.mkdir()
                hidden.write_config(config, image_shape, classes, facts)
                os.chmod(hidden.path, 0o777 & ~current_umask())
                return cls(rename_to_free(hidden.path, config))
            except BaseException:
                shutil.rmtree(hidden.path, ignore_errors=True)
                raise
        except OSError as error:
            raise UserError(f"cannot make the run directory: {error.strerror}: {shortened(error.filename)}") from error

    @classmethod
    def open(cls, path: Path | str) -> "RunDirectory":
        """The directory of an earlier run.

        Raises:
            UserError: not a run directory.
        """
        run = cls(path)
        if not run.path.exists():
            raise UserError(f"no such run directory: {path}")
        if not run.config.is_file():
            raise UserError(f"{path} is not a run directory: it has no config.json")
        return run

    @classmethod
    def around(cls, path: Path) -> "RunDirectory | None":
        """The run directory that a path is, or lies in; None where it lies in none."""
        # No deeper than a file in one of its checkpoints.
        folders = (path, path.parent, *path.absolute().parents[:3])
        return next((cls(folder) for folder in folders if (folder / CONFIG).is_file()), None)

    @classmethod
    def of_checkpoint(cls, path: Path | str) -> "RunDirectory":
        """The run directory of what a user may call a checkpoint: a run, a checkpoint in it, a generator's weights.

        Raises:
            UserError: the path is none of these.
        """
        if not os.path.exists(path):
            raise UserError(f"no such checkpoint: {path}")
        run = cls.around(Path(path))
        if run is None:
            raise UserError(f"{path} is not a checkpoint: there is no config.json of a run beside it")
        # Of the folders in a run a checkpoint has weights; a run itself may have lost them.
        weights = Path(path) / run.generator_weights.name if os.path.isdir(path) else Path(path)
        if not str(weights).endswith(".weights.h5") or not (weights.is_file() or (Path(path) / CONFIG).is_file()):
            raise UserError(f"{path} is not a checkpoint: give the run {run.path}, or a .weights.h5 file in it")
        return run

    def check_backend(self) -> None:
        """Refuse to go on with a run on another backend, whose random numbers and order of images are others.

        Raises:
            UserError: naming the right one.
        """
        # Runs without the entry are from before there was a choice.
        backend = self.read_facts().get("backend", "tensorflow")
        if backend != backend_name():
            raise UserError(
                f"{self.path} is trained on {backend}, and this is {backend_name()}; a run goes on exactly "
                f"only on its own backend: KERAS_BACKEND={backend}"
            )

    def write_config(
        self, config: TrainConfig, image_shape: tuple[int, ...], classes: dict[str, int], facts: Any = None
    ) -> None:
        """Write `config.json`: the operative `TrainConfig`, facts of the pictures, what else the run depends on."""
        facts = {"image_shape": image_shape, "classes": classes, **(facts or {})}
        write_json(self.config, {"config": config.to_json(), **facts, **environment()})

    def write_choices(self, choices: dict[str, Any]) -> None:
        """Change some choices in `config.json`, and leave what else it says as it is."""
        facts = self.read_facts()
        if any(facts["config"].get(name) != value for name, value in choices.items()):
            write_json(self.config, {**facts, "config": {**facts["config"], **choices}})

    def read_facts(self) -> dict[str, Any]:
        """All that `config.json` says, where `read_config` has read it before."""
        return json.loads(self.config.read_text(encoding="utf-8"))

    def read_config(self) -> tuple[TrainConfig, tuple[int, int, int], dict[str, int]]:
        """What the run was made from: its `TrainConfig`, the shape of its images, and its classes as in `create`.

        Raises:
            UserError: the file is damaged or of another version.
        """
        try:
            stored = self.read_facts()
            height, width, channels = map(int, stored["image_shape"])
            classes = {str(name): int(count) for name, count in stored.get("classes", {}).items()}
            values = stored["config"]
            if min(height, width, channels) < 1 or max(height, width) >= MOST_PIXELS or channels not in (1, 3):
                raise ValueError(f"image_shape {shortened(stored['image_shape'])}")
        except (OSError, ValueError, KeyError, TypeError, OverflowError, AttributeError, RecursionError) as error:
            reason = shortened(repr(error))
            raise UserError(f"{self.config} cannot be read ({reason}); was it written by tfgan-repro?") from error
        return TrainConfig.from_json(values), (height, width, channels), classes


def grids_by_step(samples: Path | str) -> dict[int, Path]:
    """The sample grids in a folder, `step_<8 digits>.png`, by step, the first one first."""
    return entries_by_step(Path(samples), r"step_(\d+)\.png")


def entries_by_step(folder: Path, pattern: str) -> dict[int, Path]:
    """The entries of a folder whose names are `pattern`, with the step as its group, by step, the first one first."""
    matches = {path: re.fullmatch(pattern, path.name) for path in folder.glob("step_*")}
    return dict(sorted((int(match.group(1)), path) for path, match in matches.items() if match))


def resuming(path: Path | str) -> str:
    """The option that goes on with a run, as it is typed in a shell."""
    return f"--resume {shlex.quote(str(path))}"


def check_free(config: TrainConfig) -> None:
    """Raise a `UserError` where the run directory of a configuration exists already, cannot be made, or would lie among
    the pictures: its samples would be some of them.
    """
    check_beside(config.run_dir or config.results_dir, config.dataset)
    if config.run_dir is None or not os.path.lexists(config.run_dir):
        folder = Path(config.results_dir) if config.run_dir is None else Path(config.run_dir).parent
        there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        # Said now rather than when the pictures are read.
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            reason = os.strerror(errno.EACCES if there.is_dir() else errno.ENOTDIR)
            raise UserError(f"cannot make the run directory: {reason}: {shortened(there)}")
        return
    ways_out = "choose another --run-dir, or remove it"
    if (Path(config.run_dir) / CONFIG).is_file():
        ways_out = f"continue that run with {resuming(config.run_dir)}, {ways_out}"
    raise UserError(f"{config.run_dir} exists already; {ways_out}")


def free_path(config: TrainConfig) -> Path:
    """The directory that a new run would get now.

    Raises:
        UserError: as `check_free`.
    """
    check_free(config)
    if config.run_dir is not None:
        return Path(config.run_dir)
    # Of `folder:.` too it is the folder's own name.
    name = f"{config.model}-{short_name(config.absolute_dataset)}"
    paths = (Path(config.results_dir) / f"{name}-{index:03d}" for index in itertools.count())
    return next(path for path in paths if not os.path.lexists(path))


def rename_to_free(hidden: Path, config: TrainConfig) -> Path:
    """Give a hidden directory the name of `free_path`; return the path."""
    while True:
        path = free_path(config)
        try:
            os.rename(hidden, path)
            return path
        except OSError as error:
            # Another process has taken the name since.
            if config.run_dir is not None or error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise


@contextlib.contextmanager
def locked(run: RunDirectory) -> Iterator[None]:
    """Hold a run directory for as long as the block lasts.

    The operating system gives the lock back when its process dies, however it dies, so that none is ever stale. A
    directory that had no file for the lock has none either after an error: whoever is refused leaves nothing behind.

    Raises:
        UserError: another process holds it.
    """
    new = not run.lock.exists()
    try:
        with FileLock(run.lock, timeout=0):
            try:
                yield
            except UserError:
                if new:
                    run.lock.unlink(missing_ok=True)
                raise
    except Timeout:
        raise UserError(f"{run.path} is in use by another process") from None
