"""What the page shows of one run."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfgan_repro.report import scores
from tfgan_repro.report.charts import Line, chart
from tfgan_repro.report.embedding import Detail, animation, picture
from tfgan_repro.report.markup import Markup, element, figure, table
from tfgan_repro.report.runs import Run

if TYPE_CHECKING:
    from tfgan_repro.experiments.experiment import Experiment

# Made by `tfgan_repro.training.pictures`.
FOLDER, FACTS = "report", "pictures.json"
MOMENTS = 4


def run_section(
    run: Run, identity: str, detail: Detail, pictured: bool, experiment: "Experiment | None", opened: bool
) -> Markup:
    """A run as a `details` element.

    Args:
        run: a `Run`.
        identity: of the element.
        detail: how finely pictures are shown.
        pictured: whether they are shown at all.
        experiment: the `Experiment` that it is a run of, or None.
        opened: whether it is open at first.
    """
    body = element(
        "div",
        element("p", facts_of(run)),
        health(run),
        element("div", [grids(run, detail) if pictured else None, charts(run)], class_="figures"),
        pictures(run, detail) if pictured else None,
        evaluations(run),
        configuration(run, experiment),
        class_="run",
    )
    return element("details", element("summary", run.name), body, id=identity, open=opened)


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


def health(run: Run) -> Markup | None:
    """The signs of trouble, and where no score could be made; or nothing."""
    if not run.health and not run.unscored:
        return None
    items = [
        element("li", f"{sign}: {count} intervals of the log, from step {first:,} to step {last:,}")
        for sign, first, last, count in run.health
    ]
    items += [element("li", f"no score at step {row['step']:,}: {row['why']}") for row in run.unscored]
    return element("div", element("h3", "Signs of trouble"), element("ul", items))


def grids(run: Run, detail: Detail) -> list[Markup] | None:
    """The animation, and the sample grids of some moments."""
    if not run.grids:
        return None
    what = f"generated images of {run.name}"
    if run.classes:
        what += ", a class a row from the top: " + ", ".join(run.classes)
    figures = []
    moving = animation(run, f"animation: {what}, from step {min(run.grids):,} to step {max(run.grids):,}", detail)
    if moving:
        figures.append(figure(moving, "The training in motion: the same latents at growing steps"))
    for step in moments(list(run.grids)):
        shown = picture(run.grids[step], f"{what}, at step {step:,}", detail)
        if shown:
            figures.append(figure(shown, f"step {step:,}"))
    return figures


def moments(steps: Sequence[int]) -> list[int]:
    """Four of the steps that have grids: the last, and those nearest to a hundredth, a tenth and a third of it."""
    last = steps[-1]
    wanted = [last * part for part in (0.01, 0.1, 1 / 3, 1)]
    chosen = {min(steps, key=lambda step: abs(step - target)) for target in wanted}
    return sorted(chosen)[-MOMENTS:]


def charts(run: Run) -> list[Markup]:
    """The losses and the score over the steps."""
    figures = []
    lines = [
        Line(name, [(row["step"], row.get(key)) for row in run.log])
        for name, key in (("discriminator", "d_loss"), ("generator", "g_loss"))
    ]
    losses = chart(f"losses of {run.name} over the steps", lines, "loss")
    if losses:
        figures.append(figure(losses, "Losses (means over the log's intervals)"))
    curve = [row for row in run.curve if scores.is_distance(row)]
    if curve:
        figures.append(figure(score_chart(run, curve), score_caption(curve)))
    return figures


def score_chart(run: Run, curve: list[dict[str, Any]]) -> Markup | None:
    label = (
        f"{curve[0]['metric']} of {run.name}: {scores.number(curve[0]['value'])} at step {curve[0]['step']:,}, "
        f"{scores.number(curve[-1]['value'])} at step {curve[-1]['step']:,}"
    )
    band = tuple((row["step"], *row["interval"]) for row in curve if row.get("interval"))
    line = Line(curve[0]["metric"], [(row["step"], row["value"]) for row in curve], band, dots=True)
    real = curve[-1].get("real_vs_real")
    level = ("real against real images", real) if real else None
    return chart(label, [line], curve[0]["metric"], logarithmic=True, level=level)


def score_caption(curve: list[dict[str, Any]]) -> str:
    interval = next((row["interval_method"] for row in curve if row.get("interval_method")), None)
    band = f"; the band is its interval ({interval})" if interval else ""
    return f"Score, logarithmic{band}. Less is better"


def pictures(run: Run, detail: Detail) -> Markup:
    """What was made of the run's generator beside the training, with reasons for what was not."""
    try:
        facts = json.loads((run.path / FOLDER / FACTS).read_text(encoding="utf-8"))
        made, left_out = facts["pictures"], facts["left_out"]
        figures = [
            figure(shown, [element("b", entry["title"]), ". ", entry["caption"]])
            for entry in made
            # A name only: nothing outside of the run is shown.
            if (shown := picture(run.path / FOLDER / Path(entry["file"]).name, entry["alternative"], detail))
        ]
        reasons = "; ".join(f"{entry['title']}: {entry['why']}" for entry in left_out)
    except (OSError, ValueError, KeyError, TypeError):
        return element("p", "No pictures were made of this run's generator.", class_="soft")
    return element(
        "div",
        element("h3", "From the trained generator"),
        element("div", figures, class_="figures"),
        element("p", f"Left out. {reasons}.", class_="soft") if reasons else None,
    )


def evaluations(run: Run) -> Markup | None:
    """The scores made after the training, with their protocols."""
    rows = [row for row in run.evaluations if not row.get("during_training")]
    shown = [
        (
            row.get("metric"),
            scores.number(row["value"]),
            interval_words(row),
            scores.number(row.get("real_vs_real")),
            "–" if row.get("step") is None else f"{row['step']:,}",
            scores.protocol_words(row),
        )
        for row in rows
        if isinstance(row.get("value"), (int, float)) and math.isfinite(row["value"])
    ]
    if not shown:
        return None
    head = ("score", "value", "interval", "real against real", "step", "protocol")
    return table(f"Scores of {run.name} after the training", head, shown)


def interval_words(row: dict[str, Any]) -> str:
    interval = row.get("interval")
    return f"{scores.number(interval[0])} to {scores.number(interval[1])}" if interval else "–"


def configuration(run: Run, experiment: "Experiment | None") -> Markup:
    """Every choice, and where it comes from."""
    choices = sorted(run.config.items())
    rows: list[tuple] = [(name, str(value), source(name, run, experiment)) for name, value in choices]
    if experiment is None:
        rows = [row[:2] for row in rows]
    head = ("choice", "value", "where it comes from")[: len(rows[0]) if rows else 2]
    versions = ", ".join(f"{name} {value}" for name, value in run.facts.get("versions", {}).items())
    return element(
        "details",
        element("summary", "Configuration"),
        table(f"Configuration of {run.name}", head, rows),
        element("p", f"Made with {versions}; commit {run.facts.get('git_commit')}.", class_="soft"),
    )


def source(name: str, run: Run, experiment: "Experiment | None") -> str:
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
