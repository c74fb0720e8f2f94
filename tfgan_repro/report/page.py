"""The page of all runs: one HTML file that needs nothing else."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfgan_repro.errors import UserError
from tfgan_repro.report import scores
from tfgan_repro.report.embedding import DETAILS, Detail
from tfgan_repro.report.markup import Markup, element, table
from tfgan_repro.report.run_section import run_section
from tfgan_repro.report.runs import Run
from tfgan_repro.report.comparability import group_runs
from tfgan_repro.report.summary import summarise
from tfgan_repro.report.variants import variants_figures

if TYPE_CHECKING:
    from tfgan_repro.experiments.experiment import Experiment

LIMIT = 10_000_000  # bytes
HERE = Path(__file__).parent
# More trainings than these are not shown open at first.
OPEN = 2
COLUMNS = (
    ("run", "text"),
    ("experiment", "text"),
    ("model", "text"),
    ("data set", "text"),
    ("seed", "number"),
    ("steps", "number"),
    ("score", "text"),
    ("best", "number"),
    ("at step", "number"),
    ("final", "number"),
    ("real against real", "number"),
    ("hours", "number"),
    ("images a second", "number"),
    ("signs of trouble", "number"),
)


def build_page(runs: Sequence[Run], experiments: "Mapping[str, Experiment]", limit: int = LIMIT) -> str:
    """The page as HTML, with pictures as fine as the limit allows.

    Args:
        runs: of `find_runs`.
        experiments: `Experiment` by name.
        limit: bytes.

    Raises:
        UserError: it is too large even with the coarsest pictures.
    """
    summary = summarise(runs, experiments)
    for detail in DETAILS:
        page = "<!DOCTYPE html>\n" + document(runs, experiments, summary, detail)
        if len(page.encode()) < limit:
            return page
    raise UserError(f"the page of {len(runs)} runs would be larger than {limit:,} bytes; give it fewer runs")


def document(
    runs: Sequence[Run], experiments: "Mapping[str, Experiment]", summary: dict[str, Any], detail: Detail
) -> Markup:
    style, script = ((HERE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    # Nothing is fetched, and no script runs but the page's own.
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("title", "Five reports on GANs, reproduced and compared"),
        element("style", Markup(style)),
    )
    identities = {run.name: f"run-{number}" for number, run in enumerate(runs)}
    sections = Sections(runs, experiments, summary, detail, identities)
    body = element(
        "body",
        element("h1", "Five reports on GANs, reproduced and compared"),
        element(
            "p",
            f"{len(runs)} {'run' if len(runs) == 1 else 'runs'}. Scores named FID or FD are distances between "
            "generated and real images: less is better. Only scores of one name and one protocol can be compared.",
        ),
        sections.contents(),
        element(
            "main", sections.all_runs(), sections.compare(), sections.reports(), sections.others(), sections.rest()
        ),
        element("script", Markup(script)),
    )
    return element("html", head, body, lang="en")


class Sections:
    """The parts of the page.

    Args:
        runs: a list of `Run`.
        experiments: `Experiment` by name.
        summary: of `summarise`.
        detail: how finely pictures are shown.
        identities: each run's element, by the run's name.
    """

    def __init__(
        self,
        runs: Sequence[Run],
        experiments: "Mapping[str, Experiment]",
        summary: dict[str, Any],
        detail: Detail,
        identities: dict[str, str],
    ) -> None:
        self.runs, self.experiments, self.summary, self.detail = runs, experiments, summary, detail
        self.identities, self.groups = identities, group_runs(runs)
        self.judged = {facts["name"]: facts for facts in summary["experiments"]}
        self.present = {run.experiment["name"] for run in runs if run.experiment}

    def contents(self) -> Markup:
        links = [("#runs", "All runs"), ("#compare", "Two runs side by side")]
        links += [(f"#{name}", name) for name in self.experiments if name in self.present]
        links += [("#others", "Other runs")] if self.others_by_name() else []
        links += [("#rules", "Rules of the verdicts")]
        items = [element("li", element("a", text, href=target)) for target, text in links]
        return element("nav", element("ul", items), aria_label="Contents")

    def all_runs(self) -> Markup:
        heads = [
            element("th", element("button", name, type="button"), scope="col", aria_sort="none", data_kind=kind)
            for name, kind in COLUMNS
        ]
        rows = [element("tr", self.cells(run)) for run in self.runs]
        caption = "All runs; press a column's name to sort by it"
        return element(
            "section",
            element("h2", "All runs", id="runs"),
            element(
                "div",
                element(
                    "table",
                    element("caption", caption),
                    element("thead", element("tr", heads)),
                    element("tbody", rows),
                    class_="sortable",
                ),
                class_="scroll",
                tabindex="0",
                role="region",
                aria_label=caption,
            ),
        )

    def cells(self, run: Run) -> list[Markup]:
        best, final = scores.best(run), scores.final(run)
        link = element("a", run.name, href=f"#{self.identities[run.name]}")
        cells = [element("th", link, scope="row", data_value=run.name)]
        for value, shown in (
            (run.experiment.get("name"), None),
            (run.config.get("model"), None),
            (run.config.get("dataset"), None),
            (run.seed, None),
            (run.done, f"{run.done:,}" if run.finished else f"{run.done:,} of {run.steps:,}"),
            (best and best["metric"], None),
            (best and best["value"], best and scores.number(best["value"])),
            (best and best["step"], best and f"{best['step']:,}"),
            (final and final["value"], "no number" if run.broken else final and scores.number(final["value"])),
            (best and best.get("real_vs_real"), best and scores.number(best.get("real_vs_real"))),
            (run.seconds / 3600, f"{run.seconds / 3600:.2f}"),
            (run.images_per_second, run.images_per_second and f"{run.images_per_second:,.0f}"),
            (len(run.health), ", ".join(sign for sign, *_ in run.health) or "none"),
        ):
            shown = shown or ("–" if value is None else str(value))
            kind = COLUMNS[len(cells)][1]
            cells.append(element("td", shown, data_value="" if value is None else value, class_=kind))
        return cells

    def compare(self) -> Markup:
        options = [element("option", "choose a run", value="")]
        options += [element("option", run.name, value=self.identities[run.name]) for run in self.runs]
        choices = [
            element("label", f"{side} ", element("select", options)) for side in ("On the left", "On the right")
        ]
        return element(
            "section",
            element("h2", "Two runs side by side"),
            element("div", choices, class_="choose"),
            element("div", element("div"), element("div"), class_="pair"),
            id="compare",
        )

    def reports(self) -> list[Markup]:
        return [self.experiment(experiment) for name, experiment in self.experiments.items() if name in self.present]

    def experiment(self, experiment: "Experiment") -> Markup:
        own = {name: runs for name, runs in self.groups.items() if runs[0].experiment.get("name") == experiment.name}
        runs = [run for members in own.values() for run in members]
        return element(
            "section",
            element("h2", f"{experiment.name} (report {experiment.report})", id=experiment.name),
            element("p", element("b", "The report: "), experiment.claim, "."),
            [self.verdict(verdict) for verdict in self.judged[experiment.name]["verdicts"]],
            element("p", element("b", "Protocol: "), protocol(experiment, runs)),
            seeds_table(own),
            variants_figures(experiment, own, self.detail),
            self.run_sections(own, experiment),
        )

    def verdict(self, verdict: dict[str, str]) -> Markup:
        return element(
            "div", element("b", verdict["word"]), f": {verdict['claim']}; {verdict['why']}.", class_="verdict"
        )

    def run_sections(self, groups: Mapping[str, Sequence[Run]], experiment: "Experiment | None" = None) -> list[Markup]:
        # What a comparison looks like stands above its runs.
        opened = len(groups) == 1 if experiment else len(groups) <= OPEN
        return [
            run_section(
                run,
                self.identities[run.name],
                self.detail,
                pictured=self.detail.seeds or number == 0,
                experiment=experiment,
                opened=opened and number == 0,
            )
            for runs in groups.values()
            for number, run in enumerate(runs)
        ]

    def others_by_name(self) -> dict[str, list[Run]]:
        """Runs of no experiment, or of one that this version does not know."""
        return {
            name: runs
            for name, runs in self.groups.items()
            if not runs[0].experiment or runs[0].experiment["name"] not in self.experiments
        }

    def others(self) -> Markup | None:
        others = self.others_by_name()
        if not others:
            return None
        return element(
            "section", element("h2", "Other runs", id="others"), seeds_table(others), self.run_sections(others)
        )

    def rest(self) -> list[Markup | None]:
        missing = [experiment for name, experiment in self.experiments.items() if name not in self.present]
        rows = [
            (experiment.name, experiment.report, experiment.claim, command(experiment)) for experiment in missing
        ]
        head = ("experiment", "report", "the report's claim", "command")
        return [
            element("section", element("h2", "Not run here"), table("Experiments without a run", head, rows))
            if rows
            else None,
            element(
                "section",
                element("h2", "Rules of the verdicts", id="rules"),
                element("ul", [element("li", rule) for rule in self.summary["rules"]]),
            ),
        ]


def command(experiment: "Experiment") -> Markup:
    """What runs an experiment."""
    brought = "" if experiment.dataset else " --dataset folder:PATH"
    return element("code", f"python -m tfgan_repro.experiments run {experiment.name}{brought}")


def protocol(experiment: "Experiment", runs: Sequence[Run]) -> str:
    """What was trained and how it was scored, in words."""
    steps, seeds = sorted({run.done for run in runs}), len({run.seed for run in runs})
    words = [
        f"{experiment.choices['model']} on {', '.join(sorted({str(run.config.get('dataset')) for run in runs}))}, "
        f"{' or '.join(f'{count:,}' for count in steps)} steps, {seeds} {'seed' if seeds == 1 else 'seeds'}"
    ]
    scored = sorted({scores.protocol_words(best) for run in runs if (best := scores.best(run))})
    words.append("scored as " + " and ".join(scored) if scored else "not scored")
    changed = sorted({f"{name} {value}" for run in runs for name, value in run.experiment["overrides"].items()})
    words.append("overrides: " + (", ".join(changed) or "none"))
    return "; ".join(words) + "."


def seeds_table(groups: Mapping[str, Sequence[Run]]) -> Markup:
    """Best and final score over the seeds of each training."""
    rows = [(name, *scores.seeds_row(runs)) for name, runs in groups.items()]
    head = ("training", "seeds", "score", "best", "final")
    return table("Mean and standard deviation over seeds", head, rows)
