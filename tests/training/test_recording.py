"""What a training does where its files cannot be written."""

import resource
from types import SimpleNamespace

import numpy as np
import pytest
from killing import SIZE, start, words

from tfgan_repro.errors import UserError
from tfgan_repro.runs.directory import RunDirectory
from tfgan_repro.training.health import Health
from tfgan_repro.training.recording import Checkpoints


def test_a_full_disk_is_told_once_and_stops_the_run_the_second_time(tmp_path):
    """A limit on file size stands for the disk: the first pictures fit below it, the weights do not."""
    run = RunDirectory(tmp_path / "run")

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (450_000, 450_000))

    process = start(*words({**SIZE, "width": 0.25, "steps": 1000, "run_dir": run.path}), preexec_fn=limit)
    errors = process.communicate(timeout=600)[1]
    lines = errors.decode().strip().splitlines()
    assert process.returncode == 2, errors
    assert lines[-2].startswith("warning: at step 3 a file could not be written")
    assert lines[-1].startswith("error: stopped at step 5: files can still not be written")
    assert f"--resume {run.path}" in lines[-1]
    assert list(run.checkpoints.iterdir()) == []
    assert not run.log.exists()


def test_a_vanished_directory_is_told_and_then_stops_the_run(tmp_path, capsys):
    run = RunDirectory(tmp_path / "gone")
    monitor = SimpleNamespace(state={}, on_failure="warn", rolls_back=False, health=Health())
    checkpoints = Checkpoints(run, 1, lambda step: {}, SimpleNamespace(state={}), monitor, classes={})
    gan = SimpleNamespace(stop_training=False, average=None, sampling_generator=None, step=np.array(0))
    checkpoints.set_model(gan)
    checkpoints.on_train_begin()
    gan.step = np.array(1)
    checkpoints.on_train_batch_end(0)
    assert "at step 1 a file could not be written: No such file or directory" in capsys.readouterr().err
    gan.step = np.array(2)
    with pytest.raises(UserError, match="stopped at step 2: files can still not be written"):
        checkpoints.on_train_batch_end(1)
