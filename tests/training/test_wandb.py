"""Weights & Biases: refused in one line where it is not installed, offline where it is."""

import importlib.util
import json
import struct

import pytest
from conftest import ROOT, tiny_config

from tfgan_repro import cli
from tfgan_repro.cli.train import main
from tfgan_repro.experiments.selection import config_of
from tfgan_repro.experiments.settings import overrides_of

WORDS = ("--width", 0.0625, "--batch-size", 8, "--log-every", 2, "--checkpoint-every", 2, "--precision", "float32")
BLOCK = 32768
needed = pytest.mark.skipif(
    importlib.util.find_spec("wandb") is None, reason="wandb is not installed: pip install wandb"
)


def test_where_it_is_not_installed_nothing_is_made(tmp_path, monkeypatch, capsys):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "wandb" else find(name, *rest))
    with pytest.raises(SystemExit) as end:
        cli.run(main, ["--wandb", "--run-dir", str(tmp_path / "run")])
    start, said = capsys.readouterr().err.splitlines()
    assert end.value.code == 2 and start.endswith(f" -> {tmp_path / 'run'}")
    assert said.startswith("error: --wandb: the package wandb is not installed; pip install wandb")
    assert list(tmp_path.iterdir()) == []


def test_it_is_no_part_of_an_experiment():
    config = config_of({"experiment": "cifar10-dcgan", "wandb": True})
    assert overrides_of(config) == {} and tiny_config().wandb is False


def records(path):
    """The records of a file of Weights & Biases, which are laid out as in LevelDB's log."""
    from wandb.proto.wandb_internal_pb2 import Record

    data, place, part = path.read_bytes(), 7, b""
    while place + 7 <= len(data):
        if BLOCK - place % BLOCK < 7:
            place += BLOCK - place % BLOCK
            continue
        length, kind = struct.unpack("<HB", data[place + 4 : place + 7])
        part += data[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):  # a whole record, or the last piece of one
            yield Record.FromString(part)
            part = b""


def history(found):
    """What was logged: the values by name, a dictionary for each step."""
    rows = {}
    for record in found:
        if record.WhichOneof("record_type") == "history":
            items = {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in record.history.item}
            rows[items["step"]] = items
    return rows


@needed
def test_two_sittings_are_one_run_whose_files_lie_in_the_run_directory(command, tmp_path):
    home, path = tmp_path / "home", tmp_path / "run"
    offline = {"WANDB_MODE": "offline", "HOME": str(home)}
    first = command("train.py", *WORDS, "--steps", 4, "--wandb", "--run-dir", path, **offline)
    assert first.returncode == 0 and "(wandb sync sends it)" in first.stderr, first.stderr
    second = command("train.py", "--resume", path, "--steps", 6, **offline)
    assert second.returncode == 0, second.stderr
    files = sorted((path / "wandb").glob("offline-run-*/run-*.wandb"))
    sittings = [list(records(file)) for file in files]
    runs = [record.run for found in sittings for record in found if record.WhichOneof("record_type") == "run"]
    assert [run.run_id for run in runs] == 2 * [(path / "wandb" / "id").read_text()]
    assert {(run.project, run.display_name, run.host) for run in runs} == {("tfgan-repro", "run", "")}
    rows, more = map(history, sittings)
    assert list(rows) == [0, 1, 2, 3, 4] or list(rows) == [0, 2, 3, 4]
    assert list(more) == [6]
    log = [json.loads(line) for line in (path / "log.jsonl").read_text().splitlines()]
    assert [{**rows, **more}[row["step"]]["d_loss"] for row in log] == pytest.approx([row["d_loss"] for row in log])
    assert rows[0]["samples/_type"] == "image-file" and more[6]["samples/height"] == 274
    assert sum(more[6]["weights/generator/dense/kernel/values"]) > 0
    configs = [record.config for found in sittings for record in found if record.WhichOneof("record_type") == "config"]
    chosen = [{each.key: json.loads(each.value_json) for each in config.update} for config in configs]
    assert [choices["steps"] for choices in chosen] == [4, 6] and chosen[0]["width"] == 0.0625
    assert len(list((path / "wandb").glob("offline-run-*/files/media/images/samples_*.png"))) == 4
    elsewhere = [file for file in tmp_path.rglob("*wandb*") if path not in (file, *file.parents)]
    assert elsewhere == [] and not (ROOT / "wandb").exists()
