"""Whoever scores or samples a finished run does not load what trains one."""

import subprocess
import sys

PROGRAM = """
import sys
import tfgan_repro.runs.comparison, tfgan_repro.runs.evaluation, tfgan_repro.runs.loading, tfgan_repro.sampling.pictures
rooms = ("tfgan_repro.training", "tfgan_repro.experiments", "tfgan_repro.cli")
print([name for name in sys.modules if name.startswith(rooms) or name in ("tensorboard", "wandb")])
"""


def test_evaluating_and_generating_load_neither_boards_nor_health_nor_the_training_loop():
    answer = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
