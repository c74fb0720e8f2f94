"""Runs as they lie on the disk."""

import pytest
from made_runs import make_run

from tfgan_repro.errors import UserError
from tfgan_repro.report.runs import find_runs


def test_a_damaged_run_is_left_out_and_named(tmp_path, capsys):
    make_run(tmp_path, "good", {10: 1.0})
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "config.json").write_text("{")
    assert [run.name for run in find_runs(tmp_path)] == ["good"]
    assert "bad cannot be read as a run" in capsys.readouterr().err
    with pytest.raises(UserError, match="no such results folder"):
        find_runs(tmp_path / "missing")
    with pytest.raises(UserError, match="holds no run"):
        find_runs(tmp_path / "good" / "samples")
    (tmp_path / "my runs").mkdir()
    with pytest.raises(UserError, match="--results-dir '.*/my runs'$"):
        find_runs(tmp_path / "my runs")
