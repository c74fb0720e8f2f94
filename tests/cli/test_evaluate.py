"""The command `evaluate.py` as a user calls it."""

import json
import time

import numpy as np
import pytest
from PIL import Image

from tfgan_repro import cli
from tfgan_repro.cli.evaluate import main
from tfgan_repro.errors import UserError
from tfgan_repro.metrics.feature_files import read_features

RANDOM = np.random.default_rng(0)


@pytest.fixture
def folders(tmp_path):
    """Two folders of ten pictures of different sizes."""
    for name in ("real", "fake"):
        (tmp_path / name).mkdir()
        for index in range(10):
            pixels = RANDOM.integers(0, 256, (20 + index, 30, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{index}.png")
    return tmp_path / "real", tmp_path / "fake"


def test_help_imports_neither_tensorflow_nor_numpy(command, monkeypatch):
    answer = command("evaluate.py", "--help", PYTHONPROFILEIMPORTTIME="1")
    assert answer.returncode == 0 and "--metrics" in answer.stdout
    imported = {line.rpartition("|")[2].strip() for line in answer.stderr.splitlines()}
    assert imported and not imported & {"tensorflow", "numpy", "keras", "scipy"}


def test_a_run_is_scored_and_its_scores_appended(tiny_run, capsys):
    before = tiny_run.evaluations.read_text().splitlines()
    words = ["--checkpoint", tiny_run.path, "--extractor", "embedded", "--fid-samples", "50", "--metrics", "fid, prdc"]
    start = time.time()
    main(list(map(str, words)))
    output = capsys.readouterr()
    assert "FD-embedded" in output.out and "coverage-embedded" in output.out and "real against real" in output.out
    assert "images" in output.err and time.time() > start
    rows = [json.loads(line) for line in tiny_run.evaluations.read_text().splitlines()[len(before) :]]
    assert [row["metric"] for row in rows] == [
        f"{name}-embedded" for name in ("FD", "precision", "recall", "density", "coverage")
    ]
    assert all(row["generated_images"] == row["real_images"] == 50 for row in rows)
    assert rows[0]["interval"][0] < rows[0]["value"] < rows[0]["interval"][1]
    assert rows[0]["step"] == 4 and rows[0]["generator_weights"] == "raw"


def test_json_is_one_line_a_score_with_its_protocol(tiny_run, capsys):
    words = ["--checkpoint", tiny_run.path, "--extractor", "embedded", "--fid-samples", "20", "--json"]
    main(list(map(str, words)))
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    # Precision and recall beside the distance, unless said otherwise.
    names = ["FD", "precision", "recall", "density", "coverage"]
    assert [row["metric"] for row in rows] == [f"{name}-embedded" for name in names]
    row = rows[0]
    assert (row["metric"], row["split"], row["precision"], row["seed"]) == ("FD-embedded", "test", "float32", 2)


def test_folders_are_compared_without_a_run(command, folders, tmp_path):
    real, fake = folders
    answer = command("evaluate.py", "--real", real, "--fake", fake, "--extractor", "embedded", "--metrics", "fid,kid",
                     "--json", XDG_CACHE_HOME=str(tmp_path / "cache"))  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [row["metric"] for row in rows] == ["FD-embedded", "KD-embedded"]
    for row in rows:
        assert row["dataset"] == str(real) and row["generated"] == str(fake)
        assert row["real_vs_real_images"] == [5, 5]


def test_statistics_are_saved_and_used(folders, tmp_path, capsys):
    real, fake = map(str, folders)
    saved = str(tmp_path / "real.npz")
    main(["--real", real, "--save-stats", saved, "--extractor", "embedded"])
    assert capsys.readouterr().out == ""
    assert read_features(saved).protocol["extractor"] == "embedded"
    main(["--real", real, "--fake", fake, "--extractor", "embedded", "--json"])
    main(["--real", saved, "--fake", fake, "--extractor", "embedded", "--json"])
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert second["value"] == pytest.approx(first["value"], rel=1e-6)
    assert second["real_vs_real"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "say either --checkpoint, or --real"),
        (["--checkpoint", "a", "--real", "b"], "say either --checkpoint, or --real"),
        (["--checkpoint", "a", "--save-stats", "b.npz"], "--save-stats goes with --real"),
        (["--real", "a"], "--real needs --fake"),
        (["--checkpoint", "a", "--metrics", "fid,kidd"], "unknown metric 'kidd'; did you mean kid"),
        (["--checkpoint", "a", "--precision", "float16"], "unknown precision 'float16'"),
        (["--real", "a", "--fake", "b", "--on-bad-image", "guess"], "unknown on-bad-image 'guess'"),
        (["--checkpoint", "a", "--split", "dev"], "unknown split 'dev'"),
        (["--real", ".", "--fake", ".", "--split", "train"], "--split train is for a data set by its name"),
        (["--real", ".", "--fake", ".", "--data-dir", "x"], "--data-dir x is for a data set by its name"),
        (["--checkpoint", "a", "--fid-samples", "1"], "--fid-samples 1: must be a whole number from 2"),
        (["--checkpoint", "a", "--seed", "-1"], "--seed -1: must be a whole number from 0 on"),
        (["--checkpoint", "a", "--protocol", "report-x"], "unknown protocol 'report-x'; did you mean report-c?"),
        (["--real", "shapes", "--save-stats", "b.txt"], "the name must end in .npz"),
        (["--real", "shapes", "--save-stats", "b", "--metrics", "kid"], "--metrics needs --fake; statistics"),
        (["--checkpoint", "a", "--save-features"], "--save-features goes with --real"),
        (["--checkpoint", "a", "--extractor", "vgg"], "unknown extractor 'vgg'"),
    ],
)
def test_mistakes_are_told_before_anything_is_loaded(words, message, monkeypatch):
    monkeypatch.setattr(cli, "import_backend", lambda: pytest.fail("the backend was imported"))
    with pytest.raises(UserError, match=message):
        main(words)


def test_statistics_are_saved_under_a_name_and_listed(folders, capsys):
    real, fake = map(str, folders)
    main(["--real", real, "--save-stats", "noise", "--save-features", "--extractor", "embedded"])
    main(["--real", "noise", "--fake", fake, "--extractor", "embedded", "--metrics", "fid,kid", "--json"])
    rows = list(map(json.loads, capsys.readouterr().out.splitlines()))
    assert [row["dataset"] for row in rows] == ["noise", "noise"]
    main(["--list-stats"])
    assert "noise  10      kept      embedded (128)  antialias" in capsys.readouterr().out


def test_a_mistake_ends_in_one_line_and_exit_code_2(command, folders, tmp_path):
    real, fake = folders
    (fake / "3.png").write_bytes((fake / "3.png").read_bytes()[:200])
    answer = command("evaluate.py", "--real", real, "--fake", fake, "--extractor", "embedded",
                     XDG_CACHE_HOME=str(tmp_path / "cache"))  # fmt: skip
    assert (answer.returncode, answer.stdout) == (2, "")
    (line,) = [line for line in answer.stderr.splitlines() if not line.startswith("images ")]
    assert line.startswith("error: ") and "3.png cannot be decoded" in line and "--on-bad-image skip" in line
