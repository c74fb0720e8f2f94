"""`python -m tfgan_repro.report` and `tfgan-report`: page, facts and the README's table from a results folder."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tfgan_repro import cli
from tfgan_repro.experiments.presets import EXPERIMENTS
from tfgan_repro.files import atomic_path, write_json

if TYPE_CHECKING:
    from tfgan_repro.report.runs import Run


DESCRIPTION = """\
Write RESULTS/index.html, one page of all runs that opens from the disk, and
RESULTS/summary.json with the same facts. Pictures that need a generator are
made first, once a run, into the run's own report/ folder.

  python -m tfgan_repro.report results/
  python -m tfgan_repro.report results/ --readme docs/results.md
"""


def build_parser() -> cli.Parser:
    parser = cli.command_parser("python -m tfgan_repro.report", DESCRIPTION)
    parser.add_argument("results", metavar="RESULTS", help="a folder of runs")
    parser.add_argument("--readme", metavar="FILE", help="put the table between the two marks of this Markdown file")
    parser.add_argument("--no-pictures", action="store_true", help="take only the pictures that are there")
    return parser


def main(arguments: list[str]) -> None:
    options = build_parser().parse_args(arguments)
    from tfgan_repro.report.page import build_page
    from tfgan_repro.report.runs import find_runs
    from tfgan_repro.report.summary import include_table, markdown_table, summarise

    results = Path(options.results)
    runs = find_runs(results)
    if not options.no_pictures:
        make_pictures(runs)
    summary = summarise(runs, EXPERIMENTS)
    page = build_page(runs, EXPERIMENTS, results.resolve().name)
    if options.readme:
        include_table(options.readme, markdown_table(summary))
    write_json(results / "summary.json", summary)
    with atomic_path(results / "index.html") as temporary:
        temporary.write_text(page, encoding="utf-8")
    count = f"{len(runs)} run" if len(runs) == 1 else f"{len(runs)} runs"
    print(f"page     {results / 'index.html'} ({len(page.encode()) / 1e6:.1f} MB, {count})")
    print(f"summary  {results / 'summary.json'}")


def make_pictures(runs: "list[Run]") -> None:
    """Make the pictures that need a generator and are not there yet."""
    from tfgan_repro.runs.directory import RunDirectory

    wanted = [run.path for run in runs if RunDirectory(run.path).generator_weights.is_file()]
    if not wanted:
        return
    cli.import_backend()
    from tfgan_repro.sampling.run_pictures import make_all

    make_all(wanted)


script = partial(cli.run, main)  # the entry point
