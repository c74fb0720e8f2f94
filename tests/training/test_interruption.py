"""A training that is told to end loses nothing."""

import signal
import time

import forked
import pytest
from killing import SIZE, TRAIN, words

from tfgan_repro.config import TrainConfig
from tfgan_repro.runs.directory import RunDirectory
from tfgan_repro.training.session import train


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_finishes_the_step_and_says_how_to_go_on(number, code, tmp_path):
    run = RunDirectory(tmp_path / "my run")
    process = forked.Forked([str(TRAIN), *words({**SIZE, "steps": 100_000, "run_dir": run.path})])
    while process.poll() is None and not run.log.exists():
        time.sleep(0.05)
    process.send_signal(number)
    out, errors = process.communicate(timeout=600)
    assert process.returncode == code, errors
    last = max(run.list_checkpoints())
    assert f"stopped at step {last:,} of 100,000; resume with --resume '{run.path}'" in out.decode()
    assert (run.path / "training.gif").exists() and (run.path / "losses.png").exists()
    assert b"Traceback" not in errors


def test_a_time_limit_ends_with_a_checkpoint_and_code_0(tmp_path):
    config = TrainConfig(**SIZE, steps=100_000, run_dir=str(tmp_path / "run"))
    outcome = train(config, max_minutes=0.02)
    assert outcome.exit_code == 0 and 0 < outcome.step < 100_000
    assert outcome.step == max(outcome.run.list_checkpoints())
