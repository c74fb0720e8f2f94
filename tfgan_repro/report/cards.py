"""The reports' claims as cards: the claim, the verdict, two numbers and the pictures."""

from collections.abc import Mapping, Sequence
from typing import Any

from tfgan_repro.experiments.experiment import Compared, Experiment, Order
from tfgan_repro.report import scores
from tfgan_repro.report.charts import Chart, Line, chart
from tfgan_repro.report.embedding import Detail, Picture, picture
from tfgan_repro.report.runs import Run

# How a verdict looks: a sign, so that the colour is not needed, and a class of `templates/page.css`.
LOOKS = {
    "reproduced": ("✔", "good"),
    "better": ("▲", "good"),
    "worse": ("▼", "bad"),
    "not reproduced": ("✘", "bad"),
    "undecided": ("?", "open"),
    "not comparable": ("≠", "none"),
    "measured": ("≡", "none"),
    "by eye": ("◉", "none"),
}
OTHER_LOOK = ("•", "none")
REPORTS = {
    "A": "a plain GAN on three kinds of images",
    "B": "DCGAN and Wasserstein GAN on CIFAR-10",
    "C": "DCGAN and conditional SAGAN on CIFAR-10",
    "D": "digits, and how a learning rate ruins them",
    "E": "anime faces, and what improves a GAN",
}
# Pictures and numbers that a card has room for.
MOST_PICTURES, MOST_NUMBERS = 3, 2


def report_cards(
    summary: dict[str, Any],
    experiments: Mapping[str, Experiment],
    groups: Mapping[str, Sequence[Run]],
    identities: Mapping[str, str],
    detail: Detail,
) -> list[tuple[str, list[dict[str, Any]]]]:
    """The cards of the experiments that were run, by report.

    Args:
        summary: of `summarise`.
        experiments: `Experiment` by name.
        groups: of `group_runs`.
        identities: each run's element in the page, by the run's name.
        detail: how finely pictures are shown.

    Returns:
        A list of (the report, its cards), each card a dictionary for `page.html`.
    """
    reports: dict[str, list] = {}
    for facts in summary["experiments"]:
        own = {name: runs for name, runs in groups.items() if runs[0].experiment.get("name") == facts["name"]}
        # Runs of another experiment may count in this one; alone they say little of its claims.
        if own and (judged(facts) or any(run.borrowed_from is None for runs in own.values() for run in runs)):
            made = card(facts, experiments[facts["name"]], own, summary, identities, detail)
            reports.setdefault(facts["report"], []).append(made)
    return [(f"Report {letter}: {REPORTS.get(letter, '')}".rstrip(": "), cards) for letter, cards in reports.items()]


def card(
    facts: dict[str, Any],
    experiment: Experiment,
    groups: Mapping[str, Sequence[Run]],
    summary: dict[str, Any],
    identities: Mapping[str, str],
    detail: Detail,
) -> dict[str, Any]:
    runs = [run for members in groups.values() for run in members]
    return {
        "name": experiment.name,
        "claim": experiment.claim,
        "verdicts": [{**verdict, **look(verdict["word"])} for verdict in judged(facts)],
        "numbers": numbers(experiment, summary)[:MOST_NUMBERS],
        "pictures": pictures(groups, detail),
        "chart": variants_chart(experiment, groups),
        "protocol": protocol(runs),
        "runs": [(identities[run.name], run.name) for run in runs],
    }


def judged(facts: dict[str, Any]) -> list[dict[str, str]]:
    """The verdicts of an experiment of `summarise` on claims that were run."""
    return [verdict for verdict in facts["verdicts"] if verdict["word"] != "not run"]


def look(word: str) -> dict[str, str]:
    sign, kind = LOOKS.get(word, OTHER_LOOK)
    return {"sign": sign, "kind": kind}


def numbers(experiment: Experiment, summary: dict[str, Any]) -> list[tuple[str, str]]:
    """What a claim is about: (the score, whose it is), the better one of a comparison first."""
    known: dict[str, dict] = {}
    for group in summary["groups"]:
        # A training may be there with several choices; the first stands for it.
        for name in (f"{group['experiment']}:{group['variant']}", group["experiment"]):
            known.setdefault(name, group)
    # Of several trainings each is named, whatever of them is compared.
    compared = [f"{experiment.name}:{variant}" for variant in experiment.variants]
    for claim in experiment.claims:
        if isinstance(claim, (Order, Compared)) and claim.measure == "final":
            compared = [claim.better, claim.worse] if isinstance(claim, Order) else list(claim.trainings)
            break
    if compared:
        return [
            (ending(known[name]), f"{known[name]['metric']}, {name.partition(':')[2] or name}")
            for name in compared
            if name in known
        ]
    found = []
    if experiment.name in known:
        found.append((ending(known[experiment.name]), f"{known[experiment.name]['metric']} at the end"))
        real = next(
            (run["real_vs_real"] for run in summary["runs"] if run["experiment"] == experiment.name and run["best"]),
            None,
        )
        if real is not None:
            found.append((scores.number(real), "of real images"))
    return found


def ending(group: dict[str, Any]) -> str:
    """A group's final score in words."""
    return group["final"]["text"] if group["final"] else "no score"


def pictures(groups: Mapping[str, Sequence[Run]], detail: Detail) -> list[tuple[Picture, str]]:
    """The last sample grid of each training's first run, and what it is of."""
    shown: list[tuple[Picture, str]] = []
    for name, (run, *_) in groups.items():
        if run.grids and len(shown) < MOST_PICTURES:
            step = max(run.grids)
            made = picture(run.grids[step], f"generated images of {name}, seed {run.seed}, at step {step:,}", detail)
            variant = name.partition(":")[2]
            caption = f"{variant}, step {step:,}" if len(groups) > 1 else f"step {step:,}"
            shown += [(made, caption)] if made else []
    return shown


def variants_chart(experiment: Experiment, groups: Mapping[str, Sequence[Run]]) -> Chart | None:
    """The mean score of each variant over the steps, with the range of its seeds; None for a single training."""
    if len(groups) < 2:
        return None
    rows = [row for runs in groups.values() for run in runs for row in scores.curve(run)]
    if len({scores.protocol_of(row) for row in rows}) != 1:
        return None
    metric = rows[0]["metric"]
    lines = [seeds_line(name.partition(":")[2], runs) for name, runs in groups.items()]
    label = f"{metric} of the variants of {experiment.name} over the steps"
    return chart(label, lines, metric, logarithmic=True)


def seeds_line(name: str, runs: Sequence[Run], protocol: tuple | None = None) -> Line:
    """The mean over the seeds at the steps at which all are scored, and their range.

    Args:
        name: in the legend.
        runs: the seeds of one training.
        protocol: of the scores, as in `protocol_of`; None for any.
    """
    by_step: dict[int, list[float]] = {}
    for run in runs:
        for row in scores.curve(run):
            if protocol in (None, scores.protocol_of(row)):
                by_step.setdefault(row["step"], []).append(row["value"])
    steps = [step for step, values in sorted(by_step.items()) if len(values) == len(runs)]
    band = tuple((step, min(by_step[step]), max(by_step[step])) for step in steps) if len(runs) > 1 else ()
    return Line(name, [(step, sum(by_step[step]) / len(runs)) for step in steps], band, dots=len(steps) < 12)


def protocol(runs: Sequence[Run]) -> str:
    """What was trained and how it was scored, in words."""
    steps, seeds = sorted({run.done for run in runs}), len({run.seed for run in runs})
    models, datasets = (", ".join(sorted({str(run.config.get(key)) for run in runs})) for key in ("model", "dataset"))
    words = [
        f"{models} on {datasets}, {' or '.join(f'{count:,}' for count in steps)} steps, "
        f"{seeds} {'seed' if seeds == 1 else 'seeds'}"
    ]
    scored = sorted({scores.protocol_words(best) for run in runs if (best := scores.best(run))})
    words.append("scored as " + " and ".join(scored) if scored else "not scored")
    changed = sorted({f"{name} {value}" for run in runs for name, value in run.experiment["overrides"].items()})
    words.append("overrides: " + (", ".join(changed) or "none"))
    return "; ".join(words) + "."
