"""`tools/thin_runs.py` on runs made of files: smaller, the same facts, and nothing more the second time."""

import sys

import imageio.v3 as imageio
import numpy as np
import pytest
from conftest import ROOT

from tfgan_repro.report.animation import write_training_gif
from tfgan_repro.report.grids import write_png
from tfgan_repro.report.runs import find_runs

sys.path[:0] = [str(ROOT / "tests" / "report"), str(ROOT / "tools")]
import thin_runs  # noqa: E402
from made_runs import make_run  # noqa: E402


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_run_becomes_small_once_and_keeps_its_facts(tmp_path):
    for name in ("shown", "other"):
        run = make_run(tmp_path, name, {5: 2.0, 10: 1.0})
        rng = np.random.default_rng(0)
        for step in range(0, 11):
            write_png(run / "samples" / f"step_{step:08d}.png", rng.integers(0, 256, (96, 96, 3), dtype=np.uint8))
        frames = [rng.integers(0, 256, (96, 96, 3), dtype=np.uint8) for _ in range(16)]
        write_training_gif(run / "training.gif", frames)
        (run / "generator.weights.h5").write_bytes(b"weights")
    before = contents(tmp_path)
    thin_runs.main([str(tmp_path), "--generators", "shown", "--films", "shown"])
    after = contents(tmp_path)
    assert sum(map(len, after.values())) < 0.6 * sum(map(len, before.values()))
    assert {name: after[name] for name in before if "json" in name} == {n: before[n] for n in before if "json" in n}
    assert [list(run.grids) for run in find_runs(tmp_path)] == 2 * [[5, 10]]
    assert set(before) - set(after) >= {"other/generator.weights.h5", "other/training.gif"}
    assert "shown/generator.weights.h5" in after
    assert len(imageio.imread(tmp_path / "shown" / "training.gif", index=None)) == thin_runs.FRAMES

    thin_runs.main([str(tmp_path), "--generators", "shown", "--films", "shown"])
    assert contents(tmp_path) == after


def test_a_run_that_is_not_there_is_told_before_anything_goes(tmp_path, capsys):
    make_run(tmp_path, "run", {10: 1.0})
    before = contents(tmp_path)
    with pytest.raises(SystemExit):
        thin_runs.main([str(tmp_path), "--films", "ran"])
    assert "no such run" in capsys.readouterr().err and contents(tmp_path) == before
