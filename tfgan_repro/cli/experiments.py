"""`python -m tfgan_repro.experiments` and `tfgan-experiments`: the reports' experiments, listed or run over seeds."""

import sys
from functools import partial

from tfgan_repro import cli
from tfgan_repro.choices import as_whole, check_positive
from tfgan_repro.cli.train import add_choices
from tfgan_repro.errors import UserError
from tfgan_repro.experiments import selection

DESCRIPTION = """\
Run the reports' experiments: every variant with every seed, each in a process
and a directory of its own, RESULTS/EXPERIMENT/VARIANT-seedK. What is finished
is skipped, what was interrupted goes on, and what several experiments have in
common is trained once. Any option of train.py overrides the
experiments' choices and is recorded as an override.

  python -m tfgan_repro.experiments list
  python -m tfgan_repro.experiments run cifar10-dcgan cifar10-sagan --seeds 3
  python -m tfgan_repro.experiments run adam-vs-sgd --budget-minutes 60
  python -m tfgan_repro.experiments run mnist-conv-fc --steps 20000 --width 0.5
  python -m tfgan_repro.experiments power results/
"""
# Fields of a configuration that the runs choose themselves.
OWN = {"experiment", "seed", "run_dir", "results_dir", "epochs"}


def build_parser() -> cli.Parser:
    parser = cli.command_parser("python -m tfgan_repro.experiments", DESCRIPTION)
    commands = parser.add_subparsers(dest="command", metavar="list, run or power", required=True)
    commands.add_parser("list", help="print the experiments")
    power = commands.add_parser("power", help="how large a ratio so many seeds can see, by the scatter of some runs")
    power.add_argument("results", metavar="RESULTS", help="a folder of runs")
    run = commands.add_parser(
        "run",
        help="run some",
        usage=f"{parser.prog} run NAME [NAME ...] [options]",
        formatter_class=cli.Formatter,
        allow_abbrev=False,
    )
    run.add_argument("names", nargs="+", metavar="NAME", help="an experiment, or NAME:VARIANT")
    run.add_argument("--seeds", type=int, default=3, metavar="N", help="how many, from 0 on (3)")
    run.add_argument("--budget-minutes", type=float, metavar="M", help="stop then; the same command continues")
    run.add_argument("--results-dir", default="results", metavar="DIR", help="where the runs lie (results)")
    add_choices(run, leave_out=OWN)
    return parser


def main(arguments: list[str]) -> None:
    choices = vars(build_parser().parse_args(arguments))
    command = choices.pop("command")
    if command == "list":
        print(selection.table())
        return
    if command == "power":
        print_power(choices["results"])
        return
    names, seeds, budget, results = (choices.pop(key) for key in ("names", "seeds", "budget_minutes", "results_dir"))
    as_whole("--seeds", seeds, 1)
    check_positive("--budget-minutes", budget)
    from tfgan_repro.experiments.jobs import plan, variants_of
    from tfgan_repro.experiments.runner import Runner
    from tfgan_repro.report.comparability import group_runs
    from tfgan_repro.report.runs import read_run
    from tfgan_repro.report.summary import groups_table

    jobs = plan(names, seeds, results, choices)
    runner = Runner(jobs, budget)
    runner.run()
    started = [job for job in jobs if job.started]
    if started:
        wanted = {f"{name}:{variant}" for name, variant in variants_of(names)}
        groups = group_runs([read_run(job.run.path, job.name) for job in started])
        print(groups_table({name: runs for name, runs in groups.items() if name.partition(",")[0] in wanted}))
    left = [job for job in jobs if not job.finished]
    if runner.failures:
        failed = ", ".join(f"{job.run.path} (exit code {code})" for job, code in runner.failures)
        raise UserError(f"{len(runner.failures)} of {len(jobs)} runs failed: {failed}; their messages are above")
    if left:
        print(f"{len(left)} of {len(jobs)} runs are not finished; the same command continues them", file=sys.stderr)
    sys.exit(runner.exit_code)


def print_power(results: str) -> None:
    """Print what seeds can see by the scatter of the runs in a folder."""
    from tfgan_repro.report.comparability import group_runs
    from tfgan_repro.report.power import deviation_of, power_table
    from tfgan_repro.report.runs import find_runs

    deviation, count = deviation_of(group_runs(find_runs(results)))
    print(power_table(deviation))
    print(f"deviation of the scores' logarithms over seeds: {deviation:.3f}, pooled over {count} trainings")


script = partial(cli.run, main)  # the entry point
