"""How much the seeds of some runs can see."""

import math

import pytest
from made_runs import make_grid

from tfgan_repro.cli import experiments
from tfgan_repro.errors import UserError
from tfgan_repro.report.comparability import group_runs
from tfgan_repro.report.power import deviation_of, power_table
from tfgan_repro.report.runs import find_runs


def test_the_scatter_is_that_of_the_final_scores_each_training_once(tmp_path):
    make_grid(tmp_path, "adam-vs-sgd", adam=(1.0, math.e), sgd=(2.0, 2.0 * math.e))
    # The baseline counts in six experiments and is one training.
    assert deviation_of(group_runs(find_runs(tmp_path))) == (pytest.approx(math.sqrt(0.5)), 2)


def test_the_table_grows_downwards_and_to_the_larger_factor():
    rows = [[int(cell.strip(" %")) for cell in line.split("|")[2:-1]] for line in power_table(0.3).splitlines()[2:]]
    assert all(first < second for row in rows for first, second in (row[:2], row[2:]))
    assert all(sorted(column) == list(column) for column in zip(*rows))


def test_the_command_prints_the_table_or_says_what_is_missing(tmp_path, capsys):
    make_grid(tmp_path, "adam-vs-sgd", adam=(1.0,))
    with pytest.raises(UserError, match="no training here has finished and scored runs of several seeds"):
        experiments.main(["power", str(tmp_path)])
    make_grid(tmp_path / "more", "adam-vs-sgd", adam=(1.0, 1.5))
    experiments.main(["power", str(tmp_path / "more")])
    assert "| seeds a side |" in capsys.readouterr().out
