"""An interrupted run goes on bit by bit as if it had never stopped."""

import dataclasses
import itertools
import os
import resource
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import tiny_config
from killing import SCORED, SIZE, arrays, differences, killed_run, start, start_forked, words

from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError
from tfgan_repro.files import read_json_lines
from tfgan_repro.training.recording import Checkpoints
from tfgan_repro.runs.checkpoints import list_checkpoints
from tfgan_repro.training.health import Health
from tfgan_repro.training.resume import resumed_config
from tfgan_repro.training.session import resume, train
from tfgan_repro.runs.directory import RunDirectory


def assert_same_run(run, other):
    """Weights, optimisers, random state, log, scores, grids and GIF are equal to the last bit."""
    assert differences(run, other) == []


@pytest.mark.parametrize(
    ("kills", "count", "steps"), [(2, 1, 60), pytest.param(10, 2, 300, marks=pytest.mark.long)], ids=["two", "twenty"]
)
def test_kills_at_random_moments_change_nothing(kills, count, steps, tmp_path):
    choices = {**SIZE, **SCORED, "steps": steps, "dataset": "shapes"}
    begin = start if count > 1 else start_forked
    with ThreadPoolExecutor(2) as pool:
        killed = [pool.submit(killed_run, tmp_path / str(seed), choices, kills, seed, begin) for seed in range(count)]
        runs = [future.result() for future in killed]
    whole = train(TrainConfig.from_choices(**choices, run_dir=str(tmp_path / "whole"))).run
    for run in runs:
        assert_same_run(run, whole)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_finishes_the_step_and_says_how_to_go_on(number, code, tmp_path):
    run = RunDirectory(tmp_path / "run")
    process = start_forked(*words({**SIZE, "steps": 100_000, "run_dir": run.path}))
    while process.poll() is None and not run.log.exists():
        time.sleep(0.05)
    process.send_signal(number)
    out, errors = process.communicate(timeout=120)
    assert process.returncode == code, errors
    last = max(list_checkpoints(run))
    assert f"stopped at step {last:,} of 100,000; resume with --resume {run.path}" in out.decode()
    assert (run.path / "training.gif").exists() and (run.path / "losses.png").exists()
    assert b"Traceback" not in errors


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    """A run of 12 steps, to be copied."""
    folder = tmp_path_factory.mktemp("interrupted")
    return train(TrainConfig(**SIZE, steps=12, run_dir=str(folder / "run"))).run


@pytest.fixture
def copied(interrupted, tmp_path):
    shutil.copytree(interrupted.path, tmp_path / "run")
    return RunDirectory(tmp_path / "run")


def test_more_steps_are_what_they_would_have_been_at_once(copied, tmp_path):
    """Also where the first ending lay within an interval of the log and of the grids."""
    resume(copied.path, {"steps": 25})
    whole = train(TrainConfig(**SIZE, steps=25, run_dir=str(tmp_path / "whole"))).run
    assert_same_run(copied, whole)
    assert copied.read_config()[0].steps == 25


# Everything that has a state of its own: spectral vectors, class-wise normalisation, dropout, augmentation, noise,
# schedules by steps and by images, the average, minibatches with labels and noise.
STATEFUL = {
    "model": "sagan",
    "width": 0.0625,
    "dropout": 0.2,
    "augmentation": "color,translation,ada",
    "augmentation_target": 0.1,
    "augmentation_ramp": 500,
    "instance_noise": 0.1,
    "instance_noise_steps": 30,
    "learning_rate_decay_steps": 40,
    "ema_half_life": 100.0,
    "schedule_to": "beta-2:0.9,ema-half-life:50",
    "schedule_images": 300,
    "ema_start": 3,
    "discriminator_steps": 2,
    "flip": True,
    "dequantize": True,
    "label_flipping": 0.05,
}


def test_every_technique_goes_on_exactly(tmp_path):
    config = TrainConfig.from_choices(**{**SIZE, **STATEFUL}, steps=12, run_dir=str(tmp_path / "run"))
    run = train(config).run
    resume(run.path, {"steps": 17})
    whole = train(dataclasses.replace(config, steps=17, run_dir=str(tmp_path / "whole"))).run
    assert_same_run(run, whole)
    names = arrays(run)
    assert any(name.startswith("trained_generator") for name in names) and any("/random/" in name for name in names)


def test_a_finished_run_gets_its_pictures_anew(copied):
    (copied.path / "training.gif").unlink()
    outcome = resume(copied.path, {})
    assert (outcome.step, outcome.total) == (12, 12)
    assert (copied.path / "training.gif").exists()


def test_fewer_steps_than_were_made_are_refused(copied):
    with pytest.raises(UserError, match="--steps 8: .* has made 12 already"):
        resume(copied.path, {"steps": 8})


def test_other_choices_are_refused_with_both_values():
    with pytest.raises(UserError, match="--width 0.5 differs from the run's 0.125"):
        resumed_config(tiny_config(), {"width": 0.5, "steps": 100})
    assert resumed_config(tiny_config(), {"width": 0.125, "steps": 100}).steps == 100


@pytest.mark.parametrize("name", ["generator.weights.h5", "discriminator.weights.h5", "state.npz", "manifest.json"])
@pytest.mark.parametrize("damage", ["truncated", "zeroed", "removed"])
def test_a_damaged_checkpoint_is_reported_and_the_one_before_is_used(damage, name, copied, capsys):
    from tfgan_repro.training.resume import find_restart

    path = copied.checkpoints / "step_00000012" / name
    content = path.read_bytes()
    if damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "zeroed":
        path.write_bytes(bytes(len(content)))
    else:
        path.unlink()
    restart = find_restart(copied)
    assert restart.step == 10 and restart.checkpoint == copied.checkpoints / "step_00000010"
    assert restart.manifest["log"]["count"] == 3 and restart.damaged == [path.parent]
    warning = capsys.readouterr().err
    assert "step_00000012" in warning and name in warning and warning.count("\n") == 1


def test_what_a_killed_process_was_writing_is_removed(copied):
    from tfgan_repro.runs.checkpoints import remove_unfinished

    (copied.samples / ".step_00000027-2anh072u.png").write_bytes(b"")
    (copied.path / ".training-abc.gif").write_bytes(b"GIF")
    (copied.checkpoints / ".step-xyz").mkdir()
    (copied.checkpoints / ".step-xyz" / "state.npz").write_bytes(b"half")
    remove_unfinished(copied)
    assert [path.name for path in copied.path.rglob(".*")] == [".lock"]


def contents(run):
    """All files of a run by name, and its folders."""
    return {path.relative_to(run.path): path.is_file() and path.read_bytes() for path in run.path.rglob("*")}


def test_a_run_without_a_whole_checkpoint_is_refused_and_stays_as_it_is(copied):
    for path in list_checkpoints(copied).values():
        (path / "manifest.json").unlink()
    before = contents(copied)
    with pytest.raises(UserError, match="none of its checkpoints can be read; nothing was changed"):
        resume(copied.path, {"steps": 20})
    assert contents(copied) == before
    shutil.rmtree(copied.checkpoints)
    with pytest.raises(UserError, match="its checkpoints are gone"):
        resume(copied.path, {"steps": 20})


def test_a_run_that_was_killed_before_its_first_checkpoint_starts_again(copied, tmp_path):
    for path in list_checkpoints(copied).values():
        shutil.rmtree(path)
    copied.generator_weights.unlink()
    copied.log.unlink()
    resume(copied.path, {})
    whole = train(TrainConfig(**SIZE, steps=12, run_dir=str(tmp_path / "whole"))).run
    assert_same_run(copied, whole)


def test_two_processes_cannot_share_a_run(copied):
    from tfgan_repro.runs.directory import locked

    with locked(copied), pytest.raises(UserError, match="is in use by another process"):
        resume(copied.path, {"steps": 20})


def test_a_time_limit_ends_with_a_checkpoint_and_code_0(tmp_path):
    config = TrainConfig(**SIZE, steps=100_000, run_dir=str(tmp_path / "run"))
    outcome = train(config, max_minutes=0.02)
    assert outcome.exit_code == 0 and 0 < outcome.step < 100_000
    assert outcome.step == max(list_checkpoints(outcome.run))


def test_a_clock_set_back_does_not_matter(tmp_path, monkeypatch):
    """The log's times are durations of a monotonic clock."""
    clock = itertools.count(2e9, -3600)
    monkeypatch.setattr(time, "time", lambda: next(clock))
    rows = read_json_lines(train(tiny_config(run_dir=str(tmp_path / "run"))).run.log)
    assert 0 < rows[0]["seconds"] <= rows[1]["seconds"]


def test_the_best_checkpoint_stays(tmp_path):
    from tfgan_repro.files import append_json_line
    from tfgan_repro.runs.checkpoints import prune

    run = RunDirectory.create(tiny_config(run_dir=str(tmp_path / "run")), (32, 32, 3), {})
    for step in range(1, 8):
        os.mkdir(run.checkpoints / f"step_{step:08d}")
        value = abs(step - 2.2)
        append_json_line(run.evaluations, {"step": step, "value": value, "during_training": True})
    prune(run)
    assert list(list_checkpoints(run)) == [2, 5, 6, 7]


def test_a_full_disk_is_told_once_and_stops_the_run_the_second_time(tmp_path):
    """A limit on file size stands for the disk: the log and two grids fit below it, the weights do not."""
    run = RunDirectory(tmp_path / "run")

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    process = start(*words({**SIZE, "width": 0.25, "steps": 1000, "run_dir": run.path}), preexec_fn=limit)
    errors = process.communicate(timeout=200)[1]
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
