"""The facts of all runs in one place: `summary.json`, and tables of them for a terminal or a Markdown file."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tfgan_repro.errors import UserError, encodable
from tfgan_repro.experiments.experiment import Experiment
from tfgan_repro.files import atomic_path
from tfgan_repro.report import scores
from tfgan_repro.report.comparability import group_runs, members
from tfgan_repro.report.inference import RULES
from tfgan_repro.report.runs import Run
from tfgan_repro.report.verdicts import judge
from tfgan_repro.text_tables import aligned

BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"


def summarise(runs: Sequence[Run], experiments: Mapping[str, Experiment]) -> dict[str, Any]:
    """What is known of the runs.

    Args:
        runs: of `find_runs`.
        experiments: `Experiment` by name.

    Returns:
        A dictionary that can be written as JSON: `rules`, `experiments`, `groups` and `runs`.
    """
    groups = group_runs(runs)
    verdicts = judge(experiments, groups)
    return {
        "rules": list(RULES),
        "experiments": [
            {
                "name": experiment.name,
                "report": experiment.report,
                "dataset": experiment.dataset,
                "claim": experiment.claim,
                "finished_runs": sum(map(len, members(experiment.name, groups))),
                "verdicts": [vars(verdict) for verdict in verdicts[experiment.name]],
            }
            for experiment in experiments.values()
        ],
        "groups": [group_facts(name, members) for name, members in groups.items()],
        "runs": [run_facts(run) for run in runs],
    }


def group_facts(name: str, runs: Sequence[Run]) -> dict[str, Any]:
    spreads = scores.curve_spreads(runs)
    facts = {
        "name": name,
        "experiment": runs[0].experiment.get("name"),
        "variant": runs[0].experiment.get("variant"),
        "seeds": [run.seed for run in runs],
        "steps": sorted({run.done for run in runs}),
        "metric": spreads and spreads["row"]["metric"],
        "protocol": spreads and scores.protocol_words(spreads["row"]),
        "scored_runs": spreads["count"] if spreads else 0,
        "broken_runs": sum(run.broken for run in runs),
        "precision_and_recall": next((words for run in runs if (words := scores.precision_and_recall(run))), None),
    }
    for key in ("best", "final"):
        spread = spreads and spreads[key]
        facts[key] = spread and {"mean": spread.mean, "deviation": spread.deviation, "text": spread.text}
    return facts


def run_facts(run: Run) -> dict[str, Any]:
    best, final = scores.best(run), scores.final(run)
    return {
        "name": run.name,
        "experiment": run.experiment.get("name"),
        "variant": run.experiment.get("variant"),
        "overrides": run.experiment.get("overrides", {}),
        "model": run.config.get("model"),
        "dataset": run.config.get("dataset"),
        "seed": run.seed,
        "steps": run.done,
        "of_steps": run.steps,
        "seconds": run.seconds,
        "device": run.device,
        "images_per_second": run.images_per_second,
        "metric": best and best["metric"],
        "best": best and {"value": best["value"], "step": best["step"]},
        "final": final and final["value"],
        "real_vs_real": best and best.get("real_vs_real"),
        "precision_and_recall": scores.precision_and_recall(run),
        "unscored": [{"step": row["step"], "why": row["why"]} for row in run.unscored],
        "afterwards": [
            {key: row.get(key) for key in ("metric", "value", "interval", "step", "generated_images", "real_images")}
            for row in run.evaluations
            if not row.get("during_training") and scores.is_distance(row)
        ],
        "health": [sign for sign, *_ in run.health],
    }


def groups_table(groups: Mapping[str, Sequence[Run]]) -> str:
    """Text for a terminal, a line a group: the seeds that are scored, the score's name, best and final over the seeds.

    Args:
        groups: lists of runs by name, as `group_runs` makes them.
    """
    head = ("training", "seeds", "score", "best", "final")
    rows = [head, *((name, *map(str, scores.seeds_row(runs))) for name, runs in groups.items())]
    return "\n".join(aligned(rows))


def markdown_table(summary: dict[str, Any]) -> str:
    """The groups of runs as a Markdown table, and the verdicts of the experiments that were run below it.

    Args:
        summary: of `summarise`, or read from `summary.json`.
    """
    rows = [
        (
            group["name"],
            str(len(group["seeds"])),
            ", ".join(f"{steps:,}" for steps in group["steps"]),
            group["metric"] or "–",
            group["best"]["text"] if group["best"] else "–",
            final_of(group),
            group["precision_and_recall"] or "–",
        )
        for group in summary["groups"]
    ]
    lines = ["| training | seeds | steps | score | best | final | precision, recall |", "|---|---|---|---|---|---|---|"]
    lines += ["| " + " | ".join(map(markdown_text, row)) + " |" for row in rows]
    verdicts = [
        (experiment["name"], experiment["report"], verdict["claim"], verdict["word"], verdict["why"])
        for experiment in summary["experiments"]
        if experiment["finished_runs"]
        for verdict in experiment["verdicts"]
        if verdict["word"] != "not run"
    ]
    if verdicts:
        lines += ["", "| experiment | report | claim | verdict | why |", "|---|---|---|---|---|"]
        lines += ["| " + " | ".join(map(markdown_text, row)) + " |" for row in verdicts]
    return "\n".join(lines)


def final_of(group: dict[str, Any]) -> str:
    """The final score of a group of `summarise` in words."""
    if not group["final"] and not group["broken_runs"]:
        return "–"
    return scores.final_words(group["final"] and group["final"]["text"], group["broken_runs"], len(group["seeds"]))


def markdown_text(text: Any) -> str:
    """Text that Markdown shows as it is, in a cell of a table."""
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", " ".join(str(text).split()))


def included(text: str, table: str) -> str:
    """A page's text with the table between its two marks.

    Raises:
        UserError: the marks are not there, once each and in order.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end) or BEGIN in after or END in after:
        raise UserError(f"the page to include the table needs a line {BEGIN} and below it a line {END}")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def include_table(path: Path | str, table: str) -> None:
    """Put the table between the marks of a Markdown file.

    Raises:
        UserError: the file cannot be read, is no UTF-8, or has no marks.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is no text in UTF-8; save it as such") from error
    new = included(text, table)
    if new != text:
        with atomic_path(path) as temporary:
            temporary.write_text(encodable(new), encoding="utf-8")
