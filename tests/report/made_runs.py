"""Run directories made of files alone, for pages and verdicts."""

import json

import numpy as np

from tfgan_repro.experiments.settings import preset
from tfgan_repro.files import append_json_line
from tfgan_repro.report import comparability
from tfgan_repro.report.grids import write_png

PROTOCOL = {
    "metric": "FD-embedded",
    "real_vs_real": 0.1,
    "extractor": "embedded",
    "weights_sha256": "0a",
    "features": 128,
    "resize": "antialias",
    "precision": "float32",
    "generated_images": 1000,
    "real_images": 1000,
    "dataset": "shapes",
    "split": "test",
    "seed": 2,
    "during_training": True,
}


def make_run(folder, name, scores, experiment=None, config=None, score=None, health=(), log=(5, 10)):
    """Make a run of ten steps below a folder: its name, its scores by step (None for images that are NaN), and more.

    The run of an experiment that this version knows has all its choices but for what is overridden.
    """
    path = folder / name
    (path / "samples").mkdir(parents=True)
    stored = {"config": {"model": "dcgan", "dataset": "shapes", "steps": 10, "seed": 0, **(config or {})}}
    stored["image_shape"] = [32, 32, 3]
    if experiment:
        stored["experiment"] = {"report": "E", "overrides": {}, **experiment}
        made = stored["experiment"]
        if comparability.known(f"{made['name']}:{made.get('variant')}"):
            choices = preset(f"{made['name']}:{made['variant']}").to_json()
            stored["config"] = {**choices, "steps": 10, "seed": 0, **made["overrides"], **(config or {})}
    (path / "config.json").write_text(json.dumps(stored))
    for step in log:
        line = {"step": step, "seconds": step * 2.0, "images_per_second": 64.0, "d_loss": 1.0, "g_loss": 2.0}
        append_json_line(path / "log.jsonl", {**line, "health": list(health)})
    for step, value in scores.items():
        made = {"value": None, "why": "NaN"}
        if value is not None:
            made = {"value": value, "interval": [value * 0.9, value * 1.1]}
        row = {"step": step, **made, **PROTOCOL, **(score or {})}
        append_json_line(path / "evaluations.jsonl", row)
    for step in (0, 5, 10):
        write_png(path / "samples" / f"step_{step:08d}.png", np.full((40, 40, 3), 25 * step, np.uint8))
    return path


def make_grid(folder, experiment, **finals):
    """Make the runs of several variants: their final scores by seed."""
    for variant, values in finals.items():
        for seed, value in enumerate(values):
            said = {"name": experiment, "variant": variant}
            before = 1.0 if value is None else value * 0.9
            make_run(folder, f"{experiment}/{variant}-seed{seed}", {5: before, 10: value}, said, {"seed": seed})
