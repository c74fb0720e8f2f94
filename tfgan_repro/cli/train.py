"""`train.py` and `tfgan-train`: words to a `TrainConfig`, and the run."""

import argparse
import dataclasses
import sys
from collections.abc import Collection
from functools import partial
from typing import Any

from tfgan_repro import cli
from tfgan_repro.backends.processor import cpu_has_bfloat16, has_only_a_processor
from tfgan_repro.choices import check_positive, check_text, option_name, type_name
from tfgan_repro.config import GROUPS, TrainConfig
from tfgan_repro.data import SOURCES, glance
from tfgan_repro.errors import UserError
from tfgan_repro.experiments import selection, settings
from tfgan_repro.registry import NONE

DESCRIPTION = """\
Train a GAN and leave a run directory behind: configuration, log, sample grids,
an animated GIF, plots, ten final images and the generator's weights.

  python train.py --model dcgan --dataset cifar10
  python train.py --model sagan --dataset cifar10 --ema-half-life 20000
  python train.py --dataset shapes --steps 500 --fid-every 100
  python train.py --dataset cifar10 --width 0.5 --dry-run
  python train.py --experiment cifar10-sagan
  python train.py --from results/dcgan-cifar10-000 --dataset folder:mine/
  python train.py --resume results/dcgan-cifar10-000

The defaults below apply unless the model's recipe says otherwise; --dry-run
shows what a run would choose and cost.
"""


class ListExperiments(argparse.Action):
    """Prints the experiments and stops, as `--help` does."""

    def __call__(self, parser: Any, *arguments: Any) -> None:
        print(selection.table())
        parser.exit()


def build_parser() -> cli.Parser:
    """The parser, made from the fields of `TrainConfig`: one place says what can be chosen."""
    parser = cli.command_parser("python train.py", DESCRIPTION, usage="%(prog)s [options]")
    add_choices(parser)
    parser.add_argument(
        "--list-experiments",
        action=ListExperiments,
        nargs=0,
        default=argparse.SUPPRESS,
        help="print the reports' experiments, then stop",
    )
    parser.add_argument("--resume", metavar="RUN", help="continue an interrupted run; --steps may be raised")
    parser.add_argument(
        "--accept-changed-data",
        action="store_true",
        help="with --resume: continue with the pictures as they are now, if the networks still fit",
    )
    parser.add_argument("--max-minutes", type=float, metavar="X", help="stop after X minutes, with a checkpoint")
    parser.add_argument(
        "--dry-run", action="store_true", help="print what the run would cost and what it would choose, then stop"
    )
    parser.add_argument("--json", action="store_true", help="with --dry-run: everything, with all choices, as JSON")
    return parser


def add_choices(parser: argparse.ArgumentParser, leave_out: Collection[str] = ()) -> None:
    """Give a parser the options that are fields of `TrainConfig`, in their groups; what is not said stays absent."""
    groups = {name: parser.add_argument_group(name) for name in GROUPS}
    for spec in dataclasses.fields(TrainConfig):
        if spec.name in leave_out:
            continue
        action: Any = groups[spec.metadata["group"]].add_argument(
            option_name(spec.name), dest=spec.name, **argument(spec)
        )
        if spec.metadata["names"] is not None:
            # Where argcomplete looks for what a value may be.
            action.completer = partial(completions, spec)


def completions(spec: dataclasses.Field, prefix: str = "", **asked: Any) -> list[str]:
    """What a value may be, for the shell's completion: names, or the names that can follow in a list."""
    names = spec.metadata["names"]
    before, comma, _ = prefix.rpartition(",")
    if not spec.metadata["several"] or not comma:
        return list(names)
    there = {word.partition(":")[0] for word in before.split(",")}
    return [f"{before},{name}" for name in names if name not in there and name != NONE]


def argument(spec: dataclasses.Field, default: Any = None) -> dict[str, Any]:
    """The keywords of `add_argument` for a field of `TrainConfig`, whose default may be another than the field's."""
    text, default = spec.metadata["help"], spec.default if default is None else default
    if spec.type is bool:
        return {"action": argparse.BooleanOptionalAction, "default": argparse.SUPPRESS, "help": text}
    if spec.metadata["names"] is not None:
        text = f"{text}: {', '.join(spec.metadata['names'])}"
    if default is not None:
        text = f"{text} ({default:,})" if isinstance(default, int) else f"{text} ({default})"
    metavar = spec.metadata["metavar"] or "NAME"
    # Of `int | None` it is int, because a word is never None.
    kind = {"int": int, "float": float, "str": str}[type_name(spec.type)]
    return {"type": kind, "default": argparse.SUPPRESS, "help": text, "metavar": metavar}


def start_text(config: TrainConfig) -> str:
    """What is about to start, in one line, known before anything is loaded."""
    from tfgan_repro.runs.directory import free_path

    length = f"{config.epochs:,} epoch{'s' * (config.epochs > 1)}" if config.epochs else f"{config.steps:,} steps"
    origin = f"experiment {config.experiment}" if config.experiment else f"{config.recipe} recipe"
    origin = f"from {config.from_}" if config.from_ else origin
    parts = (f"{config.model} on {config.dataset}", glance(config.dataset, config.image_size), device_text(config))
    return f"{', '.join(part for part in (*parts, length, origin) if part)} -> {free_path(config)}"


def device_text(config: TrainConfig) -> str:
    """What will compute, and in which precision, as far as that is known before the backend is loaded."""
    if not has_only_a_processor():
        return "" if config.precision == "auto" else config.precision
    # Of the backends only TensorFlow uses a processor's units for bfloat16.
    fast = cpu_has_bfloat16() and cli.chosen_backend() == "tensorflow"
    chosen = {"auto": "bfloat16" if fast else "float32"}
    return f"CPU {chosen.get(config.precision, config.precision)}"


def main(arguments: list[str]) -> None:
    # What was not said is absent, so that a resumed run can tell a choice from a default.
    choices = vars(build_parser().parse_args(arguments))
    own = {
        name: choices.pop(name) for name in ("resume", "accept_changed_data", "max_minutes", "dry_run", "json")
    }
    path, max_minutes = own["resume"], own["max_minutes"]
    check_positive("--max-minutes", max_minutes)
    if own["json"] and not own["dry_run"]:
        raise UserError("--json goes with --dry-run")
    if path is not None:
        check_text("--resume", path)
    elif own["accept_changed_data"]:
        raise UserError("--accept-changed-data needs --resume")
    config = None
    if path is None:
        config = selection.config_of(choices)
        SOURCES.check_place(config.dataset)
        if config.experiment:
            print(settings.overrides_text(config), file=sys.stderr)
    else:
        from tfgan_repro.runs.directory import RunDirectory

        # One by one: what they must fit is the run's choices, and not the defaults.
        choices = TrainConfig.checked(choices)
        RunDirectory.open(path)
    if not own["dry_run"]:
        print(start_text(config) if config else f"resuming {path}", file=sys.stderr, flush=True)

    cli.import_backend()
    if own["dry_run"]:
        from tfgan_repro.training.dry_run import dry_run
        from tfgan_repro.training.session import find_run

        run, config = (None, config) if config else find_run(path, choices)
        result = dry_run(config, run, own["accept_changed_data"])
        print(result.json_text() if own["json"] else result)
        return
    from tfgan_repro.preview import print_preview
    from tfgan_repro.report.grids import read_png
    from tfgan_repro.runs.directory import resuming
    from tfgan_repro.training.session import resume, train

    if path is not None:
        outcome = resume(path, choices, max_minutes, own["accept_changed_data"])
    else:
        outcome = train(config, max_minutes)
    if outcome.run:
        print(outcome.run.summary())
        print_preview([read_png(path) for path in sorted(outcome.run.final_images.glob("*.png"))])
    if outcome.step < outcome.total:
        again = resuming(outcome.run.path) if outcome.run else "--resume"
        print(f"stopped at step {outcome.step:,} of {outcome.total:,}; resume with {again}")
    sys.exit(outcome.exit_code)


script = partial(cli.run, main)  # the entry point
