"""The page of all runs: one HTML file that needs nothing else, made for looking.

First the best run of each data set in motion, then the reports' claims, the curves, the table, and each run by itself.
What stands where is `templates/page.html`; here is what it shows.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_repro.errors import UserError, encodable
from tfgan_repro.experiments.experiment import Experiment
from tfgan_repro.report import scores
from tfgan_repro.report.cards import report_cards, seeds_line
from tfgan_repro.report.charts import STEPS, Line, chart
from tfgan_repro.report.comparability import group_runs
from tfgan_repro.report.embedding import DETAILS, Detail, animation, picture
from tfgan_repro.report.run_section import duration, run_section
from tfgan_repro.report.runs import Run
from tfgan_repro.report.summary import summarise
from tfgan_repro.report.templates import render, source

LIMIT = 6_000_000  # bytes
# So many runs or fewer stand open at first, where they are no report's.
OPEN = 6
REPORTS_TITLE = "Five reports on GANs, reproduced and compared"
# What the table can be sorted by.
COLUMNS = (
    ("run", "text"),
    ("data set", "text"),
    ("model", "text"),
    ("steps", "number"),
    ("score", "text"),
    ("best", "number"),
    ("final", "number"),
    ("real images", "number"),
    ("precision, recall", "text"),
    ("hours each", "number"),
    ("signs of trouble", "number"),
)


def build_page(runs: Sequence[Run], experiments: Mapping[str, Experiment], folder: str = "results") -> str:
    """The page as HTML, with pictures as fine as its `LIMIT` allows.

    Args:
        runs: of `find_runs`.
        experiments: `Experiment` by name.
        folder: what the runs' folder is called, for the title of a page of other runs than the reports'.

    Raises:
        UserError: it is too large even with the coarsest pictures.
    """
    summary = summarise(runs, experiments)
    for detail in DETAILS:
        page = encodable(document(runs, experiments, summary, folder, detail))
        if len(page.encode()) < LIMIT:
            return page
    raise UserError(f"the page of {len(runs)} runs would be larger than {LIMIT:,} bytes; give it fewer runs")


def document(
    runs: Sequence[Run],
    experiments: Mapping[str, Experiment],
    summary: dict[str, Any],
    folder: str,
    detail: Detail,
) -> str:
    """The page with pictures of one `Detail`."""
    script = source("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    identities = {run.name: f"run-{number}" for number, run in enumerate(runs)}
    groups = named_groups(runs)
    several = len(runs) > 1
    # A single run's own section, which opens at its pictures, is all of its page.
    values: dict[str, Any] = {
        "gallery": gallery(runs, identities, detail) if several else [],
        "reports": report_cards(summary, experiments, group_runs(runs), identities, detail),
        "curves": curves(groups) if several else [],
        "table": table(groups, identities) if several else [],
    }
    reported = bool(values["reports"])
    sections = {"gallery": "Gallery", "reports": "The reports", "curves": "Curves", "table": "All runs"}
    links = [("runs" if name == "table" else name, text) for name, text in sections.items() if values[name]]
    return render(
        "page.html",
        policy=f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'",
        style=source("page.css"),
        script=script,
        title=REPORTS_TITLE if reported and several else runs[0].name if not several else f"Runs in {folder}",
        count=f"{len(runs)} runs" if several else "One run",
        links=links,
        columns=COLUMNS,
        runs=[
            run_section(
                run,
                identities[run.name],
                detail,
                pictured=detail.seeds or number == 0,
                experiment=experiments.get(run.experiment.get("name", "")),
                opened=not several or (not reported and len(runs) <= OPEN),
            )
            for members in groups.values()
            for number, run in enumerate(members)
        ],
        rules=summary["rules"] if reported else [],
        **values,
    )


def named_groups(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Runs by training, each once; one that is its experiment's only variant here has the experiment's name."""
    own = {name: [run for run in members if run.borrowed_from is None] for name, members in group_runs(runs).items()}
    groups = {name: members for name, members in own.items() if members}
    prefixes = [name.partition(":")[0] for name in groups]
    return {
        name if prefixes.count(prefix) > 1 else prefix: members
        for (name, members), prefix in zip(groups.items(), prefixes)
    }


def gallery(runs: Sequence[Run], identities: Mapping[str, str], detail: Detail) -> list[dict[str, Any]]:
    """The best run of each data set: in motion, with its score and its cost."""
    by_dataset: dict[str, list[Run]] = {}
    for run in runs:
        if run.grids:
            by_dataset.setdefault(str(run.config.get("dataset")), []).append(run)
    tiles = []
    for dataset, members in sorted(by_dataset.items()):
        run, row = best_run(members)
        what = f"generated images of {run.name}"
        moving = animation(run, f"animation: {what}, from step {min(run.grids):,} to step {max(run.grids):,}", detail)
        shown = moving or picture(run.grids[max(run.grids)], f"{what}, at step {max(run.grids):,}", detail)
        if shown:
            tiles.append(
                {
                    "dataset": set_name(dataset),
                    "picture": shown,
                    "score": score_words(row),
                    "variety": scores.precision_and_recall(run) or "not measured",
                    "cost": cost_words(run),
                    "identity": identities[run.name],
                    "run": run.name,
                }
            )
    return tiles


def set_name(dataset: str) -> str:
    """A data set's name; of a folder or a file of pictures, its own name."""
    kind, colon, place = dataset.partition(":")
    return Path(place).name if colon and kind != "tfds" else dataset


def best_run(runs: Sequence[Run]) -> tuple[Run, dict[str, Any] | None]:
    """The run of one data set with the best final score, and the score.

    Only runs with the most trusted score that there is are looked at, and of these only the scores of as many images
    of a split as most of them have. Where all of them say what real images score, the run nearest to that is the best,
    so that images of several sizes can be ranked; otherwise scores are compared under the protocol that most share.
    """
    ends = [
        (run, row)
        for run in runs
        for protocol in scores.by_protocol(run)
        if (row := scores.at_step(run, protocol, run.done)) is not None
    ]
    if not ends:
        return max(runs, key=lambda run: run.done), None
    trusted = min((row["metric"] for _, row in ends), key=scores.rank_of)
    ends = [(run, row) for run, row in ends if row["metric"] == trusted]
    # What real images score falls with the number of images, so that a score of more images is further above it.
    sharing: dict[tuple, set[str]] = {}
    for run, row in ends:
        sharing.setdefault(images_of(row), set()).add(run.name)
    images = max(sharing, key=lambda key: (len(sharing[key]), key[0] or 0, key[1] or 0, str(key)))
    ends = [(run, row) for run, row in ends if images_of(row) == images]
    if all(row.get("real_vs_real") for _, row in ends):
        return min(ends, key=lambda end: end[1]["value"] / end[1]["real_vs_real"])
    count = Counter(scores.protocol_of(row) for _, row in ends)
    chosen = max(count, key=lambda protocol: (count[protocol], str(protocol)))
    return min((end for end in ends if scores.protocol_of(end[1]) == chosen), key=lambda end: end[1]["value"])


def images_of(row: dict[str, Any]) -> tuple:
    """How many images a score is of, on both sides, and of which split the real ones are."""
    return row.get("generated_images"), row.get("real_images"), row.get("split")


def score_words(row: dict[str, Any] | None) -> str:
    if row is None:
        return "not scored"
    real = row.get("real_vs_real")
    beside = f" (real images: {scores.number(real)})" if real is not None else ""
    return f"{row['metric']} {scores.number(row['value'])}{beside}"


def cost_words(run: Run) -> str:
    hours = core_hours(run)
    if hours:
        return f"{run.done:,} steps, {hours:.2g} {'core' if on_processor(run) else 'accelerator'}-hours"
    return f"{run.done:,} steps, {duration(run.seconds)}"


def core_hours(run: Run) -> float | None:
    """Hours times the cores (or accelerators) of the device, or None where the device is not recorded."""
    return None if run.device is None else run.seconds / 3600 * run.facts["device"]["count"]


def on_processor(run: Run) -> bool:
    return run.facts["device"]["kind"] == "cpu"


def curves(groups: Mapping[str, Sequence[Run]]) -> list[dict[str, Any]]:
    """All trainings of a data set in one chart against steps and one against core-hours, one pair a protocol."""
    found: dict[tuple, dict[str, Sequence[Run]]] = {}
    for name, runs in groups.items():
        best = next((row for run in runs if (row := scores.best(run))), None)
        if best is not None:
            key = str(runs[0].config.get("dataset")), scores.protocol_of(best)
            found.setdefault(key, {})[name] = runs
    made = []
    for (dataset, protocol), members in sorted(found.items(), key=lambda item: str(item[0])):
        lines = {name: seeds_line(name, runs, protocol) for name, runs in members.items()}
        named = same_lines({name: line for name, line in lines.items() if line.points})
        metric = protocol[0]
        rivals = [other for of, other in found if (of, other[0]) == (dataset, metric)]
        title = ", ".join((f"{set_name(dataset)}: {metric}", *distinguishing(protocol, rivals)))
        level = next(
            (("real images", real) for runs in members.values() for run in runs if (real := real_level(run))), None
        )
        charts = [
            chart(f"{title} against steps", [line for _, line in named], metric, STEPS, True, level),
            chart(
                f"{title} against core-hours",
                [by_core_hours(line, members[name][0]) for name, line in named],
                metric,
                "core-hours",
                True,
                level,
            ),
        ]
        if charts[0]:
            made.append({"title": title, "charts": [drawn for drawn in charts if drawn]})
    return made


def distinguishing(protocol: tuple, others: Sequence[tuple]) -> list[str]:
    """In what a protocol differs from some others, in words."""
    columns = zip(scores.PROTOCOL, protocol, *others)
    return [f"{name.replace('_', ' ')} {value}" for name, value, *rest in columns if set(rest) != {value}]


def same_lines(lines: Mapping[str, Line]) -> list[tuple[str, Line]]:
    """Lines by the name of a training; trainings that are one and the same under several names share a line."""
    by_points: dict[tuple, list[str]] = {}
    for name, line in lines.items():
        by_points.setdefault(tuple(line.points), []).append(name)
    return [
        (names[0], Line(", ".join(names), lines[names[0]].points, lines[names[0]].band, lines[names[0]].dots))
        for names in by_points.values()
    ]


def by_core_hours(line: Line, run: Run) -> Line:
    """A line with the steps replaced by what they cost, as the log of a run tells it."""
    if not core_hours(run):
        return Line(line.name, [])
    cores = run.facts["device"]["count"]
    steps, seconds = zip(*((row["step"], row["seconds"]) for row in run.log if "seconds" in row))

    def hours(step: int) -> float:
        return float(np.interp(step, (0, *steps), (0.0, *seconds))) / 3600 * cores

    band = tuple((hours(step), low, high) for step, low, high in line.band)
    return Line(line.name, [(hours(step), value) for step, value in line.points], band, line.dots)


def real_level(run: Run) -> float | None:
    best = scores.best(run)
    return best.get("real_vs_real") if best else None


def table(groups: Mapping[str, Sequence[Run]], identities: Mapping[str, str]) -> list[dict[str, Any]]:
    """A row a training, its seeds folded into it."""
    return [
        {
            "name": name,
            "seeds": [
                {"identity": identities[run.name], "number": run.seed, "facts": seed_words(run)} for run in runs
            ],
            "cells": cells(runs),
        }
        for name, runs in groups.items()
    ]


def seed_words(run: Run) -> str:
    if run.broken:
        return "no number at the end"
    best, final = scores.best(run), scores.final(run)
    if best is None:
        return "not scored"
    end = f", {scores.number(final['value'])} at the end" if final else ", not finished"
    return f"{scores.number(best['value'])} at best (step {best['step']:,}){end}"


def cells(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """The cells of a training's row but the first, in the order of `COLUMNS`."""
    first, spreads = runs[0], scores.curve_spreads(runs)
    broken = sum(run.broken for run in runs)
    done = sorted({run.done for run in runs})
    steps = " or ".join(f"{count:,}" for count in done)
    if not all(run.finished for run in runs):
        steps += f" of {first.steps:,}"
    final = spreads and spreads["final"]
    words = scores.final_words(final.text if final else None, broken, len(runs)) if spreads or broken else "–"
    real = real_level(first)
    hours = sum(run.seconds for run in runs) / len(runs) / 3600
    signs = sorted({sign for run in runs for sign, *_ in run.health})
    found = (
        (set_name(str(first.config.get("dataset"))), None),
        (first.config.get("model"), None),
        (done[-1], steps),
        (spreads and spreads["row"]["metric"], None),
        (spreads and spreads["best"].mean, spreads and spreads["best"].text),
        (final.mean if final else None, words),
        (real, real and scores.number(real)),
        (next((both for run in runs if (both := scores.precision_and_recall(run))), None) or "not measured", None),
        (hours, f"{hours:.2f}"),
        (len(signs), ", ".join(signs) or "none"),
    )
    return [
        {
            "value": "" if value is None else value,
            "text": text or ("–" if value is None else value),
            "kind": kind if name != "signs of trouble" else "text",
        }
        for (value, text), (name, kind) in zip(found, COLUMNS[1:])
    ]
