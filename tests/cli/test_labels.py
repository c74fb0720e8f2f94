"""`python -m tfgan_repro.labels` as a user calls it."""

import csv
import json
import math
import re
import shutil
import subprocess
import sys

import forked
import numpy as np
import pytest
from conftest import ROOT
from PIL import Image

from tfgan_repro import cli
from tfgan_repro.cli.labels import main
from tfgan_repro.config import TrainConfig
from tfgan_repro.errors import UserError

COLOURS = {"red": (200, 30, 30), "green": (30, 200, 30), "blue": (30, 30, 200)}


@pytest.fixture
def pictures(tmp_path):
    """Twenty noisy pictures of each of three colours, and the truth."""
    random_state, truth, folder = np.random.default_rng(0), {}, tmp_path / "pictures"
    folder.mkdir()
    for index in range(60):
        name = list(COLOURS)[index % 3]
        pixels = random_state.normal(COLOURS[name], 40, (24, 20, 3)).clip(0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{index:02d}.png")
        truth[f"{index:02d}.png"] = name
    return folder, truth


def call(*words):
    main(list(map(str, words)))


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def fill_in(source, target, truth):
    lines = [["file", "hair", "chosen"], *([row["file"], truth[row["file"]], row["chosen"]] for row in rows(source))]
    with open(target, "w", newline="") as file:
        csv.writer(file).writerows(lines)


def test_from_no_labels_to_labels_for_all(pictures, tmp_path, capsys):
    folder, truth = pictures
    colours = ("--extractor", "colours")
    call("suggest", folder, "--count", 9, "--output", tmp_path / "first", *colours)
    with Image.open(tmp_path / "first" / "suggested.png") as sheet:
        assert sheet.size[0] == 3 * 112 + 8
    assert {truth[row["file"]] for row in rows(tmp_path / "first" / "suggested.csv")} == set(COLOURS)
    fill_in(tmp_path / "first" / "suggested.csv", tmp_path / "1.csv", truth)
    call("suggest", folder, "--labels", tmp_path / "1.csv", "--count", 6, "--output", tmp_path / "second", *colours)
    new = rows(tmp_path / "second" / "suggested.csv")
    assert list(new[0]) == ["file", "hair", "number", "chosen"] and [row["number"] for row in new] == list("123456")
    assert not {row["file"] for row in new} & {row["file"] for row in rows(tmp_path / "1.csv")}
    fill_in(tmp_path / "second" / "suggested.csv", tmp_path / "2.csv", truth)
    both = ("--labels", tmp_path / "1.csv", tmp_path / "2.csv")
    capsys.readouterr()
    call("train", folder, *both, "--output", tmp_path / "model", *colours)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "15 labels, 3 classes",
        "cross-validated on 15 (not drawn at random: for others it may be better):",
    ]
    assert "100.0% right" in lines[2] and max(map(len, lines[:4])) < 80
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [
        "classifier.json",
        "classifier.npz",
        "confusion.png",
    ]
    output = folder / "labels.csv"
    words = ("apply", folder, "--model", tmp_path / "model", *both, "--confidence", 0.5, "--output", output)
    call(*words, "--json")
    summary = json.loads(capsys.readouterr().out)
    assert summary["by_hand"] == 15 and summary["synthesised"] == 45 - summary["left_out"] > 30
    written = rows(output)
    assert list(written[0]) == ["file", "hair", "confidence"]
    assert all(truth[row["file"]] == row["hair"] for row in written)
    call(*words)  # what apply wrote may be replaced
    assert "60 pictures\n  15 labelled by hand\n" in capsys.readouterr().out


def test_a_page_is_written_for_a_table(pictures, tmp_path, capsys):
    folder, _ = pictures
    (tmp_path / "a.csv").write_text("file,hair,number\n07.png,,1\n01.png,red,2\n")
    call("page", folder, "--csv", tmp_path / "a.csv", "--classes", "red, blue", "--output", tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    data = json.loads(re.search(r'id="data">(.*?)</script>', text).group(1))
    assert (data["column"], data["classes"]) == (1, ["red", "blue"])
    assert [picture["cells"] for picture in data["pictures"]] == [["07.png", "", "1"], ["01.png", "red", "2"]]
    assert "2 pictures; open it in a browser" in capsys.readouterr().out


def test_a_network_s_features_and_those_of_another(pictures, tmp_path, capsys):
    folder, truth = pictures
    fill = [f"{file},{name}" for file, name in list(truth.items())[:12]]
    (tmp_path / "a.csv").write_text("\n".join(["file,hair", *fill]))
    words = ("train", folder, "--labels", tmp_path / "a.csv", "--output", tmp_path / "m", "--extractor", "embedded")
    call(*words, "--json")
    assert json.loads(capsys.readouterr().out)["accuracy"] > 0.5
    words = ("apply", folder, "--model", tmp_path / "m", "--output", tmp_path / "b.csv", "--confidence", "0")
    call(*words)
    assert len(rows(tmp_path / "b.csv")) == 60
    description = tmp_path / "m" / "classifier.json"
    description.write_text(description.read_text().replace('"weights_sha256": "', '"weights_sha256": "0'))
    with pytest.raises(UserError, match="was trained on features with weights_sha256 0"):
        call(*words)


def test_the_classes_that_a_generator_draws_are_counted_and_recorded(pictures, tiny_run, tmp_path, capsys):
    folder, truth = pictures
    (tmp_path / "a.csv").write_text("\n".join(["file,hair", *(f"{file},{name}" for file, name in truth.items())]))
    labels = ("--labels", tmp_path / "a.csv", "--extractor", "colours")
    call("train", folder, *labels, "--output", tmp_path / "m", "--json")
    run = shutil.copytree(tiny_run.path, tmp_path / "run")
    capsys.readouterr()
    call("count", run, "--model", tmp_path / "m", "--samples", 40, "--json")
    row = json.loads(capsys.readouterr().out)
    assert row == json.loads((run / "evaluations.jsonl").read_text().splitlines()[-1])
    assert (row["step"], row["metric"], row["generated_images"]) == (4, "effective-classes", 40)
    for value, shares in (("value", "per_class"), ("real_vs_real", "real_per_class")):
        assert list(row[shares]) == ["blue", "green", "red"] and sum(row[shares].values()) == pytest.approx(1)
        entropy = -sum(share * math.log(share) for share in row[shares].values() if share)
        assert row[value] == pytest.approx(math.exp(entropy))
    # Shapes are of all colours; what four steps make is of one.
    assert row["value"] < row["real_vs_real"] > 2
    call("count", run, "--model", tmp_path / "m", "--samples", 40)
    told = f"classes in effect: {row['value']:.2f} (real {row['real_vs_real']:.2f})"
    assert told in capsys.readouterr().out
    # A run that cannot be written is counted all the same.
    (run / "evaluations.jsonl").unlink()
    (run / "evaluations.jsonl").mkdir()
    call("count", run, "--model", tmp_path / "m", "--samples", 40)
    said = capsys.readouterr()
    assert told in said.out and "warning: the score is not recorded" in said.err


def test_classes_are_counted_of_a_moved_set_and_of_weights_of_no_known_step(
    pictures, tiny_run, tmp_path, capsys, monkeypatch
):
    folder, truth = pictures
    (tmp_path / "a.csv").write_text("\n".join(["file,hair", *(f"{file},{name}" for file, name in truth.items())]))
    call("train", folder, "--labels", tmp_path / "a.csv", "--extractor", "colours", "--output", tmp_path / "m")
    run = shutil.copytree(tiny_run.path, tmp_path / "run", ignore=shutil.ignore_patterns("log.jsonl"))
    monkeypatch.setattr("tfgan_repro.runs.loading.step_of", lambda *arguments: None)
    places, load = [], TrainConfig.load_pictures

    def load_pictures(config, split, data_dir=None, image_size=None):
        places.append(data_dir)
        return load(config, split, image_size=image_size)

    monkeypatch.setattr(TrainConfig, "load_pictures", load_pictures)
    call("count", run, "--model", tmp_path / "m", "--samples", 4, "--data-dir", "moved")
    assert places == ["moved"] and "4 generated images and as many training" in capsys.readouterr().out


def test_scikit_learn_is_asked_for_in_one_line(pictures, tmp_path, monkeypatch):
    find = "tfgan_repro.errors.importlib.util.find_spec"
    monkeypatch.setattr(find, lambda name: None if name == "sklearn" else object())
    message = r'^tfgan-labels needs the package scikit-learn: pip install "tfgan-repro\[labels\]"$'
    with pytest.raises(UserError, match=message):
        call("suggest", pictures[0], "--count", 3, "--output", tmp_path / "s", "--extractor", "colours")


def test_nothing_that_a_person_wrote_is_replaced(pictures, tmp_path):
    folder, truth = pictures
    words = ("suggest", folder, "--count", 3, "--output", tmp_path / "s", "--extractor", "colours")
    call(*words)
    with pytest.raises(UserError, match="suggested.csv is there already and may be filled in"):
        call(*words)
    (tmp_path / "mine.csv").write_text("file,hair\n01.png,red\n")
    with pytest.raises(UserError, match="mine.csv is there already and was not written by apply"):
        call("apply", folder, "--model", tmp_path, "--output", tmp_path / "mine.csv")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["suggest", "{0}", "--count", "0", "--output", "{1}/x"], "--count 0: must be a whole number from 1 on"),
        (["suggest", "{0}", "--count", "9", "--output", "{0}/x"], "must be outside"),
        (["suggest", "{0}", "--count", "9", "--output", "{1}/x", "--label-column", "a"], "a needs --labels"),
        (["apply", "{0}", "--model", "{1}", "--output", "{1}/l.csv", "--label-column", "a"], "a needs --labels"),
        (["suggest", "{1}/none", "--count", "9", "--output", "{1}/x"], "no such folder"),
        (["suggest", "{0}", "--count", "9", "--output", "{1}/x", "--extractor", "color"], "did you mean colours"),
        (["suggest", "{0}", "--count", "9", "--output", "{1}/x", "--seed", "-1"], "--seed -1: must be a whole number"),
        (["train", "{0}", "--labels", "{1}/a.csv", "--output", "{1}/x", "--precision", "half"], "unknown precision"),
        (["train", "{0}", "--labels", "{1}/a.csv", "--output", "{1}/x", "--head", "net"], "did you mean network"),
        (["apply", "{0}", "--model", "{1}", "--output", "{1}/l.csv", "--confidence", "2"], "must be between 0 and 1"),
        (["apply", "{0}", "--model", "{1}", "--output", "{1}/l.csv", "--confidence", "nan"], "must be between 0 and 1"),
        (["apply", "{0}", "--model", "{1}", "--output", "{1}/l.txt"], "the name must end in .csv"),
        (["apply", "{0}", "--model", "{1}", "--output", "/dev/null/l.csv"], "no folder can be made there"),
        (["apply", "{0}", "--model", "{1}", "--output", "{1}/l.csv", "--on-bad-image", "x"], "unknown on-bad-image"),
        (["page", "{0}", "--csv", "a", "--classes", "a,b", "--output", "{1}/p.txt"], "the name must end in .html"),
        (["count", "{1}", "--model", "{1}", "--samples", "1"], "--samples 1: must be a whole number from 2 on"),
        (["label", "{0}"], "invalid choice: 'label'"),
        ([], "required"),
    ],
)
def test_mistakes_are_told_before_anything_is_loaded(words, message, pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "import_backend", lambda: pytest.fail("the backend was imported"))
    with pytest.raises(UserError, match=message):
        call(*(word.format(pictures[0], tmp_path) for word in words))


def test_prepared_pictures_are_no_folder_to_label(tmp_path):
    for name in ("report.json", "index.npz", "contact_sheet.png"):
        (tmp_path / name).touch()
    with pytest.raises(UserError, match="holds prepared pictures, and no files of them"):
        call("suggest", tmp_path, "--count", "9", "--output", tmp_path / "x")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("file,hair\n01.png,red\n02.png,red\n", "2 labels of red: a classifier needs two classes or more"),
        ("file,hair\n01.png,red\n02.png,red\n03.png,blue\n", "only one picture is labelled blue"),
        ("file,hair\n01.png,red\n99.png,blue\n03.png,red\n98.png,blue\n", "2 of 4 labelled files are not in"),
        ("file,hair,eyes\n01.png,red,blue\n", "choose with --label-column: hair, eyes"),
        ("no table", "must begin with the header"),
    ],
)
def test_labels_that_cannot_be_used_are_told(pictures, tmp_path, table, message):
    (tmp_path / "a.csv").write_text(table)
    words = ("train", pictures[0], "--labels", tmp_path / "a.csv", "--output", tmp_path / "m", "--extractor", "colours")
    with pytest.raises(UserError, match=message):
        call(*words)
    assert not (tmp_path / "m").exists()


def test_bad_pictures_are_told_or_skipped(pictures, tmp_path, capsys):
    folder, truth = pictures
    (folder / "05.png").write_bytes(b"nothing")
    words = ("suggest", folder, "--count", "60", "--output", tmp_path / "s", "--extractor", "colours")
    with pytest.raises(UserError, match=r"05\.png cannot be decoded"):
        call(*words)
    call(*words, "--on-bad-image", "skip")
    assert sorted(row["file"] for row in rows(tmp_path / "s" / "suggested.csv")) == sorted(set(truth) - {"05.png"})


def test_an_empty_folder_is_one_line_and_exit_code_2(tmp_path):
    (tmp_path / "empty").mkdir()
    words = ("suggest", tmp_path / "empty", "--count", 3, "--output", tmp_path / "s", "--extractor", "colours")
    answer = forked.run([sys.executable, "-m", "tfgan_repro.labels", *map(str, words)], cwd=ROOT)
    assert (answer.returncode, answer.stdout) == (2, "")
    (line,) = answer.stderr.splitlines()
    assert line.startswith("error: ") and "holds no images" in line and not (tmp_path / "s").exists()


def test_help_imports_neither_tensorflow_nor_numpy():
    answer = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tfgan_repro.labels", "--help"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert answer.returncode == 0 and "suggest" in answer.stdout
    imported = {line.rpartition("|")[2].strip() for line in answer.stderr.splitlines()}
    assert imported and not imported & {"tensorflow", "numpy", "keras", "scipy"}
