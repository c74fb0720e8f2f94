"""Whoever scores or samples a finished run does not load what trains one."""

import subprocess
import sys

from conftest import ROOT

PROGRAM = """
import sys
import tfgan_repro.runs.comparison, tfgan_repro.runs.evaluation, tfgan_repro.runs.loading
print(*sys.modules)
import tfgan_repro.sampling.pictures
print(*sys.modules)
"""


def test_evaluating_and_generating_load_neither_boards_nor_health_nor_the_training_loop():
    answer = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    scoring, sampling = (set(line.split()) for line in answer.stdout.splitlines())
    rooms = {name.split(".")[1] for name in scoring if name.startswith("tfgan_repro.")}
    assert not rooms & {"training", "report", "sampling", "labels", "experiments", "cli"}
    rooms = {name.split(".")[1] for name in sampling if name.startswith("tfgan_repro.")}
    assert not rooms & {"training", "labels", "experiments", "cli"}
    assert not sampling & {"tensorboard", "wandb"}
