"""What the page shows of one run."""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tfgan_repro.experiments.experiment import Experiment
from tfgan_repro.metrics.printing import in_print, number
from tfgan_repro.report import scores
from tfgan_repro.report.charts import Chart, Line, chart
from tfgan_repro.report.embedding import Detail, Picture, animation, picture
from tfgan_repro.report.runs import Run
from tfgan_repro.runs.curves import losses_of

# Made by `tfgan_repro.sampling.run_pictures`.
FOLDER, FACTS = "report", "pictures.json"
MOMENTS = 4


def run_section(
    run: Run, identity: str, detail: Detail, pictured: bool, experiment: Experiment | None, opened: bool
) -> dict[str, Any]:
    """A run for `templates/run.html`: its pictures first, then its curves and facts.

    Args:
        run: a `Run`.
        identity: of its element in the page.
        detail: how finely pictures are shown.
        pictured: whether they are shown at all.
        experiment: the `Experiment` that it is a run of, or None.
        opened: whether it is open at first.
    """
    made, left_out = pictures(run, detail) if pictured else ([], "")
    choices = sorted(run.config.items())
    head = ("choice", "value") if experiment is None else ("choice", "value", "where it comes from")
    versions = ", ".join(f"{name} {value}" for name, value in run.facts.get("versions", {}).items())
    commit = run.facts.get("git_commit")  # of a checkout; an installed package has none
    best = scores.best(run)
    return {
        "name": run.name,
        "identity": identity,
        "opened": opened,
        "brief": f"{best['metric']} {scores.number(best['value'])} at best" if best else f"{run.done:,} steps",
        "figures": grids(run, detail) if pictured else [],
        "made": made,
        "left_out": left_out,
        "charts": charts(run),
        "facts": facts_of(run),
        "trouble": trouble(run),
        "scores": evaluations(run),
        "choices_head": head,
        "choices": [(name, str(value), source(name, run, experiment))[: len(head)] for name, value in choices],
        "versions": f"Made with {versions or 'unknown versions'}{f'; commit {commit}' if commit else ''}.",
    }


def facts_of(run: Run) -> str:
    config = run.config
    parts = [
        f"{config.get('model')} on {config.get('dataset')}, seed {run.seed}: {run.done:,} of {run.steps:,} steps",
        cost(run),
    ]
    best, final = scores.best(run), scores.final(run)
    if best:
        end = f", {scores.number(final['value'])} at the end" if final else ""
        parts.append(f"{best['metric']} {scores.number(best['value'])} at best (step {best['step']:,}){end}")
        parts.append(f"Scored as {scores.protocol_words(best)}")
    else:
        parts.append("Not scored during training")
    overrides = run.experiment.get("overrides")
    if overrides:
        parts.append("Overrides: " + ", ".join(f"{name} {value}" for name, value in overrides.items()))
    return ". ".join(part for part in parts if part) + "."


def cost(run: Run) -> str:
    """Time, speed and device in words."""
    if not run.log:
        return "No step is logged"
    speed = f" at {run.images_per_second:,.0f} images a second" if run.images_per_second else ""
    where = f" on {run.device}" if run.device else " (the device is not recorded)"
    precision = run.config.get("precision")
    return f"{duration(run.seconds)} of training{speed}{where}, {precision}"


def duration(seconds: float) -> str:
    """A time in words."""
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"


def trouble(run: Run) -> list[str]:
    """The signs of trouble, and where no score could be made."""
    signs = [
        f"{sign}: {count} times, from step {first:,} to step {last:,}" if count > 1 else f"{sign}: at step {first:,}"
        for sign, first, last, count in run.health
    ]
    return signs + [f"no score at step {row['step']:,}: {row['why']}" for row in run.unscored]


def grids(run: Run, detail: Detail) -> list[tuple[Picture, str]]:
    """The animation, and the sample grids of some moments."""
    if not run.grids:
        return []
    what = f"generated images of {run.name}"
    if run.classes:
        what += ", a class a row from the top: " + ", ".join(run.classes)
    first, last = min(run.grids), max(run.grids)
    moving = animation(run, f"animation: {what}, from step {first:,} to step {last:,}", detail)
    stills = [(picture(run.grids[step], f"{what}, at step {step:,}", detail), step) for step in moments(run.grids)]
    return [
        *([(moving, f"From step {first:,} to step {last:,}: the same latents")] if moving else []),
        *((still, f"step {step:,}") for still, step in stills if still),
    ]


def moments(steps: Iterable[int]) -> list[int]:
    """Four of the steps that have grids: the last, and those nearest to a hundredth, a tenth and a third of it."""
    steps = list(steps)
    last = steps[-1]
    wanted = [last * part for part in (0.01, 0.1, 1 / 3, 1)]
    chosen = {min(steps, key=lambda step: abs(step - target)) for target in wanted}
    return sorted(chosen)[-MOMENTS:]


def charts(run: Run) -> list[tuple[Chart, str]]:
    """The score and the losses over the steps, each with a caption."""
    lines = [Line(name, points) for name, points in losses_of(run.log).items()]
    losses = chart(f"losses of {run.name} over the steps", lines, "loss")
    curve = scores.curve(run)
    score = score_chart(run, curve) if curve else None
    return [
        *([(score, score_caption(score, curve))] if score else []),
        *([(losses, "Losses (means over the log's intervals)")] if losses else []),
    ]


def score_chart(run: Run, curve: list[dict[str, Any]]) -> Chart | None:
    label = (
        f"{curve[0]['metric']} of {run.name}: {scores.number(curve[0]['value'])} at step {curve[0]['step']:,}, "
        f"{scores.number(curve[-1]['value'])} at step {curve[-1]['step']:,}"
    )
    band = tuple((row["step"], *row["interval"]) for row in curve if row.get("interval"))
    line = Line(curve[0]["metric"], [(row["step"], row["value"]) for row in curve], band, dots=True)
    real = curve[-1].get("real_vs_real")
    level = ("real against real images", real) if real else None
    return chart(label, [line], curve[0]["metric"], logarithmic=True, level=level)


def score_caption(drawn: Chart, curve: list[dict[str, Any]]) -> str:
    interval = next((row["interval_method"] for row in curve if row.get("interval_method")), None)
    band = f"; the band is its interval ({interval})" if interval else ""
    scale = ", logarithmic" if drawn.logarithmic else ""
    return f"Score{scale}{band}. Lower is better"


def pictures(run: Run, detail: Detail) -> tuple[list[dict[str, Any]], str]:
    """What was made of the run's generator beside the training, and the reasons for what was not."""
    try:
        facts = json.loads((run.path / FOLDER / FACTS).read_text(encoding="utf-8"))
        made = [
            {"picture": shown, "title": entry["title"], "caption": entry["caption"]}
            for entry in facts["pictures"]
            # A name only: nothing outside of the run is shown.
            if (shown := picture(run.path / FOLDER / Path(entry["file"]).name, entry["alternative"], detail))
        ]
        return made, "; ".join(f"{entry['title']}: {entry['why']}" for entry in facts["left_out"])
    except (OSError, ValueError, KeyError, TypeError):
        return [], ""


def evaluations(run: Run) -> list[tuple]:
    """The scores made after the training, with their protocols, as rows of a table."""
    rows = [row for row in run.evaluations if not row.get("during_training")]
    return [
        score_row(row) for row in rows if isinstance(row.get("value"), (int, float)) and math.isfinite(row["value"])
    ]


def score_row(row: dict[str, Any]) -> tuple:
    """Name, value, interval, value of real images, step and protocol of a score."""
    name, times = in_print(row["metric"])
    value, real, *interval = (
        "–" if value is None else number(times * value)
        for value in (row["value"], row.get("real_vs_real"), *(row.get("interval") or ()))
    )
    step = "–" if row.get("step") is None else f"{row['step']:,}"
    return name, value, " to ".join(interval) or "–", real, step, scores.protocol_words(row)


def source(name: str, run: Run, experiment: Experiment | None) -> str:
    """Whether a choice is the report's, ours or the user's."""
    if experiment is None:
        return ""
    if name in run.experiment["overrides"]:
        return "override"
    if name in experiment.variants.get(run.experiment["variant"], {}):
        return "what is compared"
    if name in experiment.stated or (name == "dataset" and experiment.dataset):
        return f"report {experiment.report}"
    return f"ours: {experiment.ours[name][1]}" if name in experiment.ours else "ours: the model's recipe or a default"
