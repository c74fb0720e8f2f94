"""`train.py` and `tfgan-train`: words to a `TrainConfig`, and the run."""

import argparse
import dataclasses

from tfgan_repro import cli
from tfgan_repro.config import TrainConfig, option_name, type_name

DESCRIPTION = """\
Train a GAN and leave a run directory behind: configuration, log, sample grids,
an animated GIF, plots, ten final images and the generator's weights.

  python train.py --model dcgan --dataset cifar10
  python train.py --dataset shapes --steps 500 --fid-every 100
  python train.py --dataset cifar10 --width 0.5 --dry-run
"""


def build_parser():
    """The parser, made from the fields of `TrainConfig`: one place says what can be chosen."""
    parser = cli.Parser(prog="train.py", description=DESCRIPTION, formatter_class=cli.Formatter, allow_abbrev=False)
    groups = {}
    for spec in dataclasses.fields(TrainConfig):
        name = spec.metadata["group"]
        group = groups.setdefault(name, None) or parser.add_argument_group(name)
        groups[name] = group
        group.add_argument(option_name(spec.name), **argument(spec))
    parser.add_argument(
        "--dry-run", action="store_true", help="print the configuration, the networks and the cost of a step, then stop"
    )
    return parser


def argument(spec):
    """The keywords of `add_argument` for a field of `TrainConfig`."""
    text, default = spec.metadata["help"], spec.default
    if spec.type is bool:
        return {"action": argparse.BooleanOptionalAction, "default": default, "help": text}
    if spec.metadata["names"] is not None:
        text = f"{text}: {', '.join(spec.metadata['names'])}"
    if default is not None:
        text = f"{text} ({default:,})" if isinstance(default, int) else f"{text} ({default})"
    metavar = spec.metadata["metavar"] or "NAME"
    return {"type": converter(spec), "default": default, "help": text, "metavar": metavar}


def converter(spec):
    """A function from a word to a field's value, named so that argparse's message reads well."""
    kind = str(type_name(spec.type))
    return {"int": int, "float": float, "str": str}[kind]


def main(arguments):
    options = vars(build_parser().parse_args(arguments))
    dry_run = options.pop("dry_run")
    config = TrainConfig(**options)

    cli.import_tensorflow()
    if dry_run:
        from tfgan_repro.training.dry_run import describe

        print(describe(config))
        return
    from tfgan_repro.training.run import train

    print(train(config).summary())


def script():
    """The entry point of the console script."""
    cli.run(main)
