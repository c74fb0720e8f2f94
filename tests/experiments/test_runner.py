"""The runner, with a program in the trainings' place that does what they do with files and signals."""

import json
import os
import signal
import sys
import threading
import time

import forked
import pytest
from conftest import PYTHON_PATH

from tfgan_repro.experiments import runner as runner_module
from tfgan_repro.experiments.jobs import plan
from tfgan_repro.experiments.runner import Runner, devices

# Makes a step every 20 ms, keeps what it has made, goes on from there, and stops when it is asked to.
PROGRAM = """
import json, os, pathlib, signal, sys, time
words = sys.argv[1:]
said = dict(zip(words[::2], words[1::2]))
path = pathlib.Path(said.get("--resume") or said["--run-dir"])
stop = []
signal.signal(signal.SIGTERM, lambda *a: stop.append(1))
(path / "final_images").mkdir(parents=True, exist_ok=True)
log = path / "log.jsonl"
done = len(log.read_text().splitlines()) if log.exists() else 0
with open(path.parent / "order.txt", "a") as file:
    print(path.name, done, os.environ.get("CUDA_VISIBLE_DEVICES"), file=file)
if os.environ.get("FAIL") == path.name:
    sys.exit(2)
if not done:
    config = json.loads(os.environ["CONFIGS"])[path.name]
    (path / "config.json").write_text(json.dumps({"config": config, "image_shape": [8, 8, 3], "classes": {}}))
for step in range(done + 1, int(said["--steps"]) + 1):
    time.sleep(0.02)
    with open(log, "a") as file:
        file.write(json.dumps({"step": step}) + "\\n")
    if stop:
        sys.exit(143)
for index in range(10):
    (path / "final_images" / f"{index:02d}.png").touch()
"""


@pytest.fixture
def grid(tmp_path, monkeypatch):
    """Makes the jobs of a comparison of two variants, with so many steps."""
    monkeypatch.setattr(runner_module, "TRAIN", PROGRAM)
    monkeypatch.setattr(runner_module, "devices", lambda: [None])

    def jobs(steps, seeds=1):
        made = plan(["adam-vs-sgd"], seeds, tmp_path, {"steps": steps})
        configs = {job.run.path.name: job.config.to_json() for job in made}
        monkeypatch.setenv("CONFIGS", json.dumps(configs))
        return made

    return jobs


def order(tmp_path):
    return [line.split()[:2] for line in (tmp_path / "adam-vs-sgd" / "order.txt").read_text().splitlines()]


def test_runs_come_one_after_the_other_and_finished_ones_are_skipped(grid, tmp_path, capsys):
    jobs = grid(2, seeds=2)
    Runner(jobs).run()
    assert all(job.finished for job in jobs)
    assert [name for name, _ in order(tmp_path)] == ["adam-seed0", "sgd-seed0", "adam-seed1", "sgd-seed1"]
    Runner(grid(2, seeds=2)).run()
    assert len(order(tmp_path)) == 4
    assert capsys.readouterr().err.count("finished already") == 4


def test_the_budget_leaves_a_run_to_be_gone_on_with(grid, tmp_path):
    jobs = grid(400)
    runner = Runner(jobs, budget_minutes=10)

    def spend():
        while not jobs[0].run.log.exists():
            time.sleep(0.02)
        runner.budget_minutes = 0

    threading.Thread(target=spend).start()
    runner.run()
    assert runner.exit_code == 0 and not runner.failures
    assert jobs[0].started and not jobs[0].finished and not jobs[1].started
    made = len(jobs[0].run.log.read_text().splitlines())
    assert 0 < made < 400
    Runner(jobs[:1]).run()
    # Not from the beginning, but from where it stood.
    assert order(tmp_path) == [["adam-seed0", "0"], ["adam-seed0", str(made)]]
    assert jobs[0].finished


def test_a_signal_stops_all_and_is_the_exit_code(grid):
    jobs = grid(1000)
    runner = Runner(jobs)
    threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGTERM)).start()
    runner.run()
    assert runner.exit_code == 143 and not runner.failures and not runner.running
    assert not jobs[0].finished and not jobs[1].started
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_failed_training_does_not_stop_the_others(grid, monkeypatch):
    monkeypatch.setenv("FAIL", "adam-seed0")
    jobs = grid(2)
    runner = Runner(jobs)
    runner.run()
    assert [(job.name, code) for job, code in runner.failures] == [("adam-vs-sgd:adam", 2)]
    assert jobs[1].finished


def test_every_gpu_has_a_process_of_its_own(grid, tmp_path, monkeypatch):
    monkeypatch.setattr(runner_module, "devices", lambda: ["3", "5"])
    jobs = grid(40)
    Runner(jobs).run()
    lines = (tmp_path / "adam-vs-sgd" / "order.txt").read_text().splitlines()
    assert sorted(line.split()[2] for line in lines) == ["3", "5"]
    assert all(job.finished for job in jobs)


def test_devices_are_those_that_the_environment_names(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2, 7")
    assert devices() == ["2", "7"]
    for value in ("", "0"):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", value)
        assert devices() == [None]
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    monkeypatch.setenv("PATH", "")
    assert devices() == [None]


def test_a_part_of_a_gpu_is_no_other_gpu(tmp_path, monkeypatch):
    one = "GPU 0: NVIDIA H100 (UUID: GPU-a)\n  MIG 1g.10gb Device 0: (UUID: MIG-b)\n  MIG 1g.10gb Device 1: (...)\n"
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{one}END\n")
    program.chmod(0o755)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert devices() == [None]
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{one}{one.replace('GPU 0', 'GPU 1')}END\n")
    assert devices() == ["0", "1"]


def run_experiments(tmp_path, *words):
    program = [sys.executable, "-m", "tfgan_repro.experiments", *map(str, words)]
    return forked.run(program, tmp_path, {**os.environ, "PYTHONPATH": PYTHON_PATH}, 900)


def test_a_real_training_of_two_steps_grows_and_is_told(tmp_path):
    words = ["run", "leaky-vs-relu:relu", "--seeds", 1, "--batch-size", 8, "--width", 0.125]
    words += ["--fid-every", 1, "--fid-samples", 20, "--log-every", 1, "--checkpoint-every", 1]
    for steps, said in ((1, "starts"), (2, "goes on"), (2, "finished already")):
        done = run_experiments(tmp_path, *words, "--steps", steps)
        assert done.returncode == 0, done.stderr
        assert said in done.stderr
        assert "leaky-vs-relu:relu" in done.stdout and "FD-embedded" in done.stdout
    folder = tmp_path / "results" / "leaky-vs-relu" / "relu-seed0"
    stored = json.loads((folder / "config.json").read_text())
    assert stored["experiment"]["overrides"] == {
        "width": 0.125, "steps": 2, "batch_size": 8, "fid_every": 1, "fid_samples": 20
    }  # fmt: skip
    assert [json.loads(line)["step"] for line in (folder / "log.jsonl").read_text().splitlines()] == [1, 2]


def test_a_mistake_is_one_line_and_exit_code_2(tmp_path):
    done = run_experiments(tmp_path, "run", "anime-conditional")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("error: --experiment anime-conditional") and done.stderr.count("\n") == 1
    assert not (tmp_path / "results").exists()
