"""The words of `tfgan-generate`, and its output from a run."""

import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT

from tfgan_repro import cli
from tfgan_repro.cli.generate import build_parser, main
from tfgan_repro.errors import UserError
from tfgan_repro.report.grids import read_png


def test_help_fits_eighty_columns_and_imports_neither_tensorflow_nor_numpy(monkeypatch):
    program = (
        "import sys; from tfgan_repro.cli.generate import build_parser, Request\n"
        "Request('x.png'); print(build_parser().format_help())\n"
        "assert not {'tensorflow', 'keras', 'numpy', 'matplotlib', 'imageio'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    monkeypatch.setenv("COLUMNS", "80")
    text = build_parser().format_help()
    assert max(map(len, text.splitlines())) <= 80
    assert "--class-sweep" in text and "(64 for pictures" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--output", "x.jpg"], r"x.jpg: single pictures can be written to .png or .npz or .zip or a folder$"),
        (["--output", "x.gif"], "single pictures can be written to .* folder; .gif goes with --interpolate"),
        (["--output", "x.png", "--interpolate"], "--interpolate can be written to .gif or .mp4; .png goes with single"),
        (["--output", "x.keras", "--export", "keras"], "--export can be written to a folder"),
        (["--output", "x/", "--attention"], "--attention can be written to .png"),
        (["--output", "gone/x.png"], "there is no folder gone; make it first"),
        (["--output", "here.png"], "here.png exists already; replace it with --force"),
        (["--output", "full"], "full: the folder is not empty; choose another"),
        (["--output", "full/", "--force"], "full/: the folder is not empty; choose another"),
        (["--output", "here"], "here exists and is not a folder"),
        (["--output", "x.png", "--count", "0"], "--count 0: must be a whole number from 1 on"),
        (["--output", "x.png", "--seed", "-1"], "--seed -1: must be a whole number from 0 on"),
        (["--output", "x.png", "--batch-size", "0"], "--batch-size 0: must be a whole number from 1 on"),
        (["--output", "x.png", "--truncation", "0"], "--truncation 0.0: must be a number above 0"),
        (["--output", "x.png", "--truncation", "nan"], "--truncation nan: must be a number above 0"),
        (["--output", "x.png", "--frames", "9"], "--frames does not go with single pictures"),
        (["--output", "x.gif", "--interpolate", "--frames", "1"], "--frames 1: must be a whole number from 2 on"),
        (["--output", "x/", "--export", "keras", "--classes", "1"], "--classes does not go with --export"),
        (["--output", "x/", "--export", "kras"], "unknown export format 'kras'; did you mean keras"),
        (["--output", "x.png", "--classes", "cat,"], "--classes cat,: an empty name"),
        (["--output", "x.png", "--attention", "--class-sweep"], "not allowed with argument"),
    ],
)
def test_mistakes_are_told_before_anything_is_loaded(words, message, tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "import_backend", lambda: pytest.fail("the backend was imported"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    for name in ("here.png", "here", "full/x"):
        (tmp_path / name).touch()
    with pytest.raises(UserError, match=message):
        main(["--checkpoint", "run", *words])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full", "here", "here.png"]


@pytest.mark.parametrize(
    ("words", "module", "message"),
    [
        (["--output", "x.mp4", "--interpolate"], "imageio_ffmpeg", r'imageio-ffmpeg: pip install .*\[video\]"$'),
        (["--output", "x", "--export", "onnx"], "tf2onnx", r'onnx needs the package tf2onnx: pip install .*\[onnx\]"$'),
    ],
)
def test_an_absent_extra_is_one_line(words, module, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    find = "tfgan_repro.errors.importlib.util.find_spec"
    monkeypatch.setattr(find, lambda name: None if name == module else object())
    with pytest.raises(UserError, match=message):
        main(["--checkpoint", "run", *words])


def test_a_run_becomes_a_grid_and_force_replaces_it(tiny_run, tmp_path, capsys):
    grid = tmp_path / "grid.png"
    words = ["--checkpoint", str(tiny_run.path), "--output", str(grid), "--count", "6"]
    main(words)
    assert capsys.readouterr().out == f"6 pictures of {tiny_run.path} at step 4: {grid}\n"
    first = read_png(grid)
    assert first.shape == (3 * (2 * 34 + 2), 3 * (3 * 34 + 2), 3)
    main([*words, "--force", "--batch-size", "4"])
    assert np.abs(read_png(grid).astype(int) - first).max() <= 1
    main([*words, "--force", "--seed", "9"])
    assert not np.array_equal(read_png(grid), first)
