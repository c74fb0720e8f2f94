"""What the page shows of an experiment's variants beside each other."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tfgan_repro.report import scores
from tfgan_repro.report.charts import DASHES, Line, chart
from tfgan_repro.report.embedding import Detail, picture
from tfgan_repro.report.markup import Markup, element, figure
from tfgan_repro.report.runs import Run

if TYPE_CHECKING:
    from tfgan_repro.experiments.experiment import Experiment


def variants_figures(
    experiment: "Experiment", groups: Mapping[str, Sequence[Run]], detail: Detail
) -> Markup | None:
    """The score's chart and a grid of each variant, or None where there is a single one."""
    if len(groups) < 2:
        return None
    return element("div", variants_chart(experiment, groups), variants_pictures(groups, detail), class_="figures")


def variants_chart(experiment: "Experiment", groups: Mapping[str, Sequence[Run]]) -> Markup | None:
    """The mean score of each variant over the steps, with the range of its seeds."""
    if len(groups) > len(DASHES):
        return None
    lines, metrics = [], set()
    for name, runs in groups.items():
        by_step: dict = {}
        for run in runs:
            for row in run.curve:
                if scores.is_distance(row):
                    by_step.setdefault(row["step"], []).append(row["value"])
                    metrics.add(scores.protocol_of(row))
        steps = [step for step, values in sorted(by_step.items()) if len(values) == len(runs)]
        band = tuple((step, min(by_step[step]), max(by_step[step])) for step in steps) if len(runs) > 1 else ()
        means = [(step, sum(by_step[step]) / len(runs)) for step in steps]
        lines.append(Line(name.partition(":")[2], means, band))
    if len(metrics) != 1:
        return None
    metric = next(iter(metrics))[0]
    drawn = chart(f"{metric} of the variants of {experiment.name} over the steps", lines, metric, logarithmic=True)
    return figure(drawn, "Mean over the seeds; the band is their range. Less is better") if drawn else None


def variants_pictures(groups: Mapping[str, Sequence[Run]], detail: Detail) -> list[Markup]:
    """The last sample grid of each variant's first run."""
    figures = []
    for name, (run, *_) in groups.items():
        if run.grids:
            step = max(run.grids)
            shown = picture(run.grids[step], f"generated images of {name}, seed {run.seed}, at step {step:,}", detail)
            figures += [figure(shown, f"{name.partition(':')[2]}, seed {run.seed}, step {step:,}")] if shown else []
    return figures
