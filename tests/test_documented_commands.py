"""Every command in the README and in docs/ is one that the programs understand; some are run."""

import dataclasses
import importlib
import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT
from documents import PROGRAMS, blocks, commands

from tfgan_repro.config import TrainConfig
from tfgan_repro.experiments.jobs import Job, plan
from tfgan_repro.experiments.selection import config_of
from tfgan_repro.runs.directory import RunDirectory

PLACES = {
    "train.py": "train",
    "evaluate.py": "evaluate",
    **{f"tfgan_repro.{name}": name for name in PROGRAMS[2:]},
    **{f"tfgan-{command}": command for command in PROGRAMS},
}
# Words that stand for a number.
NUMBERS = {"N": "7", "RATE": "1e-4"}


def program(words):
    """What a command starts and the words after it: `python -m tfgan_repro.data export` is `tfgan_repro.data`."""
    words = words[1:] if words[0] == "python" else words
    words = words[1:] if words[0] == "-m" else words
    return words[0], [NUMBERS.get(word, word) for word in words[1:]]


@pytest.mark.parametrize("command", commands(), ids=lambda command: f"{command.file}: {' '.join(command.words)}"[:100])
def test_the_command_is_understood(command, capsys):
    name, words = program(command.words)
    if name in PLACES:
        module = importlib.import_module(f"tfgan_repro.cli.{PLACES[name]}")
        try:
            choices = vars(module.build_parser().parse_args(words))
        except SystemExit as end:  # --help, --list-experiments
            assert end.code in (0, None) and capsys.readouterr().out
            return
        if PLACES[name] == "train" and "..." not in words:
            known = TrainConfig.__dataclass_fields__
            TrainConfig.from_choices(**{key: value for key, value in choices.items() if key in known})
    elif name == "make":
        text = (ROOT / "Makefile").read_text(encoding="utf-8")
        assert all(f"\n{target}:" in text for target in words)
    elif name in ("build", "twine", "pytest", "flake8", "mypy", "pip", "venv"):
        return
    else:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert [word for word in words if word.startswith("-") and f'"{word}"' not in text] == []


def jobs_of(command):
    """The trainings that a command starts with all their choices, as far as their runs are kept."""
    name, words = program(command.words)
    place = PLACES.get(name)
    if place == "experiments" and words[0] == "run":
        choices = vars(importlib.import_module("tfgan_repro.cli.experiments").build_parser().parse_args(words))
        names, seeds, results = (choices.pop(key) for key in ("names", "seeds", "results_dir"))
        known = {key: value for key, value in choices.items() if key in TrainConfig.__dataclass_fields__}
        # Where a run has other choices, this raises.
        return [job for job in plan(names, seeds, results, known) if job.started]
    if place == "train" and "--run-dir" in words and "--from" not in words:
        choices = vars(importlib.import_module("tfgan_repro.cli.train").build_parser().parse_args(words))
        known = {key: value for key, value in choices.items() if key in TrainConfig.__dataclass_fields__}
        run = RunDirectory(choices["run_dir"])
        if run.config.is_file():
            # What a recipe comes to counts, and not its name.
            config = dataclasses.replace(config_of(known), recipe=run.read_config()[0].recipe)
            return [Job(choices["run_dir"], known, config)]
    return []


def test_the_commands_beside_the_results_are_those_that_made_the_kept_runs(monkeypatch):
    monkeypatch.chdir(ROOT)
    found = [job for command in commands() if command.file == "results.md" for job in jobs_of(command)]
    for job in found:
        job.check()
        assert job.run.read_config()[0].steps == job.config.steps, job.run.path
    kept = [RunDirectory(path.parent) for path in Path("results").rglob("config.json")]
    # What a run began with may not be kept.
    assert {run.path for run in kept if not run.read_config()[0].from_} == {job.run.path for job in found}


# A program that writes what it was started with instead of doing anything.
STAND_IN = '#!/bin/bash\nprintf "%s\\n" "$TF_CONFIG" "$*" | tr "\\n" " " >> started; echo >> started\n'
SCONTROL = "#!/bin/bash\nprintf 'first\\nsecond\\n'\n"
SRUN = "#!/bin/bash\nfor SLURM_PROCID in 0 1; do export SLURM_PROCID; \"${@:2}\"; done\n"


def started(tmp_path, script, programs, **environment):
    """What a script of docs/scaling.md starts: `TF_CONFIG` and the choices of each process."""
    for name, text in {"python": STAND_IN, **programs}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", **environment}
    subprocess.run(["bash", "-c", script], check=True, cwd=tmp_path, env=environment)
    lines = (tmp_path / "started").read_text().splitlines()
    (tmp_path / "started").unlink()
    for line in lines:
        config, place = json.JSONDecoder().raw_decode(line)
        name, *rest = line[place:].split()
        assert name == "train.py"
        yield config, vars(importlib.import_module("tfgan_repro.cli.train").build_parser().parse_args(rest))


def both_starts(tmp_path, script, programs, **environment):
    """As `started`, for a new run and for one that goes on."""
    run = tmp_path / "run"
    script = script.replace("/shared/runs/sngan", str(run))
    first = list(started(tmp_path, script, programs, **environment))
    run.mkdir()
    (run / "config.json").write_text("{}")
    second = list(started(tmp_path, script, programs, **environment))
    for (config, choices), (again, resumed) in zip(first, second, strict=True):
        assert choices["strategy"] == "multiworker" and choices["run_dir"] == str(run) == resumed["resume"]
        assert config == again
        yield config


def test_the_script_for_slurm_starts_all_processes(tmp_path):
    (script,) = blocks(ROOT / "docs" / "scaling.md", "bash")
    programs = {"scontrol": SCONTROL, "srun": SRUN}
    for index, config in enumerate(both_starts(tmp_path, script, programs, SLURM_JOB_NODELIST="all")):
        assert config["cluster"] == {"worker": ["first:12345", "second:12345"]}
        assert config["task"] == {"type": "worker", "index": index}


def test_the_job_for_kubernetes_starts_all_processes(tmp_path):
    yaml = pytest.importorskip("yaml")
    (text,) = blocks(ROOT / "docs" / "scaling.md", "yaml")
    service, job = yaml.safe_load_all(text)
    (container,) = job["spec"]["template"]["spec"]["containers"]
    for index in range(job["spec"]["completions"]):
        folder = tmp_path / str(index)
        folder.mkdir()
        environment = {"JOB_COMPLETION_INDEX": str(index), "RUN": str(folder / "run")}
        (config,) = both_starts(folder, container["args"][0], {}, **environment)
        names = [f"{job['metadata']['name']}-{pod}.{service['metadata']['name']}:12345" for pod in range(4)]
        assert config == {"cluster": {"worker": names}, "task": {"type": "worker", "index": index}}


def test_commands_are_found():
    """The test above looks at something, and every program is documented."""
    assert {PLACES.get(program(command.words)[0]) for command in commands()} >= set(PLACES.values())


def test_the_commands_on_classes_and_attention_run(tmp_path, monkeypatch, capsys):
    """As they stand in docs/pictures.md, one after the other."""
    monkeypatch.chdir(tmp_path)
    text = [code for code in blocks(ROOT / "docs" / "pictures.md", "sh") if "--checkpoint run" in code]
    lines = [line for code in text for line in code.splitlines()]
    assert len(lines) >= 4
    for line in lines:
        name, words = program(shlex.split(line))
        try:
            importlib.import_module(f"tfgan_repro.cli.{PLACES[name]}").main(words)
        except SystemExit as end:
            assert end.code == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"run", "two.zip", "sweep.png", "looks.png"}
